"""Streams: text files that may be compressed, tables that do not fit in memory, and the ledger of what was read."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cross2stra.data.files import parse_json, replacing, whole_table
from cross2stra.data.records import Quarantined, Record, schema_of

T = TypeVar("T")
_KEPT_TEXT = 200
_TOGETHER = 5000
"""Rows of a table that are read or written at once."""


@dataclass
class Ledger:
    """Counts of each file: every record read is kept or quarantined, so that read = kept + quarantined."""

    read: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)

    def keep(self, file: str) -> None:
        """Count a record that a reader could use."""
        self.read[file] = self.read.get(file, 0) + 1
        self.kept[file] = self.kept.get(file, 0) + 1

    def quarantine(self, file: str, line: int, reason: str, text: str = "") -> None:
        """Count and keep a record that no reader could use; `line` counts from 1, or is the record's index."""
        self.read[file] = self.read.get(file, 0) + 1
        self.quarantined.append(Quarantined(file, line, reason, text[:_KEPT_TEXT]))

    def counts(self) -> dict[str, dict[str, int]]:
        """File -> {read, kept, quarantined}."""
        bad: dict[str, int] = {}
        for row in self.quarantined:
            bad[row.file] = bad.get(row.file, 0) + 1
        return {
            file: {"read": count, "kept": self.kept.get(file, 0), "quarantined": bad.get(file, 0)}
            for file, count in sorted(self.read.items())
        }


def open_bytes(path: str | Path) -> io.BufferedIOBase:
    """Open a file for reading bytes, through gzip where its first bytes say so (the name does not matter)."""
    with open(path, "rb") as file:
        magic = file.read(2)
    return gzip.open(path, "rb") if magic == b"\x1f\x8b" else open(path, "rb")


def read_lines(path: str | Path, ledger: Ledger | None = None) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line without its end) of a UTF-8 file, gzipped or not, without byte order mark.

    A line that is not UTF-8 goes to the ledger (without one: ValueError). Only \\n ends a line, so that line numbers of
    aligned files agree. Raises ValueError naming the file where a compressed file is truncated.
    """
    path = Path(path)
    try:
        with open_bytes(path) as file:
            for number, raw in enumerate(file, 1):
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    if ledger is None:
                        raise ValueError(f"{path}: line {number}: not UTF-8; get the file again") from error
                    ledger.quarantine(path.name, number, "not UTF-8", raw.decode("utf-8", "replace").strip())
                    continue
                yield number, line.rstrip("\r\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: the compressed file is truncated or damaged ({error}); get it again") from error


def read_text(path: str | Path) -> str:
    """The whole of a UTF-8 file, gzipped or not; for files that fit in memory."""
    return "\n".join(line for _, line in read_lines(path))


def read_json_file(path: str | Path) -> Any:
    """The value of a JSON file from outside, gzipped or not. Raises ValueError naming file and line where it is not JSON."""
    return parse_json(read_text(path), path, "get the file again")


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Successive lists of at most `size` rows."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def stream_rows(
    path: str | Path, columns: Sequence[str], size: int = _TOGETHER, only: tuple[str, Collection[str]] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, `size` read at a time; `only`: a column of `columns`, and its values that are wanted.

    Raises ValueError naming the file where a column is missing.
    """
    values = None if only is None else pa.array(list(only[1]), pa.string())
    with whole_table(path), pq.ParquetFile(path) as file:
        missing = [name for name in columns if name not in file.schema_arrow.names]
        if missing:
            raise ValueError(
                f"{path}: expected columns {missing}, found {file.schema_arrow.names}; make the file again"
            )
        for batch in file.iter_batches(size, columns=list(columns)):
            if only is not None:
                batch = batch.filter(pc.is_in(batch.column(only[0]), value_set=values))
            yield from batch.to_pylist()


def write_rows(path: str | Path, schema: pa.Schema, rows: Iterable[dict[str, Any]], size: int = _TOGETHER) -> int:
    """Write rows as row groups of `size`, atomically; gives the number of rows."""
    count = 0
    with replacing(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        for chunk in chunks(rows, size):
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
            count += len(chunk)
    return count


def stream_records(path: str | Path, record: type[Record], size: int = _TOGETHER) -> Iterator[Record]:
    """Yield the rows of a table of one record type. Raises ValueError naming the file where a column is missing."""
    return (record(**row) for row in stream_rows(path, schema_of(record).names, size))


def write_stream(path: str | Path, record: type[Any], rows: Iterable[Any], size: int = _TOGETHER) -> int:
    """Write rows of one record type a row group at a time, atomically; gives the number of rows."""
    return write_rows(path, schema_of(record), map(asdict, rows), size)
