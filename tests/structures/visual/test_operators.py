"""Box operators against plain loops."""

from __future__ import annotations

import math

import pytest
import torch

from cross2stra.structures.visual.operators import overlap, roi_align, suppress


def boxes(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(count, 2, generator=generator) * 0.7
    return torch.cat([low, low + torch.rand(count, 2, generator=generator) * 0.3 + 0.01], 1)


def plain_overlap(first: list[float], second: list[float]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


def test_overlap_is_intersection_over_union() -> None:
    first, second = boxes(7), boxes(5, 1)
    found = overlap(first, second)
    for i, one in enumerate(first.tolist()):
        for j, other in enumerate(second.tolist()):
            assert found[i, j] == pytest.approx(plain_overlap(one, other), abs=1e-6)


def test_empty_boxes_overlap_nothing() -> None:
    assert overlap(torch.zeros(1, 4), torch.zeros(1, 4)).item() == 0


@pytest.mark.parametrize("grouped", [False, True])
def test_suppression_is_greedy(grouped: bool) -> None:
    all_boxes = boxes(60, 2)
    scores = torch.rand(60, generator=torch.Generator().manual_seed(3))
    groups = torch.arange(60) % 3 if grouped else torch.zeros(60, dtype=torch.long)
    kept: list[int] = []
    for i in sorted(range(60), key=lambda i: -scores[i].item()):
        rivals = [j for j in kept if groups[j] == groups[i]]
        if all(plain_overlap(all_boxes[i].tolist(), all_boxes[j].tolist()) <= 0.3 for j in rivals):
            kept.append(i)
    found = suppress(all_boxes, scores, 0.3, groups if grouped else None)
    assert found.tolist() == kept
    assert len(kept) < 60


def test_suppression_of_nothing() -> None:
    assert suppress(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []


def plain_roi_align(feature_map: torch.Tensor, box: list[float], cells: int, samples: int) -> torch.Tensor:
    channels, height, width = feature_map.shape
    result = torch.zeros(channels, cells, cells)
    for row in range(cells):
        for column in range(cells):
            for i in range(samples):
                for j in range(samples):
                    y = (box[1] + (box[3] - box[1]) * (row + (i + 0.5) / samples) / cells) * height - 0.5
                    x = (box[0] + (box[2] - box[0]) * (column + (j + 0.5) / samples) / cells) * width - 0.5
                    top, left = math.floor(y), math.floor(x)
                    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
                        weight = (y - top if a else 1 - (y - top)) * (x - left if b else 1 - (x - left))
                        inside = min(max(top + a, 0), height - 1), min(max(left + b, 0), width - 1)
                        result[:, row, column] += weight * feature_map[:, inside[0], inside[1]] / samples**2
    return result


def test_roi_align_reads_between_the_cells() -> None:
    maps = torch.randn(2, 3, 6, 9, generator=torch.Generator().manual_seed(4))
    regions, pictures = boxes(5, 5), torch.tensor([0, 1, 1, 0, 1])
    found = roi_align(maps, regions, pictures, cells=3, samples=2)
    assert found.shape == (5, 3, 3, 3)
    for number, region, row in zip(pictures.tolist(), regions.tolist(), found, strict=True):
        assert torch.allclose(row, plain_roi_align(maps[number], region, 3, 2), atol=1e-5)


def test_roi_align_passes_gradients_to_the_map() -> None:
    maps = torch.zeros(1, 1, 4, 4, requires_grad=True)
    roi_align(maps, torch.tensor([[0.0, 0.0, 0.5, 0.5]]), torch.tensor([0]), 2).sum().backward()
    assert maps.grad is not None
    assert maps.grad[0, 0, :2, :2].min() > 0
    assert maps.grad[0, 0, 3].abs().sum() == 0
