"""The Chinese grammar: plans of a scene to derivations, written on its own, not from the English one."""

from __future__ import annotations

import numpy as np

from cross2stra.world.derivation import Derivation, Names, Node, Plan, bracketed, leaves
from cross2stra.world.lexicon import ATTRIBUTES, BY_ID, COLOUR_IDS, NUMBERS, PLACES, PREDICATES
from cross2stra.world.scenes import Scene

ADJUNCTS = ("昨天", "今天早上", "去年夏天", "再次", "长时间", "每天", "当时", "安静地", "下雨之前", "星期天")
"""In the order of the English ones."""


class Chinese(Names):
    """One Chinese sentence."""

    def noun_phrase(self, index: int, bare: bool = False) -> Node:
        """Number and measure word, modifiers with 的, noun; adds the object and its attributes to the scene graph."""
        thing = self.scene.things[index]
        row = BY_ID[thing.name]
        if index in self.said:
            return ("NP", [("NN", row.zh[0])])
        noun = self.pick(row.zh, index)
        node = self.graph.add_object(noun)
        self.said[index] = node
        parts: list[Node] = []
        if thing.count > 1:
            number = NUMBERS[thing.count][1] if thing.count < 4 or self.rng.random() < 0.5 else "几"
            self.graph.add_attribute(node, number)
            parts.append(("QP", [("CD", number), ("CLP", [("M", row.measure)])]))
        elif not bare:
            parts.append(("QP", [("CD", "一"), ("CLP", [("M", row.measure)])]))
        for attribute in sorted(self.plan.attributes[index], key=lambda a: a in ("big", "small")):
            word = self.pick(ATTRIBUTES[attribute].zh)
            self.graph.add_attribute(node, word)
            if row.kind == "person" and attribute in COLOUR_IDS:
                worn: Node = ("VP", [("VV", "穿"), ("NP", [("JJ", word), ("NN", "衣服")])])
                parts.append(("CP", [worn, ("DEC", "的")]))
            else:
                parts.append(("ADJP", [("JJ", word), ("DEG", "的")]))
        return ("NP", [*parts, ("NN", noun)])

    def located(self, index: int, localiser: str) -> Node:
        """`桌子上`."""
        return ("LCP", [self.noun_phrase(index, bare=self.rng.random() < 0.3), ("LC", localiser)])

    def place(self, subject: int | None) -> Node:
        """`在公园里`, before the verb; a relation of `subject` to the place."""
        word = PLACES[self.scene.place]
        name, localiser = self.pick(word.zh), word.kind.split("|")[1]
        node = self.graph.add_object(name)
        if subject is not None and subject in self.said:
            self.graph.add_relation(self.said[subject], f"在 {localiser}", node)
        return ("PP", [("P", "在"), ("LCP", [("NP", [("NN", name)]), ("LC", localiser)])])

    def relate(self, subject: int, predicate: str, other: int) -> None:
        """The relation as a predicate of one or two words."""
        self.graph.add_relation(self.said[subject], predicate, self.said[other])

    def side(self, subject: int, predicate: str, other: int, inverted: bool) -> list[Node]:
        """`小狗在汽车旁边`, or `汽车旁边有一只小狗`."""
        word = PREDICATES[predicate].zh[0]
        if inverted:
            ground = self.located(other, word)
            figure = self.noun_phrase(subject)
            self.relate(subject, f"在 {word}", other)
            return [ground, ("VP", [("VE", "有"), figure])]
        figure = self.noun_phrase(subject)
        ground = self.located(other, word)
        self.relate(subject, f"在 {word}", other)
        return [figure, ("VP", [("PP", [("P", "在"), ground])])]

    def rest(self, subject: int, predicate: str, other: int, inverted: bool, place: bool) -> list[Node]:
        """`男人坐在椅子上`, or `椅子上坐着一个男人`."""
        verb = PREDICATES[predicate].zh[0]
        if inverted:
            ground = self.located(other, "上")
            figure = self.noun_phrase(subject)
            self.relate(subject, f"{verb} 上", other)
            around = [self.place(subject)] if place else []
            return [*around, ground, ("VP", [("VV", verb), ("AS", "着"), figure])]
        figure = self.noun_phrase(subject)
        ground = self.located(other, "上")
        self.relate(subject, f"{verb} 在 上", other)
        around = [self.place(subject)] if place else []
        return [figure, ("VP", [*around, ("VV", verb), ("PP", [("P", "在"), ground])])]

    def act(self, subject: int, predicate: str, other: int, passive: bool, inverted: bool, place: bool) -> list[Node]:
        """`男人正在公园里骑马`, `骑着`, or `马被男人骑着`; with the place first when inverted."""
        verb = PREDICATES[predicate].zh[0]
        if passive and predicate not in ("wearing", "watching"):
            patient = self.noun_phrase(other)
            agent = self.noun_phrase(subject)
            self.relate(subject, verb, other)
            around = [self.place(subject)] if place else []
            return [patient, ("VP", [*around, ("SB", "被"), agent, ("VP", [("VV", verb), ("AS", "着")])])]
        figure = self.noun_phrase(subject)
        around = [self.place(subject)] if place else []
        ongoing = self.rng.random() < 0.5
        phrase = self.noun_phrase(other)
        self.relate(subject, verb, other)
        doing: list[Node] = [("VV", verb), phrase] if ongoing else [("VV", verb), ("AS", "着"), phrase]
        if inverted and around:
            return [*around, figure, ("VP", [("AD", "正在"), *doing] if ongoing else doing)]
        if ongoing:
            lead: list[Node] = [("AD", "正"), *around] if around else [("AD", "正在")]
            return [figure, ("VP", [*lead, *doing])]
        return [figure, ("VP", [*around, *doing])]

    def clause(self) -> Node:
        """The sentence: the main relation, then the second one as a clause of its own."""
        plan = self.plan
        if not plan.relations:
            figure = self.noun_phrase(0)
            place = self.place(0)
            if plan.inverted:
                return ("S", [("LCP", place[1][1][1]), ("VP", [("VE", "有"), figure])])
            return ("S", [figure, ("VP", [place])])
        (subject, predicate, other), *more = plan.relations
        kind = PREDICATES[predicate].kind
        if kind == "side":
            body = self.side(subject, predicate, other, plan.inverted or plan.existential)
            if plan.place:
                body = [self.place(subject), *body]
        elif kind == "rest":
            body = self.rest(subject, predicate, other, plan.inverted or plan.existential, plan.place)
        else:
            body = self.act(subject, predicate, other, plan.passive, plan.inverted, plan.place)
        if not more:
            return ("S", body)
        clauses: list[Node] = [("S", body)]
        for far, side, near in more:
            clauses.append(("S", self.side(far, side, near, inverted=True)))
        return ("S", clauses)


def say(rng: np.random.Generator, scene: Scene, plan: Plan, parallel: bool) -> Derivation:
    """One Chinese sentence about a scene."""
    grammar = Chinese(rng, scene, plan, parallel)
    tree = grammar.clause()
    if plan.adjunct is not None:
        tree = ("S", [("ADVP", [("AD", ADJUNCTS[plan.adjunct % len(ADJUNCTS)])]), *tree[1]])
    return Derivation("".join(leaves(tree)) + "。", bracketed(tree), grammar.graph.build())
