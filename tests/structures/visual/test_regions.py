"""Averages over boxes against sums over pixels, and the relation model's geometry."""

import numpy as np

from cross2stra.structures.visual.annotations import VRD_PREDICATES
from cross2stra.structures.visual.names import CLASSES, PREDICATE_NUMBERS, class_number
from cross2stra.structures.visual.regions import average, colours, coverage
from cross2stra.structures.visual.relations import RelationModel, pair_geometry


def test_coverage_of_cells() -> None:
    np.testing.assert_allclose(coverage(np.array([0.25]), np.array([0.625]), 4), [[0, 1, 0.5, 0]])


def test_average_over_whole_cells_is_their_mean() -> None:
    values = np.arange(2 * 4 * 4, dtype=np.float64).reshape(2, 4, 4)
    box = np.array([[0.25, 0.5, 0.75, 1.0]])
    np.testing.assert_allclose(average(values, box)[0], values[:, 2:, 1:3].mean((1, 2)))


def test_average_weighs_cells_by_cover() -> None:
    values = np.array([[[0.0, 1.0]]])
    np.testing.assert_allclose(average(values, np.array([[0.25, 0.0, 1.0, 1.0]])), [[2 / 3]])


def test_a_plain_region_has_its_colour_and_no_spread() -> None:
    picture = np.full((3, 8, 8), 0.5)
    found = colours(picture, np.array([[0.0, 0.0, 0.5, 0.5]]))
    np.testing.assert_allclose(found[0], [0.5] * 3 + [0] * 3 + [0.5] * 3 + [0] * 3, atol=1e-6)


def test_pair_geometry_does_not_change_with_scale_or_place() -> None:
    rng = np.random.default_rng(0)
    first, second = (np.sort(rng.uniform(0, 50, (5, 2, 2)), 1).reshape(5, 4) for _ in range(2))
    moved = pair_geometry(3 * first + 7, 3 * second + 7)
    np.testing.assert_allclose(moved, pair_geometry(first, second), rtol=1e-3, atol=1e-4)


def test_names() -> None:
    assert len(CLASSES) == 80
    assert len({english for english, _ in CLASSES}) == len({chinese for _, chinese in CLASSES}) == 80
    assert class_number("man") == class_number("person") == 0
    assert class_number("sky") is None
    assert PREDICATE_NUMBERS["rid"] == PREDICATE_NUMBERS["ride"]


def test_at_most_one_relation_for_each_pair() -> None:
    boxes = np.random.default_rng(1).uniform(0, 10, (5, 4)).astype(np.float32)
    found = RelationModel().eval().relations(np.arange(5), boxes, 20)
    ends = [frozenset((a, b)) for a, _, b in found]
    assert len(set(ends)) == len(ends)


def test_vrd_numbers_are_those_of_its_annotations() -> None:
    assert len(VRD_PREDICATES) == len(set(VRD_PREDICATES)) == 70
    assert [VRD_PREDICATES[number] for number in (0, 1, 2, 27, 35, 53)] == ["on", "wear", "has", "hold", "ride", "eat"]
