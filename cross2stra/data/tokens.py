"""Adds tokens to captions and sentence pairs, streaming."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cross2stra.data.languages import tokenise
from cross2stra.data.records import Caption, SentencePair
from cross2stra.data.streams import chunks, stream_records, write_stream

_CHUNK = 20000


def tokenised(captions: Sequence[Caption]) -> list[Caption]:
    """Captions of any languages with their tokens, in their order; for as many as fit in memory."""
    languages = sorted({row.language for row in captions})
    cut = {name: iter(tokenise(name, [row.text for row in captions if row.language == name])) for name in languages}
    return [replace(row, tokens=" ".join(next(cut[row.language]))) for row in captions]


def tokenise_captions(path: Path, language: str, output: Path) -> int:
    """Write captions of one language with their tokens; gives their number. Raises ValueError on another language."""

    def rows() -> Iterator[Caption]:
        for chunk in chunks(stream_records(path, Caption), _CHUNK):
            for row in chunk:
                if row.language != language:
                    raise ValueError(f"{path}: {row.text[:40]!r} is {row.language}; expected {language}")
            tokens = tokenise(language, [row.text for row in chunk])
            yield from (replace(row, tokens=" ".join(own)) for row, own in zip(chunk, tokens, strict=True))

    return write_stream(output, Caption, rows())


def tokenise_pairs(path: Path, pivot: str, target: str, output: Path) -> int:
    """Write the sentence pairs with their tokens; gives their number."""

    def rows() -> Iterator[SentencePair]:
        for chunk in chunks(stream_records(path, SentencePair), _CHUNK):
            own = tokenise(pivot, [row.pivot for row in chunk])
            other = tokenise(target, [row.target for row in chunk])
            for row, first, second in zip(chunk, own, other, strict=True):
                yield replace(row, pivot_tokens=" ".join(first), target_tokens=" ".join(second))

    return write_stream(output, SentencePair, rows())
