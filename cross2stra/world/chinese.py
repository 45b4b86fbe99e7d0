"""The Chinese grammar: plans of a scene to derivations, written on its own, not from the English one."""

from __future__ import annotations

import numpy as np

from cross2stra.world.derivation import Derivation, Node, concepts_of, leaf, phrase, words
from cross2stra.world.knobs import Knobs
from cross2stra.world.lexicon import ATTRIBUTES, CLASSES, NUMBERS, PLACES, PREDICATES, SEVERAL
from cross2stra.world.plan import Plan, Speaker
from cross2stra.world.scenes import Scene

ADVERBIALS = ("昨天", "今天 早上", "去年 夏天", "今天", "晚上", "每天", "当时", "现在", "下雨 之前", "星期天")
FRAMES = ("我们 看见", "报纸 上 说", "我 记得", "人们 说", "在 这 张 照片 里", "好像")
"""In the order of the English ones."""
_ORDER = ("person_look", "activity", "pattern", "colour", "size")


class Chinese(Speaker):
    """One Chinese sentence."""

    def modifiers(self, index: int) -> list[Node]:
        """What stands between measure word and noun, most of it with 的; attributes go to the scene graph."""
        found: list[Node] = []
        owner = self.said[index]
        person = CLASSES[self.plan.things[index].name].kind == "person"
        kinds = {a: ATTRIBUTES[a].kind for a in self.plan.attributes[index]}
        for attribute in sorted(kinds, key=lambda a: _ORDER.index(kinds[a])):
            word, concept = self.pick(ATTRIBUTES[attribute].zh), f"{attribute}{index}"
            self.graph.add_attribute(owner, word)
            if person and kinds[attribute] == "colour":
                found.append(self.clothes(word, concept))
            elif kinds[attribute] == "activity":
                now = leaf("AD", "正在") if self.rng.random() < 0.4 else None
                found.append(phrase("CP", phrase("VP", now, leaf("VV", word, concept)), leaf("DEC", "的")))
            elif kinds[attribute] == "colour" and self.rng.random() < 0.25:
                found.append(phrase("ADJP", leaf("JJ", word, concept)))
            else:
                very = leaf("AD", "很") if word in ("大", "小") and self.rng.random() < 0.7 else None
                found.append(phrase("DNP", phrase("ADJP", very, leaf("JJ", word, concept)), leaf("DEG", "的")))
        return found

    def clothes(self, colour: str, concept: str) -> Node:
        """`穿着红色衣服的`."""
        garment = leaf("NN", "上衣" if self.rng.random() < 0.3 else "衣服")
        verb = phrase("VP", leaf("VV", "穿"), leaf("AS", "着") if self.rng.random() < 0.6 else None,
                      phrase("NP", leaf("JJ", colour, concept), garment))  # fmt: skip
        return phrase("CP", verb, leaf("DEC", "的"))

    def thing(self, index: int, clause: Node | None = None, bare: bool = False) -> Node:
        """A noun phrase: number and measure word, a clause with 的, modifiers, noun; only the noun when said before."""
        thing, word = self.plan.things[index], self.word_of(index)
        if index in self.said:
            return phrase("NP", leaf("NN", word.zh.captions[0]))
        noun = self.pick(word.zh)
        self.said[index] = self.graph.add_object(noun)
        parts: list[Node] = []
        if thing.count > 1:
            number = SEVERAL[1] if thing.count > 2 and self.rng.random() < 0.3 else NUMBERS[thing.count][1]
            self.graph.add_attribute(self.said[index], number)
            parts.append(self.quantity(number, word.extra[0], f"n{index}"))
        elif word.extra[0] and not bare:
            parts.append(self.quantity("一", word.extra[0], ""))
        if clause is not None:
            parts.append(phrase("CP", clause, leaf("DEC", "的")))
        return phrase("NP", parts, self.modifiers(index), leaf("NN", noun, f"o{index}"))

    @staticmethod
    def quantity(number: str, measure: str, concept: str) -> Node:
        """`两只`; a noun without a measure word of its own, which would tell its sense, comes as 一些."""
        if not measure:
            return phrase("QP", leaf("CD", "一些", concept))
        return phrase("QP", leaf("CD", number, concept), phrase("CLP", leaf("M", measure)))

    def extended(self, index: int, bare: bool = False) -> Node:
        """A thing, with the second relation before it if the plan wants that (`汽车后面的男人`)."""
        extra = self.plan.extra
        if index in self.said or extra is None or extra[2] != index or self.plan.extra_form != "modifier":
            return self.thing(index, bare=bare)
        far, side, _ = extra
        ground, predicate = self.ground(far, PREDICATES[side].extra[0], "extra")
        node = phrase("NP", phrase("DNP", ground, leaf("DEG", "的")), self.thing(index, bare=bare))
        self.relate(index, f"在 {predicate}", far)
        return node

    def ground(self, index: int, predicate: str, concept: str, extended: bool = False) -> tuple[Node, str]:
        """`桌子旁边` and its localiser."""
        localiser = self.pick(PREDICATES[predicate].zh)
        bare = self.rng.random() < 0.4
        noun = self.extended(index, bare) if extended else self.thing(index, bare=bare)
        return phrase("LCP", noun, leaf("LC", localiser, concept)), localiser

    def relate(self, subject: int, predicate: str, other: int) -> None:
        """A relation of the scene graph, its predicate in one or more words."""
        self.graph.add_relation(self.said[subject], predicate, self.said[other])

    def at_place(self, subject: int | None = None, front: bool = False) -> Node:
        """`在公园里`, or `公园里` in front of a sentence; the relation is added by `settle`."""
        word = PLACES[self.scene.place]
        name, localiser = self.pick(word.zh), word.extra[1]
        self._place = self.graph.add_object(name)
        self._place_predicate = f"在 {localiser}".strip()
        noun = phrase("NP", leaf("NN", name, "place"))
        where = phrase("LCP", noun, leaf("LC", localiser)) if localiser else noun
        if subject is not None:
            self.settle(subject)
        return where if front and self.rng.random() < 0.5 else phrase("PP", leaf("P", "在"), where)

    def settle(self, subject: int) -> None:
        """The relation of a thing to the place that was said."""
        self.graph.add_relation(self.said[subject], self._place_predicate, self._place)

    def predicate(self, subject: int, predicate: str, other: int, place: Node | None) -> Node:
        """The verb phrase of the main relation with the place before the verb; `subject` has been said."""
        plan, word = self.plan, PREDICATES[predicate]
        if word.kind == "side":
            ground, name = self.ground(other, predicate, "main", extended=True)
            self.relate(subject, f"在 {name}", other)
            return phrase("VP", place, phrase("PP", leaf("P", "在"), ground))
        verb = self.pick(word.zh)
        if word.kind == "rest":
            ground = phrase("LCP", self.extended(other, bare=self.rng.random() < 0.4), leaf("LC", "上"))
            self.relate(subject, f"{verb} 在 上", other)
            lead = leaf("AD", "正") if predicate != "on" and self.rng.random() < 0.2 else None
            return phrase("VP", lead, place, leaf("VV", verb, "main"), phrase("PP", leaf("P", "在"), ground))
        if plan.disposal and len(word.extra) > 1 and word.extra[1]:
            patient = self.extended(other, bare=self.rng.random() < 0.3)
            self.relate(subject, verb, other)
            head, preposition, where = word.extra[1].split()
            result = phrase(
                "PP" if preposition == "在" else "VP", leaf("P", preposition), phrase("NP", leaf("NN", where))
            )
            return phrase("VP", place, leaf("BA", "把"), patient, phrase("VP", leaf("VV", head, "main"), result))
        patient = self.extended(other)
        self.relate(subject, verb, other)
        form = self.rng.random()
        if predicate == "wearing":
            form = 0.9
        if form < 0.4:  # 正在公园里骑马, 在骑马
            now = leaf("AD", "正" if place and place.label == "PP" else "正在" if form < 0.3 else "在")
            return phrase("VP", now, place, phrase("VP", leaf("VV", verb, "main"), patient))
        return phrase("VP", place, phrase("VP", leaf("VV", verb, "main"), leaf("AS", "着"), patient))

    def passive(self, subject: int, predicate: str, other: int, place: Node | None) -> Node:
        """`被男人骑着`; `other` has been said."""
        verb = self.pick(PREDICATES[predicate].zh)
        agent = self.extended(subject)
        self.relate(subject, verb, other)
        return phrase("VP", place, leaf("SB", "被"), agent, phrase("VP", leaf("VV", verb, "main"), leaf("AS", "着")))

    def inverted(self, subject: int, predicate: str, other: int) -> list[Node]:
        """`桌子上放着一个杯子`, `汽车旁边有一只小狗`."""
        if PREDICATES[predicate].kind == "side":
            ground, name = self.ground(other, predicate, "main", extended=True)
            figure = self.thing(subject)
            self.relate(subject, f"在 {name}", other)
            return [ground, phrase("VP", leaf("VE", "有"), figure)]
        ground = phrase("LCP", self.extended(other, bare=self.rng.random() < 0.5), leaf("LC", "上"))
        verb = self.pick(PREDICATES[predicate].zh)
        figure = self.thing(subject)
        self.relate(subject, f"{verb} 上", other)
        return [ground, phrase("VP", leaf("VV", verb, "main"), leaf("AS", "着"), figure)]

    def rest_of(self) -> list[Node]:
        """The second relation as a clause of its own, if nothing has said it: `，桌子旁边有一把椅子`."""
        extra = self.plan.extra
        if extra is None or extra[0] in self.said or extra[2] not in self.said:
            return []
        far, side, near = extra
        ground, name = self.ground(near, side, "extra")
        also = leaf("AD", "还") if self.rng.random() < 0.3 else None
        figure = self.thing(far)
        self.relate(far, f"在 {name}", near)
        return [leaf("PU", "，"), phrase("S", ground, phrase("VP", also, leaf("VE", "有"), figure))]

    def clause(self) -> Node:
        """The whole sentence, without frame and adverbial."""
        plan = self.plan
        if plan.main is None:
            return self.alone()
        subject, predicate, other = plan.main
        kind = PREDICATES[predicate].kind
        passive = plan.passive and kind == "act" and PREDICATES[predicate].extra[0] != ""
        lead = other if passive else subject
        if plan.extra_form == "relative" and plan.extra is not None and plan.extra[2] == lead:
            return self.relative(lead, subject, predicate, other, passive)
        if plan.fragment and not passive:
            return self.fragment(subject, predicate, other)
        if kind != "act" and (plan.inverted or plan.existential):
            place = self.at_place(front=True) if plan.place else None
            body = self.inverted(subject, predicate, other)
            if place is not None:
                self.settle(subject)
            return phrase("S", place, body, self.rest_of())
        front = plan.place and (plan.inverted or plan.existential)
        place = self.at_place(front=front) if plan.place else None
        figure = self.extended(lead)
        if place is not None:
            self.settle(lead)
        inner = None if front else place
        verb = (
            self.passive(subject, predicate, other, inner)
            if passive
            else self.predicate(subject, predicate, other, inner)
        )
        if front and plan.existential:  # 公园里有一个男人在骑马
            return phrase("S", place, phrase("VP", leaf("VE", "有"), phrase("S", figure, verb)), self.rest_of())
        return phrase("S", place if front else None, figure, verb, self.rest_of())

    def relative(self, lead: int, subject: int, predicate: str, other: int, passive: bool) -> Node:
        """`在公园里骑着马的男人在汽车旁边`."""
        extra = self.plan.extra
        assert extra is not None
        place = self.at_place() if self.plan.place else None
        head = self.thing(lead)  # its node comes first in the graph, its words after the clause
        if place is not None:
            self.settle(lead)
        verb = (
            self.passive(subject, predicate, other, place)
            if passive
            else self.predicate(subject, predicate, other, place)
        )
        figure = phrase("NP", phrase("CP", verb, leaf("DEC", "的")), head)
        ground, name = self.ground(extra[0], PREDICATES[extra[1]].extra[0], "extra")
        self.relate(lead, f"在 {name}", extra[0])
        return phrase("S", figure, phrase("VP", phrase("PP", leaf("P", "在"), ground)))

    def fragment(self, subject: int, predicate: str, other: int) -> Node:
        """`一个骑着马的男人`, `公园里一只追赶小猫的小狗`."""
        place = self.at_place(front=True) if self.plan.place else None
        figure = self.thing(subject)
        if place is not None:
            self.settle(subject)
        verb = self.predicate(subject, predicate, other, None)
        clause = phrase("CP", verb, leaf("DEC", "的"))
        quantity = [child for child in figure.children[:1] if child.label == "QP"]
        rest = figure.children[len(quantity) :]
        return phrase("NP", place, phrase("NP", quantity, clause, rest), self.rest_of())

    def alone(self) -> Node:
        """One thing and its place."""
        index = int(self.rng.integers(2))
        if self.plan.fragment or self.plan.inverted or self.plan.existential:
            place = self.at_place(front=True)
            figure = self.thing(index)
            self.settle(index)
            if self.plan.fragment:
                inside = place.children[1] if place.label == "PP" else place
                return phrase("NP", phrase("DNP", inside, leaf("DEG", "的")), figure)
            return phrase("S", place, phrase("VP", leaf("VE", "有"), figure))
        figure = self.thing(index)
        return phrase("S", figure, phrase("VP", self.at_place(index)))


def say(rng: np.random.Generator, scene: Scene, plan: Plan, knobs: Knobs) -> Derivation:
    """One Chinese sentence about a scene."""
    grammar = Chinese(rng, scene, plan, knobs)
    tree = grammar.clause()
    if plan.adverbial is not None:
        tree = phrase("S", phrase("ADVP", words("AD", ADVERBIALS[plan.adverbial], "adverbial")), tree)
    if plan.frame is not None:
        tree = phrase("S", words("X", FRAMES[plan.frame], "frame"), phrase("S", tree))
    if plan.parallel or rng.random() < 0.7:
        tree = phrase(tree.label, tree.children, leaf("PU", "。"))
    return Derivation(
        "".join(node.word for node in tree.leaves()), tree.bracketed(), grammar.graph.build(), concepts_of(tree)
    )
