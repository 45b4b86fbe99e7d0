"""Trains the relation model and measures it: PredCls recall on VRD's test pictures, beside a frequency table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from cross2stra.data.exclusion import nested
from cross2stra.data.files import replacing, write_json
from cross2stra.structures.visual.names import predicates
from cross2stra.structures.visual.relation_data import VRD, RelationPicture, read_vrd, training_pictures
from cross2stra.structures.visual.relations import RelationModel, ordered_pairs, pair_geometry

SEED = 1
EPOCHS = 5
BATCH = 1024
LABEL_DROPOUT = 0.08
NEGATIVES = 4
"""Pairs without a relation for each pair with one, drawn by picture."""

Scorer = Callable[[RelationPicture], tuple[np.ndarray, np.ndarray]]


def _arrays(
    pictures: Sequence[RelationPicture], model: RelationModel, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Training pairs: label ids, geometry, source, and soft targets (shares of the pair's predicates) as indices."""
    subjects, objects, geometry, sources, targets = [], [], [], [], []
    none = len(predicates())
    for row in pictures:
        gold: dict[tuple[int, int], list[int]] = {}
        for subject, predicate, other in row.relations:
            if subject != other:
                gold.setdefault((subject, other), []).append(predicate)
        free = np.asarray([pair for pair in ordered_pairs(len(row.labels)) if tuple(pair) not in gold]).reshape(-1, 2)
        most = NEGATIVES * max(len(gold), 1)
        if len(free) > most:
            free = free[np.sort(rng.permutation(len(free))[:most])]
        pairs = np.concatenate([np.asarray(list(gold), dtype=np.int64).reshape(-1, 2), free]).astype(np.int64)
        if not len(pairs):
            continue
        ids = model.label_ids(row.labels)
        subjects.append(ids[pairs[:, 0]])
        objects.append(ids[pairs[:, 1]])
        geometry.append(pair_geometry(row.boxes, pairs))
        sources.append(np.full(len(pairs), row.source, dtype=np.int64))
        # At most two predicates of a pair count (more are rare); one of one counts twice.
        targets += [(values[0], values[-1]) for values in gold.values()] + [(none, none)] * len(free)
    return {
        "subjects": np.concatenate(subjects),
        "objects": np.concatenate(objects),
        "geometry": np.concatenate(geometry),
        "sources": np.concatenate(sources),
        "targets": np.asarray(targets, dtype=np.int64),
    }


def train(pictures: Sequence[RelationPicture]) -> RelationModel:
    """Fit the model to pictures; deterministic."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    model = RelationModel(sorted({label for row in pictures for label in row.labels}))
    arrays = {name: torch.from_numpy(value) for name, value in _arrays(pictures, model, rng).items()}
    count = len(arrays["targets"])
    steps = EPOCHS * -(-count // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps, pct_start=0.1)
    began = said = time.monotonic()
    step = 0
    for _ in range(EPOCHS):
        order = torch.from_numpy(rng.permutation(count))
        for rows in order.split(BATCH):
            ends = []
            for end in ("subjects", "objects"):
                dropped = torch.from_numpy(rng.random(len(rows)) < LABEL_DROPOUT)
                ends.append(arrays[end][rows].masked_fill(dropped, 0))
            logits = model(*ends, arrays["geometry"][rows], arrays["sources"][rows])
            targets = arrays["targets"][rows]
            loss = (
                functional.cross_entropy(logits, targets[:, 0]) + functional.cross_entropy(logits, targets[:, 1])
            ) / 2
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            step += 1
            now = time.monotonic()
            if now - said > 5 or step == steps:
                left = (now - began) / step * (steps - step)
                line = f"[train-relations] step {step}/{steps} loss {loss.item():.2f} {left:.0f} s left"
                print(line, file=sys.stderr, flush=True)
                said = now
    return model.eval()


def frequency_scorer(pictures: Sequence[RelationPicture]) -> Scorer:
    """The baseline: how often a predicate was seen between the two labels; ties and unseen pairs by the predicate."""
    counts: dict[tuple[str, str], np.ndarray] = {}
    prior = np.zeros(len(predicates()))
    seen: dict[tuple[str, str], int] = {}
    for row in pictures:
        for subject, other in ordered_pairs(len(row.labels)):
            pair = row.labels[subject], row.labels[other]
            seen[pair] = seen.get(pair, 0) + 1
        for subject, predicate, other in row.relations:
            pair = row.labels[subject], row.labels[other]
            counts.setdefault(pair, np.zeros(len(predicates())))[predicate] += 1
            prior[predicate] += 1
    prior /= max(prior.sum(), 1)

    def score(row: RelationPicture) -> tuple[np.ndarray, np.ndarray]:
        pairs = ordered_pairs(len(row.labels))
        table = np.zeros((len(pairs), len(predicates())))
        for place, (subject, other) in enumerate(pairs):
            pair = row.labels[subject], row.labels[other]
            table[place] = (counts.get(pair, 0 * prior) + 0.1 * prior) / (seen.get(pair, 0) + 1)
        return pairs, table

    return score


def recall(pictures: Sequence[RelationPicture], scorer: Scorer, most: int, predicates_a_pair: int) -> float:
    """PredCls R@`most` in points: share of all gold relations among a picture's `most` best (pair, predicate) scores.

    `predicates_a_pair` 1 is "with graph constraint". Relations are counted over all pictures together (VRD's custom).
    """
    found = total = 0
    for row in pictures:
        if not row.relations:
            continue
        pairs, scores = scorer(row)
        kept = np.argsort(-scores, axis=1, kind="stable")[:, :predicates_a_pair]
        values = np.take_along_axis(scores, kept, 1)
        best = np.argsort(-values, axis=None, kind="stable")[:most]
        rows, columns = np.unravel_index(best, values.shape)
        chosen = {(*pairs[r], kept[r, c]) for r, c in zip(rows, columns, strict=True)}
        found += sum((subject, other, predicate) in chosen for subject, predicate, other in row.relations)
        total += len(row.relations)
    return 100 * found / max(total, 1)


def train_relations(raw: Path, output: Path) -> None:
    """Verb: train on VRD train and VG150, test on VRD test; write the model and scores.json into `output`."""
    pictures, excluded = training_pictures(raw)
    tested = list(read_vrd(raw, "test"))
    model = train(pictures)
    vrd_only = [row for row in pictures if row.source == VRD]
    # The test's predicates are VRD's: the others cannot be right there.
    allowed = np.asarray([row["vrd"] is not None for row in predicates()])

    def learned(row: RelationPicture) -> tuple[np.ndarray, np.ndarray]:
        pairs, scores = model.probabilities(row.labels, row.boxes, VRD)
        return pairs, scores * allowed

    scores: dict[str, Any] = {
        "data": "VRD test, PredCls, gold boxes and labels",
        "pictures": len(tested),
        "training_pictures": {"vrd": len(vrd_only), "vg150": len(pictures) - len(vrd_only)},
        "excluded": nested(excluded),
    }
    for name, scorer in (("model", learned), ("frequency", frequency_scorer(vrd_only))):
        scores[name] = {
            f"R@{most} {title}": round(recall(tested, scorer, most, count), 2)
            for most in (50, 100)
            for title, count in (("with graph constraint", 1), ("without graph constraint", len(predicates())))
        }
    with replacing(output) as temporary:
        model.save(temporary)
        write_json(temporary / "scores.json", scores)
