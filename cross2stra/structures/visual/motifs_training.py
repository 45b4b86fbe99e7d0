"""Train the stacked motif network, and read pictures with it or with the frequency table alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cross2stra.structures.optimisation import fit
from cross2stra.structures.visual.motifs import Motifs, log_frequency
from cross2stra.structures.visual.motifs_data import Example, Seen, all_pairs, batch_of, left_to_right, padded
from cross2stra.structures.visual.recall import DEPTHS, Relations, ranked, recalls, triplets


@dataclass(frozen=True)
class Budget:
    """How long and how a network is trained. `pairs`: most pairs of a picture in an update, a quarter of them related."""

    updates: int = 3000
    pictures: int = 16
    pairs: int = 64
    learning_rate: float = 2e-3


@dataclass(frozen=True)
class Read:
    """A picture as read: `classes` (N,), their probabilities `certainty` (N,), 1 where they were given, those of
    `attributes` (N, A) and, for `all_pairs(N)`, of `predicates` (P, K)."""

    classes: np.ndarray
    certainty: np.ndarray
    attributes: np.ndarray
    predicates: np.ndarray

    def triplets(self) -> np.ndarray:
        """How certain each triplet is, its ends' classes included: (P, K)."""
        ends = self.certainty[all_pairs(len(self.classes))]  # (P, 2)
        return self.predicates * ends.prod(1, keepdims=True)


def train(examples: Sequence[Example], table: Tensor, budget: Budget, seed: int, width: int = 128) -> Motifs:
    """`table`: what `frequency` counts. The loss: cross entropy of predicates and of classes, and of all attributes of a region.

    Pictures with fewer than two regions are passed over. Raises ValueError where there is no other.
    """
    usable = [example for example in examples if len(example.classes) > 1]
    if not usable:
        raise ValueError("no picture with two regions to learn relations from; make the annotations again")
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    first = usable[0]
    sizes = (first.attributes.shape[1], first.seen.features.shape[1], first.seen.unions.shape[1])
    model = Motifs(table, *sizes, width=width)

    def loss() -> Tensor:
        some = [usable[i] for i in rng.choice(len(usable), min(budget.pictures, len(usable)), replace=False)]
        return _loss(model, some, budget.pairs, rng)

    fit(model, budget.updates, budget.learning_rate, loss, "motifs", decay=1e-4)
    return model


def _loss(model: Motifs, examples: Sequence[Example], most: int, rng: np.random.Generator) -> Tensor:
    none = model.predicates.out_features - 1
    sampled = [_sampled(example, none, most, rng) for example in examples]
    batch = batch_of([example.seen for example in examples], [pairs for pairs, _ in sampled])
    orders = [left_to_right(example.seen) for example in examples]
    classes = padded([example.classes[order] for example, order in zip(examples, orders, strict=True)])
    readings = model(batch, classes)
    real = torch.arange(classes.shape[1]) < batch.counts[:, None]
    wanted = torch.from_numpy(np.concatenate([predicates for _, predicates in sampled]))
    loss = functional.cross_entropy(readings.predicates, wanted)
    loss = loss + functional.cross_entropy(readings.classes[real], classes[real])
    if readings.attributes.shape[-1]:
        attributes = padded([example.attributes[order] for example, order in zip(examples, orders, strict=True)])
        each = functional.binary_cross_entropy_with_logits(
            readings.attributes[real], attributes[real], reduction="none"
        )
        loss = loss + each.sum(-1).mean()
    return loss


def _sampled(example: Example, none: int, most: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` pairs with a predicate each, a quarter of them related -> (P, 2), (P,)."""
    related = rng.permutation(triplets(example.relations))[: max(1, most // 4)]
    pairs = rng.permutation(all_pairs(len(example.classes)))
    unrelated = np.asarray([tuple(pair) not in example.relations for pair in pairs.tolist()], dtype=bool)
    pairs = pairs[unrelated][: max(4, 3 * len(related))]
    chosen = np.concatenate([related[:, [0, 2]], pairs])
    return chosen, np.concatenate([related[:, 1], np.full(len(pairs), none)])


@torch.no_grad()
def read(model: Motifs, seen: Seen, classes: np.ndarray | None = None) -> Read:
    """Read a picture. `classes` (N,) are given in PredCls; without them they are decoded."""
    if not len(seen.boxes):
        attributes = 0 if model.attributes is None else model.attributes.out_features
        sizes = (attributes, model.predicates.out_features - 1)
        nothing = (np.zeros((0, size), dtype=np.float32) for size in sizes)
        return Read(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), *nothing)
    order, pairs = left_to_right(seen), all_pairs(len(seen.boxes))
    given = None if classes is None else torch.from_numpy(classes[order])[None]
    readings = model(batch_of([seen], [pairs]), given)
    place = np.argsort(order)
    likely, decoded = (found.numpy()[place] for found in readings.classes[0].softmax(-1).max(-1))
    chosen, certainty = (decoded, likely) if classes is None else (classes, np.ones(len(classes), dtype=np.float32))
    attributes = readings.attributes[0].sigmoid().numpy()[place]
    return Read(chosen, certainty, attributes, readings.predicates.softmax(-1)[:, :-1].numpy())


def read_frequency(table: Tensor, classes: np.ndarray) -> Read:
    """What the table of `frequency` says of regions of these classes: the baseline FREQ of Zellers et al."""
    ends = torch.from_numpy(classes[all_pairs(len(classes))])
    predicates = log_frequency(table[ends[:, 0], ends[:, 1]]).softmax(-1)[:, :-1].numpy()
    return Read(classes, np.ones(len(classes)), np.zeros((len(classes), 0), dtype=np.float32), predicates)


def evaluate(gold: Sequence[Example], read_of: Sequence[tuple[np.ndarray, Read]]) -> dict[str, float]:
    """Scores of what was read, with its boxes (N, 4), of each picture of `gold`.

    Those of `recall.recalls`, with the graph constraint, and without it as `free R@K`, `free mR@K`.
    """

    def pairs(constrained: bool) -> list[tuple[Relations, Relations]]:
        return [
            (
                Relations(example.classes, example.seen.boxes, triplets(example.relations)),
                Relations(own.classes, boxes, _best(own, constrained)),
            )
            for example, (boxes, own) in zip(gold, read_of, strict=True)
        ]

    free = {f"free {name}": value for name, value in recalls(pairs(False)).items() if "@" in name}
    return {**recalls(pairs(True)), **free}


def _best(own: Read, constrained: bool) -> np.ndarray:
    return ranked(all_pairs(len(own.classes)), own.triplets(), max(DEPTHS), constrained)
