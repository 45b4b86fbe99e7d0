"""What a reader must be warned of: alignments that find too little or too much, leaks in the world's control words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from scipy.stats import binomtest

UPDATES = 200
"""A share outside its limits for so many updates is told."""
LIMITS = {
    "anchors_positive_m": ("below", 1.0, "scene nodes with a positive"),
    "anchors_positive_l": ("below", 1.0, "tree nodes with a positive"),
    "pairs_positive_m": ("above", 50.0, "scene node pairs that are positive"),
    "pairs_positive_l": ("above", 50.0, "tree node pairs that are positive"),
}
"""Logged share in % -> side, limit, words for it."""


def alignment_warnings(logs: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """Sentences on stages whose alignment stayed outside LIMITS for UPDATES updates in a row."""
    found = []
    for name, (side, limit, words) in LIMITS.items():
        stages = ["transfer", "system", "stage", "seed"]
        longest: dict[tuple[str, str, str], dict[int, int]] = {}
        for (transfer, system, stage, seed), run in logs[logs["name"] == name].groupby(stages):
            run = run.sort_values("step")
            outside = run["value"] < limit if side == "below" else run["value"] > limit
            updates = _longest(run["step"].tolist(), outside.tolist())
            if updates >= UPDATES:
                longest.setdefault((str(transfer), str(system), str(stage)), {})[int(seed)] = updates
        for (transfer, system, stage), seeds in longest.items():
            which = ", ".join(map(str, sorted(seeds)))
            found.append(
                f"{titles.get(system, system)} on {transfer}, stage {stage}, seed {which}: {words} {side} {limit:g} % "
                f"for {max(seeds.values())} updates; look at rho and temperature in training.alignment."
            )
    return found


def _longest(steps: list[int], outside: list[bool]) -> int:
    """Updates that the longest unbroken row of True stands for; a row of a log stands for those since the one before."""
    longest = since = 0
    for before, step, out in zip(
        [2 * steps[0] - steps[1] if len(steps) > 1 else steps[0], *steps], steps, outside, strict=False
    ):
        since = since + step - before if out else 0
        longest = max(longest, since)
    return longest


def control_warnings(senses: pd.DataFrame, titles: Mapping[str, str], majority: str) -> list[str]:
    """Sentences on systems that name control words better than the more frequent sense could, beyond chance (1 %)."""
    if senses.empty:
        return []
    test = senses[(senses["split"] == "test") & (senses["kind"] == "control")]
    found = []
    for transfer, part in test.groupby("transfer"):
        sums = part.groupby("system")[["correct", "wrong", "missing"]].sum()
        if majority not in sums.index:
            continue
        best = sums.loc[majority, "correct"] / max(sums.loc[majority].sum(), 1)
        for system, row in sums.drop(majority).iterrows():
            said = int(row["correct"] + row["wrong"])
            if said and best < 1 and binomtest(int(row["correct"]), said, float(best), "greater").pvalue < 0.01:
                found.append(
                    f"{titles.get(str(system), str(system))} on {transfer}: {row['correct'] / said:.0%} of the control "
                    f"words it names are right, the more frequent sense is {best:.0%}: something tells it the sense."
                )
    return found
