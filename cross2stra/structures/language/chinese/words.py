"""Chinese words for rules: jieba's tokens, cut finer where one token holds several parts of a scene, with their kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from cross2stra.structures.language.chinese import lexicon

_COUNT = re.compile(
    rf"(?P<number>[{lexicon.DIGITS}]+|\d+)(?:(?P<measure>[{lexicon.MEASURES}])|(?P<several>[{lexicon.COLLECTIVES}]))?"
)
_MANY = 100
"""Occurrences in jieba's corpus from which a word is surely one."""
_CLASSES = {
    **dict.fromkeys("nrsj", "noun"),
    **dict.fromkeys("lit", "idiom"),
    **dict.fromkeys("abz", "quality"),
    "e": "noun",
    "f": "place",
    "p": "preposition",
    "v": "verb",
    "m": "number",
    "q": "measure",
}
_FIXED = {
    **dict.fromkeys(("的", "之"), "of"),
    **dict.fromkeys(("和", "与", "及", "以及", "跟", "同"), "and"),
    **dict.fromkeys(lexicon.LOCALISERS, "place"),
    **dict.fromkeys(lexicon.DROPPED, "dropped"),
    **dict.fromkeys(lexicon.ASPECTS, "aspect"),
    **dict.fromkeys(lexicon.PREPOSITIONS, "preposition"),
    **dict.fromkeys(lexicon.PLACES | lexicon.NOUNS, "noun"),
    **dict.fromkeys(lexicon.QUALITIES, "quality"),
    **dict.fromkeys(lexicon.QUANTITIES, "number"),
    **dict.fromkeys(lexicon.VERBS | lexicon.ACTIVITIES | lexicon.EVENTS, "verb"),
    **dict.fromkeys(lexicon.THINGS - lexicon.VERBS - lexicon.ADJECTIVES, "noun"),
    "在": "at",
    "正在": "at",
    "有": "have",
    "是": "be",
    "为": "be",
    "把": "ba",
    "被": "bei",
    "等": "and so on",
    "<unk>": "dropped",
}


@dataclass(frozen=True)
class Word:
    """A word; of a number, `text` is what it adds to the scene (empty for one)."""

    text: str
    kind: str


@cache
def _dictionary() -> tuple[dict[str, str], dict[str, int]]:
    """jieba's class and frequency of each word of its dictionary; it is read once."""
    import jieba
    import jieba.posseg

    jieba.setLogLevel("ERROR")
    jieba.posseg.dt.initialize()
    jieba.initialize()
    return dict(jieba.posseg.dt.word_tag_tab), jieba.dt.FREQ


def word_class(word: str) -> str:
    """The first letter of jieba's class of a word, `x` for one that is not in its dictionary."""
    return (_dictionary()[0].get(word) or "x")[0]


def _is_noun(word: str) -> bool:
    return word in lexicon.THINGS or word_class(word) == "n" or (len(word) > 1 and word_class(word) in "st")


def _frequency(word: str) -> int:
    return _dictionary()[1].get(word) or 0


@cache
def finer(token: str) -> tuple[str, ...]:
    """The parts of a token: 两个|男孩, 水|中, 打|网球, 黑|狗, 坐|在, 骑|着|马; the token alone where it has none."""
    if len(token) < 2 or token in _FIXED or token in lexicon.KINDS:
        return (token,)
    for rule in (_count, _marked, _localiser, _verb_object, _adjective, _unknown):
        parts = rule(token)
        if parts:
            return tuple(piece for part in parts for piece in finer(part))
    return (token,)


def _count(token: str) -> list[str]:
    """一个男孩."""
    match = _COUNT.match(token)
    if not match or match.end() == len(token) or not (match["measure"] or match["several"]):
        return []
    rest = token[match.end() :]
    if word_class(token) == "x" or rest in lexicon.LOCALISABLE or (len(rest) > 1 and _is_noun(rest)):
        return [match[0], token[match.end() :]]
    return []


def _marked(token: str) -> list[str]:
    """高高的, 坐在, 骑着马, 摆放着, 正举, 很大, 还有, 着床 (after a verb)."""
    if token[0] in "很最更" and len(token) > 1 and word_class(token) not in "mr":
        return [token[1:]]
    if token[0] in "正还" and len(token) == 2:
        return [token[0], token[1]]
    if token[0] in "着了" and len(token) == 2 and _is_noun(token[1]):
        return [token[0], token[1]]
    if token[-1] == "的":
        return [token[:-1], "的"]
    if token[0] == "把" and token[1:] in lexicon.BODY_PARTS:
        return ["把", token[1:]]
    if token[-1] == "在" and token[:-1] not in ("现", "正", "存", "实"):
        return [token[:-1], "在"]
    for mark in "着了":
        head, _, rest = token.partition(mark)
        if head and (rest or len(token) > 1) and mark in token[1:] and (rest == "" or _is_noun(rest)):
            return [head, mark, *([rest] if rest else [])]
    return []


