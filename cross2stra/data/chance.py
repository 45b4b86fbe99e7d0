"""What is drawn by a written seed: the same on every machine, whatever else there is to draw from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SEED = 20241113
"""Of every split, order and example that is drawn here."""


def order(name: str, purpose: str) -> int:
    """A number that looks like chance, by the hash of (SEED, purpose, name): what comes first is drawn."""
    return int.from_bytes(hashlib.sha256(f"{SEED}/{purpose}/{name}".encode()).digest()[:8], "big")


def draw(ids: Iterable[str], count: int, purpose: str) -> list[str]:
    """`count` ids, the first by `order`, sorted. Raises ValueError where there are fewer."""
    ranked = sorted(set(ids), key=lambda name: order(name, purpose))
    if len(ranked) < count:
        raise ValueError(f"{purpose}: {count} pictures are to be drawn from {len(ranked)}; some raw file is incomplete")
    return sorted(ranked[:count])
