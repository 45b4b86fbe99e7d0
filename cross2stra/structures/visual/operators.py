"""Box operators in plain torch: overlap, non-maximum suppression, ROIAlign. Boxes are xyxy, (N, 4)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def area(boxes: Tensor) -> Tensor:
    """(N, 4) -> (N,), zero where a box is turned inside out."""
    return (boxes[:, 2] - boxes[:, 0]).clamp(min=0) * (boxes[:, 3] - boxes[:, 1]).clamp(min=0)


def overlap(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of each pair: (N, 4), (M, 4) -> (N, M); zero for two empty boxes."""
    left, top, right, bottom = first.T.contiguous()[..., None]  # a coordinate in one row of memory: four times as fast
    left_too, top_too, right_too, bottom_too = second.T.contiguous()[:, None]
    across = torch.minimum(right, right_too) - torch.maximum(left, left_too)
    shared = across.clamp(min=0) * (torch.minimum(bottom, bottom_too) - torch.maximum(top, top_too)).clamp(min=0)
    return shared / (area(first)[:, None] + area(second)[None] - shared).clamp(min=1e-9)


def suppress(boxes: Tensor, scores: Tensor, threshold: float, groups: Tensor | None = None) -> Tensor:
    """Non-maximum suppression -> indices of the kept boxes, best first.

    A box goes when a better one of its group (all, without `groups` (N,)) overlaps it by more than `threshold`. Equal
    scores keep their order.
    """
    order = torch.argsort(scores, descending=True, stable=True)
    shared = overlap(boxes[order], boxes[order]) > threshold
    if groups is not None:
        shared &= groups[order][:, None] == groups[order][None]
    gone = np.zeros(len(order), dtype=bool)
    for row, worse in enumerate(shared.triu(1).numpy(force=True)):
        if not gone[row]:
            gone |= worse
    return order[torch.from_numpy(~gone).to(order.device)]


def roi_align(maps: Tensor, boxes: Tensor, pictures: Tensor, cells: int, samples: int = 2) -> Tensor:
    """ROIAlign (He et al. 2017): (B, C, H, W), boxes relative to the picture (N, 4), numbers (N,) -> (N, C, cells, cells).

    Each of cells x cells bins is the mean of samples x samples bilinear readings; what lies outside of the map is read
    at its border.
    """
    steps = (torch.arange(cells * samples, device=maps.device, dtype=boxes.dtype) + 0.5) / (cells * samples)
    across = boxes[:, 0, None] + (boxes[:, 2] - boxes[:, 0])[:, None] * steps  # (N, cells x samples)
    down = boxes[:, 1, None] + (boxes[:, 3] - boxes[:, 1])[:, None] * steps
    grid = torch.stack(torch.broadcast_tensors(across[:, None, :], down[:, :, None]), -1) * 2 - 1
    read = maps.new_zeros(len(boxes), maps.shape[1], cells, samples, cells, samples)
    for number in pictures.unique().tolist():
        own = pictures == number
        rows = maps[number][None].expand(int(own.sum()), -1, -1, -1)
        found = functional.grid_sample(rows, grid[own].to(maps.dtype), padding_mode="border", align_corners=False)
        read[own] = found.view(len(rows), *read.shape[1:])
    # torch's pooling gives the same sums, and takes longer for them than the reading did.
    first, *others = (read[..., i, :, j] for i in range(samples) for j in range(samples))
    return sum(others, first) / samples**2
