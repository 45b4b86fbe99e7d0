"""Collecting scores, and means with intervals."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from scipy import stats

from cross2stra.reporting.scores import collect_scores, read_scores, summarise

HEADER = "transfer,system,seed,split,unit,metric,value\n"


def test_collects_folders_sorted_whatever_their_order(results: Path, tmp_path: Path) -> None:
    folders = [results / "scores" / "en-zh_aic" / seed for seed in ("1", "2")]
    assert collect_scores(folders, tmp_path / "one.csv") == 2 * 3 * 7 * 2
    collect_scores(folders[::-1], tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    frame = read_scores(tmp_path / "one.csv")
    assert list(frame["system"]) == sorted(frame["system"])


def test_refuses_the_same_scores_twice(results: Path, tmp_path: Path) -> None:
    folder = results / "scores" / "en-zh_aic" / "1"
    with pytest.raises(ValueError, match="in two folders"):
        collect_scores([folder, folder], tmp_path / "one.csv")
    assert not (tmp_path / "one.csv").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("transfer,system\n", "expected the columns"),
        (HEADER + "t,s,1,test,word,BLEU-1,high\n", r":2: value 'high' is no number"),
        (HEADER + "t,s,1,test,word,BLEU-1,1\n" * 2, ":3: this score is given twice"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=words) as error:
        read_scores(path)
    assert str(path) in str(error.value)


def test_further_columns_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "demo.csv"
    path.write_text(HEADER.strip() + ",tolerance\nt,s,1,test,word,BLEU-1,50,2\n")
    assert "tolerance" not in read_scores(path).columns


def test_interval_is_students_t() -> None:
    assert summarise([3.5]).half_width is None
    for count in range(2, 13):
        values = [float(value * value % 7) for value in range(count)]
        score = summarise(values)
        error = stats.sem(values)
        expected = stats.t.ppf(0.975, count - 1) * error
        assert score.mean == pytest.approx(sum(values) / count)
        assert score.half_width is not None
        assert math.isclose(score.half_width, expected, rel_tol=0.01), count
