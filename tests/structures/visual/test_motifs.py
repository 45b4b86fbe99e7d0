"""The stacked motif network: shapes, its frequency bias, and that context and geometry reach its predicates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from cross2stra.structures.visual.annotations import Annotation
from cross2stra.structures.visual.motifs import Motifs, log_frequency, pair_masks
from cross2stra.structures.visual.motifs_data import (
    Example,
    all_pairs,
    batch_of,
    frequency,
    given,
    left_to_right,
    pair_rows,
)
from cross2stra.structures.visual.motifs_training import Budget, evaluate, read, read_frequency, train

CLASSES, PREDICATES = 3, 3  # cup, table, cat; left of, right of, on


def picture(key: int, count: int = 4, attributes: int = 0) -> Example:
    """Cups on one line: each is left or right of each other one, which only geometry can tell."""
    rng = np.random.default_rng(key)
    left = rng.permutation(count) * 20.0 + rng.uniform(0, 5, count)
    boxes = np.stack([left, np.zeros(count), left + 10, np.full(count, 10.0)], 1).astype(np.float32)
    relations = {(int(i), int(j)): {0 if left[i] < left[j] else 1} for i, j in all_pairs(count)}
    row = given(Annotation(str(key), (100.0, 20.0), np.zeros(count, dtype=np.int64), boxes, relations), CLASSES)
    known = np.full((count, attributes), 0.25, dtype=np.float32)
    return replace(row, attributes=known, seen=replace(row.seen, attributes=known))


def table_of(rows: list[Example]) -> torch.Tensor:
    return frequency(((row.classes, row.relations) for row in rows), CLASSES, PREDICATES)


def test_frequency_counts_predicates_and_unrelated_pairs() -> None:
    boxes = np.asarray([[0, 0, 1, 1], [2, 0, 3, 1], [4, 0, 5, 1]], dtype=np.float32)
    one = Annotation("1", (5, 1), np.asarray([0, 1, 1]), boxes, {(0, 1): {2, 0}})
    counts = frequency([(one.classes, one.relations)], CLASSES, PREDICATES)
    assert counts[0, 1].tolist() == [1, 0, 1, 1]
    assert counts[1, 1].tolist() == [0, 0, 0, 2]
    assert counts[2].sum() == 0


def test_the_bias_begins_as_the_log_of_the_frequency() -> None:
    counts = table_of([picture(1)])
    model = Motifs(counts, attributes=0, width=8)
    assert torch.allclose(model.bias.weight[0], log_frequency(counts[0, 0]))
    assert log_frequency(counts).exp().sum(-1).allclose(torch.ones(3, 3))


def test_shapes_and_modes() -> None:
    rows = [picture(1, 4, 5), picture(2, 3, 5)]
    batch = batch_of([row.seen for row in rows], [all_pairs(len(row.classes)) for row in rows])
    model = Motifs(table_of(rows), attributes=5, width=8).eval()
    told, decoded = model(batch, torch.zeros(2, 4, dtype=torch.long)), model(batch)
    assert told.classes.shape == (2, 4, 3)
    assert told.attributes.shape == (2, 4, 5)
    assert torch.allclose(told.attributes[0].sigmoid(), torch.tensor(0.25))  # untrained: what is known
    assert decoded.classes.argmax(-1)[0].tolist() == [0] * 4
    assert told.predicates.shape == decoded.predicates.shape == (12 + 6, 4)


def test_pairs_follow_their_regions_into_the_order_of_the_network() -> None:
    row = picture(3)
    batch = batch_of([row.seen], [np.asarray([[2, 0]])])
    order = left_to_right(row.seen)
    _, subject, target = batch.pairs[0].tolist()
    assert (order[subject], order[target]) == (2, 0)
    assert np.allclose(batch.boxes[0, subject].numpy(), row.seen.boxes[2])


def test_rows_of_pairs() -> None:
    pairs = all_pairs(5)
    assert pair_rows(pairs, 5).tolist() == list(range(20))
    assert len(all_pairs(1)) == len(all_pairs(0)) == 0


def test_a_picture_reads_the_same_beside_another() -> None:
    rows = [picture(1, 3, 1), picture(2, 5, 1)]
    model = Motifs(table_of(rows), attributes=1, width=8).eval()
    together = batch_of([row.seen for row in rows], [all_pairs(3), all_pairs(5)])
    beside = model(together, torch.zeros(2, 5, dtype=torch.long)).predicates[:6].softmax(-1)[:, :-1]
    assert np.allclose(read(model, rows[0].seen, rows[0].classes).predicates, beside.detach().numpy(), atol=1e-5)


def test_features_of_regions_and_unions_are_read() -> None:
    row = picture(1, 3, 2)
    rng = np.random.default_rng(0)
    features, unions = rng.normal(size=(3, 4)).astype(np.float32), rng.normal(size=(6, 2)).astype(np.float32)
    seen = replace(row.seen, features=features, unions=unions)
    model = Motifs(table_of([row]), attributes=2, features=4, unions=2, width=8).eval()
    plain = read(model, seen)
    for changed in (replace(seen, features=features + 1), replace(seen, unions=unions + 1)):
        assert not np.allclose(plain.predicates, read(model, changed).predicates)
    pair = pair_rows(np.asarray([[2, 1]]), 3)
    other = unions.copy()
    other[pair] += 1
    moved = np.abs(read(model, replace(seen, unions=other)).predicates - plain.predicates).sum(1) > 1e-6
    assert moved.nonzero()[0].tolist() == pair.tolist()


def test_masks_show_which_box_is_where() -> None:
    masks = pair_masks(torch.tensor([[0.0, 0.0, 0.5, 1.0]]), torch.tensor([[0.5, 0.0, 1.0, 1.0]]))
    assert torch.allclose(masks[0, 0, :, :7], torch.ones(14, 7))
    assert torch.allclose(masks[0, 0, :, 7:], torch.zeros(14, 7))
    assert torch.allclose(masks[0, 1], masks[0, 0].flip(1))


def test_it_learns_what_the_frequency_cannot_tell() -> None:
    pictures = [picture(key) for key in range(40)]
    table = table_of(pictures[:30])
    model = train(pictures[:30], table, Budget(updates=120, pictures=8, pairs=48), seed=1, width=16)
    held_out = pictures[30:]
    learnt = evaluate(held_out, [(row.seen.boxes, read(model, row.seen, row.classes)) for row in held_out])
    counted = evaluate(held_out, [(row.seen.boxes, read_frequency(table, row.classes)) for row in held_out])
    assert learnt["R@20"] > 90
    assert counted["R@20"] < 70
    assert counted["free R@50"] == pytest.approx(100)


def test_the_same_seed_gives_the_same_network() -> None:
    pictures = [picture(key) for key in range(6)]
    table = table_of(pictures)
    first, second = (train(pictures, table, Budget(updates=3, pictures=2), seed=5, width=8) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_a_picture_with_one_region_has_no_pair() -> None:
    table = table_of([picture(1)])
    one = picture(1, 1)
    assert read_frequency(table, one.classes).predicates.shape == (0, 3)
    assert read(Motifs(table, attributes=0, width=8).eval(), one.seen).predicates.shape == (0, 3)
    with pytest.raises(ValueError, match="two regions"):
        train([one], table, Budget(updates=1), seed=1)


@pytest.mark.parametrize("updates", [1, 2, 9, 10, 11])
def test_any_number_of_updates_is_trained(updates: int) -> None:
    rows = [picture(1), picture(2)]
    train(rows, table_of(rows), Budget(updates, pictures=2), seed=1, width=8)
