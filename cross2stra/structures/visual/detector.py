"""A small two-stage detector, Faster R-CNN (Ren et al. 2015) on a feature pyramid (Lin et al. 2017), with attributes.

The backbone is the network of `regions`, with its published ImageNet weights, and is not trained: its maps are computed
once a picture. What is trained: the pyramid, the region proposal network, and the heads that read ROIAligned regions for
a class, a better box, and attributes (as the bottom-up detector of Anderson et al. 2018 has them). Boxes are read from
the pyramid; classes and attributes straight from the backbone's maps, all levels at once, and from colours, by one linear
layer: with some thousands of regions to learn from, a trained pyramid knows them by heart and new ones far less well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cross2stra.structures.visual.anchors import RATIOS, anchors, decode, encode, matches, sample
from cross2stra.structures.visual.operators import area, roi_align, suppress
from cross2stra.structures.visual.regions import STRIDES

SIZES = ((0.12, 0.2), (0.3, 0.45), (0.65, 1.0))
"""Anchor sizes of each level, relative to the picture."""
_LEVEL_UP = (0.22, 0.45)
"""Edges of a region (root of its area) from which the next coarser level is read."""
CELLS, SEEN_CELLS = 5, 3
"""Cells across a region: of the pyramid, for its box, and of the backbone's maps, for what it shows."""
COLOURS = 6
_SCALE = 24.0
"""Regions of unit length are too short a step for layers that learn at the pyramid's rate."""


def colour_map(raw: np.ndarray, stride: int = min(STRIDES)) -> Tensor:
    """Mean and mean square of each colour, -1 to 1, in cells of stride x stride pixels: (B, R, R, 3) -> (B, COLOURS, H, W)."""
    pixels = torch.from_numpy(raw).permute(0, 3, 1, 2) / 127.5 - 1
    return functional.avg_pool2d(torch.cat([pixels, pixels**2], 1), stride)


@dataclass(frozen=True)
class Truth:
    """What a picture shows: `boxes` (N, 4) relative xyxy, `classes` (N,), `attributes` (N, A) of 0 and 1."""

    boxes: Tensor
    classes: Tensor
    attributes: Tensor


@dataclass(frozen=True)
class Detections:
    """Regions of a picture, best first: `boxes` (N, 4) relative xyxy, `classes`, `scores` (N,), `probabilities` (N, C)
    over the classes, and of the `attributes` (N, A)."""

    boxes: Tensor
    classes: Tensor
    scores: Tensor
    probabilities: Tensor
    attributes: Tensor

    def apart(self, threshold: float) -> Detections:
        """The same without regions that a better one of any class overlaps by more than `threshold`."""
        rows = suppress(self.boxes, self.scores, threshold)
        return Detections(*(getattr(self, field.name)[rows] for field in fields(self)))


