"""What the encoders read: graphs and trees of a batch as flat tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, overload

import numpy as np
import torch
from torch import Tensor

T = TypeVar("T")

SCENE_EDGE_TYPES = 3
"""subject, object, attribute; direction is handled by the graph convolution."""


@dataclass(frozen=True)
class Share:
    """Which part of every batch is computed in this process and pass: rows `index`, `index` + `of`, … of it."""

    index: int = 0
    of: int = 1

    @overload
    def rows(self, whole: np.ndarray) -> np.ndarray: ...
    @overload
    def rows(self, whole: Tensor) -> Tensor: ...
    @overload
    def rows(self, whole: Sequence[T]) -> Sequence[T]: ...
    def rows(self, whole):  # type: ignore[no-untyped-def]
        """The rows of a batch that are this share's."""
        return whole[self.index :: self.of]

    def mean(self, loss: Tensor, own: Tensor, whole: Tensor) -> Tensor:
        """The mean over `own` (how many) items of this share -> what is, in the mean over shares, that over the `whole`."""
        return loss if self.of == 1 else loss * (self.of * own / whole.clamp(min=1))


WHOLE = Share()
"""One process and one pass."""


@dataclass
class SceneBatch:
    """Scene graphs of B pictures (VSG) or B sentences (LSG), their N nodes in one row.

    `words`: (N, W) label words, 0 pads. `kinds`: (N,) NodeKind. `geometry`: (N, G). `features`: (N, F), F may be 0.
    `edges`: (2, E) node indices. `edge_types`: (E,). `graph`: (N,) which of the B graphs, ascending. `size`: B.
    `visual`: whether these are pictures.
    """

    words: Tensor
    kinds: Tensor
    geometry: Tensor
    features: Tensor
    edges: Tensor
    edge_types: Tensor
    graph: Tensor
    size: int
    visual: bool

    def objects(self) -> SceneBatch:
        """The regions alone: object nodes without attributes, relations, edges."""
        keep = self.kinds == 0
        empty = self.edges.new_zeros((2, 0))
        return SceneBatch(
            self.words[keep],
            self.kinds[keep],
            self.geometry[keep],
            self.features[keep],
            empty,
            self.edge_types[:0],
            self.graph[keep],
            self.size,
            self.visual,
        )


@dataclass
class SyntaxBatch:
    """Constituency trees of B sentences of at most T tokens, their N nodes in one row.

    `tokens`: (B, T), 0 pads. `leaf`: (N,) index into the B * T tokens, -1 for a phrase. `labels`: (N,) phrase label,
    len(PHRASE_LABELS) for a leaf. `spans`: (N, 2) first and last-plus-one token index within the sentence.
    `edges`: (2, E) parent and child. `edge_types`: (E,) label of the parent. `depth`: (N,) root is 0.
    `graph`: (N,) which of the B sentences, ascending.
    """

    tokens: Tensor
    leaf: Tensor
    labels: Tensor
    spans: Tensor
    edges: Tensor
    edge_types: Tensor
    depth: Tensor
    graph: Tensor

    @property
    def size(self) -> int:
        return len(self.tokens)


@dataclass
class States:
    """Node states padded to (B, N, D) with `mask` (B, N), True at real nodes."""

    values: Tensor
    mask: Tensor


def pad(values: Tensor, graph: Tensor, size: int) -> States:
    """Flat (N, D) states of `size` graphs to padded ones; a graph without a node gets one zero row, unmasked."""
    counts = torch.bincount(graph, minlength=size)
    starts = torch.cumsum(counts, 0) - counts
    width = max(int(counts.max()) if len(counts) else 0, 1)
    position = torch.arange(len(graph), device=values.device) - starts[graph]
    dense = values.new_zeros((size, width, values.shape[-1])).index_put((graph, position), values)
    mask = torch.arange(width, device=values.device)[None] < counts.clamp(min=1)[:, None]
    return States(dense, mask)
