"""Rows of arrays in an Arrow file that is mapped into memory, not read: what training goes through, however much it is."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
import pyarrow as pa

from cross2stra.data.files import replacing
from cross2stra.data.streams import chunks

T = TypeVar("T")
Layout = Mapping[str, tuple[type[np.generic], tuple[int, ...]]]
"""Field -> its type and shape; one dimension, -1, differs by row."""
_TOGETHER = 1024
"""Rows of a record batch."""


def write_stored(path: Path, layout: Layout, rows: Iterable[Mapping[str, np.ndarray]]) -> None:
    """Write rows, each a mapping of the layout's fields to arrays, a batch at a time and atomically."""
    schema = pa.schema([(name, pa.large_list(pa.from_numpy_dtype(kind))) for name, (kind, _) in layout.items()])
    with replacing(path) as temporary, pa.ipc.new_file(str(temporary), schema) as writer:
        for chunk in chunks(rows, _TOGETHER):
            columns = []
            for name, (kind, _) in layout.items():
                values = [np.asarray(row[name], dtype=kind).reshape(-1) for row in chunk]
                ends = np.cumsum([0, *map(len, values)])
                columns.append(pa.LargeListArray.from_arrays(pa.array(ends), pa.array(np.concatenate(values))))
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


class _Rows(Sequence[T], Generic[T]):
    """A sequence that knows how to make one row."""

    @overload
    def __getitem__(self, row: int) -> T: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[T]: ...
    def __getitem__(self, row: Any) -> Any:
        return [self._row(i) for i in range(*row.indices(len(self)))] if isinstance(row, slice) else self._row(row)

    def _row(self, row: int) -> T:
        raise NotImplementedError


class Stored(_Rows[T]):
    """The rows of a file of `write_stored`, each made by `make` of its fields: views of the file, valid while this lives."""

    def __init__(self, path: Path, layout: Layout, make: Callable[..., T]) -> None:
        self.layout, self._make = layout, make
        self._file = pa.ipc.open_file(pa.memory_map(str(path)))
        batches = self._file.num_record_batches
        self._rows = (batches - 1) * _TOGETHER + self._file.get_batch(batches - 1).num_rows if batches else 0
        self._columns: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}

    def __len__(self) -> int:
        return self._rows

    def _row(self, row: int) -> T:
        if not -self._rows <= row < self._rows:
            raise IndexError(f"row {row} of {self._rows}")
        batch, place = divmod(int(row) % self._rows, _TOGETHER)
        if batch not in self._columns:
            columns = self._file.get_batch(batch).columns
            self._columns[batch] = [(c.offsets.to_numpy(), c.values.to_numpy(zero_copy_only=True)) for c in columns]
        fields = {}
        for (name, (_, shape)), (offsets, values) in zip(self.layout.items(), self._columns[batch], strict=True):
            found = values[offsets[place] : offsets[place + 1]]
            fields[name] = found.reshape(shape) if len(found) else found.reshape([max(0, size) for size in shape])
        return self._make(**fields)

    def lengths(self, name: str) -> np.ndarray:
        """How many rows the field has in each row of the file, without reading them."""
        inner = int(np.prod([size for size in self.layout[name][1] if size > 0]))
        place = list(self.layout).index(name)
        batches = (
            self._file.get_batch(i).columns[place].offsets.to_numpy() for i in range(self._file.num_record_batches)
        )
        return np.concatenate(
            [np.zeros(0, dtype=np.int64), *(np.diff(offsets) // max(inner, 1) for offsets in batches)]
        )


class Chosen(_Rows[T]):
    """Rows of another sequence, by number, in this order and perhaps more than once."""

    def __init__(self, of: Sequence[T], rows: np.ndarray) -> None:
        self._of, self._rows = of, rows

    def __len__(self) -> int:
        return len(self._rows)

    def _row(self, row: int) -> T:
        return self._of[self._rows[row]]

    @property
    def layout(self) -> Layout:
        """The fields of a file's rows."""
        return self._file.layout

    def lengths(self, name: str) -> np.ndarray:
        """How many rows the field has in each chosen row of a file."""
        return self._file.lengths(name)[self._rows]

    @property
    def _file(self) -> Stored[T]:
        if not isinstance(self._of, Stored):
            raise TypeError(f"rows of a {type(self._of).__name__} have no fields")
        return self._of


class ChosenOrNone(Chosen[T | None]):
    """The same, None where the number is -1."""

    def __init__(self, of: Sequence[T], rows: np.ndarray) -> None:
        super().__init__(of, rows)

    def _row(self, row: int) -> T | None:
        return super()._row(row) if self._rows[row] >= 0 else None


class Joined(_Rows[T]):
    """The rows of two sequences, one after the other."""

    def __init__(self, first: Sequence[T], second: Sequence[T]) -> None:
        self._first, self._second = first, second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    def _row(self, row: int) -> T:
        before = len(self._first)
        return self._first[row] if row < before else self._second[row - before]


class Places:
    """Where the row of each key is, in 16 bytes a key: the keys themselves are not kept, but 64 bits of their digest."""

    def __init__(self) -> None:
        self._found: array[int] = array("Q")
        self._sorted: tuple[np.ndarray, np.ndarray] | None = None

    def watch(self, keyed: Iterable[tuple[str, T]]) -> Iterator[T]:
        """Yield the values of (key, value) rows and note where each key is."""
        for key, value in keyed:
            self._found.append(_digest(key))
            yield value

    def __call__(self, key: str) -> int:
        """The row of a key, -1 where there is none."""
        if self._sorted is None:
            digests = np.frombuffer(self._found, dtype=np.uint64) if self._found else np.zeros(0, np.uint64)
            order = np.argsort(digests, kind="stable")
            self._sorted = digests[order], order
        digests, order = self._sorted
        place = int(np.searchsorted(digests, np.uint64(_digest(key))))
        return int(order[place]) if place < len(digests) and int(digests[place]) == _digest(key) else -1


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8"), digest_size=8).digest(), "little")
