"""The sentences of a transfer that need structures."""

from __future__ import annotations

from pathlib import Path

from cross2stra.data.records import Caption, SentencePair, normalise, read_records


def sentences_of(text: Path, side: str) -> dict[str, str]:
    """Space-joined tokens -> written text (NFC) of every distinct sentence of one side, `pivot` or `target`.

    The pivot side has the captions too; references are never among them.
    """
    found: dict[str, str] = {}
    for pair in read_records(text / "pairs.parquet", SentencePair):
        found.setdefault(getattr(pair, f"{side}_tokens"), normalise(getattr(pair, side)))
    if side == "pivot":
        for caption in read_records(text / "captions.parquet", Caption):
            found.setdefault(caption.tokens, normalise(caption.text))
    found.pop("", None)
    return found
