"""Whom an English pronoun stands for: a search of the dependencies in the order of Hobbs (1978), as Schuster et al. (2015)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Token

_PEOPLE = {
    "man", "woman", "boy", "girl", "person", "child", "kid", "baby", "toddler", "guy", "lady", "gentleman", "player",
    "batter", "catcher", "pitcher", "surfer", "skier", "skater", "rider", "cyclist", "worker", "cook", "chef", "driver",
    "adult", "teenager", "student", "teacher", "officer", "policeman", "fireman", "soldier", "mother", "father", "mom",
    "dad", "son", "daughter", "brother", "sister", "actress", "actor", "bride", "groom", "skateboarder", "snowboarder",
    "male", "female",
}  # fmt: skip
_SOMEONE = {"he": "man", "him": "man", "she": "woman", "her": "woman", "they": "people"}
_PLURALS = {"they", "them", "their"}
_THINGS = {"it", "its"}
_NOUNS = ("NOUN", "PROPN")
_SUBJECTS = ("nsubj", "nsubjpass")


def antecedent(pronoun: Token) -> Token | None:
    """The noun before a personal or possessive pronoun that it stands for; None where the sentence names none."""
    return next((noun for noun in _candidates(pronoun) if noun.i < pronoun.i and _agrees(pronoun, noun)), None)


def someone(pronoun: Token) -> str:
    """What a pronoun without an antecedent names: `man` for `he`; others name themselves."""
    word = pronoun.text.lower()
    return _SOMEONE.get(word, word)


def _candidates(pronoun: Token) -> Iterator[Token]:
    """Nouns from the nearest clause outwards; of a clause its subject before its objects.

    The noun that the pronoun's own phrase modifies is passed over (`a flag on it`), unless another phrase is between
    (`a plate with food on it`), and so is the subject of a verb without an object (`a bird sitting on it`).
    """
    own = True
    for above in pronoun.ancestors:
        if above.pos_ in _NOUNS:
            if not own or _frames(above, pronoun):
                yield above
            own = own and pronoun.dep_ == "poss" and above is pronoun.head
        elif above.pos_ in ("VERB", "AUX"):
            if not own or pronoun.dep_ == "poss" or _has_object(above):
                yield from _of_clause(above, _SUBJECTS)
            own = own and above.dep_ in ("acl", "relcl") and not _has_object(above)
            if not own:
                yield from _of_clause(above, ("dobj", "attr", "prep", "conj"))


def _frames(noun: Token, pronoun: Token) -> bool:
    """Whether a noun has a phrase with a noun of its own before the pronoun."""
    return any(child.i < pronoun.i and inner.pos_ in _NOUNS for child in noun.rights for inner in child.rights)


def _has_object(verb: Token) -> bool:
    return any(child.dep_ in ("dobj", "attr") for child in verb.children)


def _of_clause(verb: Token, roles: tuple[str, ...]) -> Iterator[Token]:
    for child in verb.children:
        if child.dep_ in roles:
            nouns = [child] if child.pos_ in _NOUNS else [inner for inner in child.children if inner.dep_ == "pobj"]
            yield from (noun for noun in nouns if noun.pos_ in _NOUNS)


def _agrees(pronoun: Token, noun: Token) -> bool:
    """Number, and whether a person is meant: `it` is none, `he` may be an animal."""
    word, plural = pronoun.text.lower(), noun.tag_ in ("NNS", "NNPS")
    if word in _PLURALS:
        return plural
    return not plural and not (word in _THINGS and noun.text.lower() in _PEOPLE)
