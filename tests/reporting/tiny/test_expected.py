"""The record of real runs: parts replace their own rows, tolerances come from seeds or, with one, from further runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from cross2stra.configuration import Profile
from cross2stra.reporting.expected import KEYS, write_expected
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
    write_expected(profile, {}, first, "aaa", record)
    one = of(record, system="cross2stra", split="test", metric="BLEU-4", unit="word")
    assert list(one["revision"]) == ["aaa"]

    second = tmp_path / "second"
    shutil.copytree(results / "scores" / "en-zh_aic" / "2", second / "scores" / "en-zh_aic" / "2")
    write_expected(profile, {}, second, "bbb", record)
    two = of(record, system="cross2stra", split="test", metric="BLEU-4", unit="word")
    assert list(two["revision"]) == ["aaa", "bbb"]
    a, b = two["value"]
    # The standard deviation of two values is |a - b| / sqrt 2, and of t with one degree of freedom 12.706 is the quantile.
    assert two["tolerance"].to_numpy() == pytest.approx(12.706 * abs(a - b), rel=1e-4)

    before = record.read_bytes()
    write_expected(profile, {}, second, "bbb", record)
    assert record.read_bytes() == before
    assert len(read_scores(record)) == len(read_scores(results / "scores/en-zh_aic/1/scores.csv")) * 2


def test_a_further_whole_run_gives_one_seed_its_tolerance(profile: Profile, results: Path, tmp_path: Path) -> None:
    shutil.copytree(results / "scores" / "en-zh_aic" / "1", tmp_path / "one" / "scores" / "en-zh_aic" / "1")
    again = read_scores(results / "scores/en-zh_aic/1/scores.csv")
    again["value"] += again["system"].map({"late_translation": 1.0, "cross2stra": -2.0, "no_sg": 3.0})
    again.to_csv(tmp_path / "again.csv", index=False)
    record = tmp_path / "record.csv"
    write_expected(profile, {}, tmp_path / "one", "aaa", record, [tmp_path / "again.csv"])
    # Two runs that are d apart have a variance of d^2 / 2: 0.5, 2 and 4.5, pooled 7 / 3; of t with three degrees of freedom
    # 3.182 is the quantile.
    assert of(record)["tolerance"].to_numpy() == pytest.approx(3.1824 * (2 * 7 / 3) ** 0.5, rel=1e-4)
    assert list(of(record)["value"]) == list(of(results / "scores/en-zh_aic/1/scores.csv").sort_values(KEYS)["value"])


def test_without_scores_it_says_what_to_run(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run the profile"):
        write_expected(profile, {}, tmp_path, "aaa", tmp_path / "record.csv")
    assert not (tmp_path / "record.csv").exists()
