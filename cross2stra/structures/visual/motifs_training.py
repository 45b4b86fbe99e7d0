"""Train the stacked motif network on annotated pictures, and read relations with it or with the frequency table alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cross2stra.structures.visual.annotations import Annotation, Labels
from cross2stra.structures.visual.motifs import Motifs, RegionBatch, log_frequency
from cross2stra.structures.visual.recall import DEPTHS, Relations, ranked, recalls


@dataclass(frozen=True)
class Budget:
    """How long and how a network is trained. `pairs`: most pairs of a picture in an update, a quarter of them related."""

    updates: int = 3000
    pictures: int = 16
    pairs: int = 64
    learning_rate: float = 2e-3


def left_to_right(picture: Annotation) -> np.ndarray:
    """Order in which the network reads the regions: by the middle of the box (Zellers et al., section 5.1)."""
    return np.argsort(picture.boxes[:, 0] + picture.boxes[:, 2], kind="stable")


def all_pairs(count: int) -> np.ndarray:
    """Ordered pairs of different regions: (count * (count - 1), 2)."""
    first, second = np.divmod(np.arange(count * count), max(count, 1))
    return np.stack([first, second], 1)[first != second]


def frequency(pictures: Sequence[Annotation], labels: Labels) -> Tensor:
    """How often each predicate, and none (last), joins two classes in the pictures: (C, C, K + 1)."""
    none = len(labels.predicates)
    counts = np.zeros((len(labels.classes), len(labels.classes), none + 1), dtype=np.float32)
    for picture in pictures:
        first, second = all_pairs(len(picture.classes)).T
        np.add.at(counts, (picture.classes[first], picture.classes[second], none), 1)
        for (subject, target), predicates in picture.relations.items():
            pair = picture.classes[subject], picture.classes[target]
            counts[(*pair, none)] -= 1
            for predicate in predicates:
                counts[(*pair, predicate)] += 1
    return torch.from_numpy(counts)


def batch_of(pictures: Sequence[Annotation], pairs: Sequence[np.ndarray], classes: int) -> tuple[RegionBatch, Tensor]:
    """Regions from left to right with given labels -> the batch and the classes (B, N); `pairs` by the pictures' own rows."""
    most = max(len(picture.classes) for picture in pictures)
    boxes, gold = np.zeros((len(pictures), most, 4), dtype=np.float32), np.zeros((len(pictures), most), dtype=np.int64)
    rows = []
    for number, (picture, chosen) in enumerate(zip(pictures, pairs, strict=True)):
        order = left_to_right(picture)
        boxes[number, : len(order)] = picture.boxes[order] / np.asarray([*picture.size, *picture.size])
        gold[number, : len(order)] = picture.classes[order]
        place = np.argsort(order)
        rows.append(np.concatenate([np.full((len(chosen), 1), number), place[chosen]], 1))
    labels = torch.from_numpy(gold)
    counts = torch.tensor([len(picture.classes) for picture in pictures])
    known = functional.one_hot(labels, classes).float() * (torch.arange(most) < counts[:, None])[..., None]
    nothing = torch.zeros(len(pictures), most, 0)
    batch = RegionBatch(
        torch.from_numpy(boxes), nothing, known, counts, torch.from_numpy(np.concatenate(rows)), torch.zeros(0, 0)
    )
    return batch, labels


def _sampled(picture: Annotation, none: int, most: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` pairs with a predicate each, a quarter of them related -> (P, 2), (P,)."""
    triplets = rng.permutation(picture.triplets())[: max(1, most // 4)]
    pairs = rng.permutation(all_pairs(len(picture.classes)))
    unrelated = np.asarray([tuple(pair) not in picture.relations for pair in pairs.tolist()], dtype=bool)
    pairs = pairs[unrelated][: max(4, 3 * len(triplets))]
    chosen = np.concatenate([triplets[:, [0, 2]], pairs])
    return chosen, np.concatenate([triplets[:, 1], np.full(len(pairs), none)])


def train(pictures: Sequence[Annotation], labels: Labels, budget: Budget, seed: int, width: int = 128) -> Motifs:
    """A network for given boxes and labels (PredCls); the loss is the cross entropy of the predicates and the classes."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    usable = [picture for picture in pictures if len(picture.classes) > 1]
    model = Motifs(frequency(usable, labels), attributes=0, width=width)
    optimizer = torch.optim.AdamW(model.parameters(), lr=budget.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, budget.learning_rate, budget.updates, pct_start=0.1)
    began = said = time.monotonic()
    for step in range(1, budget.updates + 1):
        some = [usable[i] for i in rng.choice(len(usable), budget.pictures, replace=False)]
        sampled = [_sampled(picture, len(labels.predicates), budget.pairs, rng) for picture in some]
        batch, gold = batch_of(some, [pairs for pairs, _ in sampled], len(labels.classes))
        readings = model(batch, gold)
        wanted = torch.from_numpy(np.concatenate([predicates for _, predicates in sampled]))
        real = torch.arange(gold.shape[1]) < batch.counts[:, None]
        loss = functional.cross_entropy(readings.predicates, wanted)
        loss = loss + functional.cross_entropy(readings.classes[real], gold[real])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        if time.monotonic() - said > 5:
            said = time.monotonic()
            left = (said - began) / step * (budget.updates - step)
            print(
                f"[motifs] step {step}/{budget.updates} loss {float(loss.detach()):.3f}, {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )
    return model.eval()


@torch.no_grad()
def predicate_scores(model: Motifs | Tensor, picture: Annotation) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of every predicate for every pair of a picture's regions, labels given -> (P, 2), (P, K).

    `model`: the network, or the table of `frequency` (C, C, K + 1): the baseline FREQ.
    """
    pairs = all_pairs(len(picture.classes))
    if not len(pairs):
        predicates = (model.shape[-1] if isinstance(model, Tensor) else model.predicates.out_features) - 1
        return pairs, np.zeros((0, predicates), dtype=np.float32)
    if isinstance(model, Tensor):
        ends = torch.from_numpy(picture.classes[pairs])
        logits = log_frequency(model[ends[:, 0], ends[:, 1]])
    else:
        batch, gold = batch_of([picture], [pairs], model.number_of_classes)
        logits = model(batch, gold).predicates
    return pairs, logits.softmax(-1)[:, :-1].numpy()


def evaluate(model: Motifs | Tensor, pictures: Sequence[Annotation]) -> dict[str, float]:
    """PredCls scores: those of `recall.recalls`, with the graph constraint, and without it as `free R@K`, `free mR@K`."""
    scored = [(picture, *predicate_scores(model, picture)) for picture in pictures]

    def pairs(constrained: bool) -> list[tuple[Relations, Relations]]:
        return [
            (
                Relations(picture.classes, picture.boxes, picture.triplets()),
                Relations(picture.classes, picture.boxes, ranked(ends, scores, max(DEPTHS), constrained)),
            )
            for picture, ends, scores in scored
        ]

    free = {f"free {name}": value for name, value in recalls(pairs(False)).items() if "@" in name}
    return {**recalls(pairs(True)), **free}
