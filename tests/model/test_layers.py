"""Positions and the running mean, computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from cross2stra.model.cross2stra import RunningMean
from cross2stra.model.layers import sinusoids


def test_positions_are_sines_and_cosines_of_vaswani_2017() -> None:
    table = sinusoids(5, 6)
    for place in range(5):
        for i in range(3):
            angle = place / 10000 ** (2 * i / 6)
            assert table[place, 2 * i : 2 * i + 2].tolist() == pytest.approx(
                [math.sin(angle), math.cos(angle)], abs=1e-5
            )


def test_the_running_mean_is_plain_at_first_and_then_forgets() -> None:
    mean = RunningMean(1, momentum=0.75).train()
    batches = [
        torch.tensor([[2.0], [4.0]]),
        torch.tensor([[9.0]]),
        *[torch.tensor([[6.0]])] * 2,
        torch.tensor([[10.0]]),
    ]
    # The mean of the batches' means while 1 - 1/n is below the momentum; then three quarters of the old one stay.
    assert [float((batch - mean(batch))[0]) for batch in batches] == pytest.approx([3, 6, 6, 6, 7])
    mean.eval()(torch.tensor([[100.0]]))
    assert float(mean.mean) == pytest.approx(7)
