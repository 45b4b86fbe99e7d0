"""Costs of rules: sums over jobs, the largest memory, and the sum of all."""

from __future__ import annotations

from pathlib import Path

from cross2stra.reporting.costs import cost_rows


def benchmark(path: Path, seconds: str, memory: str, processor: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time"
    path.write_text(f"{header}\n{seconds}\t0:00:01\t{memory}\t1\t1\t1\t0\t0\t50\t{processor}\n", encoding="utf-8")


def test_rules_are_summed_over_transfers_systems_and_stages(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    benchmark(folder / "en-zh_aic/late/1/train.align.tsv", "100.4", "500", "90")
    benchmark(folder / "en-zh_aic/late/1/train.joint.tsv", "1100", "700", "1000")
    benchmark(folder / "world.tsv", "60", "NA", "NA")  # too short to be measured
    benchmark(folder / "site.tsv", "7", "300", "6")  # of the page made before this one
    assert cost_rows(tmp_path)[1:] == [
        ["train", "2", "1,200", "1,090", "700"],
        ["world", "1", "60", "0", "0"],
        ["all", "3", "1,260", "1,090", "700"],
    ]


def test_nothing_was_run(tmp_path: Path) -> None:
    assert cost_rows(tmp_path) == []