class Detector(nn.Module):
    """`classes`, `attributes`: how many there are."""

    def __init__(self, classes: int, attributes: int, width: int = 64, hidden: int = 256) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in STRIDES.values())
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in STRIDES)
        shapes = len(RATIOS) * len(SIZES[0])
        self.proposal = nn.Conv2d(width, width, 3, padding=1)
        self.objectness = nn.Conv2d(width, shapes, 1)
        self.proposal_offsets = nn.Conv2d(width, 4 * shapes, 1)
        self.region = nn.Sequential(
            nn.Flatten(), nn.Linear(width * CELLS**2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.offsets = nn.Linear(hidden, 4)
        seen = SEEN_CELLS**2 * (sum(STRIDES.values()) + COLOURS)
        self.classifier = nn.Linear(seen, classes + 1)
        self.attributes = nn.Linear(seen, attributes) if attributes else None
        self.classes = classes
        for layer in (self.proposal, self.objectness, self.proposal_offsets, self.offsets):
            nn.init.normal_(layer.weight, std=0.01)

    def pyramid(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Backbone maps (B, C_l, H_l, W_l), finest first -> maps of one width, each with what coarser ones know."""
        levels = [lateral(own) for lateral, own in zip(self.lateral, maps[: len(STRIDES)], strict=True)]
        for number in range(len(levels) - 1, 0, -1):
            finer = levels[number - 1]
            levels[number - 1] = finer + functional.interpolate(levels[number], size=finer.shape[-2:], mode="nearest")
        return [smooth(level) for smooth, level in zip(self.smooth, levels, strict=True)]

    def proposals(self, levels: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """-> anchors (M, 4), objectness (B, M), offsets (B, M, 4)."""
        boxes, scores, offsets = list[Tensor](), list[Tensor](), list[Tensor]()
        for level, sizes in zip(levels, SIZES, strict=True):
            hidden = self.proposal(level).relu()
            boxes.append(anchors((level.shape[2], level.shape[3]), sizes, level.device))
            scores.append(self.objectness(hidden).permute(0, 2, 3, 1).flatten(1))
            offsets.append(self.proposal_offsets(hidden).permute(0, 2, 3, 1).reshape(len(level), -1, 4))
        return torch.cat(boxes), torch.cat(scores, 1), torch.cat(offsets, 1)

    @staticmethod
    def best(boxes: Tensor, scores: Tensor, offsets: Tensor, most: int) -> Tensor:
        """The `most` best proposals of one picture: (M, 4), (M,), (M, 4) -> (P, 4)."""
        rows = torch.topk(scores, min(4 * most, len(scores))).indices
        regions = decode(offsets[rows], boxes[rows])
        wide = area(regions) > 1e-4
        return regions[wide][suppress(regions[wide], scores[rows][wide], 0.7)[:most]]

    def read(self, levels: Sequence[Tensor], boxes: Tensor, pictures: Tensor) -> Tensor:
        """Hidden state of each region, read from the level of its size: (R, 4), (R,) -> (R, hidden)."""
        level_of = torch.bucketize(area(boxes).sqrt(), torch.tensor(_LEVEL_UP, device=boxes.device))
        cells = levels[0].new_zeros(len(boxes), levels[0].shape[1], CELLS, CELLS)
        for number, level in enumerate(levels):
            own = level_of == number
            if own.any():
                cells[own] = roi_align(level, boxes[own], pictures[own], CELLS)
        return self.region(cells)

    @staticmethod
    def see(maps: Sequence[Tensor], boxes: Tensor, pictures: Tensor) -> Tensor:
        """What each region shows, from the backbone's maps and, last of them, `colour_map`: (R, 4), (R,) -> (R, S)."""
        *features, colours = [roi_align(level, boxes, pictures, SEEN_CELLS).flatten(1) for level in maps]
        parts = [functional.normalize(level, dim=1) for level in features]
        return _SCALE * torch.cat([*parts, colours / colours.shape[1] ** 0.5], 1)

    def opinions(self, maps: Sequence[Tensor], boxes: Tensor, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities of each region's classes (R, C), background left out, and of its attributes (R, A)."""
        seen = self.see(maps, boxes, pictures)
        attributes = seen[:, :0] if self.attributes is None else self.attributes(seen).sigmoid()
        return self.classifier(seen).softmax(-1)[:, :-1], attributes

    def losses(self, maps: Sequence[Tensor], truths: Sequence[Truth], generator: torch.Generator) -> dict[str, Tensor]:
        """Losses of a batch by name: objectness, proposal boxes, class, boxes, attributes. Each picture has a region."""
        levels = self.pyramid(maps)
        references, scores, offsets = self.proposals(levels)
        first = [
            self._proposal_losses(references, scores[number], offsets[number], truth, generator)
            for number, truth in enumerate(truths)
        ]
        regions, numbers, wanted = [], [], []
        for number, truth in enumerate(truths):
            with torch.no_grad():
                proposed = torch.cat([self.best(references, scores[number], offsets[number], 100), truth.boxes])
            matched = matches(truth.boxes, proposed, 0.5, 0.5)
            chosen = sample(matched, 48, 0.4, generator)
            own = matched[chosen].clamp(min=0)
            classes = torch.where(matched[chosen] >= 0, truth.classes[own], self.classes)
            regions.append(proposed[chosen])
            numbers.append(torch.full((len(chosen),), number))
            wanted.append(Truth(truth.boxes[own], classes, truth.attributes[own]))
        return {
            "objectness": torch.stack([objectness for objectness, _ in first]).mean(),
            "proposals": torch.stack([boxes for _, boxes in first]).mean(),
            **self._region_losses(maps, levels, torch.cat(regions), torch.cat(numbers), wanted),
        }

    @staticmethod
    def _proposal_losses(
        references: Tensor, scores: Tensor, offsets: Tensor, truth: Truth, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        matched = matches(truth.boxes, references, 0.3, 0.6, each=True)
        some = sample(matched, 128, 0.5, generator)
        real = some[matched[some] >= 0]
        objectness = functional.binary_cross_entropy_with_logits(scores[some], (matched[some] >= 0).float())
        return objectness, _box_loss(offsets[real], encode(truth.boxes[matched[real]], references[real]))

    def _region_losses(
        self,
        maps: Sequence[Tensor],
        levels: Sequence[Tensor],
        regions: Tensor,
        pictures: Tensor,
        wanted: Sequence[Truth],
    ) -> dict[str, Tensor]:
        classes = torch.cat([truth.classes for truth in wanted])
        known = classes < self.classes
        boxes = torch.cat([truth.boxes for truth in wanted])[known]
        offsets = self.offsets(self.read(levels, regions[known], pictures[known]))
        seen = self.see(maps, regions, pictures)
        found = {
            "class": functional.cross_entropy(self.classifier(seen), classes),
            "boxes": _box_loss(offsets, encode(boxes, regions[known])),
        }
        if self.attributes is not None:
            attributes = torch.cat([truth.attributes for truth in wanted])[known]
            logits = self.attributes(seen[known])
            each = functional.binary_cross_entropy_with_logits(logits, attributes, reduction="none")
            found["attributes"] = each.sum(-1).mean()
        return found

    @torch.no_grad()
    def detect(self, maps: Sequence[Tensor], threshold: float = 0.2, most: int = 20) -> list[Detections]:
        """Regions of each picture of a batch of backbone maps; a box has one class, the most probable one."""
        levels = self.pyramid(maps)
        anchor_boxes, scores, offsets = self.proposals(levels)
        results = []
        for number in range(len(scores)):
            regions = self.best(anchor_boxes, scores[number], offsets[number], 100)
            owner = torch.full((len(regions),), number)
            boxes = decode(self.offsets(self.read(levels, regions, owner)), regions)
            probabilities, attributes = self.opinions(maps, boxes, owner)
            score, label = probabilities.max(-1)
            kept = ((score > threshold) & (area(boxes) > 1e-4)).nonzero()[:, 0]
            rows = kept[suppress(boxes[kept], score[kept], 0.5, label[kept])[:most]]
            results.append(Detections(boxes[rows], label[rows], score[rows], probabilities[rows], attributes[rows]))
        return results


def _box_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """Smooth L1, zero where there is no box."""
    return functional.smooth_l1_loss(found, wanted, beta=0.1) if len(found) else found.sum()
