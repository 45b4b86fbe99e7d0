"""Recall of relations, as the field defines it: R@K and mR@K, with and without the graph constraint.

A relation is found when one of the picture's K best triplets has its three labels, and both boxes overlap the annotated
ones by half. R@K is the share of a picture's relations that are found, averaged over pictures (Lu et al. 2016, Xu et al.
2017); mR@K (Chen et al. 2019, Tang et al. 2019) averages a predicate's recall over the pictures that have it, then over
predicates. With the graph constraint a pair of boxes has one predicate; without it, as many as are scored. Pictures
without relations are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from cross2stra.structures.visual.operators import overlap

DEPTHS = (20, 50, 100)


@dataclass(frozen=True)
class Relations:
    """What a picture shows, or what is predicted of it.

    `classes` (N,), `boxes` (N, 4) xyxy, `triplets` (R, 3): subject, predicate, object, the ends by their row in `boxes`.
    """

    classes: np.ndarray
    boxes: np.ndarray
    triplets: np.ndarray


def triplets(relations: Mapping[tuple[int, int], Iterable[int]]) -> np.ndarray:
    """Rows of (subject, object) -> predicates as (R, 3): subject, predicate, object."""
    rows = [(s, p, o) for (s, o), predicates in relations.items() for p in sorted(predicates)]
    return np.asarray(rows, dtype=np.int64).reshape(-1, 3)


def ranked(pairs: np.ndarray, scores: np.ndarray, most: int, constrained: bool) -> np.ndarray:
    """The `most` best triplets (M, 3) of pairs (P, 2) with scores (P, predicates), best first; ties in order."""
    if constrained:
        best = scores.argmax(1)
        order = np.argsort(-scores[np.arange(len(scores)), best], kind="stable")[:most]
        rows, predicates = order, best[order]
    else:
        rows, predicates = np.unravel_index(np.argsort(-scores, axis=None, kind="stable")[:most], scores.shape)
    return np.stack([pairs[rows, 0], predicates, pairs[rows, 1]], 1)


def found(gold: Relations, predicted: Relations, threshold: float = 0.5) -> np.ndarray:
    """For each relation of `gold` the rank (from 0) of the first triplet that is it, or the number of triplets: (R,)."""
    shared = overlap(torch.from_numpy(gold.boxes).float(), torch.from_numpy(predicted.boxes).float()).numpy()
    same = (shared >= threshold) & (gold.classes[:, None] == predicted.classes[None])
    subject, predicate, target = predicted.triplets.T if len(predicted.triplets) else np.zeros((3, 0), dtype=np.int64)
    ranks = []
    for s, p, o in gold.triplets:
        right = np.flatnonzero((predicate == p) & same[s, subject] & same[o, target])
        ranks.append(right[0] if len(right) else len(predicted.triplets))
    return np.asarray(ranks, dtype=np.int64)


def recalls(pictures: Iterable[tuple[Relations, Relations]]) -> dict[str, float]:
    """`R@K` and `mR@K` of (gold, predicted), in points, and `relations`, `pictures`: how many were to be found.

    Raises ValueError where no picture has a relation.
    """
    of_pictures: dict[int, list[float]] = defaultdict(list)
    of_predicates: dict[int, dict[int, list[float]]] = {depth: defaultdict(list) for depth in DEPTHS}
    total = 0
    for gold, predicted in pictures:
        if not len(gold.triplets):
            continue
        ranks = found(gold, predicted)
        total += len(ranks)
        for depth in DEPTHS:
            hit = ranks < min(depth, len(predicted.triplets))
            of_pictures[depth].append(float(hit.mean()))
            for predicate in np.unique(gold.triplets[:, 1]):
                of_predicates[depth][int(predicate)].append(float(hit[gold.triplets[:, 1] == predicate].mean()))
    if not total:
        raise ValueError("no picture has a relation to find")
    scores = {f"R@{depth}": 100 * float(np.mean(rows)) for depth, rows in of_pictures.items()}
    for depth, predicates in of_predicates.items():
        scores[f"mR@{depth}"] = 100 * float(np.mean([np.mean(rows) for rows in predicates.values()]))
    return {**scores, "relations": float(total), "pictures": float(len(of_pictures[DEPTHS[0]]))}
