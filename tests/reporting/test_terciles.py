"""Scores by length of references, on pictures whose quality falls with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cross2stra.configuration import Profile
from cross2stra.evaluation.metrics import COLUMNS
from cross2stra.evaluation.statistics import PictureStatistics, write_statistics
from cross2stra.reporting.terciles import tercile_rows, terciles_table


def statistics(seed: int) -> PictureStatistics:
    """Nine pictures with references of 1 to 9 words, in no order; CIDEr-D is 1 for the shortest third, then 0.5, 0.2."""
    lengths = np.array([5, 1, 9, 3, 7, 2, 8, 4, 6], dtype=float)
    values = np.ones((9, len(COLUMNS)))
    values[:, COLUMNS.index("mean_reference_length")] = lengths
    quality = np.where(lengths <= 3, 1.0, np.where(lengths <= 6, 0.5, 0.2))
    values[:, COLUMNS.index("cider_d")] = quality + 0.01 * seed
    return PictureStatistics("en-zh_aic", "cross2stra", seed, "test", "word", tuple("abcdefghi"), values)


def test_thirds_are_by_length() -> None:
    lengths = [5, 1, 9, 3, 7, 2, 8, 4, 6]
    thirds = [sorted(lengths[i] for i in rows) for rows in tercile_rows(statistics(1))]
    assert thirds == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_table_has_the_mean_of_each_third(tmp_path: Path, profile: Profile) -> None:
    for seed in (1, 2):
        write_statistics(tmp_path / f"scores/en-zh_aic/{seed}/statistics.parquet", [statistics(seed)])
    table = terciles_table(profile, {"cross2stra": "Cross2StrA"}, tmp_path)
    assert table is not None
    ((line,),) = [block.lines for block in table.blocks]
    values = {(row["tercile"], row["metric"]): row["value"] for row in table.tidy}
    scale = values["short", "CIDEr-D"] / 1.015
    assert values["middling", "CIDEr-D"] == pytest.approx(0.515 * scale, rel=1e-3)
    assert values["long", "CIDEr-D"] == pytest.approx(0.215 * scale, rel=1e-3)
    assert line.cells[-1].text == f"−{0.8 * scale:.1f}"
    assert line.cells[-1].half_width == "0.0"
    assert values["long − short", "CIDEr-D"] == pytest.approx(-0.8 * scale, rel=1e-3)
    assert terciles_table(profile, {"cross2stra": "Cross2StrA"}, tmp_path / "nothing") is None
