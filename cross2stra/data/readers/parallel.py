"""Parallel text: line-aligned files, alternating lines (UM-Corpus), tab-separated columns (Tatoeba, News Commentary)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from cross2stra.data.languages import has_script
from cross2stra.data.readers.pictures import picture_id
from cross2stra.data.records import ParallelSentence, normalise
from cross2stra.data.streams import Ledger, read_lines


def read_aligned(
    english: Path, chinese: Path, ledger: Ledger, source: str, pictures: Path | None = None
) -> Iterator[ParallelSentence]:
    """Two files with a sentence a line (WMT19, 3AM), and perhaps a third with the picture of each.

    A record is a line of `english`; it is quarantined where a side is missing or empty. The id is `source:line`.
    """
    columns = [read_lines(english), read_lines(chinese), *([read_lines(pictures)] if pictures else [])]
    for number, cells in enumerate(zip_longest(*columns), 1):
        texts = [normalise(cell[1]) if cell else "" for cell in cells]
        if None in cells:
            ledger.quarantine(english.name, number, "the aligned files differ in length", " | ".join(texts))
        elif not all(texts):
            ledger.quarantine(english.name, number, "a side is empty", " | ".join(texts))
        else:
            ledger.keep(english.name)
            picture = parallel_picture(texts[2]) if pictures else ""
            yield ParallelSentence(f"{source}:{number}", source, picture, texts[0], texts[1])


def read_alternating(path: Path, ledger: Ledger, source: str) -> Iterator[ParallelSentence]:
    """UM-Corpus: an English line, then its Chinese line. The id is `source:` and the English line's number.

    After a line whose partner is missing the reader finds the next pair by script; each line counts as a record.
    """
    english: tuple[int, str] | None = None
    for number, line in read_lines(path, ledger):
        text = normalise(line)
        if has_script("zh", text):
            if english is None:
                ledger.quarantine(path.name, number, "Chinese line without an English line before it", text)
                continue
            ledger.keep(path.name)
            ledger.keep(path.name)
            yield ParallelSentence(f"{source}:{english[0]}", source, "", english[1], text)
            english = None
            continue
        if english is not None:
            ledger.quarantine(path.name, english[0], "English line without a Chinese line after it", english[1])
            english = None
        if text:
            english = number, text
        else:
            ledger.quarantine(path.name, number, "empty line", "")
    if english is not None:
        ledger.quarantine(path.name, english[0], "English line without a Chinese line after it", english[1])


def read_columns(path: Path, ledger: Ledger, source: str) -> Iterator[ParallelSentence]:
    """Tab-separated English, Chinese and perhaps more (an attribution); the id is `source:line`."""
    for number, line in read_lines(path, ledger):
        cells = [normalise(cell) for cell in line.split("\t")]
        if len(cells) < 2 or not (cells[0] and cells[1]):
            ledger.quarantine(path.name, number, "expected English, a tab, Chinese", line)
            continue
        ledger.keep(path.name)
        yield ParallelSentence(f"{source}:{number}", source, "", cells[0], cells[1])


def parallel_picture(name: str) -> str:
    """The picture of a 3AM line: a COCO number, `flickr:` and Flickr's number, or a name of another collection."""
    stem = picture_id(name)
    return f"flickr:{stem}" if stem.isdigit() and len(name.split(".")[0]) != 12 else stem
