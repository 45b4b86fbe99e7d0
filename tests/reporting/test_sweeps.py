"""Figure 5: points of the curves are the sweeps' scores, and Cross2StrA's at the profile's own threshold."""

from __future__ import annotations

import pandas as pd
import pytest

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.scores import COLUMNS
from cross2stra.reporting.thresholds import draw_thresholds, swept

SCORES = {"cross2stra": 100.0, "cross2stra_rho_m_0.1": 90.0, "cross2stra_rho_m_0.9": 95.0, "cross2stra_rho_l_0.5": 97.0}


@pytest.fixture
def sweeping(profile: Profile) -> Profile:
    return profile.model_copy(update={"sweeps": {"en-zh_aic": list(SCORES)[1:]}, "seeds": [1, 2]})


@pytest.fixture
def scores() -> pd.DataFrame:
    rows = [
        ("en-zh_aic", system, seed, split, "word", "CIDEr-D", value + seed - (10 if split == "val" else 0))
        for system, value in SCORES.items()
        for seed in (1, 2, *([3] if system == "cross2stra" else []))
        for split in ("val", "test")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_points_by_hand(sweeping: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame) -> None:
    points = swept(sweeping, experiments, scores, "en-zh_aic", "CIDEr-D").set_index(["threshold", "at", "split"])
    test = points.xs("test", level="split")["value"].to_dict()
    assert test == {
        ("rho_m", 0.1): 91.5, ("rho_m", 0.6): 101.5, ("rho_m", 0.9): 96.5, ("rho_l", 0.3): 101.5, ("rho_l", 0.5): 98.5,
    }  # fmt: skip
    assert points.loc[("rho_m", 0.1, "val"), "value"] == 81.5
    assert points["seeds"].eq(2).all()  # the third seed of Cross2StrA has no sweep beside it
    assert points.loc[("rho_m", 0.1, "test"), "half"] == pytest.approx(12.706 * 0.5**0.5 / 2**0.5, abs=1e-3)


def test_figure_has_a_panel_for_each_threshold(
    sweeping: Profile, experiments: dict[str, Experiment], scores: pd.DataFrame
) -> None:
    figure = draw_thresholds(swept(sweeping, experiments, scores, "en-zh_aic", "CIDEr-D"), sweeping, "CIDEr-D")
    assert figure is not None
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["ρ_m, scene graphs", "ρ_l, constituency trees"]
    assert draw_thresholds(swept(sweeping, experiments, scores, "zh-en_coco", "CIDEr-D"), sweeping, "CIDEr-D") is None
