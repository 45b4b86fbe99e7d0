"""Whether a run reproduced the record: by its tolerances, and by what was run at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cross2stra.cli.reporting import app
from cross2stra.reporting.expected import KEYS, compare_with_expected


@pytest.fixture
def record(tmp_path: Path) -> Path:
    rows = [
        ("en-zh_aic", system, 1, "test", "word", f"metric {i}", 10.0 + i, 0.5, "abc")
        for system in ("cross2stra", "no_sg")
        for i in range(20)
    ]
    pd.DataFrame(rows, columns=[*KEYS, "value", "tolerance", "revision"]).to_csv(tmp_path / "expected.csv", index=False)
    return tmp_path / "expected.csv"


def run_of(record: Path, seed: int = 1, **changed: float) -> Path:
    frame = pd.read_csv(record).assign(seed=seed)[[*KEYS, "value"]]
    for place, value in changed.items():
        frame.loc[int(place.removeprefix("row")), "value"] += value
    frame.to_csv(record.with_name("scores.csv"), index=False)
    return record.with_name("scores.csv")


def test_the_same_scores_are_reproduced(record: Path) -> None:
    found = compare_with_expected(run_of(record), record)
    assert found.reproduced
    assert not found.rows["outside"].any()
    assert (found.missing, found.unknown) == ([], [])


def test_one_score_in_ten_may_be_outside(record: Path) -> None:
    four = {"row1": 0.6, "row2": 0.6, "row3": -0.6, "row4": 0.6}
    assert compare_with_expected(run_of(record, **four, row7=0.49), record).reproduced
    found = compare_with_expected(run_of(record, **four, row30=0.6), record)
    assert not found.reproduced
    assert found.rows["outside"].sum() == 5


def test_what_differs_is_named(record: Path) -> None:
    changed = {"row0": 9.0, "row21": 2.0, "row22": -2.0, "row23": 2.0, "row24": 2.0}
    said = CliRunner().invoke(app, ["compare", "--scores", str(run_of(record, **changed)), "--expected", str(record)])
    assert said.exit_code == 1
    lines = said.output.splitlines()
    assert lines[0] == "not reproduced: 35 of 40 scores are within their tolerance, 35 are equal"
    assert lines[1].strip() == "en-zh_aic, cross2stra, seed 1, test, word, metric 0: 19.00, expected 10.00 ± 0.50"


def test_a_recorded_score_that_the_run_lacks_is_outside(record: Path) -> None:
    scores = run_of(record)
    frame = pd.read_csv(scores)
    further = frame.iloc[[0]].assign(metric="another metric")
    pd.concat([frame.iloc[5:], further]).to_csv(scores, index=False)
    found = compare_with_expected(scores, record)
    assert (found.rows["outside"].sum(), found.further, found.missing) == (5, 1, [])
    said = CliRunner().invoke(app, ["compare", "--scores", str(scores), "--expected", str(record)])
    assert said.exit_code == 1
    assert "seed 1, test, word, metric 0: none, expected 10.00 ± 0.50" in said.output
    assert "1 further scores of these systems are not in the record" in said.output


def test_another_seed_is_not_a_reproduction(record: Path) -> None:
    said = CliRunner().invoke(app, ["compare", "--scores", str(run_of(record, seed=2)), "--expected", str(record)])
    assert said.exit_code == 1
    assert "not in this run: en-zh_aic, no_sg, seed 1" in said.output
    assert "not in the record: en-zh_aic, no_sg, seed 2" in said.output


def test_scores_are_no_record(record: Path) -> None:
    scores = run_of(record)
    with pytest.raises(ValueError, match=r"scores.csv: no record of scores .*'tolerance'"):
        compare_with_expected(scores, scores)
