"""Figure 6 and its table, of made-up rates."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cross2stra.configuration import Experiment, Profile
from cross2stra.evaluation.significance import draw_means, whole_interval
from cross2stra.evaluation.structure_probe import HUMAN, Coincidence, write_coincidences
from cross2stra.reporting.coincidence import coincidence_table, coincidences, draw_coincidence
from cross2stra.reporting.layout import GOLD, titles_of

MEANS = {"cross2stra": 40.0, "no_sg": 30.0, "late_translation": 39.5, "early_translation": 20.0}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two seeds of four systems; EarlyTranslation says no pivot caption."""
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        rows = []
        for system, mean in MEANS.items():
            for item in range(60):
                words = 5 + item % 7
                beta_g = mean + 2 * words + float(rng.normal(0, 2))
                beta_c = math.nan if system == "early_translation" else mean
                rows.append(Coincidence("en-zh_aic", system, seed, str(item), words, beta_g, beta_g, beta_c, beta_c))
        rows += [
            Coincidence("en-zh_aic", HUMAN, seed, f"pair {i}", 8, beta_c=50.0, beta_c_normalised=70.0) for i in range(9)
        ]
        write_coincidences(tmp_path / "coincidence" / "en-zh_aic" / f"{seed}.parquet", rows)
    return tmp_path


def test_gold_structures_get_no_verdict(results: Path, profile: Profile, experiments: dict[str, Experiment]) -> None:
    table = coincidence_table(profile, titles_of(profile, experiments), experiments, results)
    assert table is not None
    remarks = {line.system: line.remark for block in table.blocks for line in block.lines}
    assert remarks["no_sg"] == "gold structures"
    assert "βG unresolved" in remarks["late_translation"]
    assert GOLD in table.notes


def test_table_has_rates_verdicts_and_correlation(
    results: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    extracted = profile.structures.model_copy(update={"visual": "extracted"})
    profile = profile.model_copy(update={"structures": extracted})
    table = coincidence_table(profile, titles_of(profile, experiments), experiments, results)
    assert table is not None
    (block,) = table.blocks
    lines = {line.system: line for line in block.lines}
    assert set(lines) == {*MEANS, HUMAN}
    assert "βG below" in lines["no_sg"].remark
    assert "βG unresolved" in lines["late_translation"].remark
    assert [cell.text for cell in lines["early_translation"].cells[2:4]] == ["n/a", "n/a"]
    assert lines["early_translation"].cells[5].text == "n/a"
    assert float(lines["cross2stra"].cells[4].text) > 0.8
    assert [cell.text for cell in lines[HUMAN].cells[:4]] == ["n/a", "n/a", "50.0", "70.0"]
    tidy = {(row["system"], row["rate"]): row for row in table.tidy}
    frame = coincidences(profile, results)
    expected = frame[frame["system"] == "no_sg"]["beta_g"].mean()
    assert tidy["no_sg", "beta_g"]["value"] == pytest.approx(expected, abs=1e-3)
    assert tidy["no_sg", "beta_g"]["seeds"] == 2
    assert tidy[HUMAN, "beta_c"]["seeds"] == ""  # the same people in each seed's file
    assert (frame["system"] == HUMAN).sum() == 9


def test_figure_has_a_bar_for_each_system_that_has_the_rate(
    results: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    figure = draw_coincidence(coincidences(profile, results), profile, titles_of(profile, experiments))
    assert figure is not None
    graphs, *trees = figure.axes  # as printed, and normalised
    assert (len(graphs.patches), [len(axis.patches) for axis in trees]) == (4, [4, 4])  # four systems; three and people
    assert [text.get_text().strip() for text in graphs.texts] == ["n/a"]


def test_nothing_probed_is_no_figure_and_no_table(
    tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    titles = titles_of(profile, experiments)
    assert coincidence_table(profile, titles, experiments, tmp_path) is None
    assert draw_coincidence(coincidences(profile, tmp_path), profile, titles) is None


def test_means_leave_out_pictures_without_a_rate() -> None:
    rates = np.array([10.0, math.nan, 30.0, 20.0])
    (drawn,) = draw_means({("cross2stra", 1): {"beta_g": rates, "beta_c": np.full(4, math.nan)}}, 500, 1)
    assert drawn.observed == {"beta_g": 20.0}
    assert 0 < np.isnan(drawn.resampled["beta_g"]).sum() < 20  # resamples that have the one without a rate four times
    assert np.nanmean(drawn.resampled["beta_g"]) == pytest.approx(20, abs=0.7)
    interval = whole_interval([drawn], "beta_g", 1)
    assert interval.low < 20 < interval.high
    assert interval.of == "pictures"


def test_bars_of_equal_rates_are_drawn(profile: Profile) -> None:
    """Their resampled means differ from them in the last bit, to either side."""
    rows = [
        Coincidence("en-zh_aic", "cross2stra", 1, str(item), 8, 100 / 3, 100 / 3, 100 / 3, 100 / 3)
        for item in range(11)
    ]
    assert draw_coincidence(pd.DataFrame(map(asdict, rows)), profile, {"cross2stra": "Cross2StrA"}) is not None
