"""The English grammar: plans of a scene to derivations."""

from __future__ import annotations

import numpy as np

from cross2stra.world.derivation import Derivation, Node, concepts_of, leaf, phrase, words
from cross2stra.world.knobs import Knobs
from cross2stra.world.lexicon import ATTRIBUTES, CLASSES, NUMBERS, PLACES, PREDICATES, SEVERAL, plural_of
from cross2stra.world.plan import Plan, Speaker
from cross2stra.world.scenes import Scene

ADVERBIALS = (
    "yesterday", "this morning", "last summer", "today", "in the evening", "every day", "at that time", "now",
    "before the rain", "on Sunday",
)  # fmt: skip
FRAMES = (
    "we saw that",
    "the newspaper said that",
    "I remember that",
    "people say that",
    "in this photo ,",
    "it seems that",
)
PRONOUNS = {"man": "him", "boy": "him", "woman": "her", "girl": "her"}
_ORDER = ("size", "person_look", "activity", "pattern", "colour")


class English(Speaker):
    """One English sentence."""

    def adjectives(self, index: int) -> tuple[list[Node], Node | None]:
        """Modifiers before the noun, and the clothes of a person after it; attributes go to the scene graph."""
        before: list[Node] = []
        after = None
        owner = self.said[index]
        kinds = {a: ATTRIBUTES[a].kind for a in self.plan.attributes[index]}
        for attribute in sorted(kinds, key=lambda a: _ORDER.index(kinds[a])):
            word = self.pick(ATTRIBUTES[attribute].en)
            self.graph.add_attribute(owner, word)
            concept = f"{attribute}{index}"
            if kinds[attribute] == "colour" and CLASSES[self.plan.things[index].name].kind == "person":
                after = self.clothes(word, concept, self.plan.things[index].count > 1)
            else:
                label = "VBG" if kinds[attribute] == "activity" or word in ("smiling", "crying") else "JJ"
                before.append(leaf(label, word, concept))
        return before, after

    def clothes(self, colour: str, concept: str, plural: bool) -> Node:
        """`in red`, `in a red shirt`, `in red shirts`, `wearing red clothes`."""
        choice = self.rng.random()
        if choice < 0.5:
            return phrase("PP", leaf("IN", "in"), phrase("NP", leaf("NN", colour, concept)))
        if choice < 0.8:
            article = None if plural else leaf("DT", "an" if colour[0] in "aeiou" else "a")
            garment = leaf("NNS", "shirts") if plural else leaf("NN", "shirt")
            shirt = phrase("NP", article, leaf("JJ", colour, concept), garment)
            return phrase("PP", leaf("IN", "in"), shirt)
        return phrase("VP", leaf("VBG", "wearing"), phrase("NP", leaf("JJ", colour, concept), leaf("NNS", "clothes")))

    def thing(self, index: int) -> Node:
        """A noun phrase: determiner or number, modifiers, noun; `the man` or a pronoun when it was said before."""
        thing, word = self.plan.things[index], self.word_of(index)
        if index in self.said:
            if self.rng.random() < 0.5:
                pronoun = (
                    "them" if thing.count > 1 else PRONOUNS.get(thing.name, "it" if word.kind != "person" else "him")
                )
                return phrase("NP", leaf("PRP", pronoun))
            noun = word.en.captions[0]
            return phrase(
                "NP", leaf("DT", "the"), leaf("NNS" if thing.count > 1 else "NN", self.number(noun, thing.count))
            )
        singular = self.pick(word.en)
        self.said[index] = self.graph.add_object(singular)
        before, after = self.adjectives(index)
        head = leaf("NNS" if thing.count > 1 else "NN", self.number(singular, thing.count), f"o{index}")
        if thing.count > 1:
            several = thing.count > 2 and self.rng.random() < 0.3
            number = SEVERAL[0] if several else NUMBERS[thing.count][0]
            self.graph.add_attribute(self.said[index], number)
            body = phrase("NP", leaf("JJ" if several else "CD", number, f"n{index}"), before, head)
        else:
            first = (before[0] if before else head).word
            definite = self.plan.parallel and not self.plan.existential and self.rng.random() < 0.25
            article = "the" if definite else "an" if first[0] in "aeiou" else "a"
            body = phrase("NP", leaf("DT", article), before, head)
        return phrase("NP", body, after) if after else body

    @staticmethod
    def number(noun: str, count: int) -> str:
        """The noun's form for a count."""
        return plural_of(noun) if count > 1 else noun

    def extended(self, index: int) -> Node:
        """A thing, with the second relation as its modifier if the plan wants that (`the man behind a car`)."""
        plan = self.plan
        known = index in self.said
        node = self.thing(index)
        if known or plan.extra is None or plan.extra[2] != index or plan.extra_form != "modifier":
            return node
        far, side, _ = plan.extra
        beside = self.beside(index, PREDICATES[side].extra[0], far)
        if plan.parallel and self.rng.random() < 0.4:
            pronoun = leaf("WDT", "who" if CLASSES[plan.things[index].name].kind == "person" else "that")
            return phrase(
                "NP", node, phrase("SBAR", phrase("WHNP", pronoun), phrase("S", phrase("VP", self.be(index), beside)))
            )
        return phrase("NP", node, beside)

    def beside(self, subject: int, predicate: str, other: int) -> Node:
        """`next to the car`; adds the relation."""
        name = self.pick(PREDICATES[predicate].en)
        ground = self.thing(other)
        self.graph.add_relation(self.said[subject], name, self.said[other])
        if name.startswith(("to the", "on the")):
            preposition, _, side, _ = name.split()
            place = phrase(
                "NP", leaf("DT", "the"), leaf("NN", side, "extra" if self.is_extra(subject, other) else "main")
            )
            return phrase("PP", leaf("IN", preposition), phrase("NP", place, phrase("PP", leaf("IN", "of"), ground)))
        return phrase("PP", words("IN", name, "extra" if self.is_extra(subject, other) else "main"), ground)

    def is_extra(self, subject: int, other: int) -> bool:
        """Whether a relation is the second one of the scene."""
        return self.plan.extra is not None and {subject, other} == {self.plan.extra[0], self.plan.extra[2]}

    def place(self, subject: int) -> Node:
        """`in the park`; a relation of `subject` to the place."""
        word = PLACES[self.scene.place]
        preposition, name = word.extra[0], self.pick(word.en)
        self.graph.add_relation(self.said[subject], preposition, self.graph.add_object(name))
        return phrase("PP", leaf("IN", preposition), phrase("NP", leaf("DT", "the"), leaf("NN", name, "place")))

    def be(self, index: int) -> Node:
        """is, are, was, were."""
        plural = self.plan.things[index].count > 1
        if self.plan.past:
            return leaf("VBD", "were" if plural else "was")
        return leaf("VBP" if plural else "VBZ", "are" if plural else "is")

    def doing(self, subject: int, predicate: str, other: int) -> Node:
        """The main predicate without its auxiliary: `riding a horse`, `sitting on a bench`, `behind a car`."""
        word = PREDICATES[predicate]
        if word.kind == "side" or predicate == "on":
            return self.beside(subject, predicate, other)
        name = self.pick(word.en)
        ground = self.extended(other)
        self.graph.add_relation(self.said[subject], name, self.said[other])
        verb, *preposition = name.split()
        if preposition:
            return phrase("VP", leaf("VBG", verb, "main"), phrase("PP", words("IN", preposition[0]), ground))
        return phrase("VP", leaf("VBG", verb, "main"), ground)

    def passive(self, subject: int, predicate: str, other: int) -> Node:
        """`being chased by a dog`."""
        participle = PREDICATES[predicate].extra[0]
        agent = phrase("PP", leaf("IN", "by"), self.extended(subject))
        self.graph.add_relation(self.said[subject], PREDICATES[predicate].en.captions[0], self.said[other])
        return phrase("VP", leaf("VBG", "being"), phrase("VP", leaf("VBN", participle, "main"), agent))

    def rest_of(self) -> list[Node]:
        """The second relation, if nothing has said it: `with a cup next to it`, `, and a cup is next to it`."""
        extra = self.plan.extra
        if extra is None or extra[0] in self.said or extra[2] not in self.said:
            return []
        far, side, near = extra
        figure = self.thing(far)
        ground = self.beside(far, side, near)
        if self.plan.extra_form != "clause" or self.plan.fragment:
            return [phrase("PP", leaf("IN", "with"), phrase("NP", figure, ground))]
        return [leaf(",", ","), leaf("CC", "and"), phrase("S", figure, phrase("VP", self.be(far), ground))]

    def clause(self) -> Node:
        """The whole sentence, without frame and adverbial."""
        plan = self.plan
        if plan.main is None:
            return self.alone()
        subject, predicate, other = plan.main
        passive = plan.passive and PREDICATES[predicate].kind == "act" and PREDICATES[predicate].extra[0] != ""
        lead_index = other if passive else subject
        relative = plan.extra_form == "relative" and plan.extra is not None and plan.extra[2] == lead_index
        lead = self.extended(lead_index)
        verb = self.passive(subject, predicate, other) if passive else self.doing(subject, predicate, other)
        place = [self.place(lead_index)] if plan.place else []
        if relative and plan.extra is not None:
            pronoun = leaf("WDT", "who" if CLASSES[plan.things[lead_index].name].kind == "person" else "that")
            inner = phrase("S", phrase("VP", self.be(lead_index), verb, place))
            lead = phrase("NP", lead, phrase("SBAR", phrase("WHNP", pronoun), inner))
            beside = self.beside(lead_index, PREDICATES[plan.extra[1]].extra[0], plan.extra[0])
            return phrase("S", lead, phrase("VP", self.be(lead_index), beside))
        rest = self.rest_of()
        if plan.fragment:
            return phrase("NP", lead, verb, place, rest)
        separate = rest if rest and rest[0].label == "," else []
        attached = [] if separate else rest
        if plan.existential and not passive:
            there = phrase("NP", leaf("EX", "there"))
            return phrase(
                "S", there, phrase("VP", self.be(lead_index), phrase("NP", lead, verb), place, attached), separate
            )
        if plan.inverted and place:
            return phrase("S", place, leaf(",", ","), lead, phrase("VP", self.be(lead_index), verb, attached), separate)
        if plan.inverted and verb.label == "PP" and verb.leaves()[-1].word not in ("it", "him", "her", "them"):
            return phrase("S", verb, phrase("VP", self.be(lead_index)), lead, attached, separate)
        return phrase("S", lead, phrase("VP", self.be(lead_index), verb, place, attached), separate)

    def alone(self) -> Node:
        """One thing and its place."""
        index = int(self.rng.integers(2))
        figure = self.thing(index)
        place = self.place(index)
        if self.plan.fragment:
            return phrase("NP", figure, place)
        if self.plan.existential or self.plan.inverted:
            return phrase("S", phrase("NP", leaf("EX", "there")), phrase("VP", self.be(index), figure, place))
        return phrase("S", figure, phrase("VP", self.be(index), place))


def say(rng: np.random.Generator, scene: Scene, plan: Plan, knobs: Knobs) -> Derivation:
    """One English sentence about a scene."""
    grammar = English(rng, scene, plan, knobs)
    tree = grammar.clause()
    if plan.adverbial is not None:
        adverbial = phrase("ADVP", words("RB", ADVERBIALS[plan.adverbial], "adverbial"))
        tree = phrase("S", adverbial, tree) if rng.random() < 0.35 else phrase("S", tree, adverbial)
    if plan.frame is not None:
        tree = phrase("S", words("X", FRAMES[plan.frame], "frame"), phrase("S", tree))
    if plan.parallel or rng.random() < 0.7:
        tree = phrase(tree.label, tree.children, leaf(".", "."))
    text = " ".join(node.word for node in tree.leaves()).replace(" ,", ",").replace(" .", ".")
    return Derivation(text[0].upper() + text[1:], tree.bracketed(), grammar.graph.build(), concepts_of(tree))
