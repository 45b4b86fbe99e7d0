"""The tables that pass between rooms: one schema each, one reader and one writer (Parquet)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from cross2stra.data.files import read_table, whole_table, write_table


class Split(StrEnum):
    """What a picture or a sentence pair may be used for (docs/readings.md, "what may be seen when")."""

    TRAIN = "train"
    PIVOT_VALIDATION = "pivot_validation"
    VALIDATION = "val"
    TEST = "test"
    UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class Image:
    """A picture. `path` is absolute or relative to the raw folder, empty when there are no pixels; sizes in pixels."""

    image_id: str
    split: str
    path: str
    width: int
    height: int


@dataclass(frozen=True)
class Caption:
    """A sentence about a picture, NFC, as its source has it; `tokens` is space-joined, empty before tokenisation."""

    image_id: str
    split: str
    language: str
    text: str
    tokens: str = ""


@dataclass(frozen=True)
class ParallelSentence:
    """A raw sentence pair. `picture` is the id of a picture that the pair is known to describe, or empty."""

    id: str
    source: str
    picture: str
    en: str
    zh: str


@dataclass(frozen=True)
class SentencePair:
    """A filtered pair in the direction of a transfer; `*_tokens` are space-joined, empty before tokenisation."""

    id: str
    split: str
    source: str
    score: float
    pivot: str
    target: str
    pivot_tokens: str = ""
    target_tokens: str = ""


@dataclass(frozen=True)
class Quarantined:
    """A line that no reader could use, with the reason; `line` counts from 1 (or is the record's index)."""

    file: str
    line: int
    reason: str
    text: str


Record = TypeVar("Record", Image, Caption, ParallelSentence, SentencePair, Quarantined)

_TYPES: dict[str, pa.DataType] = {"str": pa.string(), "int": pa.int32(), "float": pa.float32()}


def schema_of(record: type[Any]) -> pa.Schema:
    """The Parquet schema of a record type."""
    return pa.schema([(name, _TYPES[field.type]) for name, field in record.__dataclass_fields__.items()])


def write_records(path: str | Path, record: type[Record], rows: Iterable[Record]) -> None:
    """Write rows of one record type, atomically. An empty sequence gives an empty table with the schema."""
    write_table(path, pa.Table.from_pylist([asdict(row) for row in rows], schema=schema_of(record)))


def read_records(path: str | Path, record: type[Record]) -> list[Record]:
    """Read all rows of one record type; for tables that fit in memory."""
    with whole_table(path):
        rows = read_table(path, columns=schema_of(record).names).to_pylist()
    return [record(**row) for row in rows]


def normalise(text: str) -> str:
    """NFC, with white space (line breaks included) collapsed to single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())
