"""The simulation of a workflow, on graphs whose makespan is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulation import Machine, simulate
from tasks import Task, of_dot, order

DOT = """digraph snakemake_dag {
	0[label = "all", color = "0.0 0.6 0.85", style="rounded"];
	1[label = "train\\nstage: joint\\nsystem: no_sg", color = "0.54 0.6 0.85", style="rounded"];
	2[label = "download\\nname: a.zip", color = "0.1 0.6 0.85", style="rounded,dashed"];
	1 -> 0
	2 -> 1
}
"""


def task(seconds: float, *needs: int, **more: float) -> Task:
    return Task("job", "rule", needs, seconds, **more)


def test_a_chain_takes_the_sum() -> None:
    outcome = simulate([task(3600), task(7200, 0)], Machine(8, start=1800))
    assert outcome.hours == outcome.longest == pytest.approx(4)
    assert outcome.core_hours == pytest.approx(4)


def test_jobs_side_by_side_are_limited_by_cores_and_gpus() -> None:
    four = [task(3600) for _ in range(4)]
    assert [simulate(four, Machine(cores)).hours for cores in (1, 2, 3, 4)] == [4, 2, 2, 1]
    on_gpus = [task(3600, gpus=2) for _ in range(4)]
    assert simulate(on_gpus, Machine(8, 4)).hours == 2
    assert simulate(on_gpus, Machine(8, 4)).gpu_hours == 8


def test_the_longest_chain_goes_first() -> None:
    # One core: a chain of 1 + 5 hours, and three jobs of 2; two cores are busy to the end only if the chain is begun first.
    assert simulate([task(7200), task(7200), task(7200), task(3600), task(18000, 3)], Machine(2)).hours == 6


def test_failures_cost_what_was_not_saved() -> None:
    machine = Machine(1, failures=0.5, delay=0)
    begun_again = simulate([task(8 * 3600)], machine, seed=2)
    saving = simulate([task(8 * 3600, saved=360)], machine, seed=2)
    assert begun_again.failed > saving.failed > 0
    assert begun_again.hours == pytest.approx(8 + begun_again.lost)
    assert saving.hours == pytest.approx(8 + saving.lost)
    assert saving.lost <= 0.1 * saving.failed < begun_again.lost


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="needs 9 cores and 0 GPUs"):
        simulate([task(1, cores=9)], Machine(8))


def test_jobs_are_read_from_snakemakes_drawing(tmp_path: Path) -> None:
    (tmp_path / "dag.dot").write_text(DOT, "utf-8")
    tasks = of_dot(tmp_path / "dag.dot")
    assert [found.rule for found in tasks] == ["all", "train", "download"]
    assert tasks[1].name == "train stage: joint system: no_sg"
    assert [found.needs for found in tasks] == [(1,), (2,), ()]
    assert list(order(tasks)) == [2, 1, 0]
    with pytest.raises(ValueError, match="2 jobs wait for each other"):
        list(order([task(1, 1), task(1, 0)]))
