"""The paper's own printed numbers, from `paper.yaml`; they stand beside ours and are never mixed with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cross2stra.data.corpora.material import Statistic


@dataclass(frozen=True)
class PrintedRow:
    """A row of a table of the paper. `values` by (transfer, metric); `average` as printed, if one is."""

    system: str
    group: str
    title: str
    copied: bool
    values: dict[tuple[str, str], float]
    average: float | None

    @property
    def average_of_cells(self) -> float:
        """The mean of the printed cells; it can differ from the printed average (the order is taken from this one)."""
        return sum(self.values.values()) / len(self.values)


@cache
def _document() -> dict[str, Any]:
    text = files("cross2stra.reporting").joinpath("paper.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def printed_rows(number: int) -> list[PrintedRow]:
    """The rows of Table `number`, 1 to 4, in the paper's order."""
    table = _document()[f"table{number}"]
    columns = [(transfer, metric) for transfer, metric in table["columns"]]
    return [
        PrintedRow(
            row["system"],
            row["group"],
            row["title"],
            row.get("copied", False),
            dict(zip(columns, row["values"], strict=True)),
            row.get("average"),
        )
        for row in table["rows"]
    ]


def printed_statistics() -> list[Statistic]:
    """Table 5; which pictures they were is not known."""
    return [Statistic(**row, pictures={}) for row in _document()["table5"]]
