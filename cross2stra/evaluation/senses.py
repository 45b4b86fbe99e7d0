"""Sense accuracy: does a caption name the sense of an ambiguous pivot word that the picture shows?

Kinds: `cued`: the picture shows the cue that decides the sense; `stated`: such a word, and the system's predicted pivot
caption says a cue word, so that text alone could decide; `control`: nothing tells the sense, no system can beat the more
frequent one. The three are disjoint. A caption with a name of the right sense is correct, with one of the other sense
wrong; with neither, or with both, missing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cross2stra.data.files import read_table
from cross2stra.data.languages import text_key
from cross2stra.evaluation.captions import Hypothesis

KINDS = ("cued", "stated", "control")
MAJORITY = "majority_sense"
"""The row of a rule that always says the more frequent sense of each word."""


@dataclass(frozen=True)
class Sense:
    """An ambiguous word that a picture shows; `right` and `wrong` are names in the target language."""

    image_id: str
    word: str
    sense: str
    kind: str
    cue_words: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def read_senses(path: str | Path, pivot: str) -> list[Sense]:
    """The senses of words that are ambiguous in the pivot language."""
    columns = ["image_id", "language", "word", "sense", "kind", "cue_words", "right", "wrong"]
    return [
        Sense(
            row["image_id"], row["word"], row["sense"], row["kind"],
            tuple(row["cue_words"] or ()), tuple(row["right"] or ()), tuple(row["wrong"] or ()),
        )
        for row in read_table(path, columns=columns).to_pylist()
        if row["language"] == pivot
    ]  # fmt: skip


def judge(text: str, right: Sequence[str], wrong: Sequence[str], language: str) -> str:
    """`correct`, `wrong` or `missing`: which names occur in a caption; a longer name hides a shorter one inside it."""
    marked = _plain(text, language)
    found = set()
    names = [(name, "correct") for name in right] + [(name, "wrong") for name in wrong]
    for name, fate in sorted(names, key=lambda pair: -len(pair[0])):
        pattern = _pattern(name, language)
        if pattern.search(marked):
            found.add(fate)
            marked = pattern.sub("\N{REPLACEMENT CHARACTER}", marked)
    return found.pop() if len(found) == 1 else "missing"


def says(text: str, words: Iterable[str], language: str) -> bool:
    """Whether a sentence holds one of the words."""
    plain = _plain(text, language)
    return any(_pattern(word, language).search(plain) for word in words)


def count(
    senses: Sequence[Sense], captions: Mapping[str, Hypothesis], pivot: str, target: str
) -> dict[str, Counter[str]]:
    """Kind -> counts of correct, wrong, missing, over the captioned pictures."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for sense in senses:
        said = captions.get(sense.image_id)
        if said is None:
            continue
        stated = sense.kind == "cued" and said.pivot is not None and says(said.pivot, sense.cue_words, pivot)
        fate = judge(said.text, sense.right, sense.wrong, target)
        found["stated" if stated else sense.kind][fate] += 1
    return found


def majority(senses: Sequence[Sense], images: Iterable[str]) -> dict[str, Counter[str]]:
    """The counts of always naming the more frequent sense of each word, by the kinds of the gold (no `stated`)."""
    chosen = set(images)
    words: dict[tuple[str, str], Counter[str]] = {}
    for sense in senses:
        if sense.image_id in chosen:
            words.setdefault((sense.kind, sense.word), Counter())[sense.sense] += 1
    found: dict[str, Counter[str]] = {}
    for (kind, _), counts in words.items():
        most = max(counts.values())
        found.setdefault(kind, Counter()).update({"correct": most, "wrong": counts.total() - most})
    return found


def _plain(text: str, language: str) -> str:
    if language == "zh":
        return text_key(text)
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _pattern(name: str, language: str) -> re.Pattern[str]:
    plain = re.escape(_plain(name, language))
    return re.compile(plain if language == "zh" else rf"\b{plain}\b")
