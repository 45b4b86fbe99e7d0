"""The table of how good each extractor is: `extractor, data, metric, value`, values in points unless the metric counts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from cross2stra.data.files import read_json, replacing

COLUMNS = ("extractor", "data", "metric", "value")
Row = tuple[str, str, str, float]


def rows_of(extractor: str, data: str, scores: Mapping[str, float]) -> list[Row]:
    """A row for each metric."""
    return [(extractor, data, metric, float(value)) for metric, value in scores.items()]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as CSV, values to two decimals."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:3], f"{row[3]:.2f}") for row in rows)


def read_rows(path: Path) -> list[Row]:
    """What `write_rows` wrote. Raises ValueError naming the line where a row is none."""
    with open(path, encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    if not lines or tuple(lines[0]) != COLUMNS:
        raise ValueError(f"{path}: expected the columns {', '.join(COLUMNS)}")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        try:
            extractor, data, metric, value = line
            rows.append((extractor, data, metric, float(value)))
        except ValueError as error:
            raise ValueError(f"{path}: line {number}: expected {', '.join(COLUMNS)}, the last a number") from error
    return rows


def beside(folder: Path, extractor: str, data: str) -> list[Row]:
    """Rows of the numbers in the scores.json that training wrote into an extractor's folder."""
    scores = read_json(folder / "scores.json")
    return rows_of(extractor, data, {name: value for name, value in scores.items() if isinstance(value, int | float)})
