"""Scene graphs: one type for pictures (VSG) and sentences (LSG), and its Parquet form.

A graph has object, attribute and relation nodes. Edges run
subject -> relation (label ``subject``), relation -> object (``object``) and object -> attribute (``attribute``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from operator import itemgetter
from pathlib import Path

import numpy as np
import pyarrow as pa

from cross2stra.data.streams import stream_rows, write_rows

EDGE_LABELS = ("subject", "object", "attribute")
_TOGETHER = 2000
"""Graphs that are read or written at once: each may have the features of its regions."""


class NodeKind(IntEnum):
    OBJECT = 0
    ATTRIBUTE = 1
    RELATION = 2


@dataclass(frozen=True)
class SceneGraph:
    """Nodes and typed edges of a scene.

    `node_labels`: N strings. In an LSG, words of the sentence's language as they stand in it, spaces between
    words. In a VSG, class names rendered in the *pivot* language.
    `node_kinds`: N values of NodeKind. `edges`: (2, E) int32, rows are source and destination.
    `edge_labels`: E indices into EDGE_LABELS. `boxes`: (N, 4) float32, xyxy in pixels, zeros where a node has none.
    `features`: (N, F) float16 region features, zero rows for attribute and relation nodes, or None.
    `size`: width, height of the picture in pixels, (0, 0) for an LSG.
    """

    node_labels: tuple[str, ...]
    node_kinds: np.ndarray
    edges: np.ndarray
    edge_labels: np.ndarray
    boxes: np.ndarray | None = None
    features: np.ndarray | None = None
    size: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        nodes, edges = len(self.node_labels), len(self.edge_labels)
        if self.node_kinds.shape != (nodes,) or self.edges.shape != (2, edges):
            raise ValueError(
                f"scene graph: expected {nodes} node kinds and (2, {edges}) edges, "
                f"found {self.node_kinds.shape} and {self.edges.shape}"
            )
        if edges and not (self.edges.min() >= 0 and self.edges.max() < nodes):
            raise ValueError(f"scene graph: an edge points outside of its {nodes} nodes")
        if self.boxes is not None and self.boxes.shape != (nodes, 4):
            raise ValueError(f"scene graph: expected ({nodes}, 4) boxes, found {self.boxes.shape}")

    def __len__(self) -> int:
        return len(self.node_labels)

    def labels(self, *kinds: NodeKind) -> list[str]:
        """Labels of the nodes of these kinds, in order."""
        pairs = zip(self.node_labels, self.node_kinds.tolist(), strict=True)
        return [label for label, kind in pairs if kind in kinds]

    def edges_of(self, label: str) -> list[tuple[int, int]]:
        """(source, destination) of the edges of a label of EDGE_LABELS, in order."""
        chosen = self.edges[:, self.edge_labels == EDGE_LABELS.index(label)]
        return [(source, destination) for source, destination in chosen.T.tolist()]

    def attributes(self) -> dict[int, list[str]]:
        """Object node -> labels of its attributes."""
        found: dict[int, list[str]] = {}
        for owner, attribute in self.edges_of("attribute"):
            found.setdefault(owner, []).append(self.node_labels[attribute])
        return found

    def relations(self) -> list[tuple[int, int, int | None]]:
        """(subject, relation, object) nodes of every relation that has a subject; None where it has no object."""
        objects: dict[int, list[int | None]] = {}
        for relation, target in self.edges_of("object"):
            objects.setdefault(relation, []).append(target)
        subjects = sorted(self.edges_of("subject"), key=itemgetter(1))
        return [(subject, relation, end) for subject, relation in subjects for end in objects.get(relation, [None])]

    def triplets(self) -> list[tuple[str, str, str]]:
        """(subject, predicate, object) labels of every relation node that has both ends."""
        labels = self.node_labels
        return [(labels[s], labels[relation], labels[o]) for s, relation, o in self.relations() if o is not None]


@dataclass
class GraphBuilder:
    """Builds a SceneGraph node by node; `build` freezes it."""

    labels: list[str] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    boxes: list[Sequence[float]] = field(default_factory=list)
    edges: list[tuple[int, int, int]] = field(default_factory=list)

    def _node(self, label: str, kind: NodeKind, box: Sequence[float]) -> int:
        self.labels.append(label)
        self.kinds.append(int(kind))
        self.boxes.append(box)
        return len(self.labels) - 1

    def add_object(self, label: str, box: Sequence[float] = (0, 0, 0, 0)) -> int:
        """Add an object node and return its index; `box` is xyxy in pixels."""
        return self._node(label, NodeKind.OBJECT, box)

    def add_attribute(self, owner: int, label: str) -> int:
        """Add an attribute node to the object `owner`; it takes its box."""
        node = self._node(label, NodeKind.ATTRIBUTE, self.boxes[owner])
        self.edges.append((owner, node, EDGE_LABELS.index("attribute")))
        return node

    def add_relation(self, subject: int, label: str, target: int | None) -> int:
        """Add a relation node from `subject` to `target` (None: intransitive); its box is the union of both."""
        first = self.boxes[subject]
        second = self.boxes[target] if target is not None else first
        union = (min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3]))
        node = self._node(label, NodeKind.RELATION, union)
        self.edges.append((subject, node, EDGE_LABELS.index("subject")))
        if target is not None:
            self.edges.append((node, target, EDGE_LABELS.index("object")))
        return node

    def build(self, size: tuple[int, int] = (0, 0), features: np.ndarray | None = None) -> SceneGraph:
        """Freeze. `features`: (N, F) float16 or None."""
        edges = np.asarray(self.edges, dtype=np.int32).reshape(-1, 3)
        return SceneGraph(
            tuple(self.labels),
            np.asarray(self.kinds, dtype=np.int8),
            np.ascontiguousarray(edges[:, :2].T),
            edges[:, 2].astype(np.int8),
            np.asarray(self.boxes, dtype=np.float32).reshape(-1, 4),
            features,
            size,
        )


EMPTY_LABEL = "<scene>"
"""Of the node that stands for the whole of a picture in which nothing is seen."""


def empty_graph(size: tuple[int, int]) -> SceneGraph:
    """The graph of a picture without boxes: one node that stands for the whole."""
    builder = GraphBuilder()
    builder.add_object(EMPTY_LABEL, (0, 0, *size))
    return builder.build(size)


_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("node_labels", pa.list_(pa.string())),
        ("node_kinds", pa.list_(pa.int8())),
        ("edges", pa.list_(pa.int32())),
        ("edge_labels", pa.list_(pa.int8())),
        ("boxes", pa.list_(pa.float32())),
        ("features", pa.list_(pa.float16())),
        ("feature_size", pa.int32()),
        ("width", pa.int32()),
        ("height", pa.int32()),
    ]
)


def write_graphs(path: str | Path, graphs: Iterable[tuple[str, SceneGraph]]) -> None:
    """Write (key, graph) rows; the key is an image id (VSG), or a tokenised sentence or pair id (LSG)."""
    rows = (
        {
            "key": key,
            "node_labels": list(graph.node_labels),
            "node_kinds": graph.node_kinds,
            "edges": graph.edges.reshape(-1),
            "edge_labels": graph.edge_labels,
            "boxes": None if graph.boxes is None else graph.boxes.reshape(-1),
            # Only object nodes have a region of their own; the other rows are zero and are not stored.
            "features": None if graph.features is None else graph.features[graph.node_kinds == 0].reshape(-1),
            "feature_size": 0 if graph.features is None else graph.features.shape[1],
            "width": graph.size[0],
            "height": graph.size[1],
        }
        for key, graph in graphs
    )
    write_rows(path, _SCHEMA, rows, _TOGETHER)


def read_graphs(
    path: str | Path, wanted: Collection[str] | None = None, features: bool = True
) -> dict[str, SceneGraph]:
    """Read graphs of a file by key: all of them, or those of the keys `wanted` that are there; nothing else is kept.

    `features`: False leaves region features unread, which are most of a file. Raises ValueError (naming the file) where
    a row is not a graph.
    """
    return dict(stream_graphs(path, wanted, features))


def read_graphs_of(path: str | Path, keys: Collection[str], features: bool = True) -> dict[str, SceneGraph]:
    """The graphs of all of `keys`. Raises ValueError that names the file and the first key without one."""
    found = read_graphs(path, keys, features)
    missing = sorted(key for key in keys if key not in found)
    if missing:
        raise ValueError(f"{path}: no scene graph of {missing[0]!r} and {len(missing) - 1} more; make the graphs again")
    return found


def stream_graphs(
    path: str | Path, wanted: Collection[str] | None = None, features: bool = True
) -> Iterator[tuple[str, SceneGraph]]:
    """Yield (key, graph) rows, some at a time; `wanted`, `features`: see `read_graphs`.

    Raises ValueError (naming the file) where a row is not a graph.
    """
    columns = [name for name in _SCHEMA.names if features or name != "features"]
    for row in stream_rows(path, columns, _TOGETHER, None if wanted is None else ("key", wanted)):
        try:
            kinds = np.asarray(row["node_kinds"], dtype=np.int8)
            table = None
            if features and row["feature_size"]:
                table = np.zeros((len(kinds), row["feature_size"]), dtype=np.float16)
                table[kinds == 0] = np.asarray(row["features"], dtype=np.float16).reshape(-1, row["feature_size"])
            boxes = None if row["boxes"] is None else np.asarray(row["boxes"], dtype=np.float32).reshape(-1, 4)
            graph = SceneGraph(
                tuple(row["node_labels"]),
                kinds,
                np.asarray(row["edges"], dtype=np.int32).reshape(2, -1),
                np.asarray(row["edge_labels"], dtype=np.int8),
                boxes,
                table,
                (row["width"], row["height"]),
            )
        except ValueError as error:
            raise ValueError(f"{path}: graph {row['key']!r}: {error}") from error
        yield row["key"], graph
