"""Rows of what is measured of each caption: a dataclass with `system` among its fields, one reader and one writer (Parquet)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from cross2stra.data.files import read_table, write_table
from cross2stra.data.records import schema_of


def _schema(row: type[Any]) -> pa.Schema:
    """The schema of a record, its numbers in full precision."""
    fields = schema_of(row)
    return pa.schema([f.with_type(pa.float64()) if pa.types.is_floating(f.type) else f for f in fields])


def write_measured(
    output: Path, row: type[Any], rows: Iterable[Any], verb: str, told: Callable[[pd.DataFrame], str]
) -> None:
    """Write one row for each caption; says how many, and what is `told` of them, for each system."""
    table = pa.Table.from_pylist([asdict(one) for one in rows], schema=_schema(row))
    write_table(output, table)
    for system, part in table.to_pandas().groupby("system", sort=False):
        print(f"[{verb}] {system}: {len(part)} rows, {told(part)}", file=sys.stderr, flush=True)


def read_measured(paths: Iterable[Path], row: type[Any]) -> pa.Table:
    """All rows of several files; none of no file."""
    schema = _schema(row)
    return pa.concat_tables([read_table(path, schema.names).cast(schema) for path in paths] or [schema.empty_table()])
