"""The JSON of POST /caption: regions, scene graph, both captions with trees, and what their words read."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from nltk import Tree
from PIL import Image

from cross2stra.data.languages import join
from cross2stra.structures.graph import EMPTY_LABEL, NodeKind, SceneGraph
from cross2stra.structures.tree import canonical, read_tree, unescape
from cross2stra.systems.bundle import Card
from cross2stra.systems.explanation import shares
from cross2stra.systems.photos import Explained
from cross2stra.web.upload import preview

PREVIEW = 1280
"""Pixels of the longer edge of the picture that is sent back."""
NO_TREE = {"pivot": "this system reads no tree", "target": "no parser for this language in the model"}


def answer(explained: Explained, photo: Image.Image, card: Card) -> dict[str, Any]:
    """What the page draws. N nodes, R regions (the object nodes), T words; boxes are left, top, width, height in 0 to 1.

    `photo`: width, height, preview. `language`: of labels. `empty`: nothing was recognised. `nodes`: N of label, kind, region. `regions`: R of label, node, box.
    `attributes`: (object, attribute) nodes. `relations`: (subject, relation, object or null) nodes.
    `pivot`, `target`: language, words, text, tree or no_tree, attention: `nodes` (T, N) and `regions` (T, R), rows sum
    to 1 (see `shares`), or null where the words read no scene; `pivot` is null where there is none.
    """
    graph, seen = explained.graph, explained.attention
    pivot = None
    if explained.pivot is not None:
        pivot = _caption("pivot", card.pivot, explained.pivot, explained.pivot_tree, seen.pivot, graph)
    jpeg = base64.b64encode(preview(photo, PREVIEW)).decode()
    return {
        "photo": {"width": photo.width, "height": photo.height, "preview": f"data:image/jpeg;base64,{jpeg}"},
        "language": card.pivot,
        "empty": graph.node_labels == (EMPTY_LABEL,),
        **_graph(graph, photo.size),
        "pivot": pivot,
        "target": _caption("target", card.target, explained.target, explained.target_tree, seen.target, graph),
    }


def _graph(graph: SceneGraph, size: tuple[int, int]) -> dict[str, Any]:
    objects = np.flatnonzero(graph.node_kinds == NodeKind.OBJECT).tolist()
    nodes = [
        {"label": label, "kind": NodeKind(kind).name.lower(), "region": objects.index(i) if i in objects else None}
        for i, (label, kind) in enumerate(zip(graph.node_labels, graph.node_kinds.tolist(), strict=True))
    ]
    return {
        "nodes": nodes,
        "regions": [{"node": i, "label": graph.node_labels[i], "box": _box(graph, i, size)} for i in objects],
        "attributes": graph.edges_of("attribute"),
        "relations": graph.relations(),
    }


def _box(graph: SceneGraph, node: int, size: tuple[int, int]) -> list[float]:
    """Left, top, width, height of a node's box within the picture; the whole picture where it has none."""
    if graph.boxes is None or not graph.boxes[node].any():
        return [0.0, 0.0, 1.0, 1.0]
    left, top, right, bottom = np.clip(graph.boxes[node] / np.asarray([*size, *size], dtype=np.float32), 0, 1)
    return [round(float(x), 5) for x in (left, top, max(right - left, 0), max(bottom - top, 0))]


def _caption(
    side: str, language: str, words: list[str], bracketed: str | None, weights: np.ndarray | None, graph: SceneGraph
) -> dict[str, Any]:
    attention = None
    if weights is not None:
        attention = {"nodes": _rows(weights), "regions": _rows(weights @ shares(graph))}
    return {
        "language": language,
        "words": words,
        "text": join(language, words),
        "tree": None if bracketed is None else _nested(bracketed),
        "no_tree": NO_TREE[side] if bracketed is None else None,
        "attention": attention,
    }


def _rows(table: np.ndarray) -> list[list[float]]:
    return [[round(value, 6) for value in row] for row in table.tolist()]


def _nested(bracketed: str) -> dict[str, Any]:
    """A tree as {label, children} of phrases and {word, index} of leaves; preterminals are left out."""
    count = iter(range(1 << 16))

    def visit(node: Tree) -> dict[str, Any]:
        if not isinstance(node[0], Tree):
            return {"word": unescape(node[0]), "index": next(count)}
        return {"label": node.label(), "children": [visit(child) for child in node]}

    return visit(canonical(read_tree(bracketed)))
