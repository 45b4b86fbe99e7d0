"""Side by side: our step and a peer's on the same input, in turns, and the ratio of their times with an interval."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


def seconds(device: str = "cpu") -> float:
    """The clock, once the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


@dataclass(frozen=True)
class Case:
    """What is compared. `same`: says in what the two results differ, nothing where they are equal.

    `aim`: what the ratio (theirs / ours: how many times faster we are) is to be, such as `>= 2`.
    """

    step: str
    peer: str
    aim: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    same: Callable[[Any, Any], str] = lambda ours, theirs: ""
    rounds: int = 9


@dataclass(frozen=True)
class Row:
    """A line of bench.csv: the median of the rounds' ratios, and the 95 % interval of that median."""

    step: str
    peer: str
    ratio: float
    low: float
    high: float
    aim: str
    seconds: float
    peer_seconds: float
    difference: str


def measure(case: Case, device: str = "cpu") -> Row:
    """Run both once, compare what they give, then in turns, the first of a round alternating."""
    difference = case.same(case.ours(), case.theirs())
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(case.rounds):
        turns = [(ours, case.ours), (theirs, case.theirs)]
        for times, run in turns if number % 2 else reversed(turns):
            began = seconds(device)
            run()
            times.append(seconds(device) - began)
    ratios = np.asarray(theirs) / np.asarray(ours)
    drawn = np.random.default_rng(1).choice(ratios, (2000, len(ratios)))
    low, high = np.percentile(np.median(drawn, 1), (2.5, 97.5))
    return Row(
        case.step, case.peer, float(np.median(ratios)), float(low), float(high), case.aim,
        statistics.median(ours), statistics.median(theirs), difference,
    )  # fmt: skip
