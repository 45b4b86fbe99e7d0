"""The distinct sentences of a transfer's text, with the texts that they were tokenised from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cross2stra.data.records import Caption, SentencePair, normalise, read_records

SIDES = ("pivot", "target")


def sentences(folder: Path, side: str) -> dict[str, list[str]]:
    """Space-joined tokens -> texts (NFC), in the order of the tables: captions (pivot side only), then pairs.

    `folder` holds captions.parquet and pairs.parquet. Raises ValueError for another side than pivot or target.
    """
    if side not in SIDES:
        raise ValueError(f"--side: expected pivot or target, found {side!r}")
    found: dict[str, list[str]] = {}
    for tokens, text in _rows(folder, side):
        texts = found.setdefault(tokens, [])
        plain = normalise(text)
        if plain not in texts:
            texts.append(plain)
    return found


def _rows(folder: Path, side: str) -> Iterator[tuple[str, str]]:
    if side == "pivot":
        for caption in read_records(folder / "captions.parquet", Caption):
            yield caption.tokens, caption.text
    for pair in read_records(folder / "pairs.parquet", SentencePair):
        yield (pair.pivot_tokens, pair.pivot) if side == "pivot" else (pair.target_tokens, pair.target)
