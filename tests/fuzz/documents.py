"""Documents that are nearly right: what a reader is fed, besides bytes that mean nothing."""

from __future__ import annotations

import gzip
import json
from typing import Any

from hypothesis import strategies as st

LETTERS = st.text(st.characters(codec="utf-8"), max_size=12)
WORDS = st.sampled_from(
    ["", "a dog runs", "一只狗在跑", "Ａ　ｂ", "(", ")", "#", "\t", "\\ud800", "0", "-1", "1e999", "NaN", "x.jpg"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), LETTERS, WORDS, st.just("\ud800")
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a", "b"]), inner, max_size=3),
    max_leaves=6,
)


def nearly(good: Any) -> st.SearchStrategy[Any]:
    """`good`, in which any part may be another value, or not be there."""
    if isinstance(good, dict):
        kept = st.fixed_dictionaries({}, optional={key: nearly(value) for key, value in good.items()})
        whole = st.fixed_dictionaries({key: nearly(value) for key, value in good.items()})
        return st.one_of(whole, whole, kept, VALUES)
    if isinstance(good, list):
        return st.one_of(st.lists(st.one_of([nearly(value) for value in good]), max_size=4), VALUES)
    return st.one_of(st.just(good), st.just(good), VALUES)


def as_json(good: Any) -> st.SearchStrategy[bytes]:
    """JSON of a document that is nearly `good`."""
    return nearly(good).map(lambda value: json.dumps(value).encode())


def as_lines(*good: str) -> st.SearchStrategy[bytes]:
    """Lines, most of them good."""
    line = st.one_of(st.sampled_from(good), st.sampled_from(good), LETTERS, WORDS)
    return st.lists(line, max_size=6).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))


def as_table(separator: str, columns: list[str], *good: list[str]) -> st.SearchStrategy[bytes]:
    """A table with a header, most of its cells good."""
    cell = st.one_of(st.sampled_from([cell for row in good for cell in row]), WORDS, LETTERS)
    row = st.one_of(st.sampled_from(good), st.lists(cell, max_size=len(columns) + 1))
    header = st.one_of(st.just(columns), st.just(columns), st.lists(cell, max_size=3))
    return st.tuples(header, st.lists(row, max_size=4)).map(
        lambda rows: "\n".join(separator.join(cells) for cells in [rows[0], *rows[1]]).encode("utf-8", "surrogatepass")
    )


def damaged(whole: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Some documents as they are, some cut, with a bit turned, nested deeply, compressed, compressed and cut, or noise."""

    def flip(found: tuple[bytes, int]) -> bytes:
        data, place = found
        if not data:
            return b""
        at = place % len(data)
        return data[:at] + bytes([data[at] ^ (1 << place % 8)]) + data[at + 1 :]

    cut = st.tuples(whole, st.integers(0, 400)).map(lambda found: found[0][: found[1]])
    packed = whole.map(lambda data: gzip.compress(data, mtime=0))
    short = st.tuples(packed, st.integers(1, 40)).map(lambda found: found[0][: -found[1]])
    deep = st.sampled_from([b"[" * 100_000, b'{"a":' * 100_000, b"(S " * 100_000, b"1" * 5000])
    return st.one_of(
        whole,
        whole,
        whole,
        cut,
        st.tuples(whole, st.integers(0, 10**6)).map(flip),
        packed,
        short,
        deep,
        st.binary(max_size=60),
    )
