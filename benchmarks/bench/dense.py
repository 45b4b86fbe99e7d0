"""Cross2StrA as one would write it in plain PyTorch: graphs and trees padded, an adjacency matrix for every edge label.

The same weights, so the same numbers (tests/test_bench.py); what differs is what is stored and multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from cross2stra.model.batch import SceneBatch, States, SyntaxBatch
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.model.encoders import SentenceEncoder
from cross2stra.model.gcn import IN, OUT, SELF, GatedGraphConvolution, GraphEncoder


def padded(values: Tensor, batch: SceneBatch | SyntaxBatch) -> Tensor:
    """(N, …) of all nodes -> (B, longest, …), zeros behind a graph's last."""
    table = values.new_zeros((batch.size, max(1, batch.longest), *values.shape[1:]))
    table[batch.graph, batch.place] = values
    return table


def adjacency(batch: SceneBatch | SyntaxBatch, labels: int) -> Tensor:
    """(B, 2 labels, N, N): 1 where an edge (or, in the second half, an edge back) goes from the column to the row."""
    width = max(1, batch.longest)
    table = torch.zeros(batch.size, 2 * labels, width, width)
    source, target = batch.edges
    graph, first, second = batch.graph[source], batch.place[source], batch.place[target]
    table[graph, batch.edge_types, second, first] = 1
    table[graph, labels + batch.edge_types, first, second] = 1
    return table


def convolve(layer: GatedGraphConvolution, h: Tensor, edges: Tensor) -> Tensor:
    """The gated graph convolution of padded states (B, N, D)."""
    transformed = layer.transform(h).unflatten(-1, (3, -1))  # (B, N, 3, D)
    gates = layer.gate(h)
    itself = torch.sigmoid(gates[..., SELF] + layer.gate_bias[-1])[..., None] * (
        transformed[..., SELF, :] + layer.bias[-1]
    )
    for label in range(edges.shape[1]):
        direction = IN if label < layer.edge_types else OUT
        gate = torch.sigmoid(gates[..., direction] + layer.gate_bias[label])[..., None]
        itself = itself + edges[:, label] @ (gate * (transformed[..., direction, :] + layer.bias[label]))
    return torch.relu(itself)


def graph_states(network: GraphEncoder, h: Tensor, edges: Tensor) -> Tensor:
    """All layers."""
    for layer, norm in zip(network.layers, network.norms, strict=True):
        h = norm(h + network.dropout(convolve(layer, h, edges)))  # type: ignore[arg-type]
    return h


class Dense:
    """The model's two losses on padded batches."""

    def __init__(self, model: Cross2StrA) -> None:
        self.model = model

    def scene(self, batch: SceneBatch) -> States:
        """h of Eq. 1."""
        encoder, network = self.model.scene_encoder, self.model.scene_encoder.network
        assert isinstance(network, GraphEncoder)
        words = padded(batch.words, batch)
        real = (words > 0).unsqueeze(-1)
        labels = (self.model.pivot_embedding(words) * real).sum(2) / real.sum(2).clamp(min=1)
        x = (encoder.picture if batch.visual else encoder.sentence)(labels) + encoder.kind(padded(batch.kinds, batch))
        if batch.visual:
            x = x + encoder.geometry(padded(batch.geometry, batch))
            if encoder.feature is not None:
                x = x + encoder.feature(padded(batch.node_features(), batch))
        x = encoder.dropout((encoder.picture_norm if batch.visual else encoder.sentence_norm)(x))
        states = graph_states(network, x, adjacency(batch, network.layers[0].edge_types))  # type: ignore[arg-type]
        return States(states, padded(torch.ones_like(batch.graph, dtype=torch.bool), batch))

    def syntax(self, batch: SyntaxBatch, h: States) -> States:
        """e of A.2."""
        encoder: SentenceEncoder = self.model.sentence_encoder
        network = encoder.network
        assert isinstance(network, GraphEncoder)
        mask = batch.tokens > 0
        states = encoder.pivot_projection(encoder.pivot_words(self.model.embed_pivot(batch.tokens), mask))
        first, last = padded(batch.spans, batch).unbind(-1)
        place = torch.arange(batch.tokens.shape[1])
        inside = ((place >= first[..., None]) & (place < last[..., None])).to(states)  # (B, N, T)
        x = inside / inside.sum(-1, keepdim=True).clamp(min=1) @ states + encoder.label(padded(batch.labels, batch))
        r = graph_states(network, x, adjacency(batch, network.layers[0].edge_types))  # type: ignore[arg-type]
        return self.model.residual(States(r, padded(torch.ones_like(batch.graph, dtype=torch.bool), batch)), h)


@contextmanager
def plain_attention() -> Iterator[None]:
    """Attention is a product, a softmax and a product."""
    with sdpa_kernel(SDPBackend.MATH):
        yield
