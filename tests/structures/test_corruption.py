"""Wrong structures: nothing at a share of 0, everything at 1, and the errors are the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from cross2stra.structures.corruption import corrupt_graph, corrupt_tree, labels_by_kind
from cross2stra.structures.graph import GraphBuilder, NodeKind, SceneGraph
from cross2stra.structures.tree import read_tree, to_arrays

TREE = "(S (NP (DT a) (NP (JJ big) (NN dog))) (VP (VBZ runs) (PP (IN on) (NP (JJ green) (NN grass)))))"


@pytest.fixture
def graph() -> SceneGraph:
    builder = GraphBuilder()
    dog, grass, cat = (builder.add_object(name) for name in ("dog", "grass", "cat"))
    builder.add_attribute(dog, "big")
    builder.add_attribute(grass, "green")
    builder.add_relation(dog, "on", grass)
    builder.add_relation(cat, "near", dog)
    return builder.build()


def test_nothing_is_wrong_at_zero(graph: SceneGraph) -> None:
    same = corrupt_graph(graph, "1", 0, 0, labels_by_kind([graph]))
    assert same.node_labels == graph.node_labels
    assert np.array_equal(same.edges, graph.edges)
    assert read_tree(corrupt_tree(TREE, 0)) == read_tree(TREE)


def test_every_label_is_another_of_its_kind_at_one(graph: SceneGraph) -> None:
    wrong = corrupt_graph(graph, "1", 1, 0, labels_by_kind([graph]))
    assert not any(a == b for a, b in zip(wrong.node_labels, graph.node_labels, strict=True))
    for kind in NodeKind:
        assert set(wrong.labels(kind)) <= set(graph.labels(kind))
    assert np.array_equal(wrong.edges, graph.edges)
    assert wrong.node_labels == corrupt_graph(graph, "1", 1, 0, labels_by_kind([graph])).node_labels


def test_every_edge_is_at_another_thing_at_one(graph: SceneGraph) -> None:
    wrong = corrupt_graph(graph, "1", 0, 1, labels_by_kind([graph]))
    assert wrong.node_labels == graph.node_labels
    assert wrong.edges.shape == graph.edges.shape
    assert (wrong.edges != graph.edges).any(0).all()
    moved = wrong.edges[wrong.edges != graph.edges]
    assert (graph.node_kinds[moved] == NodeKind.OBJECT).all()


def test_an_edge_without_another_thing_is_lost() -> None:
    builder = GraphBuilder()
    builder.add_attribute(builder.add_object("dog"), "big")
    alone = builder.build()
    assert corrupt_graph(alone, "1", 0, 1, labels_by_kind([alone])).edges.shape == (2, 0)


def test_the_share_is_what_it_says(graph: SceneGraph) -> None:
    names = labels_by_kind([graph])
    kept = [
        own == other
        for number in range(400)
        for own, other in zip(
            graph.node_labels, corrupt_graph(graph, str(number), 0.2, 0, names).node_labels, strict=True
        )
    ]
    assert np.mean(kept) == pytest.approx(0.8, abs=0.02)


def test_a_larger_share_has_the_errors_of_the_smaller(graph: SceneGraph) -> None:
    names = labels_by_kind([graph])
    for number in range(20):
        few, many = (corrupt_graph(graph, str(number), share, 0, names).node_labels for share in (0.2, 0.4))
        assert all(a in (b, own) for a, b, own in zip(few, many, graph.node_labels, strict=True))


def test_brackets_are_wrong_and_words_stay() -> None:
    wrong = corrupt_tree(TREE, 1)
    assert wrong == corrupt_tree(TREE, 1)
    assert read_tree(wrong).leaves() == read_tree(TREE).leaves()
    spans = [{tuple(t.leaves()) for t in read_tree(tree).subtrees(lambda t: t.height() > 2)} for tree in (TREE, wrong)]
    assert spans[0] != spans[1]
    assert to_arrays(wrong).tokens == to_arrays(TREE).tokens
