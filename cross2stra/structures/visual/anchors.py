"""Anchors of a region proposal network, and how boxes are told relative to them (Ren et al. 2015, sections 3.1 and 3.1.2).

All boxes are xyxy relative to the picture, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cross2stra.structures.visual.operators import overlap

RATIOS = (0.5, 1.0, 2.0)
_MOST = 4.0
"""Largest log of a change of size: keeps exp finite."""


def anchors(shape: tuple[int, int], sizes: Sequence[float], device: torch.device) -> Tensor:
    """Anchors of a map of height, width `shape`, each of `sizes` (of a square's edge) in RATIOS: (H * W * A, 4)."""
    height, width = shape
    edges = [(size * ratio**0.5, size / ratio**0.5) for size in sizes for ratio in RATIOS]  # width, height
    half = torch.tensor(edges, device=device) / 2  # (A, 2)
    x = (torch.arange(width, device=device) + 0.5) / width
    y = (torch.arange(height, device=device) + 0.5) / height
    centres = torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1)[:, :, None]  # (H, W, 1, 2)
    return torch.cat([centres - half, centres + half], -1).reshape(-1, 4)


def encode(boxes: Tensor, references: Tensor) -> Tensor:
    """Offsets of the middle, in sizes of the reference, and logs of the changes of size: (N, 4), (N, 4) -> (N, 4)."""
    size, own = references[:, 2:] - references[:, :2], (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-4)
    moved = (boxes[:, :2] + boxes[:, 2:] - references[:, :2] - references[:, 2:]) / 2
    return torch.cat([moved / size, (own / size).log()], 1)


def decode(offsets: Tensor, references: Tensor) -> Tensor:
    """The boxes that `encode` gave the offsets of, cut at the picture's edges: (N, 4), (N, 4) -> (N, 4)."""
    size = references[:, 2:] - references[:, :2]
    middle = (references[:, :2] + references[:, 2:]) / 2 + offsets[:, :2] * size
    half = size * offsets[:, 2:].clamp(max=_MOST).exp() / 2
    return torch.cat([middle - half, middle + half], 1).clamp(0, 1)


def matches(boxes: Tensor, references: Tensor, low: float, high: float, each: bool = False) -> Tensor:
    """Which of `boxes` (N, 4) a reference stands for: its number, -1 for none of them, -2 for neither: (M,).

    A reference is a box's when it overlaps it by `high`, and background when it overlaps all by less than `low`. With
    `each`, the best reference of each box is its own, however little it overlaps.
    """
    if not len(boxes):
        return torch.full((len(references),), -1, device=references.device)
    shared = overlap(boxes, references)
    best, number = shared.max(0)
    result = torch.where(best >= high, number, torch.where(best < low, -1, -2))
    if each:
        result[shared.argmax(1)] = torch.arange(len(boxes), device=references.device)
    return result


def sample(matched: Tensor, most: int, share: float, generator: torch.Generator) -> Tensor:
    """Rows of at most `most` references: at most `share` of them matched, background for the rest."""
    positive, negative = (matched >= 0).nonzero()[:, 0], (matched == -1).nonzero()[:, 0]
    some = positive[torch.randperm(len(positive), generator=generator)[: int(most * share)]]
    return torch.cat([some, negative[torch.randperm(len(negative), generator=generator)[: most - len(some)]]])
