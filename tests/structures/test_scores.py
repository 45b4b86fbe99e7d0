"""The table of how good each extractor is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.data.files import write_json
from cross2stra.structures.scores import beside, read_rows, rows_of, write_rows


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = rows_of("rules", "FACTUAL test", {"f1": 75.125, "sentences": 1000})
    write_rows(tmp_path / "scores.csv", rows)
    assert (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines() == [
        "extractor,data,metric,value", "rules,FACTUAL test,f1,75.12", "rules,FACTUAL test,sentences,1000.00"
    ]  # fmt: skip
    assert read_rows(tmp_path / "scores.csv")[1] == rows[1]


@pytest.mark.parametrize(
    ("content", "said"), [("a,b\n", "expected the columns"), ("extractor,data,metric,value\nx,y,z\n", "line 2")]
)
def test_a_table_that_is_none_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "scores.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_rows(tmp_path / "scores.csv")


def test_numbers_that_training_wrote(tmp_path: Path) -> None:
    write_json(tmp_path / "scores.json", {"f1": 80.5, "sentences": 3, "excluded": {"a": 1}})
    assert beside(tmp_path, "parsers/en", "held out") == [
        ("parsers/en", "held out", "f1", 80.5), ("parsers/en", "held out", "sentences", 3.0)
    ]  # fmt: skip
