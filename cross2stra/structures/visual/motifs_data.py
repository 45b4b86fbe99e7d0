"""Pictures as the stacked motif network sees them, what is true of them, and batches of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cross2stra.structures.visual.annotations import Annotation
from cross2stra.structures.visual.motifs import RegionBatch


@dataclass(frozen=True)
class Seen:
    """A picture's regions: `boxes` (N, 4) xyxy relative to it, `labels` (N, C) what is known of their classes, as a
    distribution, and `attributes` (N, A), each a probability; `features` (N, F); and `unions` (N * (N - 1), U), features
    of the union boxes of `all_pairs(N)`.

    Without pixels A, F and U are 0.
    """

    boxes: np.ndarray
    labels: np.ndarray
    features: np.ndarray
    unions: np.ndarray
    attributes: np.ndarray


@dataclass(frozen=True)
class Example:
    """A picture with its truth: `classes` (N,), `attributes` (N, A) of 0 and 1, `relations` {(subject, object): predicates}."""

    seen: Seen
    classes: np.ndarray
    attributes: np.ndarray
    relations: dict[tuple[int, int], set[int]]


def all_pairs(count: int) -> np.ndarray:
    """Ordered pairs of different regions: (count * (count - 1), 2)."""
    first, second = np.divmod(np.arange(count * count), max(count, 1))
    return np.stack([first, second], 1)[first != second]


def union_boxes(boxes: np.ndarray) -> np.ndarray:
    """The box around both regions of each of `all_pairs(N)`: (N, 4) xyxy -> (N * (N - 1), 4)."""
    first, second = all_pairs(len(boxes)).T
    low, high = np.minimum(boxes[first, :2], boxes[second, :2]), np.maximum(boxes[first, 2:], boxes[second, 2:])
    return np.concatenate([low, high], 1)


def pair_rows(pairs: np.ndarray, count: int) -> np.ndarray:
    """The rows of (P, 2) pairs in `all_pairs(count)`."""
    return pairs[:, 0] * (count - 1) + pairs[:, 1] - (pairs[:, 1] > pairs[:, 0])


def given(picture: Annotation, classes: int) -> Example:
    """An annotated picture as PredCls gives it: boxes and labels, no pixels."""
    count = len(picture.classes)
    labels = np.eye(classes, dtype=np.float32)[picture.classes]
    nothing = np.zeros((count, 0), dtype=np.float32)
    boxes = (picture.boxes / np.asarray([*picture.size, *picture.size])).astype(np.float32)
    seen = Seen(boxes, labels, nothing, np.zeros((len(all_pairs(count)), 0), dtype=np.float32), nothing)
    return Example(seen, picture.classes, nothing, picture.relations)


def frequency(
    pictures: Iterable[tuple[np.ndarray, dict[tuple[int, int], set[int]]]], classes: int, predicates: int
) -> Tensor:
    """How often each predicate, and none (last), joins two classes: (C, C, K + 1).

    Of each picture: classes (N,) and relations {(subject, object): predicates}.
    """
    counts = np.zeros((classes, classes, predicates + 1), dtype=np.float32)
    for own, relations in pictures:
        first, second = all_pairs(len(own)).T
        np.add.at(counts, (own[first], own[second], predicates), 1)
        for (subject, target), named in relations.items():
            pair = own[subject], own[target]
            counts[(*pair, predicates)] -= 1
            for predicate in named:
                counts[(*pair, predicate)] += 1
    return torch.from_numpy(counts)


def left_to_right(seen: Seen) -> np.ndarray:
    """Order in which the network reads the regions: by the middle of the box (Zellers et al. 2018, section 5.1)."""
    return np.argsort(seen.boxes[:, 0] + seen.boxes[:, 2], kind="stable")


def batch_of(pictures: Sequence[Seen], pairs: Sequence[np.ndarray]) -> RegionBatch:
    """Pictures with their regions from left to right; `pairs` (P_i, 2) of each are in the picture's own order."""
    orders = [left_to_right(seen) for seen in pictures]
    rows, unions = [], []
    for number, (seen, order, chosen) in enumerate(zip(pictures, orders, pairs, strict=True)):
        place = np.argsort(order)
        rows.append(np.concatenate([np.full((len(chosen), 1), number), place[chosen].reshape(-1, 2)], 1))
        unions.append(seen.unions[pair_rows(chosen, len(order))])
    return RegionBatch(
        padded([seen.boxes[order] for seen, order in zip(pictures, orders, strict=True)]),
        padded([seen.features[order] for seen, order in zip(pictures, orders, strict=True)]),
        padded([seen.labels[order] for seen, order in zip(pictures, orders, strict=True)]),
        padded([seen.attributes[order] for seen, order in zip(pictures, orders, strict=True)]),
        torch.tensor([len(order) for order in orders]),
        torch.from_numpy(np.concatenate(rows)),
        torch.from_numpy(np.concatenate(unions).astype(np.float32)),
    )


def padded(rows: Sequence[np.ndarray]) -> Tensor:
    """Arrays (N_i, ...) -> (B, most N_i, ...), zeros behind."""
    most = max(len(row) for row in rows)
    tensors = [torch.from_numpy(np.ascontiguousarray(row)) for row in rows]
    return torch.stack([functional.pad(t, (0, 0) * (t.dim() - 1) + (0, most - len(t))) for t in tensors])
