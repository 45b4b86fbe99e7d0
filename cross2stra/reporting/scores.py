"""Scores: the tidy CSV, its checks, and means with intervals over seeds."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cross2stra.data.files import replacing
from cross2stra.evaluation.significance import seed_interval

STAGE_COLUMNS = ["transfer", "system", "seed", "stage", "metric", "value"]
COLUMNS = ["transfer", "system", "seed", "split", "unit", "metric", "value"]
BySeed = dict[int, float]


@dataclass(frozen=True)
class Score:
    """A mean over `seeds` seeds with the half-width of its 95 % interval; None with one seed."""

    mean: float
    half_width: float | None
    seeds: int

    def __str__(self) -> str:
        return f"{self.mean:.1f}" if self.half_width is None else f"{self.mean:.1f} ± {self.half_width:.1f}"


def read_scores(path: str | Path, further: Sequence[str] = ()) -> pd.DataFrame:
    """Read scores (points, 0 to 100, CIDEr-D times 100), and as texts the columns `further`; others are dropped.

    Raises ValueError naming the file, and the line or the columns, when it cannot be used.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: no such file; run `cross2stra collect-scores` or pass another --scores")
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    except pd.errors.EmptyDataError as error:
        raise ValueError(f"{path}: the file is empty; expected the columns {', '.join(COLUMNS)}") from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise ValueError(f"{path}: {str(error).strip()}; score again") from error
    missing = [name for name in (*COLUMNS, *further) if name not in frame.columns]
    if missing:
        raise ValueError(f"{path}: expected the columns {missing}, found {list(frame.columns)}; score again")
    for name, kind in (("seed", "whole number"), ("value", "number")):
        numbers = pd.to_numeric(frame[name], errors="coerce")
        wrong = frame.index[numbers.isna() | (numbers % 1 != 0 if name == "seed" else False)]
        if len(wrong):
            line = int(wrong[0]) + 2
            raise ValueError(f"{path}:{line}: {name} {frame[name][wrong[0]]!r} is no {kind}; score again")
        frame[name] = numbers
    frame["seed"] = frame["seed"].astype(int)
    repeated = frame.duplicated(COLUMNS[:-1])
    if repeated.any():
        line = int(frame.index[repeated][0]) + 2
        raise ValueError(f"{path}:{line}: this score is given twice; keep one row of each {COLUMNS[:-1]}")
    return frame[[*COLUMNS, *further]]


def collect_scores(folders: Sequence[Path], output: Path) -> int:
    """Concatenate `scores.csv` of score folders into one sorted file; returns the number of rows."""
    if not folders:
        raise ValueError("collect-scores: no score folder was given; pass --scores DIR at least once")
    frames = [read_scores(folder / "scores.csv" if folder.is_dir() else folder) for folder in folders]
    joined = pd.concat(frames).sort_values(COLUMNS[:-1], kind="stable")
    repeated = joined[joined.duplicated(COLUMNS[:-1])]
    if len(repeated):
        row = repeated.iloc[0]
        raise ValueError(
            f"{', '.join(map(str, folders))}: {row['transfer']}, {row['system']}, seed {row['seed']}, {row['metric']} "
            "is in two folders; pass each transfer and seed once"
        )
    write_csv(output, joined)
    return len(joined)


def collect_stage_scores(folders: Sequence[Path], stages: Sequence[str], output: Path) -> int:
    """Join the validation scores (words) after each stage, one stage name for each folder; returns the number of rows.

    Columns: transfer, system, seed, stage, metric, value.
    """
    if len(folders) != len(stages):
        raise ValueError(
            f"collect-stage-scores: {len(folders)} score folders but {len(stages)} stages; pass --stage once a --scores"
        )
    frames = [pd.DataFrame(columns=STAGE_COLUMNS)]
    for folder, stage in zip(folders, stages, strict=True):
        frame = read_scores(folder / "scores.csv" if folder.is_dir() else folder)
        frame = frame[(frame["split"] == "val") & (frame["unit"] == "word")]
        frames.append(frame.assign(stage=stage)[STAGE_COLUMNS])
    joined = pd.concat([frame for frame in frames if len(frame)] or frames)
    write_csv(output, joined.sort_values(STAGE_COLUMNS[:-1], kind="stable"))
    return len(joined)


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a CSV file, atomically, with line feeds and at most six significant decimals."""
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")


def summarise(values: Sequence[float]) -> Score:
    """Mean and half-width of the 95 % t interval over seeds; no interval with one seed."""
    if not values:
        raise ValueError("summarise: no value was given")
    if len(values) == 1:
        return Score(float(values[0]), None, 1)
    interval = seed_interval(values)
    return Score(interval.value, interval.half, interval.seeds)


def by_system(scores: pd.DataFrame, split: str = "test", unit: str = "word") -> dict[tuple[str, str, str], BySeed]:
    """(transfer, system, metric) -> seed -> value, seeds in order."""
    chosen = scores[(scores["split"] == split) & (scores["unit"] == unit)].sort_values("seed", kind="stable")
    found: dict[tuple[str, str, str], BySeed] = {}
    for row in chosen.itertuples(index=False):
        of_system = found.setdefault((str(row.transfer), str(row.system), str(row.metric)), {})
        of_system[int(row.seed)] = float(row.value)
    return found
