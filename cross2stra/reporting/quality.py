"""The table of language quality without people: a companion to Figure 8, which stays silent until people rated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from cross2stra.configuration import Profile
from cross2stra.evaluation.quality import read_qualities
from cross2stra.reporting.layout import Block, Cell, Line, Table, arrow, score_cell
from cross2stra.reporting.results import of_runs
from cross2stra.reporting.scores import summarise

MEASURES = {
    "perplexity": "Perplexity",
    "order": "Word order, %",
    "confidence": "Parser, %",
    "hallucinated": "Not there, %",
    "distinct_1": "Distinct-1, %",
    "distinct_2": "Distinct-2, %",
    "vocabulary": "Different words",
}


def measures(part: pd.DataFrame) -> dict[str, float]:
    """MEASURES of one system's and seed's captions; NaN where there is nothing to measure."""
    words = [tokens.split() for tokens in part["tokens"]]
    pairs = [pair for sentence in words for pair in pairwise(sentence)]
    flat = [word for sentence in words for word in sentence]
    lengths = np.array([len(sentence) + 1 for sentence in words if sentence])  # an end counts as a word
    logs = np.log(part["perplexity"].dropna().to_numpy())
    return {
        "perplexity": math.exp(float((logs * lengths).sum() / lengths.sum())) if len(lengths) else math.nan,
        "order": float(part["order"].mean()),
        "confidence": float(part["confidence"].mean()),
        "hallucinated": 100 * _share(int(part["hallucinated"].sum()), int(part["things"].sum())),
        "distinct_1": 100 * _share(len(set(flat)), len(flat)),
        "distinct_2": 100 * _share(len(set(pairs)), len(pairs)),
        "vocabulary": float(len(set(flat))),
    }


def _share(some: int, whole: int) -> float:
    return some / whole if whole else math.nan


def quality_table(profile: Profile, titles: Mapping[str, str], results: Path) -> Table | None:
    """Every system's captions of test pictures; None where none was probed."""
    frame = read_qualities(of_runs(profile, results, "quality/{transfer}/{seed}.parquet")).to_pandas()
    if frame.empty:
        return None
    table = Table(
        0,
        "Language quality without people: an automatic companion to Figure 8, which no count replaces.",
        [("", "", len(MEASURES))],
        list(MEASURES.values()),
        [],
        [
            "Mean over seeds, with the half-width of the 95 % t interval where there are several. Perplexity: a word's, under a "
            "trigram model of the target side of the parallel text. Word order: share of word pairs that stand as in the "
            "reference that shares most words. Parser: mean probability of a tree's phrases. Not there: things named that the "
            "picture's graph does not have (as CHAIR counts; the dictionary misses synonyms, so none reaches 0). Distinct-n: "
            "different n-grams of all.",
        ],
        name="quality",
    )
    for transfer in profile.transfers:
        lines = []
        for system, title in titles.items():
            part = frame[(frame["transfer"] == transfer) & (frame["system"] == system)]
            seeds = [measures(of_seed) for _, of_seed in part.groupby("seed")]
            if not seeds:
                continue
            lines.append(Line(system, title, "ours", [_cell([seed[name] for seed in seeds]) for name in MEASURES]))
            table.tidy += [
                {
                    "transfer": transfer,
                    "system": system,
                    "measure": name,
                    "value": round(float(np.mean([s[name] for s in seeds])), 4),
                }
                for name in MEASURES
            ]
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None


def _cell(values: Sequence[float]) -> Cell:
    if any(math.isnan(value) for value in values):
        return Cell("n/a")
    return score_cell(summarise(values))
