"""Tables that the paper does not have: differences, scores by characters and lemmas, choices of references, lengths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from cross2stra.configuration import Experiment, Profile
from cross2stra.configuration.rows import REFERENCE
from cross2stra.evaluation.metrics import METRICS, names
from cross2stra.evaluation.significance import Difference, resamples_needed
from cross2stra.reporting.intervals import Bootstraps, verdicts
from cross2stra.reporting.layout import (
    GOLD,
    Block,
    Cell,
    Line,
    Table,
    arrow,
    gold,
    score_cell,
    seeds_said,
    silent,
    without_bounds,
)
from cross2stra.reporting.results import score_rows
from cross2stra.reporting.scores import by_system, summarise

COMPARED = ("BLEU-1", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D")
CHOICES = {
    "all": "all references",
    "cn": "cn only: written to the picture",
    "zhm": "zhm only: human translations",
    "one": "one reference, mean over draws",
}
PLURALS = {"word": "words", "char": "characters", "lemma": "lemmas"}
"""How a reader calls the units of `scoring.UNITS`."""
BESIDE_WORDS = {
    "char": (
        "The same captions by characters, which do not depend on a segmenter.",
        "METEOR cuts Chinese words into characters by itself, so here it is the METEOR of the other tables.",
    ),
    "lemma": (
        "The same captions by dictionary forms of their words, which do not depend on tense and number.",
        "Of captions and references; each word by itself, not by its sentence.",
    ),
}
"""Units that have a table of their own: its caption and a note."""
Titles = Mapping[str, str]


def differences_table(
    profile: Profile, experiments: Mapping[str, Experiment], titles: Titles, found: Bootstraps, unit: str = "word"
) -> Table | None:
    """Every system less Cross2StrA, with intervals and verdicts; None without statistics of two systems in this unit."""
    table = Table(
        0,
        f"Every system against Cross2StrA, by {PLURALS[unit]}: difference in points, 95 % interval, verdict.",
        [("", "", len(COMPARED))],
        list(COMPARED),
        [],
        [
            "Paired: the same resampled pictures for both systems; with several seeds, seeds are drawn too, from "
            "Student's t: what so few can show. Holm's correction over the systems of a column, bounds apart; rows of "
            "the same captions count once.",
            "below, above: different from Cross2StrA at 5 %; unresolved: the corrected p does not decide, and an interval, "
            "which is not corrected, can be without 0. With one seed the verdict holds for that seed's models only.",
            "Shares stages: starts from a stage of Cross2StrA of the same seed. The interval is conditional on that stage, "
            "whose luck is in both systems.",
        ],
        name="differences" if unit == "word" else f"differences_by_{PLURALS[unit]}",
    )
    if gold(profile):
        table.notes.append(GOLD)
    for transfer in profile.transfers:
        systems = dict(found.systems.get((transfer, unit), {}))
        reference = systems.pop(REFERENCE, None)
        systems = {system: systems[system] for system in titles if system in systems}
        if not reference or not systems:
            continue
        by_metric = {
            metric: verdicts(systems, reference, titles, experiments, metric, found.seed) for metric in COMPARED
        }
        compared = without_bounds(titles, experiments).keys() & by_metric[COMPARED[0]].keys()
        needed, resamples = resamples_needed(len(compared)), profile.evaluation.bootstrap
        if resamples < needed:
            table.notes.append(
                f"{arrow(profile, transfer)}: {resamples:,} resamples (`evaluation.bootstrap`) cannot decide one of "
                f"{len(compared)} differences; {needed:,} could."
            )
        lines = []
        for system in systems:
            if system not in by_metric[COMPARED[0]]:
                cells = [Cell("–")] * len(COMPARED)
                lines.append(Line(system, titles[system], "ours", cells, f"no seed in common with {titles[REFERENCE]}"))
                continue
            unclaimed, cells = silent(profile, experiments, system), []
            for metric in COMPARED:
                one = by_metric[metric][system]
                cells.append(_difference_cell(one, unclaimed))
                table.tidy.append(_difference_row(transfer, one, unclaimed))
            seeds = by_metric[COMPARED[0]][system].interval.seeds
            remarks = [seeds_said(seeds)]
            if _shares_stages(experiments, system):
                remarks.append("shares stages")
            if unclaimed:
                remarks.append("gold structures")
            lines.append(Line(system, titles[system], "ours", cells, "; ".join(remarks)))
        table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def decided(
    profile: Profile, experiments: Mapping[str, Experiment], titles: Titles, found: Bootstraps
) -> dict[tuple[str, str, str], str]:
    """(transfer, system, metric) -> verdict of the difference from Cross2StrA on test, by words; claims that are made alone.

    Ablations under gold structures get none.
    """
    told: dict[tuple[str, str, str], str] = {}
    for transfer in profile.transfers:
        systems = dict(found.systems.get((transfer, "word"), {}))
        reference = systems.pop(REFERENCE, [])
        for metric in names(False) if reference else ():
            for system, one in verdicts(systems, reference, titles, experiments, metric, found.seed).items():
                if not silent(profile, experiments, system):
                    told[transfer, system, metric] = one.verdict
    return told


def _shares_stages(experiments: Mapping[str, Experiment], system: str) -> bool:
    """Whether a system, or the one whose model it is, goes on from a stage of Cross2StrA."""
    row = experiments.get(system)
    if row is not None and row.model_of:
        row = experiments[row.model_of]
    return row is not None and row.warm_start.get("system") == REFERENCE


def _difference_cell(one: Difference, unclaimed: bool) -> Cell:
    low, high = f"{one.interval.low:+.1f}", f"{one.interval.high:+.1f}"
    verdict = "" if unclaimed else f", {one.verdict}"
    return Cell(f"{one.interval.value:+.1f}\u00a0[{low},\u00a0{high}]{verdict}".replace("-", "−"))


def _difference_row(transfer: str, one: Difference, unclaimed: bool) -> dict[str, object]:
    return {
        "transfer": transfer,
        "system": one.system,
        "metric": one.metric,
        "difference": round(one.interval.value, 4),
        "low": round(one.interval.low, 4),
        "high": round(one.interval.high, 4),
        "interval_over": one.interval.of,
        "seeds": one.interval.seeds,
        "p": round(one.p, 6),
        "p_holm": round(one.p_holm, 6),
        "verdict": "no claim: gold structures" if unclaimed else one.verdict,
    }


def unit_table(profile: Profile, titles: Titles, scores: pd.DataFrame, unit: str) -> Table | None:
    """Our scores by another unit than words, by characters with chrF; None when nothing was scored so."""
    values = by_system(scores, unit=unit)
    metrics = [*names(unit == "char")]
    caption, note = BESIDE_WORDS[unit]
    higher = "Mostly higher than by words, since more units agree: compare systems within this table only."
    spread = "±: half of the 95 % t interval over seeds, where there are several."
    table = Table(0, caption, [("", "", len(metrics))], metrics, [], [higher, note, spread], name=PLURALS[unit])
    for transfer in profile.transfers:
        lines = []
        for system, title in titles.items():
            found = [values.get((transfer, system, metric)) for metric in metrics]
            if not any(found):
                continue
            cells = []
            for metric, numbers in zip(metrics, found, strict=True):
                score = summarise([*numbers.values()]) if numbers else None
                cells.append(score_cell(score))
                if score:
                    row = {"transfer": transfer, "system": system, "unit": unit, "metric": metric}
                    table.tidy.append(row | {"value": round(score.mean, 4), "seeds": score.seeds})
            lines.append(Line(system, title, "ours", cells))
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def references_table(profile: Profile, titles: Titles, results: Path) -> Table | None:
    """Our scores by words against some of the references only; None when no references told their sources."""
    frame = score_rows(
        profile, results, "variants.csv", ["transfer", "system", "split", "unit", "references", "metric", "value"]
    )
    if frame.empty:
        return None
    frame = frame[(frame["split"] == "test") & (frame["unit"] == "word")]
    means = frame.groupby(["transfer", "system", "references", "metric"])["value"].mean()
    table = Table(
        0,
        "What the choice of references does, by words: the paper does not say which of COCO-CN's references it used.",
        [("", "", len(METRICS))],
        list(METRICS),
        [],
        ["Mean over seeds. Scores against fewer references are lower and not comparable with those against more."],
        name="references",
    )
    for transfer in profile.transfers:
        lines = []
        for system, title in titles.items():
            for index, (choice, said) in enumerate(_choices(frame, transfer, system).items()):
                row = [float(means.get((transfer, system, choice, metric), float("nan"))) for metric in METRICS]
                lines.append(Line(system, title if index == 0 else "", "ours", [Cell(_number(v)) for v in row], said))
                table.tidy += [
                    {"transfer": transfer, "system": system, "references": choice, "metric": m, "value": round(v, 4)}
                    for m, v in zip(METRICS, row, strict=True)
                ]
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def lengths_table(profile: Profile, titles: Titles, results: Path) -> Table | None:
    """Length, variety and empty captions of each system, by words; None without lengths.csv."""
    columns = ["pictures", "mean_length", "mean_reference_length", "distinct", "unreferenced", "empty"]
    frame = score_rows(profile, results, "lengths.csv", ["transfer", "system", "split", "unit", *columns])
    if frame.empty:
        return None
    frame = frame[(frame["split"] == "test") & (frame["unit"] == "word")]
    means = frame.groupby(["transfer", "system"])[columns].mean()
    shows = [_whole, _number, _number, _whole, _number, _number]
    table = Table(
        0,
        "Captions in numbers: test pictures, words a caption, words a reference, different words, words that no reference of "
        "any picture has (%), empty captions.",
        [("", "", len(columns))],
        ["Pictures", "Length", "Of references", "Different words", "Unreferenced", "Empty"],
        [],
        [
            "Mean over seeds. Words without a reference are of another register or tense, wrong forms, or things that no test "
            "picture shows. An empty caption scores nothing; METEOR sees a placeholder for it."
        ],
        name="lengths",
    )
    for transfer in profile.transfers:
        lines = []
        for system, title in titles.items():
            if (transfer, system) in means.index:
                row = [float(means.loc[(transfer, system), column]) for column in columns]
                cells = [Cell(show(value)) for show, value in zip(shows, row, strict=True)]
                lines.append(Line(system, title, "ours", cells))
                table.tidy.append({"transfer": transfer, "system": system} | dict(zip(columns, row, strict=True)))
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def _choices(frame: pd.DataFrame, transfer: str, system: str) -> dict[str, str]:
    """Choice of references -> words for it, the known ones first."""
    part = frame[(frame["transfer"] == transfer) & (frame["system"] == system)]
    there = set(part["references"])
    order = [choice for choice in CHOICES if choice in there] + sorted(there - set(CHOICES))
    return {choice: CHOICES.get(choice, f"{choice} only") for choice in order}


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.1f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"
