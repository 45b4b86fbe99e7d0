"""Scores of pictures with short, middling and long references: the introduction's claim about long sentences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cross2stra.configuration import Profile
from cross2stra.evaluation.metrics import COLUMNS, scores
from cross2stra.evaluation.statistics import PictureStatistics, read_statistics
from cross2stra.reporting.layout import Block, Cell, Line, Table, arrow
from cross2stra.reporting.results import of_runs
from cross2stra.reporting.scores import summarise

TERCILES = ("short", "middling", "long")
LOST = "long − short"
METRICS = ("BLEU-4", "CIDEr-D")


def tercile_rows(part: PictureStatistics) -> list[np.ndarray]:
    """Rows of the pictures with the shortest, middling and longest references, by their mean: the same for all systems."""
    lengths = part.values[:, COLUMNS.index("mean_reference_length")]
    return np.array_split(np.argsort(lengths, kind="stable"), len(TERCILES))


def terciles_table(profile: Profile, titles: Mapping[str, str], results: Path) -> Table | None:
    """BLEU-4 and CIDEr-D of each tercile, and what is lost from short to long; None without statistics of pictures."""
    parts = read_statistics(of_runs(profile, results, "scores/{transfer}/{seed}/statistics.parquet"), "test")
    found: dict[tuple[str, str], list[dict[str, list[float]]]] = {}
    for part in parts:
        if part.unit == "word":
            each = [scores(part.values[rows]) for rows in tercile_rows(part)]
            values = {metric: [float(one[metric][0]) for one in each] for metric in METRICS}
            found.setdefault((part.transfer, part.system), []).append(values)
    table = Table(
        0,
        "Test pictures by the length of their references, by words: thirds with the shortest, middling and longest.",
        [(metric, "", len(TERCILES) + 1) for metric in METRICS],
        [*TERCILES, LOST] * len(METRICS),
        [],
        [
            "Mean over seeds, with the half-width of the 95 % t interval of the difference where there are several. Each third "
            "has its own brevity penalty; CIDEr-D's weights of words are those of all pictures. A picture's length is the mean of "
            "its references', so the thirds are the same for all systems. A longer sentence is harder for all of them: compare "
            "what systems lose.",
        ],
        name="terciles",
    )
    for transfer in profile.transfers:
        lines = []
        for system, title in titles.items():
            seeds = found.get((transfer, system))
            if not seeds:
                continue
            cells = []
            for metric in METRICS:
                means = np.mean([values[metric] for values in seeds], axis=0)
                lost = summarise([values[metric][-1] - values[metric][0] for values in seeds])
                half = "" if lost.half_width is None else f"{lost.half_width:.1f}"
                cells += [Cell(f"{mean:.1f}") for mean in means]
                cells.append(Cell(f"{lost.mean:+.1f}".replace("-", "−"), half_width=half))
                told = [*zip(TERCILES, means, [None] * len(means), strict=True), (LOST, lost.mean, lost.half_width)]
                table.tidy += [
                    {"transfer": transfer, "system": system, "tercile": name, "metric": metric}
                    | {"value": round(float(value), 4), "half_width": "" if width is None else round(width, 4)}
                    for name, value, width in told
                ]
            lines.append(Line(system, title, "ours", cells))
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None
