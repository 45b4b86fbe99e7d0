"""Word lists of both sides, and the ids that every room agrees on. (Model and training import from here.)"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cross2stra.data.files import read_json

SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>", "<mask>")
PAD, BOS, EOS, UNK, MASK = range(5)


@dataclass(frozen=True)
class Vocabulary:
    """Words by id; both lists begin with SPECIALS. `captioner_words`: ids of pivot words seen in pivot captions."""

    pivot: list[str]
    target: list[str]
    captioner_words: list[int]

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Read vocabulary.json. Raises ValueError where a list does not begin with the special words."""
        value = read_json(path)
        for side in ("pivot", "target"):
            if tuple(value[side][: len(SPECIALS)]) != SPECIALS:
                raise ValueError(f"{path}: {side}: expected {SPECIALS} first; make the vocabulary again")
        return cls(value["pivot"], value["target"], value["captioner_words"])
