"""The table of language quality without people, of captions written out here."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from cross2stra.configuration import Profile
from cross2stra.evaluation.quality import Quality, write_qualities
from cross2stra.reporting.quality import measures, quality_table

ROWS = [
    Quality("en-zh_aic", "cross2stra", 1, "1", "a b a", 4.0, 100.0, 90.0, 2, 1),
    Quality("en-zh_aic", "cross2stra", 1, "2", "a c", 16.0, 50.0, 70.0, 2, 0),
    Quality("en-zh_aic", "cross2stra", 1, "3", "", math.nan, math.nan, math.nan, 0, 0),
]


def test_measures_by_hand() -> None:
    found = measures(pd.DataFrame([vars(row) for row in ROWS]))
    # Words with their ends: 4 at 4, 3 at 16.
    assert found["perplexity"] == pytest.approx(math.exp((4 * math.log(4) + 3 * math.log(16)) / 7))
    assert (found["order"], found["confidence"], found["hallucinated"]) == (75, 80, 25)
    assert found["distinct_1"] == pytest.approx(100 * 3 / 5)
    assert found["distinct_2"] == pytest.approx(100 * 3 / 3)
    assert found["vocabulary"] == 3


def test_table_says_what_it_is(tmp_path: Path, profile: Profile) -> None:
    assert quality_table(profile, {"cross2stra": "Cross2StrA"}, tmp_path) is None
    write_qualities(tmp_path / "quality" / "en-zh_aic" / "1.parquet", ROWS)
    table = quality_table(profile, {"cross2stra": "Cross2StrA"}, tmp_path)
    assert table is not None
    assert "automatic companion to Figure 8" in table.caption
    ((line,),) = [block.lines for block in table.blocks]
    assert [cell.text for cell in line.cells[1:4]] == ["75.0", "80.0", "25.0"]
