"""From objects to a layout: boxes, and patches with soft masks that are put into them (Johnson et al. 2018, section 3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SMALLEST = 0.02
"""Least width and height of a box, relative to the picture: about one pixel."""


class BoxRegressor(nn.Sequential):
    """Object vectors (O, D) -> boxes (O, 4), xyxy relative to the picture and inside of it."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, 4))

    def forward(self, h: Tensor) -> Tensor:
        """(O, D) -> (O, 4)."""
        centre, size = super().forward(h).sigmoid().chunk(2, -1)  # (O, 2) each
        return torch.cat([(centre - size / 2).clamp(min=0), (centre + size / 2).clamp(max=1)], -1)


class PatchMaker(nn.Module):
    """Object vectors (O, D) -> patches (O, 1 + C, 16, 16): a soft mask in [0, 1], and C masked channels."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, 64 * 4 * 4)
        self.middle = nn.Conv2d(64, 32, 3, padding=1)
        self.last = nn.Conv2d(32, 1 + channels, 3, padding=1)

    def forward(self, h: Tensor) -> Tensor:
        """(O, D) -> (O, 1 + C, 16, 16)."""
        x = functional.leaky_relu(self.first(h), 0.2).unflatten(-1, (64, 4, 4))  # (O, 64, 4, 4)
        x = functional.leaky_relu(self.middle(functional.interpolate(x, scale_factor=2.0)), 0.2)  # (O, 32, 8, 8)
        x = self.last(functional.interpolate(x, scale_factor=2.0))  # (O, 1 + C, 16, 16)
        mask = x[:, :1].sigmoid()
        return torch.cat([mask, mask * x[:, 1:]], 1)


def place(patches: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Each patch stretched into its box, bilinearly, zero outside: (O, C, P, P), (O, 4) -> (O, C, size, size).

    Boxes are xyxy relative to the picture; a box smaller than SMALLEST is read as that small.
    """
    centres = (torch.arange(size, device=boxes.device, dtype=boxes.dtype) + 0.5) / size  # (S,)
    extent = (boxes[:, 2:] - boxes[:, :2]).clamp(min=SMALLEST)  # (O, 2)
    inside = (centres[None, :, None] - boxes[:, None, :2]) / extent[:, None] * 2 - 1  # (O, S, 2), x and y
    across, down = inside[:, None, :, 0], inside[:, :, None, 1]
    grid = torch.stack(torch.broadcast_tensors(across, down), -1)  # (O, S, S, 2)
    return functional.grid_sample(patches, grid, padding_mode="zeros", align_corners=False)


def scatter(vectors: Tensor, patches: Tensor, boxes: Tensor, owners: Tensor, pictures: int, size: int) -> Tensor:
    """Layout of `pictures` pictures: the sum of their objects' vectors, weighted by masks, and of their patches.

    Shapes: vectors (O, D), patches (O, 1 + C, P, P) with the mask first, boxes (O, 4), owners (O,) ascending
    -> (B, D + C, size, size).
    """
    placed = place(patches, boxes, size)  # (O, 1 + C, S, S)
    counts = torch.bincount(owners, minlength=pictures).tolist()
    # A matrix product for each picture: an (O, D, S, S) tensor would be the largest of the network.
    spread = [
        own.T @ mask.flatten(1) for own, mask in zip(vectors.split(counts), placed[:, 0].split(counts), strict=True)
    ]
    weighted = torch.stack(spread).unflatten(-1, (size, size))  # (B, D, S, S)
    summed = placed.new_zeros(pictures, placed.shape[1] - 1, size, size).index_add(0, owners, placed[:, 1:])
    return torch.cat([weighted, summed], 1)
