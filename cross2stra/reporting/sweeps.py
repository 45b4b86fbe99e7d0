"""Curves over rows that differ in one number: Figure 5 (thresholds of the alignment), and wrong structures at test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration import Experiment, Profile
from cross2stra.configuration.rows import REFERENCE
from cross2stra.reporting.scores import summarise
from cross2stra.reporting.style import MUTED, PALETTE, settings

SPLITS = {"val": ("validation", "--"), "test": ("test", "-")}
FLOOR = "late_translation"
"""What reads no structure: where Cross2StrA's curve over wrong ones falls below it, structures harm. It is in each panel,
at no place of the axis."""


@dataclass(frozen=True)
class Place:
    """A point of a curve: the panel, where on its axis (NaN: across all of it), and the row whose scores it shows."""

    panel: str
    at: float
    system: str


@dataclass(frozen=True)
class Sweep:
    """A figure: panels by name with their titles, what the axis says, and a dotted place on it for each panel."""

    panels: Mapping[str, str]
    axis: str
    own: Mapping[str, float]


def thresholds(profile: Profile) -> Sweep:
    """Figure 5, with the profile's own thresholds."""
    panels = {"rho_m": "ρ_m, scene graphs", "rho_l": "ρ_l, constituency trees"}
    own = {name: getattr(profile.training.alignment, name) for name in panels}
    return Sweep(panels, "threshold of a positive pair", own)


WRONG = Sweep(
    {
        "labels": "labels of scene graphs",
        "edges": "edges of scene graphs",
        "brackets": "brackets of trees",
        "all": "all together",
    },
    "share that is wrong",
    {},
)
"""Cross2StrA with wrong structures at test."""


def threshold_places(profile: Profile, experiments: Mapping[str, Experiment], transfer: str) -> list[Place]:
    """Rows of the transfer's sweep with a threshold of their own; at the profile's it is Cross2StrA itself."""
    rows = _rows(profile, experiments, transfer)
    places = [Place(name, at, system) for system, row in rows.items() for name, at in row.thresholds.items()]
    own = profile.training.alignment
    return places + [Place(name, getattr(own, name), REFERENCE) for name in sorted({place.panel for place in places})]


def wrong_places(profile: Profile, experiments: Mapping[str, Experiment], transfer: str) -> list[Place]:
    """Rows of the transfer's sweep with wrong structures; without any it is Cross2StrA itself; and the floor."""
    rows = {system: row.corrupted for system, row in _rows(profile, experiments, transfer).items() if row.corrupted}
    places = [
        Place("all" if len(shares) > 1 else next(iter(shares)), max(shares.values()), system)
        for system, shares in rows.items()
    ]
    panels = sorted({place.panel for place in places})
    return places + [Place(panel, at, of) for panel in panels for at, of in ((0.0, REFERENCE), (float("nan"), FLOOR))]


def _rows(profile: Profile, experiments: Mapping[str, Experiment], transfer: str) -> dict[str, Experiment]:
    return {system: experiments[system] for system in profile.further.get(transfer, []) if system in experiments}


def swept(profile: Profile, places: Iterable[Place], scores: pd.DataFrame, transfer: str, metric: str) -> pd.DataFrame:
    """Points of the curves, on those of the profile's seeds that all points of a panel have: panel, at (NaN: the floor),
    split, value, half (of the t interval; NaN with one seed), seeds."""
    part = scores[
        (scores["transfer"] == transfer)
        & (scores["metric"] == metric)
        & (scores["unit"] == "word")
        & scores["seed"].isin(profile.seeds)
    ]
    points = pd.DataFrame(places, columns=["panel", "at", "system"]).merge(part, on="system")
    in_panel = points.groupby(["panel", "split"])["system"].transform("nunique")
    points = points[points.groupby(["panel", "split", "seed"])["system"].transform("nunique") == in_panel]
    rows = []
    for (panel, at, _, split), one in points.groupby(["panel", "at", "system", "split"], dropna=False):
        score = summarise(one["value"].tolist())
        rows.append((panel, at, split, score.mean, score.half_width, score.seeds))
    return pd.DataFrame(rows, columns=["panel", "at", "split", "value", "half", "seeds"])


def draw_sweep(points: pd.DataFrame, sweep: Sweep, metric: str) -> Figure | None:
    """A panel for each curve, a line for each split and a grey one for its floor; None where nothing was swept."""
    floor, points = points[points["at"].isna()], points[points["at"].notna()]
    shown = [name for name in sweep.panels if (points["panel"] == name).any()]
    if not shown:
        return None
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(min(3.6 * len(shown), 10.5), 2.9), layout="constrained")
        axes = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for index, (axis, name) in enumerate(zip(axes, shown, strict=True)):
            for split, (label, line) in SPLITS.items():
                part = points[(points["panel"] == name) & (points["split"] == split)]
                half = part["half"].astype(float).fillna(0)
                bars = {"capsize": 2, "elinewidth": 0.8}
                style = {"color": PALETTE[index], "ls": line, "lw": 1.4, "marker": "o", "ms": 3}
                axis.errorbar(part["at"], part["value"], yerr=half, label=label, **style, **bars)
                for level in floor[(floor["panel"] == name) & (floor["split"] == split)]["value"]:
                    axis.axhline(level, color=MUTED, lw=0.8, ls=line)
            if name in sweep.own:
                axis.axvline(sweep.own[name], color=MUTED, lw=0.8, ls=":")
            axis.set_title(sweep.panels[name])
            axis.set_xlabel(sweep.axis)
            axis.legend(frameon=False, fontsize=7.5)
        axes[0].set_ylabel(metric)
    return figure
