"""The committed record of a profile's real runs: its scores, how far a rerun may be from them, and who made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.intervals import bootstraps
from cross2stra.reporting.recorded import records, trained_at
from cross2stra.reporting.results import of_runs
from cross2stra.reporting.scores import COLUMNS, read_scores, write_csv

KEYS = COLUMNS[:-1]
OF_A_SEED = ["transfer", "system", "split", "unit", "metric"]
OF_A_METRIC = ["transfer", "split", "unit", "metric"]
ALLOWED = 0.1
"""Share of scores that a rerun may have outside of their tolerances. A tolerance holds in 95 of 100 cases, but the scores
of one run hang together: all systems see through the same extractor, and all metrics read the same captions."""


@dataclass(frozen=True)
class Comparison:
    """A run beside the record. `rows`: recorded scores of systems that were run, with `value` (NaN where the run has none,
    which is outside), `expected`, `tolerance`, `difference`, `outside`.

    `missing`, `unknown`: (transfer, system, seed) that only the record, or only the run, has. `further`: other scores
    that only the run has.
    """

    rows: pd.DataFrame
    missing: list[tuple[str, str, int]]
    unknown: list[tuple[str, str, int]]
    further: int

    @property
    def reproduced(self) -> bool:
        """Whether every recorded system was run and nine in ten scores are within their tolerance."""
        return bool(len(self.rows)) and not self.missing and self.rows["outside"].mean() <= ALLOWED


def compare_with_expected(scores: Path, expected: Path) -> Comparison:
    """Scores of a run beside those of the record. Raises ValueError where a file cannot be used."""
    ours, record = read_scores(scores).set_index(KEYS)["value"], _read_expected(expected).set_index(KEYS)
    theirs, tolerance = record["value"], record["tolerance"]
    told = [{(transfer, system, int(seed)) for transfer, system, seed, *_ in each.index} for each in (theirs, ours)]
    missing, unknown = told[0] - told[1], told[1] - told[0]
    both = pd.DataFrame({"value": ours, "expected": theirs}).join(tolerance).reset_index()
    one_sided = [key in missing | unknown for key in zip(both["transfer"], both["system"], both["seed"], strict=True)]
    both = both[~np.array(one_sided, bool)]
    rows = both.dropna(subset="expected").reset_index(drop=True)
    rows["difference"] = rows["value"] - rows["expected"]
    rows["outside"] = ~(rows["difference"].abs() <= rows["tolerance"].fillna(0))
    return Comparison(rows, sorted(missing), sorted(unknown), len(both) - len(rows))


def _read_expected(path: Path) -> pd.DataFrame:
    """Scores of a record with their tolerance (NaN where there is none) and revision."""
    try:
        frame = read_scores(path, ("tolerance", "revision"))
    except ValueError as error:
        raise ValueError(
            f"{path}: no record of scores ({error}); a record is config/expected/{{profile}}.csv"
        ) from error
    return frame.assign(tolerance=pd.to_numeric(frame["tolerance"], errors="coerce"))


def write_expected(
    profile: Profile,
    experiments: Mapping[str, Experiment],
    results: Path,
    revision: str,
    output: Path,
    repeats: Sequence[Path] = (),
) -> int:
    """Put the scores below `results` into `output`, in place of its rows of the same systems and seeds -> rows there.

    Columns: those of scores.csv, `tolerance` and `revision`: of recorded captions that of their record, of others that of
    their model's training where its account says it, or the one given. The tolerance is how far two runs differ in 95 of
    100 cases (t sqrt(2) sd, t with as many degrees of freedom as sd has: few runs tell little of the spread). For a system
    with several seeds sd is over them. With one seed it is over `repeats`, the scores of further whole runs with that seed,
    one sd for all systems of a transfer; and without those the tolerance is the half-width of the bootstrap interval over
    pictures, which knows nothing of training. Raises ValueError when `results` has no scores.
    """
    folders = of_runs(profile, results, "scores/{transfer}/{seed}/scores.csv")
    if not folders:
        raise ValueError(f"{results}: no scores/TRANSFER/SEED/scores.csv; run the profile, or a part of it, first")
    made = pd.concat([read_scores(path) for path in folders])
    known = {(record.transfer, record.system, record.seed): record.revision for record in records(results)}
    for who in {*_whose(made)} - known.keys():
        known[who] = (trained_at(profile, experiments, results, *who) if who[1] in experiments else "") or revision
    made = made.assign(tolerance=float("nan"), revision=[known[who] for who in _whose(made)])
    if output.is_file():
        parts = {*_whose(made)}
        kept = _read_expected(output)
        kept = kept[[part not in parts for part in _whose(kept)]]
        made = pd.concat([kept, made])
    made = made.set_index(OF_A_SEED).sort_index()
    seeds = made.groupby(level=OF_A_SEED)["value"]
    of_seeds = _apart(seeds.var(), seeds.count() - 1)  # NaN with one seed
    tolerance = of_seeds.fillna(_over_runs(made, repeats)).fillna(_over_pictures(profile, results))
    tolerance = tolerance.reindex(made.index).fillna(made["tolerance"])
    made = made.assign(tolerance=tolerance.to_numpy()).reset_index().sort_values(KEYS, kind="stable")
    write_csv(output, made[[*COLUMNS, "tolerance", "revision"]])
    return len(made)


def _whose(scores: pd.DataFrame) -> Iterator[tuple[str, str, int]]:
    """Transfer, system and seed of each row."""
    return scores[["transfer", "system", "seed"]].itertuples(index=False, name=None)


def _over_runs(made: pd.DataFrame, repeats: Sequence[Path]) -> pd.Series:
    """OF_A_SEED -> how far two whole runs differ, by the spread of runs within each system, pooled over a transfer's."""
    runs = pd.concat([made.reset_index()[COLUMNS], *(read_scores(path) for path in repeats)])
    of_a_system = runs.groupby([*OF_A_METRIC, "system", "seed"])["value"]
    pooled = pd.DataFrame({"freedom": of_a_system.count() - 1, "variance": of_a_system.var()}).dropna()
    squares = (pooled["freedom"] * pooled["variance"]).groupby(level=OF_A_METRIC).sum()
    freedom = pooled["freedom"].groupby(level=OF_A_METRIC).sum()
    systems = made.index.to_frame(index=False).drop_duplicates()
    far = _apart(squares / freedom, freedom).rename("far")
    return systems.join(far, on=OF_A_METRIC).set_index(OF_A_SEED)["far"]


def _apart(variance: pd.Series, freedom: pd.Series) -> pd.Series:
    """How far two runs differ in 95 of 100 cases, by a variance of so many degrees of freedom."""
    return stats.t.ppf(0.975, freedom) * (2 * variance) ** 0.5


def _over_pictures(profile: Profile, results: Path) -> pd.Series:
    """OF_A_SEED -> half-width of the interval over pictures, of what has statistics below `results`."""
    halves: dict[tuple[str, ...], float] = {}
    for split in ("val", "test"):
        drawn = bootstraps(profile, results, split)
        for unit in sorted({unit for _, unit in drawn.systems}):
            for (transfer, system, metric), interval in drawn.pictures(unit).items():
                halves[transfer, system, split, unit, metric] = interval.half
    return pd.Series(halves, index=pd.MultiIndex.from_tuples(halves, names=OF_A_SEED), dtype=float)
