"""The stacked motif network: shapes, its frequency bias, and that context and geometry reach its predicates."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cross2stra.structures.visual.annotations import Annotation, Labels
from cross2stra.structures.visual.motifs import Motifs, log_frequency, pair_masks
from cross2stra.structures.visual.motifs_training import (
    Budget,
    all_pairs,
    batch_of,
    evaluate,
    frequency,
    left_to_right,
    predicate_scores,
    train,
)

LABELS = Labels(("cup", "table", "cat"), ("left of", "right of", "on"))


def picture(key: int, count: int = 4) -> Annotation:
    """Cups on one line: each is left or right of each other one, which only geometry can tell."""
    rng = np.random.default_rng(key)
    left = rng.permutation(count) * 20.0 + rng.uniform(0, 5, count)
    boxes = np.stack([left, np.zeros(count), left + 10, np.full(count, 10.0)], 1).astype(np.float32)
    relations = {(int(i), int(j)): {0 if left[i] < left[j] else 1} for i, j in all_pairs(count)}
    return Annotation(str(key), (100.0, 20.0), np.zeros(count, dtype=np.int64), boxes, relations)


def test_frequency_counts_predicates_and_unrelated_pairs() -> None:
    boxes = np.asarray([[0, 0, 1, 1], [2, 0, 3, 1], [4, 0, 5, 1]], dtype=np.float32)
    one = Annotation("1", (5, 1), np.asarray([0, 1, 1]), boxes, {(0, 1): {2, 0}})
    counts = frequency([one], LABELS)
    assert counts[0, 1].tolist() == [1, 0, 1, 1]
    assert counts[1, 1].tolist() == [0, 0, 0, 2]
    assert counts[2].sum() == 0


def test_the_bias_begins_as_the_log_of_the_frequency() -> None:
    counts = frequency([picture(1)], LABELS)
    model = Motifs(counts, attributes=0, width=8)
    assert torch.allclose(model.bias.weight[0], log_frequency(counts[0, 0]))
    assert log_frequency(counts).exp().sum(-1).allclose(torch.ones(3, 3))


def test_shapes_and_modes() -> None:
    rows = [picture(1), picture(2, 3)]
    pairs = [all_pairs(len(row.classes)) for row in rows]
    batch, gold = batch_of(rows, pairs, 3)
    model = Motifs(frequency(rows, LABELS), attributes=5, width=8).eval()
    given, decoded = model(batch, gold), model(batch)
    assert given.classes.shape == (2, 4, 3)
    assert given.attributes.shape == (2, 4, 5)
    assert given.predicates.shape == decoded.predicates.shape == (12 + 6, 4)


def test_pairs_follow_their_regions_into_the_order_of_the_network() -> None:
    row = picture(3)
    batch, _ = batch_of([row], [np.asarray([[2, 0]])], 3)
    order = left_to_right(row)
    _, subject, target = batch.pairs[0].tolist()
    assert (order[subject], order[target]) == (2, 0)
    assert np.allclose(batch.boxes[0, subject].numpy() * [100, 20, 100, 20], row.boxes[2])


def test_a_picture_reads_the_same_beside_another() -> None:
    rows = [picture(1, 3), picture(2, 5)]
    model = Motifs(frequency(rows, LABELS), attributes=1, width=8).eval()
    alone, gold = batch_of(rows[:1], [all_pairs(3)], 3)
    together, both = batch_of(rows, [all_pairs(3), all_pairs(5)], 3)
    assert torch.allclose(model(alone, gold).predicates, model(together, both).predicates[:6], atol=1e-5)


def test_masks_show_which_box_is_where() -> None:
    masks = pair_masks(torch.tensor([[0.0, 0.0, 0.5, 1.0]]), torch.tensor([[0.5, 0.0, 1.0, 1.0]]))
    assert torch.allclose(masks[0, 0, :, :7], torch.ones(14, 7))
    assert torch.allclose(masks[0, 0, :, 7:], torch.zeros(14, 7))
    assert torch.allclose(masks[0, 1], masks[0, 0].flip(1))


def test_it_learns_what_the_frequency_cannot_tell() -> None:
    pictures = [picture(key) for key in range(40)]
    model = train(pictures[:30], LABELS, Budget(updates=120, pictures=8, pairs=48), seed=1, width=16)
    table = frequency(pictures[:30], LABELS)
    learnt, counted = evaluate(model, pictures[30:]), evaluate(table, pictures[30:])
    assert learnt["R@20"] > 90
    assert counted["R@20"] < 70
    assert counted["free R@50"] == pytest.approx(100)


def test_the_same_seed_gives_the_same_network() -> None:
    pictures = [picture(key) for key in range(6)]
    first, second = (train(pictures, LABELS, Budget(updates=3, pictures=2), seed=5, width=8) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_a_picture_with_one_region_has_no_pair() -> None:
    one = picture(1, 1)
    pairs, scores = predicate_scores(frequency([picture(1)], LABELS), one)
    assert pairs.shape == (0, 2)
    assert scores.shape == (0, 3)
