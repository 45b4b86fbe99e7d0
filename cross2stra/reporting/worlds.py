"""Knob-off worlds: is an effect gone in a world that lacks what it is said to come from? (docs/readings.md, 23)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cross2stra.configuration import Experiment, Profile
from cross2stra.configuration.rows import REFERENCE
from cross2stra.data.files import replacing_folder
from cross2stra.evaluation.significance import Difference, Interval, compare
from cross2stra.reporting.intervals import bootstraps
from cross2stra.reporting.layout import Block, Cell, Line, Table
from cross2stra.reporting.tables import write_table

METRIC = "CIDEr-D"


def differences(profile: Profile, results: Path, transfer: str) -> dict[str, Difference]:
    """System -> its difference from Cross2StrA on the test pictures of a world; empty where nothing was scored."""
    found = bootstraps(profile, results)
    systems = dict(found.systems.get((transfer, "word"), {}))
    if REFERENCE not in systems:
        return {}
    reference = systems.pop(REFERENCE)
    return {one.system: one for one in compare(systems, reference, METRIC, found.seed)}


def apart(off: Interval, on: Interval) -> tuple[float, float, float]:
    """Difference of two independent differences and its 95 % interval, half-widths added in quadrature."""
    value = off.value - on.value
    low = ((off.value - off.low) ** 2 + (on.high - on.value) ** 2) ** 0.5
    high = ((off.high - off.value) ** 2 + (on.value - on.low) ** 2) ** 0.5
    return value, value - low, value + high


def worlds_table(worlds: Sequence[tuple[Profile, Path]], experiments: Mapping[str, Experiment], transfer: str) -> Table:
    """A block for each world but the first, which they are compared with; a line for each row that both have.

    Raises ValueError where the first has no scores of Cross2StrA.
    """
    (base, base_results), *others = worlds
    on = differences(base, base_results, transfer)
    if not on:
        raise ValueError(f"{base_results}: no scores of {REFERENCE} on {transfer}; run profile {base.profile} first")
    table = Table(
        0,
        f"Systems less Cross2StrA in {METRIC}, in the world as it is and in worlds that lack one cause.",
        [("", "", 3)],
        ["As it is", "Without the cause", "Change"],
        [],
        [
            "95 % intervals over seeds and pictures; those of a change from both. An effect has its cause where the difference is "
            "below zero in the world as it is and not in the world without the cause.",
            "One world's pictures are not the other's: compare differences, not scores.",
        ],
        name="worlds",
    )
    for profile, results in others:
        off = differences(profile, results, transfer)
        lines = []
        for system, there in off.items():
            if system in on:
                here = on[system]
                change = apart(there.interval, here.interval)
                cells = [_show(i.value, i.low, i.high) for i in (here.interval, there.interval)] + [_show(*change)]
                lines.append(Line(system, experiments[system].title, "ours", cells))
                table.tidy.append(
                    {"world": profile.profile, "system": system, "on": here.interval.value, "off": there.interval.value}
                    | dict(zip(("change", "low", "high"), change, strict=True))
                )
        remark = "" if lines else ": not run"
        table.blocks.append(Block((profile.description or profile.profile) + remark, lines))
    return table


def write_worlds(
    worlds: Sequence[tuple[Profile, Path]], experiments: Mapping[str, Experiment], transfer: str, output: Path
) -> Table:
    """Write table_worlds as .csv, .md, .tex and .html."""
    table = worlds_table(worlds, experiments, transfer)
    with replacing_folder(output, "table_worlds.csv") as folder:
        write_table(table, folder)
    return table


def _show(value: float, low: float, high: float) -> Cell:
    return Cell(f"{value:+.1f} [{low:+.1f}, {high:+.1f}]".replace("-", "−"))
