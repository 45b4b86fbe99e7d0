"""Points of the curves are the sweeps' scores; Cross2StrA's at the profile's own threshold, and where nothing is wrong."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.scores import COLUMNS
from cross2stra.reporting.sweeps import (
    WRONG,
    draw_sweep,
    swept,
    threshold_places,
    thresholds,
    wrong_places,
)

SCORES = {"cross2stra": 100.0, "cross2stra_rho_m_0.1": 90.0, "cross2stra_rho_m_0.9": 95.0, "cross2stra_rho_l_0.5": 97.0}


@pytest.fixture
def sweeping(profile: Profile) -> Profile:
    return profile.model_copy(update={"further": {"en-zh_aic": list(SCORES)[1:]}, "seeds": [1, 2]})


@pytest.fixture
def scores() -> pd.DataFrame:
    rows = [
        ("en-zh_aic", system, seed, split, "word", "CIDEr-D", value + seed - (10 if split == "val" else 0))
        for system, value in SCORES.items()
        for seed in (1, 2, *([3] if system == "cross2stra" else []))
        for split in ("val", "test")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def points_of(
    profile: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame, transfer: str
) -> pd.DataFrame:
    return swept(profile, threshold_places(profile, experiments, transfer), scores, transfer, "CIDEr-D")


def test_points_by_hand(sweeping: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame) -> None:
    points = points_of(sweeping, experiments, scores, "en-zh_aic").set_index(["panel", "at", "split"])
    test = points.xs("test", level="split")["value"].to_dict()
    assert test == {
        ("rho_m", 0.1): 91.5, ("rho_m", 0.6): 101.5, ("rho_m", 0.9): 96.5, ("rho_l", 0.3): 101.5, ("rho_l", 0.5): 98.5,
    }  # fmt: skip
    assert points.loc[("rho_m", 0.1, "val"), "value"] == 81.5
    assert points["seeds"].eq(2).all()  # the third seed of Cross2StrA has no sweep beside it
    assert points.loc[("rho_m", 0.1, "test"), "half"] == pytest.approx(12.706 * 0.5**0.5 / 2**0.5, abs=1e-3)


def test_a_seed_counts_where_the_whole_panel_has_it(
    sweeping: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame
) -> None:
    part = scores[(scores["system"] != "cross2stra_rho_m_0.9") | (scores["seed"] == 1)]
    points = points_of(sweeping, experiments, part, "en-zh_aic").set_index("panel")["seeds"]
    assert points["rho_m"].eq(1).all()
    assert points["rho_l"].eq(2).all()


def test_figure_has_a_panel_for_each_threshold(
    sweeping: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame
) -> None:
    shown = thresholds(sweeping)
    figure = draw_sweep(points_of(sweeping, experiments, scores, "en-zh_aic"), shown, "CIDEr-D")
    assert figure is not None
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["ρ_m, scene graphs", "ρ_l, constituency trees"]
    assert draw_sweep(points_of(sweeping, experiments, scores, "zh-en_coco"), shown, "CIDEr-D") is None


def test_wrong_structures_start_at_cross2stra(
    sweeping: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame
) -> None:
    names = {"cross2stra_labels_0.2": 80.0, "cross2stra_wrong_0.4": 60.0, "late_translation": 70.0}
    more = [("en-zh_aic", system, 1, "test", "word", "CIDEr-D", value) for system, value in names.items()]
    scores = pd.concat([scores, pd.DataFrame(more, columns=COLUMNS)])
    profile = sweeping.model_copy(update={"further": {"en-zh_aic": list(names)[:2]}, "seeds": [1]})
    points = swept(profile, wrong_places(profile, experiments, "en-zh_aic"), scores, "en-zh_aic", "CIDEr-D")
    test = points[points["split"] == "test"].set_index(["panel", "at"])["value"].to_dict()
    on_axis = {key: value for key, value in test.items() if not math.isnan(key[1])}
    assert on_axis == {("labels", 0.0): 101.0, ("labels", 0.2): 80.0, ("all", 0.0): 101.0, ("all", 0.4): 60.0}
    assert [test[key] for key in test.keys() - on_axis.keys()] == [70.0, 70.0]
    figure = draw_sweep(points, WRONG, "CIDEr-D")
    assert figure is not None
    across = [line for line in figure.axes[0].lines if list(line.get_ydata()) == [70.0, 70.0]]
    assert [line.get_linestyle() for line in across] == ["-"]  # there is a floor on test alone
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["labels of scene graphs", "all together"]
    assert points_of(profile, experiments, scores, "en-zh_aic").empty
