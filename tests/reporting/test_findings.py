"""Warnings: alignments outside their limits, and control words whose sense a system seems to know."""

from __future__ import annotations

import pandas as pd

from cross2stra.evaluation.senses import MAJORITY
from cross2stra.reporting.findings import alignment_warnings, control_warnings

COLUMNS = ["transfer", "system", "seed", "stage", "step", "name", "value"]


def logs(name: str, values: list[float], stage: str = "align", every: int = 20) -> pd.DataFrame:
    return pd.DataFrame(
        [("t", "cross2stra", 1, stage, every * (k + 1), name, value) for k, value in enumerate(values)], columns=COLUMNS
    )


def test_too_few_positives_for_200_updates() -> None:
    found = alignment_warnings(logs("anchors_positive_m", [0.5] * 10), {"cross2stra": "Cross2StrA"})
    assert len(found) == 1
    assert found[0].startswith("Cross2StrA on t, stage align, seed 1: scene nodes with a positive below 1 % for 200")
    assert not alignment_warnings(logs("anchors_positive_m", [0.5] * 9), {})
    assert not alignment_warnings(logs("anchors_positive_m", [0.5] * 5 + [3.0] + [0.5] * 5), {})


def test_too_many_positive_pairs() -> None:
    assert alignment_warnings(logs("pairs_positive_l", [60.0] * 12), {})
    assert not alignment_warnings(logs("pairs_positive_l", [40.0] * 12), {})


def test_stages_are_apart() -> None:
    both = pd.concat([logs("anchors_positive_l", [0.1] * 6), logs("anchors_positive_l", [0.1] * 6, "joint")])
    assert not alignment_warnings(both, {})
    assert not alignment_warnings(pd.DataFrame(columns=COLUMNS), {})


def senses(correct: int, wrong: int) -> pd.DataFrame:
    rows = [
        ("t", "cross2stra", 1, "test", "control", correct, wrong, 0),
        ("t", MAJORITY, 1, "test", "control", 55, 45, 0),
    ]
    return pd.DataFrame(rows, columns=["transfer", "system", "seed", "split", "kind", "correct", "wrong", "missing"])


def test_control_words() -> None:
    found = control_warnings(senses(80, 20), {"cross2stra": "Cross2StrA"}, MAJORITY)
    assert len(found) == 1
    assert "80% of the control words" in found[0]
    assert not control_warnings(senses(58, 42), {}, MAJORITY)
    assert not control_warnings(pd.DataFrame(), {}, MAJORITY)
