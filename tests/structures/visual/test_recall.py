"""Recall of relations, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cross2stra.structures.visual.recall import Relations, found, ranked, recalls

BOXES = np.asarray([[0, 0, 10, 10], [20, 0, 30, 10], [0, 20, 10, 30]], dtype=np.float32)
CLASSES = np.asarray([3, 5, 5])


def relations(*triplets: tuple[int, int, int], boxes: np.ndarray = BOXES, classes: np.ndarray = CLASSES) -> Relations:
    return Relations(classes, boxes, np.asarray(triplets, dtype=np.int64).reshape(-1, 3))


def test_constraint_gives_a_pair_one_predicate() -> None:
    pairs = np.asarray([[0, 1], [1, 0]])
    scores = np.asarray([[0.9, 0.8], [0.1, 0.2]])
    assert ranked(pairs, scores, 4, constrained=True).tolist() == [[0, 0, 1], [1, 1, 0]]
    assert ranked(pairs, scores, 3, constrained=False).tolist() == [[0, 0, 1], [0, 1, 1], [1, 1, 0]]


def test_a_relation_is_found_at_its_first_rank() -> None:
    gold = relations((0, 1, 1), (0, 1, 2), (1, 0, 2))
    predicted = relations((0, 0, 1), (0, 1, 1), (0, 1, 1), (2, 0, 1))
    assert found(gold, predicted).tolist() == [1, 4, 4]


@pytest.mark.parametrize(("shift", "rank"), [(3, 0), (4, 1)])
def test_boxes_have_to_overlap_by_half(shift: int, rank: int) -> None:
    moved = BOXES + np.asarray([shift, 0, shift, 0], dtype=np.float32)
    assert found(relations((0, 1, 1)), relations((0, 1, 1), boxes=moved)).tolist() == [rank]


def test_classes_have_to_agree() -> None:
    other = relations((0, 1, 1), classes=np.asarray([4, 5, 5]))
    assert found(relations((0, 1, 1)), other).tolist() == [1]


def test_recall_is_a_mean_over_pictures_and_mean_recall_one_over_predicates() -> None:
    first = (relations((0, 1, 1), (0, 1, 2)), relations((0, 1, 1)))
    second = (relations((0, 0, 1)), relations((0, 0, 1)))
    nothing = (relations(), relations((0, 0, 1)))
    scores = recalls([first, second, nothing])
    assert scores["R@20"] == pytest.approx(100 * (0.5 + 1) / 2)
    assert scores["mR@20"] == pytest.approx(100 * (0.5 + 1) / 2)
    assert (scores["relations"], scores["pictures"]) == (3, 2)


def test_depth_counts() -> None:
    gold = relations((0, 1, 1))
    predicted = relations(*[(0, 0, 1)] * 20, (0, 1, 1))
    scores = recalls([(gold, predicted)])
    assert (scores["R@20"], scores["R@50"]) == (0, 100)


def test_no_prediction_finds_nothing_and_no_relation_is_an_error() -> None:
    assert recalls([(relations((0, 1, 1)), relations())])["R@100"] == 0
    with pytest.raises(ValueError, match="no picture has a relation"):
        recalls([(relations(), relations())])
