"""Intervals and verdicts on made-up statistics whose answer is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from cross2stra.evaluation import significance
from cross2stra.evaluation.metrics import COLUMNS
from cross2stra.evaluation.significance import (
    Drawn,
    compare,
    draw,
    holm,
    picture_interval,
    seed_interval,
)  # fmt: skip
from cross2stra.evaluation.statistics import PictureStatistics, read_statistics, write_statistics

PICTURES = 200


def part(system: str, seed: int, mean: float, noise: float = 0.02, pictures: int = PICTURES) -> PictureStatistics:
    """CIDEr-D of each picture is the picture's own difficulty plus the system's mean plus noise."""
    difficulty = np.random.default_rng(0).normal(0, 0.3, pictures)
    values = np.zeros((pictures, len(COLUMNS)))
    values[:, COLUMNS.index("cider_d")] = (
        mean + difficulty + np.random.default_rng([seed, len(system)]).normal(0, noise, pictures)
    )
    values[:, COLUMNS.index("length")] = values[:, COLUMNS.index("reference_length")] = 8
    return PictureStatistics("t", system, seed, "test", "word", tuple(f"{i:04d}" for i in range(pictures)), values)


def test_picture_interval_is_the_normal_one_for_a_mean() -> None:
    one = part("a", 1, 1.0)
    found = picture_interval(draw([one], 4000, 1), "CIDEr-D")
    values = 100 * one.values[:, COLUMNS.index("cider_d")]
    assert found.value == pytest.approx(values.mean())
    assert found.half == pytest.approx(1.96 * values.std() / np.sqrt(PICTURES), rel=0.05)
    assert found.of == "pictures"


def test_seed_interval_by_hand() -> None:
    found = seed_interval([10.0, 11.0, 12.0])
    assert (found.value, found.seeds) == (11.0, 3)
    assert found.half == pytest.approx(4.302653 / np.sqrt(3), rel=1e-5)
    with pytest.raises(ValueError, match="two seeds"):
        seed_interval([10.0])


def test_paired_differences_are_decided_although_intervals_overlap() -> None:
    names = {"cross2stra": 1.0, "no_sg": 0.97, "no_sc": 1.0}
    drawn = {name: draw([part(name, 1, mean)], 1000, 1) for name, mean in names.items()}
    alone = {name: picture_interval(seeds, "CIDEr-D") for name, seeds in drawn.items()}
    assert alone["no_sg"].high > alone["cross2stra"].low
    reference = drawn.pop("cross2stra")
    found = {one.system: one for one in compare(drawn, reference, "CIDEr-D", 1)}
    assert found["no_sg"].verdict == "below"
    assert found["no_sg"].interval.value == pytest.approx(-3.0, abs=0.6)
    assert found["no_sc"].verdict == "unresolved"


def test_verdict_above() -> None:
    drawn = {name: draw([part(name, 1, mean)], 500, 1) for name, mean in {"a": 1.0, "bb": 1.1}.items()}
    assert compare({"bb": drawn["bb"]}, drawn["a"], "CIDEr-D", 1)[0].verdict == "above"


def test_seeds_alone_give_the_t_interval() -> None:
    """Without any spread over pictures the hierarchical interval is the one of Student's t."""

    def constant(system: str, seed: int, value: float) -> Drawn:
        return Drawn(system, seed, {"m": value}, {"m": np.full(20000, value)})

    differences = [1.0, 2.0, 4.0, 5.0, 5.5, 7.0]
    ours = [constant("a", seed, 10 + d) for seed, d in enumerate(differences)]
    base = [constant("b", seed, 10.0) for seed in range(len(differences))]
    found = compare({"a": ours}, base, "m", 1)[0].interval
    half = t.ppf(0.975, 5) * np.std(differences, ddof=1) / np.sqrt(6)
    assert found.value == pytest.approx(np.mean(differences))
    assert found.half == pytest.approx(half, rel=0.06)
    assert found.of == "seeds and pictures"


@pytest.mark.parametrize("differences", [(-26.4, -38.1, -25.2), (-1.0, -4.0), (2.0, 0.5, 1.0, 2.5, 1.5)])
def test_p_of_few_seeds_is_the_t_tests(differences: tuple[float, ...]) -> None:
    """Not only at 5 %: Holm's correction reads the far tail, where a bootstrap of three seeds has nothing."""
    ours = [Drawn("a", seed, {"m": d}, {"m": np.full(200_000, d)}) for seed, d in enumerate(differences)]
    base = [Drawn("b", seed, {"m": 0.0}, {"m": np.zeros(200_000)}) for seed in range(len(differences))]
    (found,) = compare({"a": ours}, base, "m", 1)
    assert found.p == pytest.approx(ttest_1samp(differences, 0).pvalue, rel=0.05)
    assert found.interval.half == pytest.approx(seed_interval(differences).half, rel=0.02)


def test_only_common_seeds_count() -> None:
    reference = draw([part("a", seed, 1.0) for seed in (1, 2)], 100, 1)
    other = draw([part("bb", seed, 0.9) for seed in (2, 3)], 100, 1)
    assert compare({"bb": other}, reference, "CIDEr-D", 1)[0].interval.seeds == 1
    with pytest.raises(ValueError, match="no seed in common"):
        compare({"bb": other[1:]}, reference, "CIDEr-D", 1)


def test_another_name_of_a_row_is_no_further_test() -> None:
    names = {"cross2stra": 1.0, "no_cma": 0.99, "no_cma_cla": 0.97}
    drawn = {name: draw([part(name, seed, mean) for seed in (1, 2)], 200, 1) for name, mean in names.items()}
    reference, row = drawn.pop("cross2stra"), drawn["no_cma_cla"]
    before = compare(drawn, reference, "CIDEr-D", 1)
    *same, named_anew = compare(drawn | {"pivot_side_only": row}, reference, "CIDEr-D", 1)
    assert same == before
    assert named_anew == dataclasses.replace(before[1], system="pivot_side_only")


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_other_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="other pictures"):
        draw([part("a", 1, 1.0), part("b", 1, 1.0, pictures=10)], 10, 1)


def test_resamples_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    part_ = part("a", 1, 1.0)
    (whole,) = draw([part_], 100, 1)
    monkeypatch.setattr(significance, "_BLOCK", 7)
    (blocks,) = draw([part_], 100, 1)
    np.testing.assert_allclose(blocks.resampled["CIDEr-D"], whole.resampled["CIDEr-D"], rtol=1e-12)


def test_same_seed_same_interval() -> None:
    first, second = (picture_interval(draw([part("a", 1, 1.0)], 200, 3), "CIDEr-D") for _ in range(2))
    assert first == second


def test_statistics_go_through_parquet(tmp_path) -> None:
    path = tmp_path / "statistics.parquet"
    rows = [part("b", 1, 1.0), part("a", 2, 1.0), dataclasses.replace(part("c", 1, 1.0), split="val")]
    write_statistics(path, rows)
    found = {(one.system, one.seed): one for one in read_statistics([path])}
    assert set(found) == {("b", 1), ("a", 2)}
    assert found["b", 1].images == rows[0].images
    np.testing.assert_array_equal(found["b", 1].values, rows[0].values)
    with pytest.raises(ValueError, match="also in"):
        read_statistics([path, path])
