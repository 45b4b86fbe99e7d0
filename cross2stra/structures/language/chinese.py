"""Chinese scene graphs from word classes: noun phrases first, then patterns of verbs, places and 的 between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from cross2stra.structures.language.facts import Facts

_SEVERAL = set("群对些双排堆")
_LOCALISERS = set("上下里内外前后中旁边")
_LOCALISERS |= {
    "旁边", "上面", "下面", "里面", "外面", "前面", "后面", "中间", "之间", "附近", "对面", "左边", "右边", "身边", "身旁", "上方", "下方", "周围",
    "前方", "后方", "身后", "身上", "手里", "手中", "里边", "一旁", "边上", "之上", "之下", "之中", "底下", "左侧", "右侧",
}  # fmt: skip
_ASPECTS = {"着", "了", "过"}
_AFTER_VERB = {"到", "在", "向", "往", "进", "出", "起", "满", "给", "成"}
_JOINING = {"和", "与", "及", "以及", "跟", "同"}
_COLOUR_OR_MATTER = ("色", "木", "木质", "木制", "金属", "玻璃", "塑料", "石头", "砖", "皮", "布", "铁", "银", "黑白")
_HAVING = {"有", "是", "为"}
_VERBS = set("穿戴拿抱骑踢推拉背坐站躺趴蹲跑走跳吃喝看洗摸牵举扔放挂停飞追打弹玩拎提握")
"""Verbs of one character; jieba's dictionary often has these as parts of words."""
_TAKES_OBJECT = set("打弹踢骑吹拉看玩吃喝穿戴拿抱")
_BODY_PARTS = ("手", "头", "脚", "肩", "身", "腿", "背", "胸", "怀", "嘴", "脸")


@dataclass
class Phrase:
    """A noun phrase: position of its head, label, attributes."""

    head: int
    label: str
    attributes: list[str] = field(default_factory=list)


@dataclass
class Item:
    """A piece of a sentence: kind `noun`, `verb`, `place` (localiser), `at` (在), `preposition`, `and`, `of` (的).

    `count` is a number or quality before a verb: a relative clause of a noun to come begins.
    """

    kind: str
    text: str
    phrase: Phrase | None = None


@cache
def _dictionary() -> dict[str, str]:
    """jieba's class of each word of its dictionary; it is read once."""
    import jieba.posseg

    jieba.setLogLevel("ERROR")
    jieba.posseg.dt.initialize()
    return dict(jieba.posseg.dt.word_tag_tab)


@cache
def word_class(word: str) -> str:
    """jieba's class of a word; of an unknown word, `v` where it begins with a verb, else that of its last part."""
    import jieba

    classes = _dictionary()
    if word in classes:
        return classes[word]
    parts = [classes.get(part) or "x" for part in jieba.cut(word, HMM=False)]
    return "v" if parts and parts[0][0] == "v" else (parts or ["x"])[-1]


_FIXED = {
    **dict.fromkeys(("的", "之"), "of"),
    **dict.fromkeys(_JOINING, "and"),
    **dict.fromkeys(_LOCALISERS, "place"),
    **dict.fromkeys(("正在", "正", "地", "得", "这", "那", "这里", "那里", "自己", "其"), "other"),
    **dict.fromkeys(_ASPECTS, "aspect"),
    **dict.fromkeys(_VERBS, "verb"),
    "在": "at",
}
_CLASSES = {
    **dict.fromkeys("nrstilj", "noun"),
    **dict.fromkeys("abz", "quality"),
    **dict.fromkeys("mq", "count"),
    "e": "noun",
    "f": "place",
    "p": "preposition",
    "v": "verb",
}


def _is_noun(word: str) -> bool:
    return len(word) > 1 and _CLASSES.get(word_class(word)[0]) == "noun"


def kind_of(word: str) -> str:
    """The part that a word plays in the patterns."""
    if word in _FIXED:
        return _FIXED[word]
    kind = _CLASSES.get(word_class(word)[0], "other")
    if kind == "noun" and (word[-1] in "着在" or "着" in word[1:-1]):
        return "verb"  # 围坐在, 骑着马: one token of the segmenter
    if kind == "noun" and word[0] in _TAKES_OBJECT and _is_noun(word[1:]):
        return "verb"  # 打网球
    return "quality" if kind == "noun" and word.endswith(_COLOUR_OR_MATTER) else kind


def _is_one(word: str) -> bool:
    """一, or 一 and a measure word: no number worth a node."""
    return word[0] == "一" and len(word) <= 2 and word[-1] not in _SEVERAL


