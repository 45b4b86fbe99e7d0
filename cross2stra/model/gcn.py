"""Graph convolution with gated edges by direction and label (Marcheggiani and Titov 2017; Eq. 1 and 3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing

IN, OUT, SELF = 0, 1, 2


class GatedGraphConvolution(MessagePassing):
    r"""One layer: h_v' = ReLU(sum_u g_uv (V_dir(u,v) h_u + b_L(u,v))), g_uv = sigmoid(v_dir(u,v) . h_u + c_L(u,v)).

    A directed edge (u, v) of type t sends along itself (direction in, label t) and back (direction out, label t);
    every node sends to itself (direction self). Labels of the two directions differ.

    Shapes: h (N, D), edges (2, E), edge_types (E,) -> (N, D).
    """

    def __init__(self, width: int, edge_types: int) -> None:
        super().__init__(aggr="add")
        self.edge_types = edge_types
        self.transform = nn.Linear(width, 3 * width, bias=False)  # V_in, V_out, V_self
        self.gate = nn.Linear(width, 3, bias=False)  # v_in, v_out, v_self
        self.bias = nn.Parameter(torch.zeros(2 * edge_types + 1, width))
        self.gate_bias = nn.Parameter(torch.zeros(2 * edge_types + 1))

    def forward(self, h: Tensor, edges: Tensor, edge_types: Tensor) -> Tensor:
        """h (N, D) -> (N, D)."""
        nodes = len(h)
        transformed = self.transform(h).unflatten(-1, (3, -1))  # (N, 3, D)
        gates = self.gate(h)  # (N, 3)
        itself = torch.sigmoid(gates[:, SELF] + self.gate_bias[-1])[:, None] * (transformed[:, SELF] + self.bias[-1])
        # Rows 0..N-1 send along the edges, rows N..2N-1 send back along them.
        sources = torch.cat([edges[0], edges[1] + nodes])
        destinations = torch.cat([edges[1], edges[0]])
        labels = torch.cat([edge_types, edge_types + self.edge_types])
        received = self.propagate(
            torch.stack([sources, destinations]),
            x=(torch.cat([transformed[:, IN], transformed[:, OUT]]), itself),
            gate=(torch.cat([gates[:, IN], gates[:, OUT]])[:, None], gates[:, :1]),
            labels=labels,
            size=(2 * nodes, nodes),
        )
        return torch.relu(itself + received)

    def message(self, x_j: Tensor, gate_j: Tensor, labels: Tensor) -> Tensor:
        """Gated message of each edge, (2E, D)."""
        return torch.sigmoid(gate_j[:, 0] + self.gate_bias[labels])[:, None] * (x_j + self.bias[labels])


class GraphEncoder(nn.Module):
    """Layers of gated graph convolution with residual connections and layer norm: (N, D) -> (N, D)."""

    def __init__(self, layers: int, width: int, edge_types: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(GatedGraphConvolution(width, edge_types) for _ in range(layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, edges: Tensor, edge_types: Tensor) -> Tensor:
        """h (N, D), edges (2, E), edge_types (E,) -> (N, D)."""
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = norm(h + self.dropout(layer(h, edges, edge_types)))
        return h

    @staticmethod
    def weights(layers: int, width: int) -> int:
        """Number of matrix weights, which a replacement has to match (docs/readings.md, 11)."""
        return layers * 3 * width * width
