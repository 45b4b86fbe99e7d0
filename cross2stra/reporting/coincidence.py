"""Figure 6 and its table: coincidence of scene graphs (beta_G) and constituency trees (beta_C), with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration import Experiment, Profile
from cross2stra.configuration.rows import REFERENCE
from cross2stra.evaluation.significance import Difference, Drawn, draw_means, whole_interval
from cross2stra.evaluation.structure_probe import HUMAN, read_coincidences
from cross2stra.reporting.intervals import verdicts
from cross2stra.reporting.layout import GOLD, Block, Cell, Line, Table, arrow, gold, silent
from cross2stra.reporting.results import of_runs
from cross2stra.reporting.style import MUTED, PALETTE, interval_bar, settings

RATES = {
    "beta_g": "βG",
    "beta_g_labels": "βG, labels",
    "beta_c": "βC",
    "beta_c_normalised": "βC, normalised",
}
_PANELS = {
    "beta_g": "Scene graphs: βG, %",
    "beta_c": "Constituency trees: βC, %",
    "beta_c_normalised": "βC, normalised, %",
}
_HUMAN = "People"


def coincidences(profile: Profile, results: Path) -> pd.DataFrame:
    """All rows below `results`/coincidence, people's once: every seed's file has them. Empty when nothing was probed."""
    frame = read_coincidences(of_runs(profile, results, "coincidence/{transfer}/{seed}.parquet")).to_pandas()
    return frame[(frame["system"] != HUMAN) | ~frame.duplicated(["transfer", "system", "item"])]


def bootstrapped(frame: pd.DataFrame, profile: Profile) -> dict[str, list[Drawn]]:
    """System -> its seeds, resampled on the same items; `frame` is one transfer's."""
    items = sorted(set(frame["item"]))
    values = {
        (str(system), int(seed)): {rate: part.set_index("item")[rate].reindex(items).to_numpy() for rate in RATES}
        for (system, seed), part in frame.groupby(["system", "seed"])
    }
    found: dict[str, list[Drawn]] = {}
    for one in draw_means(values, profile.evaluation.bootstrap, profile.evaluation.seed):
        found.setdefault(one.system, []).append(one)
    return found


def coincidence_table(
    profile: Profile, titles: Mapping[str, str], experiments: Mapping[str, Experiment], results: Path
) -> Table | None:
    """Rates of every system, their intervals, verdicts against Cross2StrA, and correlation with length; None without."""
    frame = coincidences(profile, results)
    if frame.empty:
        return None
    table = Table(
        0,
        "Coincidence of structures, %: a picture's scene graph and that of its target caption, the tree of a pivot caption "
        "and that of its target caption.",
        [("", "", len(RATES)), ("Spearman with length", "", 2)],
        [*RATES.values(), "βG", "βC, normalised"],
        [],
        [
            "Intersection over union of word pairs (of labels in the second column) and of phrases, weighted by 1 / depth. As "
            "Appendix B.2 prints it, βC weighs only the intersection; the normalised one weighs the union too, so that "
            "equal trees reach 100. Words of two languages are the same where the caption dictionary of the parallel text "
            "translates one by the other. ±: half of a 95 % interval, pictures (and seeds, where there are several) drawn.",
            "People: references of the test pictures (βG), held-out sentence pairs (βC). n/a: no pivot caption is said.",
            "The remark is the verdict on the difference from Cross2StrA in βG and both βC, Holm's correction over the systems of a "
            "transfer, bounds apart.",
        ],
        name="coincidence",
    )
    if gold(profile):
        table.notes.append(GOLD)
    for transfer in profile.transfers:
        part = frame[frame["transfer"] == transfer]
        drawn = bootstrapped(part, profile)
        decided = {rate: _differences(drawn, titles, experiments, rate, profile) for rate in _PANELS}
        lines = []
        for system, title in {**titles, HUMAN: _HUMAN}.items():
            if system not in drawn:
                continue
            cells = []
            for rate in RATES:
                if any(rate not in one.observed for one in drawn[system]):
                    cells.append(Cell("n/a"))
                    continue
                interval = whole_interval(drawn[system], rate, profile.evaluation.seed)
                cells.append(Cell(f"{interval.value:.1f}", half_width=f"{interval.half:.1f}"))
                table.tidy.append(
                    {"transfer": transfer, "system": system, "rate": rate, "value": round(interval.value, 4)}
                    | {
                        "low": round(interval.low, 4),
                        "high": round(interval.high, 4),
                        "seeds": "" if system == HUMAN else interval.seeds,
                    }
                )
            own = part[part["system"] == system]
            cells += [Cell(_correlation(own, rate)) for rate in ("beta_g", "beta_c_normalised")]
            said = [f"{RATES[r]} {found[system].verdict}" for r, found in decided.items() if system in found]
            if silent(profile, experiments, system):
                said = ["gold structures"]
            lines.append(Line(system, title, "ours", cells, ", ".join(said)))
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def draw_coincidence(frame: pd.DataFrame, profile: Profile, titles: Mapping[str, str]) -> Figure | None:
    """Figure 6 of one transfer's rows: bars with intervals, a panel for each rate; None when nothing was probed."""
    drawn = bootstrapped(frame, profile)
    shown = {system: title for system, title in {**titles, HUMAN: _HUMAN}.items() if system in drawn}
    if not shown:
        return None
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(8.6, 0.26 * len(shown) + 0.9), layout="constrained")
        axes = figure.subplots(1, len(_PANELS), sharey=True)
        for index, (axis, (rate, title)) in enumerate(zip(axes, _PANELS.items(), strict=True)):
            for place, system in enumerate(shown):
                if any(rate not in one.observed for one in drawn[system]):
                    axis.text(0, place, " n/a", fontsize=7, color=MUTED, va="center")
                    continue
                interval = whole_interval(drawn[system], rate, profile.evaluation.seed)
                colour = MUTED if system == HUMAN else PALETTE[index]
                alpha = 1.0 if system == REFERENCE else 0.6
                low = max(interval.low, 0.0)  # a rate
                interval_bar(axis, place, interval.value, low, interval.high, color=colour, alpha=alpha)
            axis.set_title(title)
            axis.grid(axis="y", visible=False)
            axis.set_yticks(range(len(shown)), list(shown.values()))
            axis.set_xlim(left=0)
        axes[0].invert_yaxis()
    return figure


def _differences(
    drawn: Mapping[str, list[Drawn]],
    titles: Mapping[str, str],
    experiments: Mapping[str, Experiment],
    rate: str,
    profile: Profile,
) -> dict[str, Difference]:
    """System -> difference from Cross2StrA, of those that have the rate and a seed in common with it."""
    there = {system: seeds for system, seeds in drawn.items() if all(rate in one.observed for one in seeds)}
    reference = there.pop(REFERENCE, [])
    return verdicts(there, reference, titles, experiments, rate, profile.evaluation.seed)


def _correlation(part: pd.DataFrame, rate: str) -> str:
    """Spearman's correlation of a rate with the caption's length, over captions of all seeds."""
    known = part[["words", rate]].dropna()
    if len(known) < 3 or known.nunique().min() < 2:
        return "n/a"
    return f"{known['words'].corr(known[rate], method='spearman'):+.2f}"
