"""What a caption was said from: its trees, and how much each of its words reads of each node of the scene graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cross2stra.data.vocabulary import BOS
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.systems.caption import Captioned, Captioner
from cross2stra.training.examples import collate_trees, encode_scene, prefixes, whole_tree, word_ids
from cross2stra.training.pseudo import TreeParser


@dataclass(frozen=True)
class Attention:
    """Weights of words over the N nodes of a scene graph, rows sum to 1: `target` (T, N), `pivot` (P, N).

    None where words read no scene: `target` of a system without residual, `pivot` of one that says no pivot.
    """

    target: np.ndarray | None
    pivot: np.ndarray | None


@torch.no_grad()
def attention(captioner: Captioner, graph: SceneGraph, said: Captioned) -> Attention:
    """How much the words that `captioner` said of `graph` read of its nodes.

    A pivot word reads scene states directly; a target word reads them through the states of the pivot's tree
    (`Cross2StrA.scene_weights`), or directly in EarlyTranslation. A node that the model does not see has weight 0.
    """
    model = captioner.model
    h = captioner.states([encode_scene(graph, captioner.index, model.shape.feature_size)])
    target = _prefix(said.target, captioner.vocabulary.target)
    if isinstance(model, TargetCaptioner):
        direct = model.captioner.memory_weights(target, h, model.target_embedding)
        return Attention(_of_nodes(direct, graph, model), None)
    assert said.pivot is not None
    pivot = _prefix(said.pivot, captioner.vocabulary.pivot)
    read = model.captioner.memory_weights(pivot, h, model.pivot_embedding)
    through = None
    if model.shape.residual:
        syntax = collate_trees(captioner.trees([said.pivot]))
        through = _of_nodes(model.scene_weights(target, syntax, h), graph, model)
    return Attention(through, _of_nodes(read, graph, model))


def _prefix(words: list[str], vocabulary: list[str]) -> Tensor:
    """Decoder input (1, T) whose position t says word t."""
    ids = word_ids(words, {word: number for number, word in enumerate(vocabulary)})
    return prefixes(torch.as_tensor(ids)[None]) if len(ids) else torch.full((1, 0), BOS)


def _of_nodes(weights: Tensor, graph: SceneGraph, model: Cross2StrA | TargetCaptioner) -> np.ndarray:
    """Weights (1, T, M) over the scene states as weights (T, N) over nodes: `w/o SG` has states of objects alone."""
    seen = np.arange(len(graph)) if model.shape.scene_graph else np.flatnonzero(graph.node_kinds == NodeKind.OBJECT)
    table = np.zeros((weights.shape[1], len(graph)), dtype=np.float32)
    table[:, seen] = weights[0].numpy()
    return table


def shares(graph: SceneGraph) -> np.ndarray:
    """Whose region each node is shown on: (N, R) for R objects in order, rows sum to 1.

    An object's is its own; an attribute's is its object's; a relation's is shared equally by its subjects and objects.
    Weights over nodes times this are weights over regions, which sum to 1 again.
    """
    objects = np.flatnonzero(graph.node_kinds == NodeKind.OBJECT)
    column = {int(node): place for place, node in enumerate(objects)}
    table = np.zeros((len(graph), len(objects)), dtype=np.float32)
    for node, place in column.items():
        table[node, place] = 1
    described = [(node, whole) for kind in ("subject", "attribute") for whole, node in graph.edges_of(kind)]
    for part, whole in [*described, *graph.edges_of("object")]:
        if whole in column and part not in column:
            table[part, column[whole]] += 1
    return table / np.maximum(table.sum(1, keepdims=True), 1e-9)


def bracketed(parser: TreeParser, words: list[str]) -> str:
    """The tree of a sentence as the translator reads it."""
    (tree,) = parser.parse([words])
    return whole_tree(tree, words)
