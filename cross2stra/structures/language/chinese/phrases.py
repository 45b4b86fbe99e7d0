"""Noun phrases and verbs of a Chinese sentence, and the small words between them that the rules for clauses read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cross2stra.structures.language.chinese import lexicon
from cross2stra.structures.language.chinese.words import Word
from cross2stra.structures.language.facts import Facts

_UNREAD = ("dropped", "aspect", "measure", "and so on", "idiom", "number")
_NOTHING = Word("", "")


@dataclass(frozen=True)
class Item:
    """A piece of a sentence.

    `kind`: `noun` (with the position of its object in `node`), `verb`, `place` (localiser), `at` (在), `of` (的), `and`,
    `have`, `be`, `ba`, `bei`, `preposition`, or `count`: a number whose noun comes after a relative clause.
    """

    kind: str
    text: str
    node: int = -1


def chunk(words: Sequence[Word], found: Facts) -> list[Item]:
    """Items of a sentence; objects and the attributes right before them go to `found`. 两只 黑 狗 is one item."""
    return _Chunker(words, found).items()


class _Chunker:
    """Goes through the words once; `attributes` and `counted` wait for their noun."""

    def __init__(self, words: Sequence[Word], found: Facts) -> None:
        self.words, self.found = words, found
        self.made: list[Item] = []
        self.attributes: list[str] = []
        self.counted = False

    def items(self) -> list[Item]:
        position = 0
        while position < len(self.words):
            position = self._next(position)
        return self.made

    def _at(self, position: int) -> Word:
        return self.words[position] if 0 <= position < len(self.words) else _NOTHING

    def _last(self) -> str:
        return self.made[-1].kind if self.made else ""

    def _next(self, position: int) -> int:
        """Read what begins at `position` -> position after it."""
        word, following = self.words[position], self._at(position + 1)
        if word.kind == "number":
            self.counted = True
            self.attributes += [word.text] if word.text else []
        elif self._qualifies(position):
            self.attributes.append(word.text)
            return (
                position + 1 + (following.kind == "of" or (following.kind == "and" and self._noun_after(position + 2)))
            )
        elif word.kind == "quality" and not following.text:
            nouns = [item for item in self.made if item.kind == "noun"]
            self.found.attributes += [(noun.node, word.text) for noun in nouns[-1:]]  # 裙子 是 红色, 穿 黑色
        elif word.kind in ("noun", "quality") or (word.kind == "idiom" and (self.attributes or self.counted)):
            return self._noun(position)
        elif word.kind == "verb":
            return self._verb(position)
        elif word.kind == "and so on" and self._last() == "noun":
            return position + 1 + (following.kind == "noun")  # 床 和 沙发 等 家具
        elif word.kind not in _UNREAD:
            if word.kind in ("at", "have", "bei"):
                self._count()
            self.made.append(Item(word.kind, word.text))
        return position + 1

    def _noun(self, position: int) -> int:
        """A noun with those that are compounded with it."""
        last = position
        while self._at(last + 1).kind == "noun" and not self._apart(last + 1):
            last += 1
        before_place = self._at(last + 1).kind == "place"
        if self.words[last].text.endswith(lexicon.LIGHT) and (before_place or self._last() == "of"):
            if self._last() == "of":  # 狗 的 特写
                self.made.pop()
            elif before_place:  # 照片 里
                last += 1
        else:
            label = " ".join(word.text for word in self.words[position : last + 1])
            if self._last() == "noun" and not self.attributes and not self.counted and self._in_list(position):
                self.made.append(Item("and", ""))
            self.found.objects[position] = label
            self.found.attributes += [(position, attribute) for attribute in self.attributes]
            self.made.append(Item("noun", label, position))
        self.attributes, self.counted = [], False
        return last + 1

    def _verb(self, position: int) -> int:
        """A verb with its aspect and complements: 跳 起来, 穿 过, 摆 满."""
        if self.counted and self._at(position + 1).kind == "noun" and not self._of_after(position):
            self.attributes.append(self.words[position].text)  # 一对 结婚 夫妇
            return position + 1
        self._count()
        end = position + 1
        while self._at(end).kind == "aspect" or self._at(end).text in lexicon.AFTER_VERB:
            end += 1
        spoken = [self.words[position].text, *(w.text for w in self.words[position + 1 : end] if w.kind != "aspect")]
        if "".join(spoken) not in lexicon.VIEWER:
            self.made.append(Item("verb", " ".join(spoken)))
        return end

    def _count(self) -> None:
        """A number, and no noun yet: a relative clause begins."""
        if self.counted:
            self.made.append(Item("count", " ".join(self.attributes)))
            self.attributes, self.counted = [], False

    def _qualifies(self, position: int) -> bool:
        """Whether a word qualifies a noun to come: 红色 的 裙子, 红色 裙子, 红色 和 绿色 的 裙子."""
        word, following = self.words[position], self._at(position + 1)
        if word.kind == "idiom":
            return following.kind == "of" and self._noun_after(position + 1)
        after_verb = self._at(position - 1).kind in ("verb", "place")
        if after_verb and following.kind == "of" and word.text in lexicon.MATTER:
            return False  # 跳 下 石头 的 狗
        return word.kind == "quality" and self._noun_after(position + 1)

    def _noun_after(self, position: int) -> bool:
        while self._at(position).kind in ("quality", "idiom", "of", "and"):
            position += 1
        return self._at(position).kind == "noun" or self._at(position - 1).kind == "idiom"

    def _of_after(self, position: int) -> bool:
        return any(word.kind == "of" for word in self.words[position + 1 :])

    def _apart(self, position: int) -> bool:
        """Whether a noun after a noun begins something else: a place, a part of the body, something told before."""
        text = self.words[position].text
        holds = text in lexicon.BODY_PARTS and any(word.kind == "verb" for word in self.words[position:])
        told = any(word.text == text for word in self.words[:position])  # 一个 箱子 箱子 上方 有 …
        return holds or told or text in lexicon.PLACES or self._in_list(position)

    def _in_list(self, position: int) -> bool:
        """有 沙发 茶几 和 电视: nouns without anything between them, the last one after 和."""
        begins = self._at(position - 2).kind in ("have", "verb", "aspect")
        long = min(len(self._at(position - 1).text), len(self.words[position].text)) > 1
        return begins and long and self._at(position + 1).kind in ("and", "and so on")
