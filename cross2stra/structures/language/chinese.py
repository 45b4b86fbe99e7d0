"""Chinese scene graphs from word classes: noun phrases first, then patterns of verbs, places and 的 between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from cross2stra.structures.language.facts import Facts

_MEASURES = set("个只名位条张辆匹头把座棵朵件块片幅台架艘根支本顶双副颗扇群对些束盘碗杯瓶间家所栋")
_COUNTED_AS_ONE = {"一" + measure for measure in _MEASURES - set("群对些双")} | {"一"}
_LOCALISERS = {"上", "下", "里", "内", "外", "前", "后", "中", "旁", "边", "旁边", "上面", "下面", "里面", "外面", "前面"}
_LOCALISERS |= {"后面", "中间", "之间", "附近", "对面", "左边", "右边", "身边", "身旁", "上方", "下方", "周围", "前方", "后方"}
_LOCALISERS |= {"身后", "身上", "手里", "手中", "里边", "一旁", "边上", "之上", "之下", "之中", "底下", "左侧", "右侧", "旁"}
_AFTER_VERB = {"着", "了", "过", "到", "在", "向", "往", "进", "出", "起", "满", "给", "成"}
_JOINING = {"和", "与", "及", "以及", "跟", "同"}
_COLOUR_OR_MATTER = ("色", "木", "木质", "木制", "金属", "玻璃", "塑料", "石头", "砖", "皮", "布", "铁", "银", "黑白")
_HAVING = {"有", "是", "为"}


@dataclass
class Phrase:
    """A noun phrase: position of its head, label, attributes and the position of its first word."""

    head: int
    label: str
    attributes: list[str] = field(default_factory=list)
    counted: bool = False
    """Whether a number or measure word opens it: a verb after that belongs to a relative clause."""


@dataclass
class Item:
    """A piece of a sentence: kind `noun`, `verb`, `place`(localiser), `at` (在), `preposition`, `and`, `of` (的), `count`."""

    kind: str
    text: str
    phrase: Phrase | None = None


@cache
def word_class(word: str) -> str:
    """jieba's class of a word; of an unknown word, that of its last part."""
    import jieba.posseg

    jieba.setLogLevel("ERROR")
    jieba.posseg.dt.initialize()
    known = jieba.posseg.dt.word_tag_tab.get(word)
    return known or next((pair.flag for pair in reversed(jieba.posseg.lcut(word)) if pair.flag), "x")


def kind_of(word: str, tag: str) -> str:
    """The part that a word plays in the patterns."""
    if word in ("的", "之"):
        return "of"
    if word in _JOINING:
        return "and"
    if word == "在":
        return "at"
    if word in _LOCALISERS or tag == "f":
        return "place"
    if word in ("正在", "正", "将", "地", "得"):
        return "other"
    if word in _AFTER_VERB and tag[0] in "up":
        return "aspect"
    if tag[0] == "m" or tag == "q" or word in _MEASURES and tag[0] in "qn" and len(word) == 1 and tag == "q":
        return "count"
    if word.endswith(_COLOUR_OR_MATTER) and tag[0] in "nabz" or tag[0] in "abz":
        return "quality"
    if tag[0] in "nrsti" and tag not in ("nrfg",) or tag in ("eng", "l", "j"):
        return "other" if tag[0] == "r" and word in ("这", "那", "这里", "那里", "自己", "其") else "noun"
    if tag[0] == "v":
        return "verb"
    if tag[0] == "p":
        return "preposition"
    return "other"


def chunk(words: Sequence[str]) -> list[Item]:
    """Noun phrases with their attributes, and the other words that patterns need. 红色 的 裙子 is one phrase."""
    kinds = [kind_of(word, word_class(word)) for word in words]
    items: list[Item] = []
    attributes: list[str] = []
    counted = False
    position = 0
    while position < len(words):
        word, kind = words[position], kinds[position]
        following = kinds[position + 1] if position + 1 < len(words) else ""
        if kind == "count":
            counted = True
            if word_class(word)[0] == "m" and word not in _COUNTED_AS_ONE:
                attributes.append(word)
        elif kind == "quality" and (following or not items):
            attributes.append(word)
            if following == "of":
                position += 1
        elif kind in ("noun", "quality"):
            last = position
            while last + 1 < len(words) and kinds[last + 1] == "noun":
                last += 1
            phrase = Phrase(last, " ".join(words[position : last + 1]), attributes, counted)
            items.append(Item("noun", words[last], phrase))
            attributes, counted = [], False
            position = last
        elif kind == "verb":
            last = position
            while last + 1 < len(words) and (kinds[last + 1] == "aspect" or words[last + 1] in _AFTER_VERB):
                last += 1
            if counted or attributes:
                items.append(Item("count", ""))
            items.append(Item("verb", " ".join(words[position : last + 1])))
            position = last
        elif kind != "other":
            items.append(Item(kind, word))
        position += 1
    if attributes and items and items[-1].phrase is None and items[-1].kind in ("verb", "of"):
        items.append(Item("noun", attributes[-1], Phrase(len(words) - 1, attributes[-1], attributes[:-1])))
    elif attributes and (last_noun := next((i.phrase for i in reversed(items) if i.phrase), None)):
        last_noun.attributes += attributes  # 裙子 是 红色
    return items


