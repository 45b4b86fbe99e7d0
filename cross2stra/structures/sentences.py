"""The distinct sentences of a transfer's text, with the texts that they were tokenised from."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from cross2stra.data.records import Caption, SentencePair, normalise
from cross2stra.data.streams import stream_records
from cross2stra.structures.shards import places_of

SIDES = ("pivot", "target")


def sentences(folder: Path, side: str, part: str = "1/1") -> dict[str, list[str]]:
    """Space-joined tokens -> texts (NFC), in the order of the tables: captions (pivot side only), then pairs.

    `folder` holds captions.parquet and pairs.parquet, which are read twice; `part`: the shard that is kept in memory.
    Raises ValueError for another side than pivot or target.
    """
    if side not in SIDES:
        raise ValueError(f"--side: expected pivot or target, found {side!r}")
    own = places_of(sum(number >= 0 for _, _, number in _numbered(folder, side)), part)
    found: dict[str, list[str]] = {}
    for tokens, text, number in _numbered(folder, side):
        if number in own:
            found[tokens] = []
        if tokens in found and (plain := normalise(text)) not in found[tokens]:
            found[tokens].append(plain)
    return found


def _numbered(folder: Path, side: str) -> Iterator[tuple[str, str, int]]:
    """Tokens, text, and a number for tokens that are there for the first time, else -1; 64 bits of each are remembered."""
    seen: set[bytes] = set()
    for tokens, text in _rows(folder, side):
        digest = blake2b(tokens.encode("utf-8"), digest_size=8).digest()
        yield tokens, text, -1 if digest in seen else len(seen)
        seen.add(digest)


def _rows(folder: Path, side: str) -> Iterator[tuple[str, str]]:
    if side == "pivot":
        for caption in stream_records(folder / "captions.parquet", Caption):
            yield caption.tokens, caption.text
    for pair in stream_records(folder / "pairs.parquet", SentencePair):
        yield (pair.pivot_tokens, pair.pivot) if side == "pivot" else (pair.target_tokens, pair.target)
