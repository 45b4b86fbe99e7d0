"""Encoders of scenes (Eq. 1) and sentences (Eq. 3), and what replaces them in `w/o SG` and `w/o SC`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cross2stra.configuration import Model
from cross2stra.model.batch import SCENE_EDGE_TYPES, SceneBatch, States, SyntaxBatch, pad
from cross2stra.model.gcn import GraphEncoder
from cross2stra.model.layers import Encoder
from cross2stra.structures.tree import PHRASE_LABELS


def replacement(model: Model) -> Encoder:
    """One Transformer layer with as many weights as the matrices of the graph layers that it stands for (docs/readings.md, 11)."""
    width = model.d_model
    hidden = (GraphEncoder.weights(model.graph_layers, width) - 4 * width * width) // (2 * width)
    if hidden < 1:
        raise ValueError("model.graph_layers must be at least 2, so that a Transformer layer can replace them")
    return Encoder(1, width, model.heads, hidden, model.dropout, positions=False)


class SceneEncoder(nn.Module):
    """GCN_G, one instance for VSG and LSG; with `graph` false, a Transformer over the regions.

    A node enters as the mean of its label words' embeddings, projected, and its kind's embedding, in a picture also its
    geometry and its region feature (a node without a region has the bias of that layer): a projection and layer norm for
    each source (picture, sentence), then the shared network (docs/readings.md, 10).
    """

    def __init__(self, model: Model, feature_size: int, graph: bool) -> None:
        super().__init__()
        width = model.d_model
        self.graph = graph
        self.picture = nn.Linear(width, width)
        self.sentence = nn.Linear(width, width)
        self.feature = nn.Linear(feature_size, width) if feature_size else None
        self.geometry = nn.Linear(model.geometry, width)
        self.kind = nn.Embedding(3, width)
        self.picture_norm = nn.LayerNorm(width)
        self.sentence_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(model.dropout)
        self.network: GraphEncoder | Encoder = (
            GraphEncoder(model.graph_layers, width, SCENE_EDGE_TYPES, model.dropout) if graph else replacement(model)
        )

    def nodes(self, scene: SceneBatch, embedding: nn.Embedding) -> Tensor:
        """States of all nodes before padding: (N, D); without a graph those that its replacement reads."""
        real = (scene.words > 0).unsqueeze(-1)
        labels = (embedding(scene.words) * real).sum(1) / real.sum(1).clamp(min=1)
        x = (self.picture if scene.visual else self.sentence)(labels) + self.kind(scene.kinds)
        if scene.visual:
            x = x + self.geometry(scene.geometry)
            if self.feature is not None:
                x = x + self.feature(scene.node_features())
        x = self.dropout((self.picture_norm if scene.visual else self.sentence_norm)(x))
        return self.network(x, scene.edges, scene.edge_types) if self.graph else x

    def forward(self, scene: SceneBatch, embedding: nn.Embedding) -> States:
        """Scenes -> states (B, N, D)."""
        if self.graph:
            return pad(self.nodes(scene, embedding), scene)
        regions = scene.objects()
        states = pad(self.nodes(regions, embedding), regions)
        return States(self.network(states.values, states.mask), states.mask)


class SentenceEncoder(nn.Module):
    """GCN_C over the tree, one instance for pivot and target; with `tree` false, a Transformer over the tokens.

    A leaf enters as its Transformer state, projected and normed, a phrase as the mean of those of its span; both plus
    their label's embedding, which leaves have one of.
    Pivot and target have their own projection and word encoder; the target's is used by L_CLA alone.
    """

    def __init__(self, model: Model, tree: bool) -> None:
        super().__init__()
        width = model.d_model
        self.tree = tree

        def words() -> Encoder:
            return Encoder(model.text_layers, width, model.heads, model.feed_forward, model.dropout, positions=True)

        self.pivot_words = words()
        self.network: GraphEncoder | Encoder
        if tree:
            self.target_words = words()
            self.label = nn.Embedding(len(PHRASE_LABELS) + 1, width)
            self.pivot_projection = nn.Sequential(nn.Linear(width, width), nn.LayerNorm(width))
            self.target_projection = nn.Sequential(nn.Linear(width, width), nn.LayerNorm(width))
            self.network = GraphEncoder(model.graph_layers, width, len(PHRASE_LABELS), model.dropout)
        else:
            self.network = replacement(model)

    def nodes(self, syntax: SyntaxBatch, embedded: Tensor, target: bool = False) -> Tensor:
        """States of all tree nodes: embedded words (B, T, D) -> (N, D). Only with trees."""
        mask = syntax.tokens > 0
        states = (self.target_words if target else self.pivot_words)(embedded, mask)
        states = (self.target_projection if target else self.pivot_projection)(states)
        # Mean over a span from prefix sums; a leaf's span is itself.
        sums = torch.cat([states.new_zeros(len(states), 1, states.shape[-1]), states.cumsum(1)], 1)
        first, last = syntax.spans.unbind(-1)
        mean = (sums[syntax.graph, last] - sums[syntax.graph, first]) / (last - first).clamp(min=1)[:, None]
        return self.network(mean + self.label(syntax.labels), syntax.edges, syntax.edge_types)

    def forward(self, syntax: SyntaxBatch, embedded: Tensor) -> States:
        """Pivot words (B, T, D) -> states (B, N, D) of tree nodes, or (B, T, D) of tokens."""
        if self.tree:
            return pad(self.nodes(syntax, embedded), syntax)
        mask = syntax.tokens > 0
        return States(self.network(self.pivot_words(embedded, mask), mask), mask)