class Reader:
    """Reads the items of a sentence from left to right."""

    def __init__(self) -> None:
        self.found = Facts()
        self.subject: list[int] = []
        self.place: tuple[list[int], str] | None = None
        self.verbs: list[str] = []
        self.relative_from: int | None = None
        self.relatives: list[tuple[str, list[int]]] = []
        self.owners: list[int] = []
        self.agent: list[int] = []

    def read(self, items: Sequence[Item]) -> Facts:
        """All facts of a sentence."""
        position = 0
        while position < len(items):
            item = items[position]
            if item.kind == "noun":
                position = self._nouns(items, position)
                continue
            if item.kind == "count":
                self.relative_from = len(self.verbs)
            elif item.kind in ("verb", "at", "preposition"):
                following = items[position + 1].kind if position + 1 < len(items) else ""
                if item.kind == "verb" or following not in ("verb", ""):
                    self._verb(item.text)
            elif item.kind == "of" and self.verbs:  # 奔跑 的 狗
                self.relatives.append((self.verbs.pop(), []))
                self.relative_from = None
            position += 1
        self._leftover_verbs()
        return self.found

    def _verb(self, text: str) -> None:
        if self.agent and self.subject:  # 球 被 男孩 踢
            self._relate(self.agent, text, self.subject)
            self.agent = []
        elif self.verbs and self.verbs[-1] in ("把", "将"):
            self.verbs[-1] = text
        else:
            self.verbs.append(text)

    def _nouns(self, items: Sequence[Item], position: int) -> int:
        """A noun phrase, those joined to it, and its localiser; -> position after them."""
        group = [self._object(items[position].phrase)]
        position += 1
        while position + 1 < len(items) and items[position].kind == "and" and items[position + 1].phrase:
            group.append(self._object(items[position + 1].phrase))
            position += 2
        side = ""
        if position < len(items) and items[position].kind == "place":
            side = items[position].text
            position += 1
        self._modifiers(group)
        if position < len(items) and items[position].kind == "of":
            self._before_of(group, side)
            return position + 1
        self._argument(group, side)
        return position

    def _object(self, phrase: Phrase | None) -> int:
        assert phrase is not None
        self.found.objects[phrase.head] = phrase.label
        self.found.attributes += [(phrase.head, attribute) for attribute in phrase.attributes]
        return phrase.head

    def _modifiers(self, group: list[int]) -> None:
        """Relative clauses and owners that came before these nouns."""
        for verb, targets in self.relatives:
            self._relate(group[:1], verb, targets)
        if self.owners:
            self._relate(self.owners, "的", group[:1])
        self.relatives, self.owners = [], []

    def _before_of(self, group: list[int], side: str) -> None:
        """Nouns before 的: the end of a relative clause (戴 帽子 的 男人), or owners (男人 的 帽子)."""
        relative = self.verbs and (not self.subject or self.relative_from is not None or len(self.verbs) > 1)
        if relative:
            self.relatives.append((_label(self.verbs.pop(), side), group))
        else:
            if side:
                self.relatives.append((side, group))
            else:
                self.owners = group
        self.relative_from = None

    def _argument(self, group: list[int], side: str) -> None:
        """Nouns as subject, object or place of what was read."""
        self.relative_from = None
        if not self.subject and self.place is None and (side or self.verbs[-1:] == ["在"]):
            self.place = group, _label(" ".join(self.verbs), side)
            self.verbs = []
        elif not self.subject:
            self.subject = group
            if self.place is not None:  # 墙 上 挂着 一 幅 画
                verbs = " ".join(verb for verb in self.verbs if verb not in _HAVING)
                self._relate(group, _label(verbs, self.place[1]), self.place[0])
                self.verbs = []
                self.place = None
        elif self.verbs and self.verbs[-1] == "被":
            self.verbs.pop()
            self.agent = group
        elif self.verbs and self.verbs[-1] in ("把", "将"):
            self.owners = []
            self.agent, self.subject, self.verbs = self.subject, group, self.verbs[:-1]
        elif self.verbs:
            self._relate(self.subject, _label(self.verbs.pop(), side), group)
            self._leftover_verbs()
        elif side:
            self._relate(self.subject, side, group)

    def _leftover_verbs(self) -> None:
        """Verbs without an object."""
        for verb in self.verbs:
            if verb not in _HAVING:
                self._relate(self.subject, verb, [])
        self.verbs = []

    def _relate(self, sources: list[int], label: str, targets: list[int]) -> None:
        for source in sources:
            for target in targets or [None]:
                self.found.relations.append((source, label, target))


def _label(verb: str, side: str) -> str:
    return " ".join(part for part in (verb, side) if part)


def facts(words: Sequence[str]) -> Facts:
    """What all patterns find in a tokenised sentence; words as in the sentence."""
    return Reader().read(chunk(words))
