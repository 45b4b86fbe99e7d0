"""The English grammar: plans of a scene to derivations."""

from __future__ import annotations

import numpy as np

from cross2stra.world.derivation import Derivation, Names, Node, Plan, bracketed, leaves
from cross2stra.world.lexicon import ATTRIBUTES, BY_ID, COLOUR_IDS, NUMBERS, PASSIVES, PLACES, PREDICATES
from cross2stra.world.scenes import Scene

ADJUNCTS = (
    "yesterday", "this morning", "last summer", "again", "for a long time", "every day", "at that time", "quietly",
    "before the rain", "on Sunday",
)  # fmt: skip


def words(label: str, text: str) -> list[Node]:
    """A fixed expression as preterminals."""
    return [(label, word) for word in text.split()]


class English(Names):
    """One English sentence."""

    def noun_phrase(self, index: int, definite: bool = False) -> Node:
        """Determiner or number, modifiers, noun; adds the object and its attributes to the scene graph."""
        thing = self.scene.things[index]
        row = BY_ID[thing.name]
        if index in self.said:
            return ("NP", [("DT", "the"), ("NN", row.en[0] if thing.count == 1 else row.plurals[0])])
        singular = self.pick(row.en, index)
        noun = singular if thing.count == 1 else row.plurals[row.en.index(singular)]
        node = self.graph.add_object(noun)
        self.said[index] = node
        modifiers: list[Node] = []
        order = sorted(self.plan.attributes[index], key=lambda a: ("tall big small round".find(a) < 0, a))
        worn: list[Node] = []
        for attribute in order:
            word = self.pick(ATTRIBUTES[attribute].en)
            self.graph.add_attribute(node, word)
            if row.kind == "person" and attribute in COLOUR_IDS:
                worn = [("PP", [("IN", "in"), ("NP", [("JJ", word)])])]
            else:
                modifiers.append(("JJ", word))
        if thing.count > 1:
            number = NUMBERS[thing.count][0] if thing.count < 4 or self.rng.random() < 0.5 else "several"
            self.graph.add_attribute(node, number)
            return ("NP", [("CD", number), *modifiers, ("NNS", noun), *worn])
        first = modifiers[0][1] if modifiers else noun
        determiner = "the" if definite else "an" if str(first)[0] in "aeiou" else "a"
        return ("NP", [("DT", determiner), *modifiers, ("NN", noun), *worn])

    def place(self, subject: int | None) -> Node:
        """`in the park`; a relation of `subject` to the place."""
        word = PLACES[self.scene.place]
        preposition, name = word.kind.split("|")[0], self.pick(word.en)
        node = self.graph.add_object(name)
        if subject is not None:
            self.graph.add_relation(self.said[subject], preposition, node)
        return ("PP", [("IN", preposition), ("NP", [("DT", "the"), ("NN", name)])])

    def be(self, index: int) -> Node:
        """is, are; was, were in the register of the parallel text."""
        plural = self.scene.things[index].count > 1
        if self.parallel and self.plan.adjunct is not None and self.plan.adjunct % 3 == 0:
            return ("VBD", "were" if plural else "was")
        return ("VBZ", "are" if plural else "is")

    def prepositional(self, subject: int, predicate: str, other: int) -> Node:
        """`next to the car`; adds the relation."""
        name = self.pick(PREDICATES[predicate].en)
        phrase = self.noun_phrase(other)
        self.graph.add_relation(self.said[subject], name, self.said[other])
        return ("PP", [*words("IN", name), phrase])

    def clause(self) -> Node:
        """The main clause, with the place and the second relation attached."""
        plan = self.plan
        if not plan.relations:
            figure = self.noun_phrase(0)
            return ("S", [("NP", [("EX", "there")]), ("VP", [self.be(0), figure, self.place(0)])])
        (subject, predicate, other), *more = plan.relations
        kind = PREDICATES[predicate].kind
        tail: list[Node] = []
        verb: Node
        owner = subject
        if kind == "act" and plan.passive and predicate in PASSIVES:
            owner = other
            lead = self.noun_phrase(other)
            agent = self.noun_phrase(subject)
            self.graph.add_relation(self.said[subject], PASSIVES[predicate], self.said[other])
            by: Node = ("PP", [("IN", "by"), agent])
            verb = ("VP", [("VBG", "being"), ("VBN", PASSIVES[predicate]), by])
        elif kind == "act":
            lead = self.noun_phrase(subject)
            name, *rest = self.pick(PREDICATES[predicate].en).split()
            phrase = self.noun_phrase(other)
            self.graph.add_relation(self.said[subject], " ".join([name, *rest]), self.said[other])
            verb = ("VP", [("VBG", name), ("PP", [*words("IN", " ".join(rest)), phrase]) if rest else phrase])
        elif kind == "rest" and predicate != "on":
            lead = self.noun_phrase(subject)
            posture = PREDICATES[predicate].en[0]
            phrase = self.noun_phrase(other)
            self.graph.add_relation(self.said[subject], posture, self.said[other])
            gerund, preposition = posture.split()
            verb = ("VP", [("VBG", gerund), ("PP", [("IN", preposition), phrase])])
        else:
            lead = self.noun_phrase(subject)
            verb = self.prepositional(subject, predicate, other)
        for far, side, near in more:
            phrase = self.noun_phrase(far)
            beside = self.prepositional(far, side, near)
            tail.append(("PP", [("IN", "with"), ("NP", [phrase, beside])]))
        place = [self.place(owner)] if plan.place else []
        if plan.fragment:
            return ("NP", [lead, verb, *tail, *place])
        if plan.existential and kind != "act":
            return ("S", [("NP", [("EX", "there")]), ("VP", [self.be(owner), ("NP", [lead, verb]), *tail, *place])])
        if plan.inverted and kind in ("rest", "side") and not place:
            return ("S", [verb, ("VP", [self.be(owner)]), lead, *tail])
        if plan.inverted and place:
            return ("S", [*place, lead, ("VP", [self.be(owner), verb, *tail])])
        return ("S", [lead, ("VP", [self.be(owner), verb, *tail, *place])])


def say(rng: np.random.Generator, scene: Scene, plan: Plan, parallel: bool) -> Derivation:
    """One English sentence about a scene."""
    grammar = English(rng, scene, plan, parallel)
    tree = grammar.clause()
    if plan.adjunct is not None:
        adjunct: Node = ("ADVP", words("RB", ADJUNCTS[plan.adjunct % len(ADJUNCTS)]))
        tree = ("S", [adjunct, *tree[1]]) if plan.adjunct % 2 else ("S", [*tree[1], adjunct])
    text = " ".join(leaves(tree))
    return Derivation(text[0].upper() + text[1:] + " .", bracketed(tree), grammar.graph.build())
