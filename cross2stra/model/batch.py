"""What the encoders read: graphs and trees of a batch as flat tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeVar, overload

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
class Tensors:
    """A dataclass of tensors that go to a device together, those of its own dataclasses among them."""

    def to(self, device: torch.device | str) -> Self:
        """The same on a device, where nothing is copied that is there already."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def pin_memory(self) -> Self:
        """The same in memory that a GPU copies from while other work goes on."""
        return self._each(lambda tensor: tensor.pin_memory())

    def _each(self, change: Callable[[Tensor], Tensor]) -> Self:
        changed: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Tensor):
                changed[field.name] = change(value)
            elif isinstance(value, Tensors):
                changed[field.name] = value._each(change)
        return replace(self, **changed)


@dataclass
class SceneBatch(Tensors):
    """Scene graphs of B pictures (VSG) or B sentences (LSG), their N nodes in one row.

    `words`: (N, W) label words, 0 pads. `kinds`: (N,) NodeKind. `geometry`: (N, G). `regions`: (O,) which nodes are
    objects. `features`: (O, F) of their regions, as stored; F may be 0. `edges`: (2, E) node indices. `edge_types`: (E,).
    `graph`: (N,) which of the B graphs, ascending. `place`: (N,) which node of its graph. `size`: B. `longest`: most
    nodes of a graph. `visual`: whether these are pictures.
    """

    words: Tensor
    kinds: Tensor
    geometry: Tensor
    regions: Tensor
    features: Tensor
    edges: Tensor
    edge_types: Tensor
    graph: Tensor
    place: Tensor
    size: int
    longest: int
    visual: bool

    def node_features(self) -> Tensor:
        """Region features of all nodes, zeros of those that are no objects: (N, F)."""
        numbers = self.geometry.new_zeros(len(self.kinds), self.features.shape[1])
        return numbers.index_copy(0, self.regions, self.features.to(numbers))

    def objects(self) -> SceneBatch:
        """The regions alone: object nodes without attributes, relations, edges."""
        keep = self.regions
        graph = self.graph[keep]
        counts = torch.bincount(graph, minlength=self.size)
        order = torch.arange(len(keep), device=keep.device)
        return SceneBatch(
            self.words[keep],
            self.kinds[keep],
            self.geometry[keep],
            order,
            self.features,
            self.edges.new_zeros((2, 0)),
            self.edge_types[:0],
            graph,
            order - (torch.cumsum(counts, 0) - counts)[graph],
            self.size,
            int(counts.max()),
            self.visual,
        )


@dataclass
class SyntaxBatch(Tensors):
    """Constituency trees of B sentences of at most T tokens, their N nodes in one row.

    `tokens`: (B, T), 0 pads. `labels`: (N,) phrase label, len(PHRASE_LABELS) for a leaf. `spans`: (N, 2) first and
    last-plus-one token index within the sentence. `edges`: (2, E) parent and child. `edge_types`: (E,) label of the
    parent. `graph`: (N,) which of the B sentences, ascending. `place`: (N,) which node of its tree. `longest`: most nodes
    of a tree.
    """

    tokens: Tensor
    labels: Tensor
    spans: Tensor
    edges: Tensor
    edge_types: Tensor
    graph: Tensor
    place: Tensor
    longest: int

    @property
    def size(self) -> int:
        return len(self.tokens)


@dataclass
class States:
    """Node states padded to (B, N, D) with `mask` (B, N), True at real nodes."""

    values: Tensor
    mask: Tensor


def pad(values: Tensor, batch: SceneBatch | SyntaxBatch) -> States:
    """Flat (N, D) states of the batch's nodes to padded ones; a graph without a node gets one zero row, unmasked."""
    width, places = max(batch.longest, 1), (batch.graph, batch.place)
    dense = values.new_zeros((batch.size, width, values.shape[-1])).index_put(places, values)
    mask = torch.zeros((batch.size, width), dtype=torch.bool, device=values.device)
    mask[places] = True
    mask[:, 0] = True
    return States(dense, mask)
