"""What a reader must be warned of: alignments and judges that find too little, leaks in the world's control words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
from scipy.stats import binomtest

UPDATES = 200
"""A share outside its limits for so many updates, or for a whole shorter stage, is told."""
LIMITS = {
    "anchors_positive_m": ("below", 1.0, "scene nodes with a positive"),
    "anchors_positive_l": ("below", 1.0, "tree nodes with a positive"),
    "pairs_positive_m": ("above", 50.0, "scene node pairs that are positive"),
    "pairs_positive_l": ("above", 50.0, "tree node pairs that are positive"),
}
"""Logged share in % -> side, limit, words for it."""


def alignment_warnings(logs: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """Sentences on stages whose alignment stayed outside LIMITS for UPDATES updates in a row, or from beginning to end.

    Of systems with a title alone: points of a sweep are to go so far.
    """
    found, logs = [], logs[logs["system"].isin(list(titles))]
    for name, (side, limit, words) in LIMITS.items():
        stages = ["transfer", "system", "stage", "seed"]
        longest: dict[tuple[str, str, str], dict[int, int]] = {}
        for (transfer, system, stage, seed), run in logs[logs["name"] == name].groupby(stages):
            run = run.sort_values("step")
            outside = run["value"] < limit if side == "below" else run["value"] > limit
            updates = _longest(run["step"].tolist(), outside.tolist())
            if updates >= UPDATES or outside.all():
                longest.setdefault((str(transfer), str(system), str(stage)), {})[int(seed)] = updates
        for (transfer, system, stage), seeds in longest.items():
            which = ", ".join(map(str, sorted(seeds)))
            found.append(
                f"{titles[system]} on {transfer}, stage {stage}, seed {which}: {words} {side} {limit:g} % "
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


JUDGES = {
    "fluency_accuracy": "tells a person's sentence from a translated one",
    "preferred_sentence": "finds a picture's own sentence more relevant than another's",
    "preferred_concept": "finds the concepts of a picture's own sentence more relevant than another's",
}
"""Share in % in an account, of cases that were held out -> what its judge does there; a blind one does so in 50 %."""
BLIND = 60.0
"""A judge that is right less often than this teaches its system next to nothing."""


def judged(accounts: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str, float]]:
    """The account of a stage, what a judge of its sentences does, and in what share of held-out cases (%)."""
    for account in accounts:
        for name, does in JUDGES.items():
            if name in account:
                yield account, does, account[name]


def judge_warnings(accounts: Iterable[Mapping[str, Any]], titles: Mapping[str, str]) -> list[str]:
    """Sentences on judges that a compared system is trained by, of FG or SSR, and that are right less often than BLIND."""
    return [
        f"{titles[account['system']]} on {account['transfer']}, seed {account['seed']}: what rewards or weighs its sentences "
        f"{does} in {share:.0f} % of held-out cases, where a blind one would in 50 %; look at `compared` in the profile."
        for account, does, share in judged(accounts)
        if account["system"] in titles and share < BLIND
    ]


def control_warnings(senses: pd.DataFrame, titles: Mapping[str, str], majority: str) -> list[str]:
    """Sentences on systems that name control words better than the more frequent sense could, beyond chance (1 %).

    Seeds caption the same pictures, so that each is tested by itself; it is told where most of them are beyond chance.
    """
    if senses.empty:
        return []
    test = senses[(senses["split"] == "test") & (senses["kind"] == "control")]
    found = []
    for transfer, part in test.groupby("transfer"):
        counts = part.groupby(["system", "seed"])[["correct", "wrong", "missing"]].sum()
        if majority not in counts.index:
            continue
        frequent = counts.loc[majority].sum()
        best = float(frequent["correct"] / max(frequent.sum(), 1))
        for system, seeds in counts.drop(majority, level="system").groupby("system"):
            named = seeds[seeds["correct"] + seeds["wrong"] > 0]
            beyond = [
                binomtest(int(correct), int(correct + wrong), best, "greater").pvalue < 0.01
                for correct, wrong in zip(named["correct"], named["wrong"], strict=True)
            ]
            if best < 1 and sum(beyond) * 2 > len(seeds):
                right = named["correct"].sum() / (named["correct"] + named["wrong"]).sum()
                found.append(
                    f"{titles.get(str(system), str(system))} on {transfer}: {right:.0%} of the control words it names are "
                    f"right, the more frequent sense is {best:.0%}: something tells it the sense."
                )
    return found
