"""The record of real runs: parts replace their own rows, tolerances come from seeds or, with one, from pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from cross2stra.configuration import Profile
from cross2stra.reporting.expected import write_expected
from cross2stra.reporting.scores import read_scores


def of(path: Path, **wanted: object) -> pd.DataFrame:
    frame = pd.read_csv(path)
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    return frame


def test_a_part_replaces_its_own_rows_and_seeds_give_the_tolerance(
    profile: Profile, results: Path, tmp_path: Path
) -> None:
    record = tmp_path / "expected" / "tiny.csv"
    first = tmp_path / "first"
    shutil.copytree(results / "scores" / "en-zh_aic" / "1", first / "scores" / "en-zh_aic" / "1")
    write_expected(profile, first, "aaa", record)
    one = of(record, system="cross2stra", split="test", metric="BLEU-4", unit="word")
    assert list(one["revision"]) == ["aaa"]

    second = tmp_path / "second"
    shutil.copytree(results / "scores" / "en-zh_aic" / "2", second / "scores" / "en-zh_aic" / "2")
    write_expected(profile, second, "bbb", record)
    two = of(record, system="cross2stra", split="test", metric="BLEU-4", unit="word")
    assert list(two["revision"]) == ["aaa", "bbb"]
    a, b = two["value"]
    # The standard deviation of two values is |a - b| / sqrt 2, and of t with one degree of freedom 12.706 is the quantile.
    assert two["tolerance"].to_numpy() == pytest.approx(12.706 * abs(a - b), rel=1e-4)

    before = record.read_bytes()
    write_expected(profile, second, "bbb", record)
    assert record.read_bytes() == before
    assert len(read_scores(record)) == len(read_scores(results / "scores/en-zh_aic/1/scores.csv")) * 2


def test_without_scores_it_says_what_to_run(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run the profile"):
        write_expected(profile, tmp_path, "aaa", tmp_path / "record.csv")
    assert not (tmp_path / "record.csv").exists()
