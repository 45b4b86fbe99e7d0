"""English under Chinese captions, word by word: for readers of figures who read no Chinese. No score is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from cross2stra.configuration import Profile
from cross2stra.data.dictionary import Dictionary, chinese_entries
from cross2stra.data.languages import tokenise
from cross2stra.reporting.results import Picture


def explain(found: Sequence[Picture], profile: Profile, results: Path, transfer: str) -> None:
    """Give pictures the glosses of their captions, or of the pivot captions, whichever are Chinese."""
    direction = profile.transfers[transfer]
    path = results / "text" / (direction.models_of or transfer) / "dictionary.json"
    glosses = Glosses(Dictionary.load(path).translations if path.is_file() and direction.pivot == "en" else {})
    said = [picture.captions if direction.target == "zh" else picture.pivots for picture in found]
    words = iter(tokenise("zh", [text for texts in said for text in texts.values()]))
    for picture, texts in zip(found, said, strict=True):
        picture.glosses = {system: glosses.gloss(next(words)) for system in texts}


class Glosses:
    """English words for Chinese ones: the caption dictionary's where it has them, else CC-CEDICT's shortest.

    `translations`: English word -> Chinese ones, the likeliest first.
    """

    def __init__(self, translations: Mapping[str, Sequence[str]]) -> None:
        best: dict[str, tuple[int, int, str]] = {}
        for pivot, others in translations.items():
            for rank, other in enumerate(others):
                best[other] = min(best.get(other, (rank, len(pivot), pivot)), (rank, len(pivot), pivot))
        self.own: Mapping[str, str] = {word: found[2] for word, found in best.items()}

    def gloss(self, words: Sequence[str]) -> str:
        """Glosses of segmented Chinese words, separated by ` · `; a word that nothing explains stays itself."""
        return " · ".join(self._word(word) for word in words)

    def _word(self, word: str) -> str:
        if word[:1] in _NUMBERS and word[1:] in _MEASURES:
            return _NUMBERS[word[0]]
        known = self._known(word)
        if known:
            return known
        parts, rest = [], word
        while rest:
            size = next((n for n in range(len(rest), 0, -1) if self._known(rest[:n])), 1)
            part, rest = rest[:size], rest[size:]
            parts.append(self._known(part) or part)
        return "-".join(parts)

    def _known(self, word: str) -> str:
        return _GRAMMAR.get(word) or self.own.get(word) or _listed().get(word, "")


_NUMBERS = {
    "一": "a", "两": "two", "二": "two", "三": "three", "四": "four", "五": "five", "六": "six", "几": "some", "这": "this",
}  # fmt: skip
_MEASURES = frozenset("个只名位条张辆朵件群对头匹顶本块把座棵架艘根片双碗杯盘瓶台间扇幅排堆串束") | {""}
"""A number with its measure word is the number in English."""
_GRAMMAR = {
    "的": "'s", "了": "(done)", "着": "-ing", "在": "at", "把": "(object)", "被": "by", "地": "-ly", "得": "so", "是": "is",
    "有": "there is", "和": "and", "与": "and", "正在": "-ing", "上": "on", "上方": "above", "下": "under", "里": "in",
    "旁": "beside", "旁边": "beside", "附近": "near", "后面": "behind", "穿着": "wearing", "带": "with",
}  # fmt: skip
"""Words of grammar, whose entries in a dictionary mislead."""


@cache
def _listed() -> Mapping[str, str]:
    """Chinese word -> its shortest one-word English gloss."""
    found: dict[str, str] = {}
    for word, glosses in chinese_entries():
        shortest = min(glosses, key=len)
        if word not in found or len(shortest) < len(found[word]):
            found[word] = shortest
    return found
