"""What extractors cost, from benchmark files with known numbers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from cross2stra.configuration import read_profile
from cross2stra.data.files import write_json
from cross2stra.data.records import Image, write_records
from cross2stra.reporting.throughput import jobs, throughput_table
from cross2stra.structures.tree import flat_tree, write_trees

PROFILE = read_profile(Path(__file__).parents[2] / "config" / "test.yaml")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Ten trees that two shards parsed in 2 and 3 seconds, and one shard in 9 before."""
    rows = [(f"dog {number}", flat_tree(["dog", str(number)]), True) for number in range(10)]
    (tmp_path / "structures" / "en-zh_aic").mkdir(parents=True)
    write_trees(tmp_path / "structures" / "en-zh_aic" / "trees.pivot.parquet", rows)
    write_json(tmp_path / "structures" / "en-zh_aic" / "trees.pivot.parquet.counts.json", {"parsed": 10})
    folder = tmp_path / "benchmarks" / "en-zh_aic"
    folder.mkdir(parents=True)
    for part, seconds, memory in ((1, 2.0, 100), (2, 3.0, 250)):
        text = f"s\tmax_rss\tcpu_time\n{seconds}\t{memory}\t0.5\n"
        (folder / f"parse.pivot.{part}-of-2.tsv").write_text(text, encoding="utf-8")
    (folder / "parse.pivot.1-of-1.tsv").write_text("s\tmax_rss\tcpu_time\n9.0\t400\t9.0\n", encoding="utf-8")
    return tmp_path


def test_shards_are_added_up(results: Path) -> None:
    (job,) = jobs(results, "en-zh_aic", 2)
    assert (job.items, job.seconds, job.memory) == (10, 5.0, 250)


def test_pictures_are_counted_by_their_tables_and_weighed_with_them(tmp_path: Path) -> None:
    for part in (1, 2):
        folder = tmp_path / "structures" / "en-zh_aic" / "drawn" / f"{part}-of-2"
        folder.mkdir(parents=True)
        (folder / "1.png").write_bytes(b"x" * 1_000_000)
        write_records(folder / "images.parquet", Image, [Image(str(part), "drawn", "1.png", 64, 64)])
        benchmark = tmp_path / "benchmarks" / "en-zh_aic" / f"draw_pictures.{part}-of-2.tsv"
        benchmark.parent.mkdir(parents=True, exist_ok=True)
        benchmark.write_text("s\tmax_rss\tcpu_time\n1.5\tNA\tNA\n", encoding="utf-8")
    (job,) = jobs(tmp_path, "en-zh_aic", 2)
    assert (job.title, job.items, job.seconds) == ("Drawn pictures", 2, 3.0)
    assert math.isnan(job.memory)  # Snakemake knows none of a job that ends before it looks
    assert job.stored == pytest.approx(2, abs=0.02)


def test_hours_at_the_scale_of_the_paper(results: Path) -> None:
    structures = PROFILE.structures.model_copy(update={"shards": 2})
    table = throughput_table(PROFILE.model_copy(update={"structures": structures}), results)
    assert table is not None
    (line,) = table.blocks[0].lines
    assert line.cells[1].text == "2.0"
    assert line.cells[5].text == f"{2_200_000 / 2 / 3600 / 2:,.2f}"


def test_without_benchmarks_there_is_no_table(tmp_path: Path) -> None:
    assert throughput_table(PROFILE, tmp_path) is None
