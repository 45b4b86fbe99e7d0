"""The table of where systems lose their score: `diagnosis/{transfer}/{system}/{seed}/scores.csv`, and all together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from cross2stra.configuration import Profile
from cross2stra.evaluation.metrics import METRICS
from cross2stra.reporting.layout import Block, Cell, Line, Table, arrow
from cross2stra.reporting.results import of_runs, read_csv

STEPS = {
    "caption": "pivot captions of pictures",
    "translation": "translation of held-out pairs",
    "human": "human pivot captions, translated",
    "whole": "from picture to target caption, validation",
}


def diagnosis_table(profile: Profile, titles: Mapping[str, str], scores: pd.DataFrame, results: Path) -> Table | None:
    """Scores of each step by words, mean over seeds; None when nothing was diagnosed. `scores` are all of scores.csv."""
    columns = ["transfer", "system", "seed", "step", "items", "metric", "value"]
    frames = [read_csv(path, columns) for path in of_runs(profile, results, "diagnosis/{transfer}/*/{seed}/scores.csv")]
    if not frames:
        return None
    whole = scores[(scores["split"] == "val") & (scores["unit"] == "word") & scores["metric"].isin(METRICS)]
    frame = pd.concat([*frames, whole.assign(step="whole")], ignore_index=True)
    keys = ["transfer", "system", "step"]
    means, items = frame.groupby([*keys, "metric"])["value"].mean(), frame.groupby(keys)["items"].max()
    table = Table(
        0,
        "Where the score is lost: each step by itself, on no test data, by words.",
        [("", "", 1 + len(METRICS))],
        ["Items", *METRICS],
        [],
        [
            "Mean over seeds. The steps have different references: compare systems within a step. Human pivot captions are "
            "those of pictures with captions in both languages, where there are any, training pictures too; no system is "
            "trained on such a pairing. With references as many as the validation pictures have, they bound the way from picture to target caption.",
        ],
        name="diagnosis",
    )
    for transfer in profile.transfers:
        lines = []
        for system, title in titles.items():
            steps = [step for step in STEPS if (transfer, system, step) in items.index]
            for index, step in enumerate(steps):
                count = items.loc[(transfer, system, step)]
                row = [float(means.loc[(transfer, system, step, metric)]) for metric in METRICS]
                cells = [Cell("–" if count != count else f"{count:,.0f}"), *(Cell(f"{value:.1f}") for value in row)]
                lines.append(Line(system, title if index == 0 else "", "ours", cells, STEPS[step]))
                table.tidy += [
                    {"transfer": transfer, "system": system, "step": step, "items": count, "metric": metric}
                    | {"value": round(value, 4)}
                    for metric, value in zip(METRICS, row, strict=True)
                ]
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None
