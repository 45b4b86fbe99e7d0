"""The graph encoder: our gated convolution, forward and backward, and PyG's relational ones with as many relations."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from harness import Case
from inputs import scene_batch
from torch import Tensor, nn
from torch_geometric.nn import FastRGCNConv, RGCNConv

from cross2stra.model.batch import SCENE_EDGE_TYPES
from cross2stra.model.gcn import GatedGraphConvolution


def step(network: nn.Module, *inputs: Tensor) -> None:
    """Forward and backward."""
    network.zero_grad(set_to_none=True)
    network(*inputs).square().mean().backward()


def cases() -> Iterator[Case]:
    """Widths of `study` and of `paper`."""
    for width, count in ((128, 64), (1024, 64)):
        batch = scene_batch(count)
        nodes = len(batch.kinds)
        torch.manual_seed(1)
        x = torch.randn(nodes, width)
        ours = GatedGraphConvolution(width, SCENE_EDGE_TYPES)
        itself = torch.arange(nodes).repeat(2, 1)
        edges = torch.cat([batch.edges, batch.edges.flip(0), itself], 1)
        relations = torch.cat(
            [batch.edge_types, batch.edge_types + SCENE_EDGE_TYPES, torch.full((nodes,), 2 * SCENE_EDGE_TYPES)]
        )
        # FastRGCNConv has a matrix of its own for every edge: at 1,024 a step takes half a minute.
        for kind in (RGCNConv, FastRGCNConv) if width < 512 else (RGCNConv,):
            peer = kind(width, width, 2 * SCENE_EDGE_TYPES + 1, aggr="add", root_weight=False)
            yield Case(
                f"graph encoder, d {width}",
                f"torch-geometric {kind.__name__}",
                "> 1",
                lambda ours=ours, x=x, batch=batch: step(ours, x, batch.edges, batch.edge_types),
                lambda peer=peer, x=x, edges=edges, relations=relations: step(peer, x, edges, relations),
            )
