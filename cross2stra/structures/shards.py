"""Parts of a list of pictures or sentences that are made as jobs of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def shard(items: Sequence[Item], part: str) -> Sequence[Item]:
    """The items of a shard `i/n` (1/n to n/n): contiguous, so that gathered shards keep the order.

    Raises ValueError where `part` is not such a shard.
    """
    places = places_of(len(items), part)
    return items[places.start : places.stop]


def places_of(count: int, part: str) -> range:
    """Where the items of a shard are among `count`. Raises ValueError where `part` is not a shard."""
    try:
        index, parts = map(int, part.split("/"))
    except ValueError:
        index, parts = 0, 0
    if not 1 <= index <= parts:
        raise ValueError(f"--shard: expected i/n with 1 <= i <= n, found {part!r}")
    return range(count * (index - 1) // parts, count * index // parts)
