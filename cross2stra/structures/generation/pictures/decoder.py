"""Cascaded refinement: a picture from a layout, from coarse to fine (Chen and Koltun 2017; Johnson et al. 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

COARSEST = 8
"""Width and height of the first step, in pixels; each further step doubles them."""


class Refinement(nn.Module):
    """One step: what is drawn so far (B, K, S, S) and the layout (B, L, S, S) -> (B, C, S, S)."""

    def __init__(self, read: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(read, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.norms = nn.ModuleList(nn.GroupNorm(4, channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """(B, K + L, S, S) -> (B, C, S, S)."""
        x = functional.leaky_relu(self.norms[0](self.first(x)), 0.2)
        return functional.leaky_relu(self.norms[1](self.second(x)), 0.2)


class RefinementDecoder(nn.Module):
    """Layout (B, L, S, S) -> RGB (B, 3, S, S) in [0, 1]. Coarse steps have twice the channels of the last two."""

    def __init__(self, layout: int, channels: int, size: int) -> None:
        super().__init__()
        steps = size.bit_length() - COARSEST.bit_length() + 1
        if steps < 1 or COARSEST << (steps - 1) != size:
            raise ValueError(
                f"pictures.size: expected {COARSEST} times a power of two, found {size}; 64 or 128 will do"
            )
        widths = [channels * (1 if step >= steps - 2 else 2) for step in range(steps)]
        self.steps = nn.ModuleList(
            Refinement(layout + before, own) for before, own in zip([0, *widths], widths, strict=False)
        )
        self.colour = nn.Conv2d(widths[-1], 3, 1)

    def forward(self, layout: Tensor) -> Tensor:
        """(B, L, S, S) -> (B, 3, S, S)."""
        levels = [layout]
        while len(levels) < len(self.steps):
            levels.append(functional.avg_pool2d(levels[-1], 2))
        x: Tensor | None = None
        for step, level in zip(self.steps, reversed(levels), strict=True):
            read = level if x is None else torch.cat([functional.interpolate(x, scale_factor=2.0), level], 1)
            x = step(read)
        assert x is not None
        return self.colour(x).sigmoid()
