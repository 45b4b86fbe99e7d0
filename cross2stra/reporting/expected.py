"""The committed record of a profile's real runs: its scores, how far a rerun may be from them, and who made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from scipy import stats

from cross2stra.configuration import Profile
from cross2stra.data.files import finished
from cross2stra.reporting.intervals import bootstraps
from cross2stra.reporting.recorded import records
from cross2stra.reporting.scores import COLUMNS, read_scores, write_csv

KEYS = COLUMNS[:-1]
OF_A_SEED = ["transfer", "system", "split", "unit", "metric"]
CHANCE = 0.05
"""Share of scores that a rerun may have outside of their tolerances: a tolerance holds in 95 of 100 cases."""


@dataclass(frozen=True)
class Comparison:
    """A run beside the record. `rows`: scores that both have, with `expected`, `tolerance`, `difference`, `outside`.

    `missing`, `unknown`: (transfer, system, seed) that only the record, or only the run, has.
    """

    rows: pd.DataFrame
    missing: list[tuple[str, str, int]]
    unknown: list[tuple[str, str, int]]

    @property
    def reproduced(self) -> bool:
        """Whether every recorded system was run and no more scores are outside of their tolerance than by chance."""
        return bool(len(self.rows)) and not self.missing and self.rows["outside"].mean() <= CHANCE


def compare_with_expected(scores: Path, expected: Path) -> Comparison:
    """Scores of a run beside those of the record. Raises ValueError where a file cannot be used."""
    ours, theirs = read_scores(scores).set_index(KEYS)["value"], read_scores(expected).set_index(KEYS)["value"]
    tolerance = pd.read_csv(expected).set_index(KEYS)["tolerance"]
    rows = pd.DataFrame({"value": ours, "expected": theirs}).dropna().join(tolerance)
    rows["difference"] = rows["value"] - rows["expected"]
    rows["outside"] = rows["difference"].abs() > rows["tolerance"].fillna(0)
    told = [{(transfer, system, int(seed)) for transfer, system, seed, *_ in each.index} for each in (theirs, ours)]
    return Comparison(rows.reset_index(), sorted(told[0] - told[1]), sorted(told[1] - told[0]))


def write_expected(profile: Profile, results: Path, revision: str, output: Path) -> int:
    """Put the scores below `results` into `output`, in place of its rows of the same transfers and seeds -> rows there.

    Columns: those of scores.csv, `tolerance` and `revision`, of recorded captions that of their record. The tolerance of a
    system with several seeds is how far two seeds differ in 95 of 100 cases (t sqrt(2) sd, t with as many degrees of
    freedom as sd has: few seeds tell little of the spread); with one seed there is no spread over seeds, and it is the half-width of the bootstrap interval over
    pictures. Raises ValueError when `results` has no scores.
    """
    folders = finished(results, "scores/*/*/scores.csv")
    if not folders:
        raise ValueError(f"{results}: no scores/TRANSFER/SEED/scores.csv; run the profile, or a part of it, first")
    made = pd.concat([read_scores(path) for path in folders]).assign(tolerance=float("nan"), revision=revision)
    for record in records(results):
        theirs = (
            (made["transfer"] == record.transfer) & (made["system"] == record.system) & (made["seed"] == record.seed)
        )
        made.loc[theirs, "revision"] = record.revision
    if output.is_file():
        parts = set(zip(made["transfer"], made["seed"], strict=True))
        recorded = pd.read_csv(output, usecols=["tolerance", "revision"], dtype={"revision": str})
        kept = read_scores(output).join(recorded)
        kept = kept[[part not in parts for part in zip(kept["transfer"], kept["seed"], strict=True)]]
        made = pd.concat([kept, made])
    made = made.set_index(OF_A_SEED).sort_index()
    seeds = made.groupby(level=OF_A_SEED)["value"]
    of_seeds = seeds.std() * 2**0.5 * stats.t.ppf(0.975, seeds.count() - 1)  # NaN with one seed
    tolerance = of_seeds.fillna(_over_pictures(profile, results)).reindex(made.index).fillna(made["tolerance"])
    made = made.assign(tolerance=tolerance.to_numpy()).reset_index().sort_values(KEYS, kind="stable")
    write_csv(output, made[[*COLUMNS, "tolerance", "revision"]])
    return len(made)


def _over_pictures(profile: Profile, results: Path) -> pd.Series:
    """OF_A_SEED -> half-width of the interval over pictures, of what has statistics below `results`."""
    halves: dict[tuple[str, ...], float] = {}
    for split in ("val", "test"):
        drawn = bootstraps(profile, results, split)
        for unit in ("word", "char"):
            for (transfer, system, metric), interval in drawn.pictures(unit).items():
                halves[transfer, system, split, unit, metric] = interval.half
    return pd.Series(halves, index=pd.MultiIndex.from_tuples(halves, names=OF_A_SEED), dtype=float)