def _opens_clause(words: Sequence[str], kinds: Sequence[str], position: int) -> bool:
    """Whether a noun is the place of a clause of its own: 小狗 | 男孩 左边 有 一名 工人."""
    return list(kinds[position + 1 : position + 2]) == ["place"] and list(words[position + 2 : position + 3]) == ["有"]


def chunk(words: Sequence[str]) -> list[Item]:
    """Noun phrases with their attributes, and the other words that patterns need. 红色 的 裙子 is one phrase."""
    kinds = [kind_of(word) for word in words]
    items: list[Item] = []
    attributes: list[str] = []
    counted = False
    position = 0
    while position < len(words):
        word, kind = words[position], kinds[position]
        following = kinds[position + 1] if position + 1 < len(words) else ""
        if kind == "count":
            counted = True
            if word_class(word)[0] == "m" and not _is_one(word):
                attributes.append(word)
        elif kind == "quality" and following != "place" and (following or not items):
            attributes.append(word)
            if following == "of":
                position += 1
        elif kind in ("noun", "quality"):
            last = position
            while kinds[last + 1 : last + 2] == ["noun"] and not _opens_clause(words, kinds, last + 1):
                last += 1
            phrase = Phrase(last, " ".join(words[position : last + 1]), attributes)
            items.append(Item("noun", words[last], phrase))
            attributes, counted = [], False
            position = last
        elif kind == "verb":
            last = position
            end = position + 1 if "着" in word[1:-1] else len(words)  # 骑着马 has its object within
            while last + 1 < end and (kinds[last + 1] == "aspect" or words[last + 1] in _AFTER_VERB):
                last += 1
            if counted or attributes:
                items.append(Item("count", ""))
            spoken = [words[position], *(w for w in words[position + 1 : last + 1] if w not in _ASPECTS)]
            items.append(Item("verb", " ".join(spoken)))
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
        self.places: list[tuple[list[int], str]] = []
        self.verbs: list[str] = []
        self.opened = False
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
                self.opened = True
            elif item.kind in ("verb", "at", "preposition"):
                following = items[position + 1].kind if position + 1 < len(items) else ""
                if item.kind == "verb" or following not in ("verb", ""):
                    self._verb(item.text)
            elif item.kind == "of" and self.verbs:  # 奔跑 的 狗
                self.relatives.append((self.verbs.pop(), []))
                self.opened = False
            position += 1
        self._leftover_verbs()
        return self.found

    def _verb(self, text: str) -> None:
        if self.agent and self.subject:  # 球 被 男孩 踢, 男孩 把 球 踢
            self._relate(self.agent, text, self.subject)
            self.agent = []
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
        following = items[position].text if position < len(items) and items[position].kind == "verb" else ""
        if side and self.subject and not self.verbs and following == "有":  # a new clause: 男孩 左边 有 一名 工人
            self.subject = []
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
        by_body = len(self.subject) == 1 and self.found.objects[self.subject[0]].endswith(_BODY_PARTS)
        if self.verbs and (not self.subject or self.opened or len(self.verbs) > 1 or by_body):
            self.relatives.append((_label(self.verbs.pop(), side), group))
            if by_body:  # 右手 拿着 球拍 的 男人
                self.subject = []
        else:
            if side:
                self.relatives.append((side, group))
            else:
                self.owners = group
        self.opened = False

    def _argument(self, group: list[int], side: str) -> None:
        """Nouns as subject, object or place of what was read."""
        self.opened = False
        named = self.found.objects[group[0]]  # 墙上, 室内: words that are places
        if not self.subject and (side or self.verbs[-1:] == ["在"] or word_class(named) == "s"):
            self.places.append((group, side))
            self.verbs = []
        elif not self.subject:
            self.subject = group
            if self.places:  # 墙 上 挂着 一 幅 画
                verbs = " ".join(verb for verb in self.verbs if verb not in _HAVING)
                self.verbs = []
                *others, (nearest, nearest_side) = self.places
                self._relate(group, _label(verbs or "在", nearest_side), nearest)
                for place, other_side in others:
                    self._relate(group, _label("在", other_side), place)
                self.places = []
        elif self.verbs and self.verbs[-1] == "被":
            self.verbs.pop()
            self.agent = group
        elif self.verbs and self.verbs[-1] in ("把", "将"):
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
        reached: list[int] | list[None] = targets or [None]
        self.found.relations += [(source, label, target) for source in sources for target in reached]


def _label(verb: str, side: str) -> str:
    return " ".join(part for part in (verb, side) if part)


def facts(words: Sequence[str]) -> Facts:
    """What all patterns find in a tokenised sentence; words as in the sentence."""
    return Reader().read(chunk(words))
