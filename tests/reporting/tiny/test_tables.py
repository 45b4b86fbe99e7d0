"""Tables: our numbers, the paper's beside them, and what was not run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import write_json
from cross2stra.reporting.printed import printed_rows, printed_statistics
from cross2stra.reporting.tables import statistics_table, write_tables
from tests.reporting.tiny.conftest import score_lines

PRINTED_AND_MEAN = {"cross2stra": (35.8, 35.575), "no_cla": (43.0, 42.75), "no_ipb": (43.1, 42.625)}


def test_printed_averages_and_those_of_the_cells() -> None:
    rows = {row.system: row for number in (2, 1) for row in printed_rows(number)}
    for system, (printed, mean) in PRINTED_AND_MEAN.items():
        assert rows[system].average == printed
        assert rows[system].average_of_cells == pytest.approx(mean)
    for row in [row for number in (1, 2, 3) for row in printed_rows(number)]:
        assert row.average is not None, row.system
        assert abs(row.average - row.average_of_cells) < 0.7, row.system


def test_printed_splits_add_up() -> None:
    rows = {(row.dataset, row.split): row for row in printed_statistics()}
    for dataset in ("MSCOCO", "COCO-CN", "AIC-ICC"):
        parts = sum(rows[dataset, split].images for split in ("train", "val", "test"))
        assert parts == rows[dataset, "total"].images


def test_pictures_of_two_splits_or_transfers_count_once_in_a_row_and_a_total(profile: Profile, tmp_path: Path) -> None:
    first, second = {"train": "abcdefghi", "pivot_validation": "jk", "val": "jkl"}, {"train": "abcx", "test": "lmn"}
    both = profile.model_copy(
        update={"transfers": dict.fromkeys(("one", "two"), next(iter(profile.transfers.values())))}
    )
    for transfer, splits in zip(both.transfers, (first, second), strict=True):
        names = {"dataset": "MSCOCO", "language": "en"}
        rows = [
            names | {"split": s, "images": len(ids), "captions": 2 * len(ids), "pictures": dict.fromkeys(ids, 2)}
            for s, ids in splits.items()
        ]
        write_json(tmp_path / "corpora" / transfer / "statistics.json", rows)
    frame = pd.DataFrame(statistics_table(both, tmp_path).tidy).set_index(["source", "dataset", "split"])
    ours = frame.loc["ours", "MSCOCO"]
    assert ours["images"].to_dict() == {"train": 10, "pivot_validation": 2, "val": 3, "test": 3, "total": 15}
    assert ours["captions"].to_dict() == {"train": 20, "pivot_validation": 4, "val": 6, "test": 6, "total": 30}


def test_tables_from_scores_alone(profile: Profile, experiments: dict[str, Experiment], tmp_path: Path) -> None:
    scores = tmp_path / "expected" / "demo.csv"
    scores.parent.mkdir()
    scores.write_text(score_lines([1]))
    write_tables(profile, experiments, scores, tmp_path / "out", tmp_path / "nowhere")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {f"table{number}.{kind}" for number in (1, 3, 5) for kind in ("csv", "md", "tex", "html")}
    one = (tmp_path / "out/table1.md").read_text()
    assert "one seed; gold structures" in one
    assert "Zh → En (MSCOCO): not run here" in one
    assert "_57.7_" in one
    assert "35.6 (35.8)" in one
    assert "in the paper†; not run here" in one
    three = (tmp_path / "out/table3.md").read_text()
    assert "The transfer en-zh_cococn was not run in profile tiny." in three
    assert "No counts of en-zh_aic" in (tmp_path / "out/table5.md").read_text()


def test_cells_are_means_over_seeds_on_test(
    profile: Profile, experiments: dict[str, Experiment], results: Path
) -> None:
    write_tables(profile, experiments, results / "scores.csv", results / "tables", results)
    frame = pd.read_csv(results / "tables/table1.csv")
    ours = frame[(frame["source"] == "ours") & (frame["system"] == "cross2stra")].set_index("metric")
    assert ours.loc["BLEU-1", "value"] == 2.5
    assert ours.loc["BLEU-4", "value"] == 32.5
    assert ours.loc["BLEU-1", "half_width"] == pytest.approx(12.706 * 0.5, rel=1e-3)
    assert set(ours["seeds"]) == {2}
    assert not {"with B-1", "with B-4"} & set(ours.index), "a mean over one of two transfers is no mean of the table"
    five = (results / "tables/table5.html").read_text()
    assert "generated world" in five
    assert "1,191,770" in five


def test_average_needs_every_cell(profile: Profile, experiments: dict[str, Experiment], tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text(score_lines([1, 2], ["en-zh_aic", "zh-en_coco"]))
    write_tables(profile, experiments, scores, tmp_path / "tables", tmp_path)
    frame = pd.read_csv(tmp_path / "tables/table1.csv")
    ours = frame[(frame["source"] == "ours") & (frame["system"] == "cross2stra")].set_index("metric")
    assert ours.loc["with B-1", "value"] == pytest.approx((0 + 40 + 50 + 60) / 4 + 2.5)
    assert ours.loc["with B-4", "value"] == pytest.approx((30 + 40 + 50 + 60) / 4 + 2.5)


def test_average_is_over_the_seeds_that_all_cells_have(
    profile: Profile, experiments: dict[str, Experiment], tmp_path: Path
) -> None:
    scores = tmp_path / "scores.csv"
    other = score_lines([2, 3], ["zh-en_coco"]).split("\n", 1)[1]
    scores.write_text(score_lines([1, 2], ["en-zh_aic"]) + other)
    write_tables(profile, experiments, scores, tmp_path / "tables", tmp_path)
    frame = pd.read_csv(tmp_path / "tables/table1.csv")
    ours = frame[(frame["source"] == "ours") & (frame["system"] == "cross2stra")].set_index("metric")
    both = pd.read_csv(scores).query("system == 'cross2stra' and seed == 2 and split == 'test' and unit == 'word'")
    four = both[both["metric"].isin(["BLEU-1", "METEOR", "ROUGE-L", "CIDEr-D"])]["value"]
    assert len(four) == 8
    assert ours.loc["with B-1", "value"] == pytest.approx(four.mean())
    assert ours.loc["with B-1", "seeds"] == 1


def test_latex_has_as_many_columns_as_it_says(
    profile: Profile, experiments: dict[str, Experiment], results: Path
) -> None:
    write_tables(profile, experiments, results / "scores.csv", results / "tables", results)
    for number in (1, 3, 5):
        lines = (results / f"tables/table{number}.tex").read_text().splitlines()
        columns = len(lines[3].split("{")[2].rstrip("}"))
        for line in lines[5:]:
            if line.endswith(r"\\") and not line.startswith(r"\multicolumn"):
                spans = sum(int(part.split("}")[0]) - 1 for part in line.split(r"\multicolumn{")[1:])
                assert line.count("&") + 1 + spans == columns, line
