"""Stacked motif network: relations between regions, read in the context of all regions (Zellers et al. 2018, MOTIFNET).

Regions go from left to right through a bidirectional LSTM (object context, Eq. 2), which labels them one after another
(Eq. 3), then with their labels through a second one (edge context, Eq. 4). A pair's predicate is read from both ends'
contexts and their union (Eq. 5), plus a bias for the pair of labels that begins as the log of its frequency (Eq. 6).
Modes: PredCls (boxes and labels given), SGCls (boxes given), SGDet (neither; regions come from a detector).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

CELLS = 14
"""Cells, across and down, of the masks that show where two boxes are in their union."""
GEOMETRY = 6
_LEAST = 1e-4
"""Probability below which nothing is taken as known."""


@dataclass(frozen=True)
class RegionBatch:
    """B pictures with at most N regions each, from left to right, and P pairs of regions.

    `boxes` (B, N, 4) xyxy relative to the picture; `features` (B, N, F), F may be 0; `labels` (B, N, C) the distribution
    over classes that is known of each region (one-hot in PredCls); `attributes` (B, N, A) probabilities that are known,
    A may be 0; `counts` (B,) regions; `pairs` (P, 3): picture, subject, object; `unions` (P, U) features of the pairs'
    union boxes, U may be 0.
    """

    boxes: Tensor
    features: Tensor
    labels: Tensor
    attributes: Tensor
    counts: Tensor
    pairs: Tensor
    unions: Tensor


@dataclass(frozen=True)
class Readings:
    """Logits: `classes` (B, N, C), `attributes` (B, N, A), `predicates` (P, K + 1), the last one no relation."""

    classes: Tensor
    attributes: Tensor
    predicates: Tensor


class Motifs(nn.Module):
    """`frequency` (C, C, K + 1): how often each predicate (and none, last) joins two classes in the training pictures.

    What is known of classes and attributes is where the network begins: its own layers start at zero and add to it.
    """

    def __init__(
        self,
        frequency: Tensor,
        attributes: int,
        features: int = 0,
        unions: int = 0,
        width: int = 128,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        classes, _, predicates = frequency.shape
        self.label = nn.Linear(classes, width, bias=False)
        self.label_again = nn.Linear(classes, width, bias=False)
        self.object_context = nn.LSTM(features + GEOMETRY + width, width // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.LSTMCell(width + width, width)
        self.previous = nn.Embedding(classes + 1, width)
        self.classifier = nn.Linear(width, classes)
        self.edge_context = nn.LSTM(width + width, width // 2, batch_first=True, bidirectional=True)
        self.attributes = nn.Linear(width, attributes) if attributes else None
        self.subject, self.target = nn.Linear(width, width), nn.Linear(width, width)
        self.masks = nn.Sequential(
            nn.Conv2d(2, 16, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(32 * (CELLS // 4 + 1) ** 2, width),
        )  # fmt: skip
        self.union = nn.Linear(unions, width) if unions else None
        self.predicates = nn.Linear(width, predicates)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.classifier, self.attributes):
            if layer is not None:
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
        self.bias = nn.Embedding.from_pretrained(log_frequency(frequency).flatten(0, 1), freeze=False)
        self.number_of_classes = classes

    def forward(self, batch: RegionBatch, gold: Tensor | None = None) -> Readings:
        """`gold` (B, N): the regions' classes, given in PredCls and in training; without it they are decoded greedily."""
        regions = torch.cat([batch.features, geometry(batch.boxes), self.label(batch.labels)], -1)
        context = self._read(self.object_context, regions, batch.counts)  # (B, N, D)
        classes = self._classes(context, batch.labels.clamp(min=_LEAST).log(), gold)
        chosen = gold if gold is not None else classes.argmax(-1)
        named = self.label_again(functional.one_hot(chosen, self.number_of_classes).to(context.dtype))
        edges = self._read(self.edge_context, torch.cat([context, named], -1), batch.counts)
        picture, first, second = batch.pairs.unbind(1)
        joint = self.subject(edges[picture, first]) * self.target(edges[picture, second])  # (P, D)
        between = self.masks(pair_masks(batch.boxes[picture, first], batch.boxes[picture, second]))
        if self.union is not None:
            between = between + self.union(batch.unions)
        logits = self.predicates(self.dropout(joint * between))
        pair_of_labels = chosen[picture, first] * self.number_of_classes + chosen[picture, second]
        attributes = batch.attributes
        if self.attributes is not None:
            attributes = self.attributes(self.dropout(edges)) + attributes.clamp(_LEAST, 1 - _LEAST).logit()
        return Readings(classes, attributes, logits + self.bias(pair_of_labels))

    def _read(self, network: nn.LSTM, regions: Tensor, counts: Tensor) -> Tensor:
        packed = pack_padded_sequence(self.dropout(regions), counts.cpu(), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(network(packed)[0], batch_first=True, total_length=regions.shape[1])[0]

    def _classes(self, context: Tensor, known: Tensor, gold: Tensor | None) -> Tensor:
        """Label the regions one after another; each sees the label before it: (B, N, D), (B, N, C) -> (B, N, C)."""
        state = (context.new_zeros(len(context), context.shape[2]), context.new_zeros(len(context), context.shape[2]))
        before = torch.full((len(context),), self.number_of_classes, device=context.device)
        logits = []
        for region in range(context.shape[1]):
            state = self.decoder(torch.cat([context[:, region], self.previous(before)], -1), state)
            logits.append(self.classifier(self.dropout(state[0])) + known[:, region])
            before = gold[:, region] if gold is not None else logits[-1].argmax(-1)
        return torch.stack(logits, 1)


def log_frequency(counts: Tensor) -> Tensor:
    """log P(predicate | classes) of counts (..., K + 1), smoothed as Zellers et al. do; also the baseline FREQ."""
    smoothed = counts.float() + 1e-3
    return (smoothed / smoothed.sum(-1, keepdim=True)).log()


def geometry(boxes: Tensor) -> Tensor:
    """(..., 4) relative xyxy -> (..., GEOMETRY): the corners, width and height."""
    return torch.cat([boxes, boxes[..., 2:] - boxes[..., :2]], -1)


def pair_masks(subjects: Tensor, targets: Tensor) -> Tensor:
    """How far each cell of the pair's union is covered by either box: (P, 4), (P, 4) -> (P, 2, CELLS, CELLS)."""
    low = torch.minimum(subjects[:, :2], targets[:, :2])
    extent = (torch.maximum(subjects[:, 2:], targets[:, 2:]) - low).clamp(min=1e-6)
    edges = torch.arange(CELLS + 1, device=subjects.device) / CELLS
    masks = []
    for boxes in (subjects, targets):
        begin, end = (boxes[:, :2] - low) / extent, (boxes[:, 2:] - low) / extent  # (P, 2)
        covered = torch.minimum(end[..., None], edges[1:]) - torch.maximum(begin[..., None], edges[:-1])
        across, down = (covered * CELLS).clamp(0, 1).unbind(1)  # (P, CELLS)
        masks.append(down[:, :, None] * across[:, None, :])
    return torch.stack(masks, 1)
