"""Bootstraps of a profile's scores, from the statistics of each picture below its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cross2stra.configuration import Experiment, Profile
from cross2stra.evaluation.metrics import names
from cross2stra.evaluation.significance import (
    Difference,
    Drawn,
    Interval,
    compare,
    draw,
    picture_interval,
    seed_interval,
)
from cross2stra.evaluation.statistics import PictureStatistics, read_statistics
from cross2stra.reporting.layout import without_bounds
from cross2stra.reporting.results import of_runs

_INTERVALS = [
    "transfer", "system", "unit", "metric", "seeds", "value", "low_over_pictures", "high_over_pictures", "low_over_seeds",
    "high_over_seeds",
]  # fmt: skip


def verdicts(
    systems: Mapping[str, Sequence[Drawn]],
    reference: Sequence[Drawn],
    titles: Mapping[str, str],
    experiments: Mapping[str, Experiment],
    metric: str,
    seed: int,
) -> dict[str, Difference]:
    """System -> its difference from the reference, of those with a title and a seed that the reference has.

    Holm over what is compared, and over bounds.
    """
    compared, seeds = without_bounds(titles, experiments), {one.seed for one in reference}
    there = {s: systems[s] for s in titles if s in systems and seeds & {one.seed for one in systems[s]}}
    families = ([s for s in there if s in compared], [s for s in there if s not in compared])
    return {
        one.system: one
        for family in families
        for one in compare({s: there[s] for s in family}, reference, metric, seed)
    }


@dataclass
class Bootstraps:
    """`systems`: (transfer, unit) -> system -> its seeds, scored on the same resampled pictures. `seed`: of resamples."""

    seed: int
    systems: dict[tuple[str, str], dict[str, list[Drawn]]] = field(default_factory=dict)

    def pictures(self, unit: str = "word") -> dict[tuple[str, str, str], Interval]:
        """(transfer, system, metric) -> interval over pictures of the mean over seeds."""
        return {
            (transfer, system, metric): picture_interval(seeds, metric)
            for (transfer, of), systems in self.systems.items()
            if of == unit
            for system, seeds in systems.items()
            for metric in names(unit == "char")
        }

    def table(self) -> pd.DataFrame:
        """Every interval, one row for a transfer, system, unit and metric; over seeds only where there are two."""
        rows = []
        for (transfer, unit), systems in sorted(self.systems.items()):
            for system, seeds in sorted(systems.items()):
                for metric in names(unit == "char"):
                    rows.append(
                        {"transfer": transfer, "system": system, "unit": unit, "metric": metric} | _both(seeds, metric)
                    )
        return pd.DataFrame(rows, columns=_INTERVALS)


def bootstraps(profile: Profile, results: Path, split: str = "test") -> Bootstraps:
    """Resample the pictures of a split in every transfer that has statistics below `results`/scores; empty without."""
    found = Bootstraps(profile.evaluation.seed)
    parts = read_statistics(of_runs(profile, results, "scores/{transfer}/{seed}/statistics.parquet"), split)
    for (transfer, unit), some in _grouped(parts).items():
        systems: dict[str, list[Drawn]] = {}
        for one in draw(some, profile.evaluation.bootstrap, profile.evaluation.seed):
            systems.setdefault(one.system, []).append(one)
        found.systems[transfer, unit] = systems
    return found


def _grouped(parts: Sequence[PictureStatistics]) -> Mapping[tuple[str, str], list[PictureStatistics]]:
    groups: dict[tuple[str, str], list[PictureStatistics]] = {}
    for part in parts:
        groups.setdefault((part.transfer, part.unit), []).append(part)
    return groups


def _both(seeds: Sequence[Drawn], metric: str) -> dict[str, object]:
    over_pictures = picture_interval(seeds, metric)
    row: dict[str, object] = {
        "seeds": len(seeds),
        "value": over_pictures.value,
        "low_over_pictures": over_pictures.low,
        "high_over_pictures": over_pictures.high,
        "low_over_seeds": "",
        "high_over_seeds": "",
    }
    if len(seeds) > 1:
        over_seeds = seed_interval([one.observed[metric] for one in seeds])
        row |= {"low_over_seeds": over_seeds.low, "high_over_seeds": over_seeds.high}
    return row