def _localiser(token: str) -> list[str]:
    """水中, 雪地上."""
    stem = token[:-1]
    if (
        token[-1] in lexicon.LOCALISER_ENDINGS
        and word_class(token) in "sfnxtli"
        and (_is_noun(stem) or stem in lexicon.LOCALISABLE)
    ):
        return [stem, token[-1]] if stem not in lexicon.ADJECTIVES and token not in lexicon.PLACES else []
    return []


def _verb_object(token: str) -> list[str]:
    """打网球, 喝水."""
    verb, rest = token[0], token[1:]
    if verb not in lexicon.TAKES_OBJECT or token in lexicon.WHOLE or token in lexicon.ACTIVITIES:
        return []
    if len(rest) == 1:
        return [verb, rest] if rest in lexicon.THINGS or token == "画画" else []
    return [verb, rest] if word_class(rest) == "n" and _frequency(rest) > _MANY else []


def _adjective(token: str) -> list[str]:
    """黑狗, 小女孩: where the noun alone is a more frequent word."""
    adjective, rest = token[0], token[1:]
    if adjective not in lexicon.ADJECTIVES or rest[0] in lexicon.ADJECTIVES:
        return []
    if len(rest) == 1:
        return [adjective, rest] if rest in lexicon.ADJECTIVE_THINGS else []
    return [adjective, rest] if word_class(rest) == "n" and _frequency(rest) > 2 * _frequency(token) else []


def _unknown(token: str) -> list[str]:
    """A token that the segmenter put together of several words: 空中飞翔."""
    import jieba

    if word_class(token) != "x" or token.isascii():
        return []
    parts = list(jieba.cut(token, HMM=False))
    if len(parts) == 1 or (len(parts) == len(token) and not any(p in _FIXED and p not in "大" for p in parts[1:])):
        return []
    return parts


def _kind(text: str) -> str:
    if text in _FIXED:
        return _FIXED[text]
    if _COUNT.fullmatch(text):
        return "number"
    if text.endswith(lexicon.QUALITY_ENDINGS) or text in lexicon.ADJECTIVES:
        return "quality"
    found = word_class(text)
    if found == "x":
        return "verb" if len(text) <= 2 and (text[0] in lexicon.VERBS or text[-1] in "满成") else "noun"
    return _CLASSES.get(found, "dropped")


def words(tokens: Sequence[str]) -> list[Word]:
    """The words of a tokenised sentence with their kinds; numbers and measure words are one."""
    return list(_joined([Word(piece, _kind(piece)) for token in tokens for piece in finer(token)]))


def _joined(pieces: list[Word]) -> Iterator[Word]:
    position = 0
    while position < len(pieces):
        word, after = pieces[position], pieces[position + 1].text if position + 1 < len(pieces) else ""
        if after == "们":
            yield Word(word.text + "们", "noun")
            position += 2
        elif word.kind == "number":
            number, taken = _number(word.text, after)
            yield number
            position += 1 + taken
        else:
            yield _in_context(pieces, position)
            position += 1


def _number(text: str, after: str) -> tuple[Word, bool]:
    """A number, and whether the word after it is its measure word."""
    match = _COUNT.fullmatch(text)
    if match is None:
        return Word(text, "number"), False
    if match["several"]:
        return Word(text, "number"), False
    said = "" if match["number"] in ("一", "1") else match["number"]
    if match["measure"] or len(after) != 1:
        return Word(said, "number"), False
    if after in lexicon.COLLECTIVES:
        return Word(text + after, "number"), True
    return Word(said, "number"), after in lexicon.MEASURES


def _in_context(pieces: list[Word], position: int) -> Word:
    """The word with the kind that its neighbours give it."""
    word, nothing = pieces[position], Word("", "")
    before = pieces[position - 1] if position else nothing
    after = pieces[position + 1] if position + 1 < len(pieces) else nothing
    kind = word.kind
    if kind == "measure" or (word.text in lexicon.MEASURES and before.kind in ("have", "dropped")):
        return Word("", "number")  # 有 把 椅子, 这 只 狗
    if len(word.text) == 1 and after.text == "着" and kind not in ("at", "preposition"):
        kind = "verb"  # 光 着 膀子
    elif after.text in lexicon.LOCALISERS and (word.text == "地" or (kind == "verb" and before.kind == "at")):
        kind = "noun"  # 坐 在 抬杠 上
    elif (word.text in lexicon.THINGS and before.kind in ("verb", "number", "of")) or (
        word.text in lexicon.ACTIVITIES and after.kind == "noun"
    ):
        kind = "noun"  # 摘 花, 一幅 画, 冲浪 选手
    elif word.text in lexicon.EVENTS:
        kind = "noun" if before.kind in ("noun", "number", "quality", "of") else word.kind
    return Word(word.text, kind)
