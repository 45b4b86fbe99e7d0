"""Who does what to whom, and where: a clause of Chinese, from left to right, one function for each kind of item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cross2stra.structures.language.chinese import lexicon
from cross2stra.structures.language.chinese.phrases import Item
from cross2stra.structures.language.facts import Facts


@dataclass
class Clause:
    """Reads items into `found`. `subject`: who acts, when it is known from outside (the head of a relative clause)."""

    found: Facts
    subject: list[int] = field(default_factory=list)
    verb: str = ""
    """Read, with its object still to come."""
    places: list[tuple[list[int], str]] = field(default_factory=list)
    """Places said before the subject."""
    oblique: tuple[str, list[int], str] | None = None
    """向 海边: the preposition, its nouns and their localiser, before their verb."""
    patient: list[int] = field(default_factory=list)
    """The object of 把."""
    agent: list[int] = field(default_factory=list)
    """The agent of 被."""
    hand: tuple[list[int], str] | None = None
    """手 里: the part of the body by which the subject holds what comes."""

    relative: bool = False
    """Whether this is a relative clause of which no verb was read."""

    def __post_init__(self) -> None:
        self.relative = bool(self.subject)

    def read(self, items: Sequence[Item]) -> None:
        """All relations of a clause, or of several one after another."""
        position = 0
        while position < len(items):
            position = getattr(self, f"_{items[position].kind}")(items, position)
        self._intransitive()
        if not self.subject:
            for (group, side), (inner, inner_side) in zip(self.places, self.places[1:], strict=False):
                self._relate(group, _label("在", inner_side or side), inner)

    # Kinds of items; each function returns the position after what it read

    def _noun(self, items: Sequence[Item], position: int) -> int:
        group, side, after = _group(items, position)
        following = items[after].kind if after < len(items) else ""
        if self.verb:
            if len(side) > 1 and following in ("have", "verb"):  # 滑 滑板 后面 有 标识
                side, after = "", after - 1
            self._object(group, side)
        elif side and self.subject and _is_body(items[position]):
            self._relate(self.subject, "有", group)
            self.hand = (group, side)
        elif self.relative and self._is_place(group, side, following):  # 草地 上 奔跑 的 狗
            self._relate(self.subject, _label("在", side), group)
        elif not self.subject:
            self._begin(group, side, following)
        elif side or items[position].text in lexicon.PLACES or following in ("verb", "have", "at", "bei", "ba", ""):
            self.subject = []
            self._begin(group, side, following)
        return after

    def _verb(self, items: Sequence[Item], position: int) -> int:
        text = items[position].text
        after = position + 1
        self.relative = False
        if self.verb in lexicon.PHASES:
            text, self.verb = f"{self.verb} {text}", ""
        self._intransitive()
        if self.oblique:
            preposition, group, side = self.oblique
            self._relate(self.subject, _label(preposition, text, side), group)
            self.oblique = None
            if not _noun_follows(items, after):
                return after
        if self.patient:
            self._relate(self.subject, text, self.patient)
            if after < len(items) and items[after].kind == "at" and _noun_follows(items, after + 1):
                kept, self.subject = self.subject, self.patient
                group, side, end = _group(items, after + 1)
                self._relate(self.subject, _label(text, "在", side), group)
                self.subject, self.patient = kept, []
                return end
            self.patient = []
        elif self.agent:
            self._relate(self.agent, text, self.subject)
            self.agent = []
        elif after < len(items) and items[after].kind == "at" and _noun_follows(items, after + 1):
            return self._located(items, after + 1, text)
        elif after < len(items) and items[after].kind == "preposition" and _noun_follows(items, after + 1):
            self.verb = _label(text, items[after].text)
            return after + 1
        else:
            self.verb = text
        return after

    def _located(self, items: Sequence[Item], position: int, verb: str) -> int:
        """坐 在 长椅 上: one predicate. 停 在 农场 中 马 旁边: the first place is that of the second."""
        group, side, after = _group(items, position)
        while side and _noun_follows(items, after):
            second, second_side, end = _group(items, after)
            if not second_side:
                break
            self._relate(second, _label("在", side), group)
            group, side, after = second, second_side, end
        self._relate(self.subject, _label(verb, "在", side), group)
        return after

    def _at(self, items: Sequence[Item], position: int) -> int:
        if not _noun_follows(items, position + 1):
            return position + 1  # 在 跑: the progressive
        self._intransitive()
        group, side, after = _group(items, position + 1)
        if self.subject:
            self._relate(self.subject, _label("在", side), group)
        else:
            self.places.append((group, side))
        return after

    def _have(self, items: Sequence[Item], position: int) -> int:
        self._intransitive()
        if self.subject or self.places:
            self.verb = "有"
        return position + 1

    def _be(self, items: Sequence[Item], position: int) -> int:
        self._intransitive()
        if self.places:
            self.verb = "是"
        return position + 1

    def _ba(self, items: Sequence[Item], position: int) -> int:
        if not _noun_follows(items, position + 1):
            return position + 1
        self._intransitive()
        self.patient, _, after = _group(items, position + 1)
        return after

    def _bei(self, items: Sequence[Item], position: int) -> int:
        if not _noun_follows(items, position + 1):
            return position + 1
        self.agent, _, after = _group(items, position + 1)
        return after

    def _preposition(self, items: Sequence[Item], position: int) -> int:
        if not _noun_follows(items, position + 1):
            return position + 1
        self._intransitive()
        group, side, after = _group(items, position + 1)
        self.oblique = (items[position].text, group, side)
        return after

    def _place(self, items: Sequence[Item], position: int) -> int:
        """A localiser alone: 旁边 还 有 一辆 车, beside what was said before."""
        if self.subject and items[position + 1 : position + 2] and items[position + 1].kind in ("have", "verb", "noun"):
            self._intransitive()
            self.places, self.subject = [(self.subject, items[position].text)], []
        return position + 1

    def _and(self, items: Sequence[Item], position: int) -> int:
        """和 狗 跑 的 人: both run."""
        if self.subject and not self.verb and _noun_follows(items, position + 1):
            group, _, after = _group(items, position + 1)
            self.subject = [*self.subject, *group]
            return after
        return position + 1

    # What they do

    def _begin(self, group: list[int], side: str, following: str) -> None:
        """The first noun of a clause: its place, or its subject with the places before it."""
        if following and self._is_place(group, side, following):
            self.places.append((group, side))
            return
        self.subject = group
        self._flush("")

    def _is_place(self, group: list[int], side: str, following: str) -> bool:
        named = self.found.objects[group[0]]
        by_ending = following == "verb" and named.endswith(lexicon.PLACE_ENDINGS)
        return bool(side) or named in lexicon.PLACES or by_ending

    def _flush(self, verb: str) -> None:
        """Relations of the subject to the places said before it; `verb` is of the nearest."""
        for number, (place, side) in enumerate(reversed(self.places)):
            self._relate(self.subject, _label("" if number else verb, "在", side), place)
        self.places = []

    def _object(self, group: list[int], side: str) -> None:
        verb, self.verb = self.verb, ""
        if not self.subject and self.places:  # 桌子 上 放着 三明治, 树上 有 鸟
            self.subject = group
            self._flush("" if verb in ("有", "是") else verb)
        elif not self.subject:
            self.subject = group
            self._relate(group, verb, [])
        else:
            self._relate(self.subject, _label(verb, side), group)
            if self.hand:
                self._relate(group, _label("在", self.hand[1]), self.hand[0])
                self.hand = None
            if verb in lexicon.PERCEPTION:
                self.subject = group

    def _intransitive(self) -> None:
        """A verb whose object did not come."""
        verb, self.verb = self.verb, ""
        if verb and verb not in ("有", "是"):
            self._relate(self.subject, verb, [])

    def _relate(self, sources: list[int], label: str, targets: list[int]) -> None:
        reached: list[int] | list[None] = targets or [None]
        self.found.relations += [(source, label, target) for source in sources for target in reached]


def _group(items: Sequence[Item], position: int) -> tuple[list[int], str, int]:
    """A noun phrase, those joined to it, and their localiser -> (objects, localiser, position after them)."""
    group = [items[position].node]
    position += 1
    while position + 1 < len(items) and items[position].kind == "and" and items[position + 1].kind == "noun":
        group.append(items[position + 1].node)
        position += 2
    if position < len(items) and items[position].kind == "place" and items[position - 1].text not in lexicon.PLACES:
        return group, items[position].text, position + 1
    return group, "", position


def _noun_follows(items: Sequence[Item], position: int) -> bool:
    return position < len(items) and items[position].kind == "noun"


def _is_body(item: Item) -> bool:
    return item.text.endswith(lexicon.BODY_PARTS)


def _label(*parts: str) -> str:
    return " ".join(part for part in parts if part)
