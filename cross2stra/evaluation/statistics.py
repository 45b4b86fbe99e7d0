"""The Parquet form of per-picture statistics, and the arrays that bootstraps work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from cross2stra.data.files import read_table, write_table
from cross2stra.evaluation.metrics import COLUMNS

KEYS = ("transfer", "system", "seed", "split", "unit", "image_id")
SCHEMA = pa.schema(
    [(name, pa.int32() if name == "seed" else pa.string()) for name in KEYS]
    + [(name, pa.float64()) for name in COLUMNS]
)


@dataclass(frozen=True)
class PictureStatistics:
    """Statistics of one system, seed, split and unit: `values` (N, len(COLUMNS)), one row for each of `images`."""

    transfer: str
    system: str
    seed: int
    split: str
    unit: str
    images: tuple[str, ...]
    values: np.ndarray


def write_statistics(path: str | Path, parts: Sequence[PictureStatistics]) -> None:
    """Write the statistics of several systems as one table."""
    columns: dict[str, object] = {
        name: [getattr(part, name) for part in parts for _ in part.images] for name in KEYS if name != "image_id"
    }
    columns["image_id"] = [image for part in parts for image in part.images]
    values = np.concatenate([part.values for part in parts]) if parts else np.zeros((0, len(COLUMNS)))
    columns |= {name: values[:, column] for column, name in enumerate(COLUMNS)}
    write_table(path, pa.table(columns, schema=SCHEMA))


def read_statistics(paths: Iterable[str | Path], split: str = "test") -> list[PictureStatistics]:
    """Read the statistics of one split from several files; pictures are in order of their ids."""
    parts: list[PictureStatistics] = []
    seen: dict[tuple[object, ...], Path] = {}
    for path in map(Path, paths):
        table = read_table(path, columns=list(SCHEMA.names)).to_pandas()
        table = table[table["split"] == split]
        for key, group in table.groupby(list(KEYS[:-1]), sort=True):
            if key in seen:
                raise ValueError(f"{path}: {key} is also in {seen[key]}; give each transfer and seed once")
            seen[key] = path
            group = group.sort_values("image_id")
            transfer, system, seed, _, unit = key
            parts.append(
                PictureStatistics(
                    transfer, system, int(seed), split, unit, tuple(group["image_id"]), group[list(COLUMNS)].to_numpy()
                )
            )
    return parts
