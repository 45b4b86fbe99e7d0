"""Figure 5: what the thresholds of the alignment do, rho_m of scene graphs and rho_l of constituency trees."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.intervals import REFERENCE
from cross2stra.reporting.scores import summarise
from cross2stra.reporting.style import MUTED, PALETTE, settings

THRESHOLDS = {"rho_m": "ρ_m, scene graphs", "rho_l": "ρ_l, constituency trees"}
SPLITS = {"val": ("validation", "--"), "test": ("test", "-")}


def swept(
    profile: Profile, experiments: Mapping[str, Experiment], scores: pd.DataFrame, transfer: str, metric: str
) -> pd.DataFrame:
    """Points of the curves: threshold, at, split, value, half (of the t interval; NaN with one seed), seeds.

    At the profile's own threshold the point is Cross2StrA, on the seeds of the sweep.
    """
    own = profile.training.alignment
    places = [
        (name, at, system)
        for system in profile.sweeps.get(transfer, [])
        if system in experiments
        for name, at in experiments[system].thresholds.items()
    ]
    places += [(name, getattr(own, name), REFERENCE) for name in {name for name, _, _ in places}]
    part = scores[
        (scores["transfer"] == transfer)
        & (scores["metric"] == metric)
        & (scores["unit"] == "word")
        & scores["seed"].isin(profile.seeds)
    ]
    rows = []
    for name, at, system in sorted(places):
        for split in SPLITS:
            values = part[(part["system"] == system) & (part["split"] == split)]["value"].tolist()
            if values:
                score = summarise(values)
                rows.append((name, at, split, score.mean, score.half_width, score.seeds))
    return pd.DataFrame(rows, columns=["threshold", "at", "split", "value", "half", "seeds"])


def draw_thresholds(points: pd.DataFrame, profile: Profile, metric: str) -> Figure | None:
    """A panel for each threshold, a line for each split; None where nothing was swept."""
    shown = [name for name in THRESHOLDS if (points["threshold"] == name).any()]
    if not shown:
        return None
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(3.6 * len(shown), 2.9), layout="constrained")
        axes = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for index, (axis, name) in enumerate(zip(axes, shown, strict=True)):
            for split, (label, line) in SPLITS.items():
                part = points[(points["threshold"] == name) & (points["split"] == split)]
                half = part["half"].astype(float).fillna(0)
                style = {
                    "color": PALETTE[index],
                    "ls": line,
                    "lw": 1.4,
                    "capsize": 2,
                    "elinewidth": 0.8,
                    "marker": "o",
                    "ms": 3,
                }
                axis.errorbar(part["at"], part["value"], yerr=half, label=label, **style)
            axis.axvline(getattr(profile.training.alignment, name), color=MUTED, lw=0.8, ls=":")
            axis.set_title(THRESHOLDS[name])
            axis.set_xlabel("threshold of a positive pair")
            axis.legend(frameon=False, fontsize=7.5)
        axes[0].set_ylabel(metric)
    return figure
