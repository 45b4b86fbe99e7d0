"""The guard of L_IPB: against stage 2, many times a stage, the same after a resumption."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.training.code_speak import CHECKS, CodeSpeakGuard

UPDATES = 100
SAID = [20.0, 24.0, 29.0, 31.0, *22 * [20.0]]
EACH = UPDATES // CHECKS


def run(guard: CodeSpeakGuard, steps: range) -> tuple[list[bool | None], list[bool], int]:
    asked = 0

    def perplexity() -> float:
        nonlocal asked
        asked += 1
        return SAID[guard.number]

    verdicts, stopped = [], []
    for step in steps:
        verdicts.append(guard.check(step, perplexity))
        stopped.append(guard.stopped)
    return verdicts, stopped, asked


def test_stops_for_the_rest_of_the_stage_and_asks_no_more(tmp_path: Path) -> None:
    guard = CodeSpeakGuard(None, 1.5, UPDATES, tmp_path / "seen.json")
    verdicts, stopped, asked = run(guard, range(UPDATES + 1))
    assert stopped == [False] * 3 * EACH + [True] * (UPDATES + 1 - 3 * EACH)
    assert asked == 4
    judged = {step: verdict for step, verdict in enumerate(verdicts) if verdict is not None}
    assert judged == {0: True, EACH: True, 2 * EACH: True, 3 * EACH: False}
    assert guard.ratio == pytest.approx(31 / 20)


def test_the_end_is_judged_too(tmp_path: Path) -> None:
    guard = CodeSpeakGuard(20.0, 1.5, UPDATES, tmp_path / "seen.json")
    assert guard.check(UPDATES, lambda: 31.0) is False


def test_a_later_stage_is_measured_against_stage_2(tmp_path: Path) -> None:
    _, stopped, asked = run(CodeSpeakGuard(13.0, 1.5, UPDATES, tmp_path / "seen.json"), range(UPDATES))
    assert all(stopped)
    assert asked == 1


@pytest.mark.parametrize("killed", [1, 9, 12, 13, 14, 30])
def test_resumed_is_as_uninterrupted(tmp_path: Path, killed: int) -> None:
    whole = run(CodeSpeakGuard(None, 1.5, UPDATES, tmp_path / "whole.json"), range(UPDATES))
    path = tmp_path / "killed.json"
    run(CodeSpeakGuard(None, 1.5, UPDATES, path), range(killed + 3))  # three steps after the last checkpoint are lost
    again = run(CodeSpeakGuard(None, 1.5, UPDATES, path), range(killed, UPDATES))
    assert again[0] == whole[0][killed:]
    assert again[1] == whole[1][killed:]
