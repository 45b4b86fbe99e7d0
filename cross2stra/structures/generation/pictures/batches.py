"""Scene graphs as tensors: numbered labels, typed edges both ways, the objects that are drawn, and a node for the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cross2stra.structures.graph import EDGE_LABELS, NodeKind, SceneGraph

PICTURE = "<picture>"
EDGE_TYPES = 2 * (len(EDGE_LABELS) + 1)
"""Types of edges: those of a scene graph and from an object to its picture, each in two directions."""
_UNKNOWN = tuple(f"<{kind.name.lower()}>" for kind in NodeKind)


class Labels:
    """Numbers of node labels; a label counts with its kind, since one name may be an attribute's and a relation's.

    `known` holds "kind:label" of the training graphs.
    """

    def __init__(self, known: Sequence[str]) -> None:
        self.known = tuple(known)
        self._numbers = {label: number for number, label in enumerate((PICTURE, *_UNKNOWN, *known))}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, label: str, kind: int) -> int:
        """Number of a label; that of its kind's unknown label where training had none such."""
        return self._numbers.get(f"{kind}:{label}", self.unknown(kind))

    @staticmethod
    def unknown(kind: int) -> int:
        """Number of the unknown label of a kind."""
        return 1 + int(kind)

    @classmethod
    def of(cls, graphs: Iterable[SceneGraph]) -> Labels:
        """The labels of graphs, sorted."""
        labelled = (zip(graph.node_kinds.tolist(), graph.node_labels, strict=True) for graph in graphs)
        return cls(sorted({f"{kind}:{label}" for pairs in labelled for kind, label in pairs}))


@dataclass(frozen=True)
class GraphBatch:
    """B graphs as one: N nodes with the pictures' own, E edges, O drawn nodes (objects and pictures), by picture.

    `labels` (N,) are numbers of labels. `edges` (2, E), `edge_types` (E,).
    `drawn` (O,) nodes, `owners` (O,) their pictures, ascending, `boxes` (O, 4) xyxy relative to the picture, `placed`
    (O,) whether a box is known, `whole` (O,) whether a drawn node is the picture.
    """

    labels: Tensor
    edges: Tensor
    edge_types: Tensor
    drawn: Tensor
    owners: Tensor
    boxes: Tensor
    placed: Tensor
    whole: Tensor
    pictures: int


def batched(graphs: Sequence[SceneGraph], labels: Labels, forget: float = 0.0, seed: int = 0) -> GraphBatch:
    """Put graphs together; a share `forget` of the nodes, drawn by `seed`, loses its label, as unknown words have none.

    Of boxes only those of object nodes with an area are read. A graph without nodes is its picture alone.
    """
    rng = np.random.default_rng(seed)
    numbers: list[int] = []
    edges: list[tuple[int, int]] = []
    types: list[int] = []
    rows: list[tuple[int, int, bool]] = []
    boxes: list[np.ndarray] = []
    half = EDGE_TYPES // 2

    def connect(first: int, second: int, kind: int) -> None:
        edges.extend(((first, second), (second, first)))
        types.extend((kind, kind + half))

    for owner, graph in enumerate(graphs):
        picture, base = len(numbers), len(numbers) + 1
        numbers.append(0)
        rows.append((picture, owner, True))
        boxes.append(np.asarray([0, 0, 1, 1], dtype=np.float32))
        own = relative_boxes(graph)
        lost = rng.random(len(graph)) < forget
        for node, (label, kind) in enumerate(zip(graph.node_labels, graph.node_kinds.tolist(), strict=True)):
            numbers.append(labels.unknown(kind) if lost[node] else labels.number(label, kind))
            if kind == NodeKind.OBJECT:
                connect(base + node, picture, len(EDGE_LABELS))
                rows.append((base + node, owner, False))
                boxes.append(own[node])
        for source, destination, label in zip(*graph.edges.tolist(), graph.edge_labels.tolist(), strict=True):
            connect(base + source, base + destination, label)
    corners = torch.from_numpy(np.stack(boxes)) if boxes else torch.zeros(0, 4)
    drawn, owners, whole = (torch.tensor(column) for column in zip(*rows, strict=True))
    return GraphBatch(
        torch.tensor(numbers),
        torch.tensor(edges, dtype=torch.long).reshape(-1, 2).T.contiguous(),
        torch.tensor(types, dtype=torch.long),
        drawn,
        owners,
        corners,
        ((corners[:, 2:] - corners[:, :2]) > 0).all(1),
        whole,
        len(graphs),
    )


def relative_boxes(graph: SceneGraph) -> np.ndarray:
    """(N, 4) xyxy in parts of the picture's width and height; zeros without boxes or without a size."""
    if graph.boxes is None or min(graph.size) <= 0:
        return np.zeros((len(graph), 4), dtype=np.float32)
    return np.clip(graph.boxes / np.asarray([*graph.size, *graph.size], dtype=np.float32), 0, 1)
