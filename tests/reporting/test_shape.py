"""Agreement with the paper's order: Kendall's tau against scipy's, signs and undecided pairs by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau

from cross2stra.configuration import Experiment, Profile
from cross2stra.evaluation.significance import Drawn
from cross2stra.reporting.intervals import bootstraps
from cross2stra.reporting.layout import GOLD
from cross2stra.reporting.printed import PrintedRow, printed_rows
from cross2stra.reporting.shape import kendall, shape_of, shape_table


def test_tau_is_scipys_without_ties() -> None:
    rng = np.random.default_rng(0)
    paper, ours = rng.normal(size=7), rng.normal(size=(7, 20))
    expected = [kendalltau(paper, column).statistic for column in ours.T]
    np.testing.assert_allclose(kendall(paper, ours), expected)


def drawn(system: str, seed: int, value: float, spread: float) -> Drawn:
    rng = np.random.default_rng([seed, len(system)])
    return Drawn(system, seed, {"BLEU-1": value}, {"BLEU-1": value + rng.normal(0, spread, 400)})


def printed(**values: float) -> list[PrintedRow]:
    return [
        PrintedRow(
            system,
            "ablation" if system.startswith("no_") else "pivoting",
            system,
            system == "ssr",
            {("t", "BLEU"): value},
            None,
        )
        for system, value in values.items()
    ]


def test_shape_by_hand() -> None:
    paper = printed(late=1.0, ssr=2.0, cross2stra=4.0, no_sg=3.0)
    ours = {"late": 10.0, "ssr": 8.0, "cross2stra": 20.0, "no_sg": 19.9, "other": 50.0}
    systems = {system: [drawn(system, seed, value, 0.1) for seed in (1, 2)] for system, value in ours.items()}
    shape = shape_of(paper, "t", ["BLEU-1"], systems, 1)
    assert shape is not None
    assert shape.systems == ("late", "ssr", "cross2stra", "no_sg")
    assert shape.tau == pytest.approx(4 / 6)  # late and ssr are turned round
    assert (shape.undecided, shape.pairs) == (1, 6)  # cross2stra and no_sg
    assert (shape.signs, shape.ablations) == (1, 1)
    assert shape.agreed == {"no_sg": 1}
    assert shape.low == pytest.approx(2 / 6)
    assert shape.high == pytest.approx(4 / 6)


def test_three_seeds_that_agree_may_not_decide() -> None:
    """Differences 3, 2 and 1: every draw of seeds is above zero, the t interval, 2 ± 2.5, holds it."""
    ours = {"late": (10.0, 10.0, 10.0), "ssr": (13.0, 12.0, 11.0), "cross2stra": (90.0, 90.0, 90.0)}
    systems = {
        system: [drawn(system, seed, value, 0.0) for seed, value in enumerate(values)]
        for system, values in ours.items()
    }
    shape = shape_of(printed(late=1.0, ssr=2.0, cross2stra=3.0), "t", ["BLEU-1"], systems, 1)
    assert shape is not None
    assert (shape.tau, shape.undecided, shape.pairs) == (1.0, 1, 3)
    assert shape.low < 1.0


def test_ties_are_undecided() -> None:
    systems = {system: [drawn("same", 1, 5.0, 1.0)] for system in ("late", "ssr", "cross2stra")}
    shape = shape_of(printed(late=1.0, ssr=2.0, cross2stra=3.0), "t", ["BLEU-1"], systems, 1)
    assert shape is not None
    assert (shape.tau, shape.undecided, shape.pairs, shape.seeds) == (0.0, 3, 3, 1)


def test_fewer_than_three_systems_have_no_shape() -> None:
    systems = {"late": [drawn("late", 1, 1, 1)], "ssr": [drawn("ssr", 2, 1, 1)], "cross2stra": [drawn("c", 1, 2, 1)]}
    paper = printed(late=1.0, ssr=2.0, cross2stra=4.0)
    assert shape_of(paper[:2], "t", ["BLEU-1"], systems, 1) is None
    assert shape_of(paper, "t", ["BLEU-1"], systems, 1) is None  # no seed in common


def test_table_of_a_run(three_seeds: Path, profile: Profile, experiments: dict[str, Experiment]) -> None:
    table = shape_table(profile, experiments, bootstraps(profile, three_seeds))
    assert table is not None
    rows = {(row["table"], row["transfer"]): row for row in table.tidy}
    assert rows[1, "en-zh_aic"]["systems"] == 6
    assert rows[1, "en-zh_aic"]["ablations"] == 3 * 4  # BLEU-1, BLEU-4, ROUGE-L, CIDEr-D: METEOR is not of Chinese
    assert -1 <= rows[1, "en-zh_aic"]["tau"] <= 1
    assert (
        sum(rows[1, "en-zh_aic"][f"signs_{row}"] for row in ("no_sg", "no_sc", "no_residual"))
        == rows[1, "en-zh_aic"]["signs"]
    )
    assert rows[3, "en-zh_cococn"]["systems"] == 3
    assert len(printed_rows(1)) == 10


def test_the_papers_own_order_has_tau_one_although_it_prints_two_as_equal() -> None:
    paper = np.array([30.1, 29.5, 30.1, 31.0])
    assert kendall(paper, paper[:, None]) == pytest.approx(1)
    assert kendall(paper, -paper[:, None]) == pytest.approx(-1)
    assert kendall(paper, np.array([[30.0], [29.5], [30.2], [30.1]])) == pytest.approx(3 / 5)


def test_gold_structures_have_no_signs(three_seeds: Path, profile: Profile, experiments: dict[str, Experiment]) -> None:
    table = shape_table(profile, experiments, bootstraps(profile, three_seeds))
    assert table is not None
    assert {line.cells[-1].text for block in table.blocks for line in block.lines} == {"–"}
    assert GOLD in table.notes
