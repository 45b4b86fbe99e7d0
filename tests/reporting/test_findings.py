"""Warnings: alignments outside their limits, and control words whose sense a system seems to know."""

from __future__ import annotations

import pandas as pd

from cross2stra.evaluation.senses import MAJORITY
from cross2stra.reporting.findings import alignment_warnings, control_warnings, judge_warnings

COLUMNS = ["transfer", "system", "seed", "stage", "step", "name", "value"]


def logs(name: str, values: list[float], stage: str = "align", every: int = 20) -> pd.DataFrame:
    return pd.DataFrame(
        [("t", "cross2stra", 1, stage, every * (k + 1), name, value) for k, value in enumerate(values)], columns=COLUMNS
    )


TITLES = {"cross2stra": "Cross2StrA"}


def test_too_few_positives_for_200_updates() -> None:
    found = alignment_warnings(logs("anchors_positive_m", [0.5] * 10), TITLES)
    assert len(found) == 1
    assert found[0].startswith("Cross2StrA on t, stage align, seed 1: scene nodes with a positive below 1 % for 200")
    assert not alignment_warnings(logs("anchors_positive_m", [0.5] * 9 + [3.0]), TITLES)
    assert not alignment_warnings(logs("anchors_positive_m", [0.5] * 5 + [3.0] + [0.5] * 5), TITLES)


def test_too_many_positive_pairs() -> None:
    assert alignment_warnings(logs("pairs_positive_l", [60.0] * 12), TITLES)
    assert not alignment_warnings(logs("pairs_positive_l", [60.0] * 12), {})  # a point of a sweep
    assert not alignment_warnings(logs("pairs_positive_l", [40.0] * 12), TITLES)


def test_stages_are_apart() -> None:
    outside = [0.1] * 6
    both = pd.concat(
        [logs("anchors_positive_l", [3.0, *outside]), logs("anchors_positive_l", [*outside, 3.0], "joint")]
    )
    assert not alignment_warnings(both, TITLES)
    assert not alignment_warnings(pd.DataFrame(columns=COLUMNS), TITLES)


def test_a_short_stage_is_told_where_it_was_outside_throughout() -> None:
    (found,) = alignment_warnings(logs("anchors_positive_m", [0.5] * 7), TITLES)
    assert "for 140 updates" in found


def senses(*named: tuple[int, int]) -> pd.DataFrame:
    rows = []
    for seed, (correct, wrong) in enumerate(named):
        rows.append(("t", "cross2stra", seed, "test", "control", correct, wrong, 0))
        rows.append(("t", MAJORITY, seed, "test", "control", 55, 45, 0))
    return pd.DataFrame(rows, columns=["transfer", "system", "seed", "split", "kind", "correct", "wrong", "missing"])


def test_control_words() -> None:
    found = control_warnings(senses((80, 20)), {"cross2stra": "Cross2StrA"}, MAJORITY)
    assert len(found) == 1
    assert "80% of the control words" in found[0]
    assert not control_warnings(senses((58, 42)), {}, MAJORITY)
    # Seeds name words of the same pictures: three times the same is no more than once.
    assert not control_warnings(senses((62, 38), (62, 38), (62, 38)), {}, MAJORITY)
    assert not control_warnings(senses((80, 20), (62, 38)), {}, MAJORITY)
    assert control_warnings(senses((80, 20), (62, 38), (75, 25)), {}, MAJORITY)
    assert not control_warnings(pd.DataFrame(), {}, MAJORITY)


def test_a_blind_judge_is_told() -> None:
    account = {
        "system": "cross2stra",
        "transfer": "t",
        "seed": 2,
        "preferred_sentence": 51.0,
        "preferred_concept": 88.0,
    }
    (told,) = judge_warnings([account, account | {"system": "a point of a sweep"}], TITLES)
    assert told.startswith(
        "Cross2StrA on t, seed 2: what rewards or weighs its sentences finds a picture's own sentence more"
    )
    assert "in 51 % of held-out cases" in told
    assert not judge_warnings([account | {"preferred_sentence": 61.0}, {"system": "cross2stra"}], TITLES)
