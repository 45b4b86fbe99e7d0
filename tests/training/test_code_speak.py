"""The guard of L_IPB: against stage 2, many times a stage, the same after a resumption."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.training.code_speak import CHECKS, CodeSpeakGuard

UPDATES = 40
SAID = [20.0, 24.0, 29.0, 31.0, 25.0, 22.0, 20.0, 20.0, 20.0, 20.0]


def run(guard: CodeSpeakGuard, steps: range) -> tuple[list[float], list[bool], int]:
    asked = 0

    def perplexity() -> float:
        nonlocal asked
        asked += 1
        return SAID[guard.number]

    ratios, stopped = [], []
    for step in steps:
        ratios.append(guard.check(step, perplexity))
        stopped.append(guard.stopped)
    return ratios, stopped, asked


def test_stops_for_the_rest_of_the_stage_and_asks_no_more(tmp_path: Path) -> None:
    ratios, stopped, asked = run(CodeSpeakGuard(None, 1.5, UPDATES, tmp_path / "seen.json"), range(UPDATES))
    each = UPDATES // CHECKS
    assert stopped == [False] * 3 * each + [True] * (UPDATES - 3 * each)
    assert asked == 4
    assert ratios[0] == 1
    assert ratios[-1] == pytest.approx(31 / 20)


def test_a_later_stage_is_measured_against_stage_2(tmp_path: Path) -> None:
    _, stopped, asked = run(CodeSpeakGuard(13.0, 1.5, UPDATES, tmp_path / "seen.json"), range(UPDATES))
    assert all(stopped)
    assert asked == 1


@pytest.mark.parametrize("killed", [1, 9, 14, 30])
def test_resumed_is_as_uninterrupted(tmp_path: Path, killed: int) -> None:
    whole = run(CodeSpeakGuard(None, 1.5, UPDATES, tmp_path / "whole.json"), range(UPDATES))
    path = tmp_path / "killed.json"
    run(CodeSpeakGuard(None, 1.5, UPDATES, path), range(killed + 3))  # three steps after the last checkpoint are lost
    again = run(CodeSpeakGuard(None, 1.5, UPDATES, path), range(killed, UPDATES))
    assert again[0] == whole[0][killed:]
    assert again[1] == whole[1][killed:]
