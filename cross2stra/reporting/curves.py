"""Learning curves, the diagnostics of the alignment, and scores after each stage."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from cross2stra.reporting.scores import summarise
from cross2stra.reporting.style import MUTED, lines, settings

LOSSES = {
    "cap": "Captioning loss, L_Cap",
    "tran": "Translation loss, L_Tran",
    "cma": "Vision-language alignment loss, L_CMA",
    "cla": "Pivot-target alignment loss, L_CLA",
    "ipb": "Image-to-pivot back-translation loss, L_IPB",
    "ptb": "Pivot-to-target back-translation loss, L_PTB",
}
"""Name in a log -> title of its panel, in the order of the panels."""
ALIGNMENT = {
    "anchors_positive_m": "Scene nodes with a positive, %",
    "anchors_positive_l": "Tree nodes with a positive, %",
    "pairs_positive_m": "Scene pairs that are positive, %",
    "pairs_positive_l": "Tree pairs that are positive, %",
    "cosine_m": "Mean cosine, scene nodes of a pair",
    "cosine_l": "Mean cosine, tree nodes of a pair",
    "same_label_m": "Scene positives with the same name, %",
    "pairs_agreeing": "L_PTB: sentence pairs whose scene agrees",
    "code_speak": "Perplexity over stage 2's (log axis)",
}
COMPARED = {
    "fluency": "FG: mean fluency of the captions of an update",
    "reward_fluency": "SSR: fluency, mean log probability of a word",
    "reward_sentence": "SSR: relevance of the sentence, a cosine",
    "reward_concept": "SSR: relevance of its concepts, a probability",
    "advantage": "SSR: reward over the greedy sentence's",
    "reinforce": "SSR: reinforced loss",
    "embedding_distance": "PivotAlign: distance of a word's two embeddings",
    "autoencoder": "Auto-encoding (PivotAlign: target, UNISON: pivot)",
    "adversary": "UNISON: loss of the judges",
    "fooling": "UNISON: loss of the mappings that they judge",
    "cycle": "UNISON: cycle consistency",
}
"""What compared systems log beside the losses that all have."""
LABELS = LOSSES | ALIGNMENT | COMPARED
RATIOS = {"code_speak"}
"""Names whose axis is logarithmic: one run that finds a code would flatten all others."""
STAGES = {
    "caption_translate": "caption, translate",
    "align": "align",
    "back_translate": "back-translate",
    "joint": "joint",
}


def draw_curves(logs: pd.DataFrame, titles: dict[str, str], names: Iterable[str]) -> Figure | None:
    """Small multiples of one transfer's logs: a panel for a logged name, a line for a system, thin lines for seeds.

    The steps are those of the whole training; dotted lines are where stages of the pivoting systems begin. Returns
    None when nothing in `names` was logged.
    """
    shown = [name for name in names if (logs["name"] == name).any()]
    if not shown:
        return None
    logged = set(logs["system"][logs["name"].isin(shown)])
    systems = [system for system in titles if system in logged]
    line = lines(list(titles))
    columns = min(3, len(shown))
    rows = math.ceil(len(shown) / columns)
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(3.5 * columns + 0.3, 2.25 * rows + 0.7), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
        for index, name in enumerate(shown):
            axis = axes[index // columns][index % columns]
            part = logs[logs["name"] == name]
            for system in reversed(systems):  # the first, Cross2StrA, lies above the others
                of_system = part[part["system"] == system]
                for _, in_stage in of_system.groupby("stage"):
                    for _, seed in in_stage.groupby("seed"):
                        axis.plot(seed["step"], _smooth(seed["value"]), **line[system], lw=0.5, alpha=0.35)
                    at_step = in_stage.groupby("step")
                    of_all = at_step["seed"].nunique() == in_stage["seed"].nunique()
                    mean = at_step["value"].mean()[of_all]  # L_IPB ends earlier in some seeds than in others
                    axis.plot(mean.index, _smooth(mean), **line[system], lw=1.5)
            axis.set_title(LABELS[name])
            axis.margins(x=0.02)
            if name in RATIOS:
                _ratio_axis(axis)
            _mark_stages(axis, logs[logs["name"].isin(shown)], index == 0)
            if index + columns >= len(shown):
                axis.set_xlabel("update")
        for index in range(len(shown), rows * columns):
            axes[index // columns][index % columns].set_visible(False)
        _legend(figure, systems, titles, line)
    return figure


def _ratio_axis(axis) -> None:  # type: ignore[no-untyped-def]
    """A logarithmic axis with plain numbers."""
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if high > 3 * low else MaxNLocator(4))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_locator(NullLocator())


def _smooth(values: pd.Series) -> pd.Series:
    """A running mean over a thirtieth of the points; short logs stay as they are."""
    return values.rolling(max(1, len(values) // 30), min_periods=1).mean()


def _legend(figure: Figure, systems: list[str], titles: dict[str, str], line: dict[str, dict[str, Any]]) -> None:
    handles = [Line2D([], [], **line[system], lw=2, label=titles[system]) for system in systems]
    columns = max(1, min(len(handles), int(figure.get_figwidth() / 1.9)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)


def _mark_stages(axis, logs: pd.DataFrame, named: bool) -> None:  # type: ignore[no-untyped-def]
    """Dotted lines at the first update of stages, from the system that has most of them."""
    staged = logs[logs["stage"].isin(list(STAGES))]
    if staged.empty:
        return
    system = staged.groupby("system")["stage"].nunique().sort_index().idxmax()
    starts = staged[staged["system"] == system].groupby("stage")["step"].min().sort_values()
    for stage, step in starts.iloc[1:].items():
        axis.axvline(step, color=MUTED, lw=0.7, ls=":")
        if named:
            place = {"xy": (step, 1), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            text = STAGES[str(stage)]
            axis.annotate(text, xytext=(2, -2), rotation=90, va="top", fontsize=6.5, color=MUTED, **place).set_bbox(
                {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5}
            )


def draw_stage_scores(scores: pd.DataFrame, titles: dict[str, str], metric: str) -> Figure | None:
    """The score of `metric` after each stage, a line for a system, bars for its seeds; None when it has no row."""
    part = scores[scores["metric"] == metric]
    stages = [stage for stage in STAGES if (part["stage"] == stage).any()]
    systems = [system for system in titles if (part["system"] == system).any()]
    if not stages or not systems:
        return None
    line = lines(list(titles))
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(6.2, 3.4), layout="constrained")
        axis = figure.subplots()
        for system in reversed(systems):
            seeds = part[part["system"] == system].groupby("stage")["value"].apply(list)
            places = [place for place, stage in enumerate(stages) if stage in seeds.index]
            scored = [summarise(seeds[stages[place]]) for place in places]
            means, halves = [score.mean for score in scored], [score.half_width or 0.0 for score in scored]
            axis.errorbar(places, means, halves, marker="o", capsize=2.5, **line[system], lw=1.4)
        axis.set_xticks(range(len(stages)), [STAGES[stage] for stage in stages])
        axis.set_title(f"{metric} after each stage, validation pictures")
        axis.set_axisbelow(True)
        axis.grid(axis="x", visible=False)
        _legend(figure, systems, titles, line)
    return figure
