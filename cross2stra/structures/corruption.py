"""Wrong structures, made of right ones: what the paper's Limitations ask of the method, measured.

The random numbers come from the picture's id or the sentence, so that every system and seed reads the same errors.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from nltk import Tree

from cross2stra.structures.graph import EDGE_LABELS, NodeKind, SceneGraph
from cross2stra.structures.tree import PHRASE_LABELS, one_line, read_tree


def labels_by_kind(graphs: Iterable[SceneGraph]) -> dict[NodeKind, list[str]]:
    """The distinct labels of each kind of node, sorted."""
    found: dict[NodeKind, set[str]] = {kind: set() for kind in NodeKind}
    for graph in graphs:
        for kind, labels in found.items():
            labels.update(graph.labels(kind))
    return {kind: sorted(labels) for kind, labels in found.items()}


def corrupt_graph(
    graph: SceneGraph, key: str, labels: float, edges: float, inventory: Mapping[NodeKind, Sequence[str]]
) -> SceneGraph:
    """A graph in which a share of the labels is another of the same kind, and a share of the edges at another thing.

    `key` seeds the draw, and what is wrong at a share is wrong at every larger one; boxes and region features stay. An edge's moved end is its thing, not its attribute or relation;
    without another thing the edge is lost.
    """
    rng = np.random.default_rng(zlib.crc32(f"graph {key}".encode()))
    chance, which = rng.random((2, len(graph)))
    words = list(graph.node_labels)
    for node in np.flatnonzero(chance < labels):
        others = [label for label in inventory[NodeKind(graph.node_kinds[node])] if label != words[node]]
        if others:
            words[node] = others[int(which[node] * len(others))]
    things = np.flatnonzero(graph.node_kinds == NodeKind.OBJECT)
    ends, kept = graph.edges.copy(), np.ones(len(graph.edge_labels), dtype=bool)
    chance, which = rng.random((2, len(kept)))
    for edge in np.flatnonzero(chance < edges):
        side = 1 if graph.edge_labels[edge] == EDGE_LABELS.index("object") else 0
        others = things[things != ends[side, edge]]
        kept[edge] = len(others) > 0
        if kept[edge]:
            ends[side, edge] = others[int(which[edge] * len(others))]
    return replace(
        graph, node_labels=tuple(words), edges=np.ascontiguousarray(ends[:, kept]), edge_labels=graph.edge_labels[kept]
    )


def corrupt_tree(bracketed: str, share: float) -> str:
    """A tree in which a share of the phrases below the root is wrong: its bracket is taken away, another one is put in.

    The other bracket spans two or more neighbours below the same parent, by a label drawn at random. The words stay.
    """
    rng = np.random.default_rng(zlib.crc32(f"tree {bracketed}".encode()))
    top = read_tree(bracketed)
    _corrupt(top, share, rng)
    return one_line(top)


def _corrupt(node: Tree, share: float, rng: np.random.Generator) -> None:
    lost, children = 0, []
    for child in node:
        if not isinstance(child, Tree) or not isinstance(child[0], Tree):
            children.append(child)
            continue
        _corrupt(child, share, rng)
        if rng.random() < share:
            children += list(child)
            lost += 1
        else:
            children.append(child)
    for _ in range(lost):
        if len(children) < 3:
            break
        size = int(rng.integers(2, len(children)))
        start = int(rng.integers(len(children) - size + 1))
        label = PHRASE_LABELS[int(rng.integers(len(PHRASE_LABELS)))]
        children[start : start + size] = [Tree(label, children[start : start + size])]
    node[:] = children
