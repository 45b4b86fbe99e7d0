"""Sentences, graphs and trees as arrays, and their collation into batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cross2stra.data.vocabulary import BOS, EOS, PAD, UNK
from cross2stra.model.batch import SceneBatch, SyntaxBatch
from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.structures.tree import PHRASE_LABELS, flat_tree, to_arrays

LABEL_WORDS = 4
"""Words of a node label that are read; longer labels are cut."""


@dataclass(frozen=True)
class Scene:
    """A scene graph as arrays; shapes as in SceneBatch, but `features`: (O, F) of its O object nodes."""

    words: np.ndarray
    kinds: np.ndarray
    geometry: np.ndarray
    features: np.ndarray
    edges: np.ndarray
    edge_types: np.ndarray


@dataclass(frozen=True)
class Syntax:
    """A constituency tree as arrays; leaves first, shapes as in SyntaxBatch."""

    tokens: np.ndarray
    labels: np.ndarray
    spans: np.ndarray
    edges: np.ndarray
    edge_types: np.ndarray


def word_ids(words: Sequence[str], index: dict[str, int]) -> np.ndarray:
    """Ids of words, <unk> where the vocabulary has none: (T,) int64."""
    return np.asarray([index.get(word, UNK) for word in words], dtype=np.int64)


def geometry(graph: SceneGraph) -> np.ndarray:
    """Position, size, area and aspect of each node's box, relative to the picture: (N, 8), zeros without."""
    numbers = np.zeros((len(graph), 8), dtype=np.float32)
    if graph.boxes is None or not min(graph.size):
        return numbers
    x1, y1, x2, y2 = (graph.boxes / np.asarray([*graph.size, *graph.size], dtype=np.float32)).T
    width, height = x2 - x1, y2 - y1
    numbers[:] = np.stack(
        [x1, y1, x2, y2, (x1 + x2) / 2, (y1 + y2) / 2, width * height, width / (width + height + 1e-6)], 1
    )
    numbers[(width <= 0) & (height <= 0)] = 0
    return numbers


def encode_scene(graph: SceneGraph, index: dict[str, int], feature_size: int) -> Scene:
    """A graph as arrays; `feature_size` 0 leaves region features out."""
    words = np.full((len(graph), LABEL_WORDS), PAD, dtype=np.int64)
    for row, label in enumerate(graph.node_labels):
        ids = word_ids(label.split()[:LABEL_WORDS] or [""], index)
        words[row, : len(ids)] = ids
    objects = graph.node_kinds == NodeKind.OBJECT
    features = np.zeros((int(objects.sum()), feature_size), dtype=np.float16)
    if feature_size and graph.features is not None:
        features[:] = graph.features[objects]
    return Scene(words, graph.node_kinds, geometry(graph), features, graph.edges, graph.edge_labels)


def encode_tree(bracketed: str, index: dict[str, int]) -> Syntax:
    """A bracketed tree as arrays over word ids."""
    tree = to_arrays(bracketed)
    root, nodes = len(tree.tokens), len(tree.parents)
    labels = np.empty(nodes, dtype=np.int64)
    labels[:root] = len(PHRASE_LABELS)
    labels[root:] = tree.labels
    above = np.array([tree.parents, np.arange(nodes)])
    edges = np.concatenate([above[:, :root], above[:, root + 1 :]], 1)
    return Syntax(word_ids(tree.tokens, index), labels, tree.spans, edges, labels[edges[0]])


def encode_flat(tokens: Sequence[str], index: dict[str, int]) -> Syntax:
    """The tree of a sentence that no parser could read."""
    return encode_tree(flat_tree(tokens), index)


def whole_tree(bracketed: str, words: Sequence[str]) -> str:
    """The bracketed tree that a sentence is read by: the parser's, or a flat one where that has lost words."""
    return bracketed if len(to_arrays(bracketed).tokens) == len(words) else flat_tree(words)


def collate_words(sentences: Sequence[np.ndarray], most: int) -> Tensor:
    """Word ids with <eos>, cut at `most` words and padded: (B, T + 1)."""
    rows = [np.append(sentence[:most], EOS) for sentence in sentences]
    padded = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for row, sentence in zip(padded, rows, strict=True):
        row[: len(sentence)] = sentence
    return torch.from_numpy(padded).to(torch.get_default_device())


def prefixes(words: Tensor) -> Tensor:
    """Decoder input of teacher forcing: <bos> and all words but the last, (B, T) -> (B, T)."""
    return torch.cat([torch.full_like(words[:, :1], BOS), words[:, :-1]], 1)


def _numbers(values: np.ndarray) -> Tensor:
    """Whole numbers on the CPU, whatever the default device."""
    return torch.from_numpy(values.astype(np.int64))


def _places(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of B parts with so many rows each: the first row of each (B,), and of every row its part and its place there (N,)."""
    starts = np.cumsum(counts) - counts
    part = np.repeat(np.arange(len(counts)), counts)
    return starts, part, np.arange(len(part)) - starts[part]


def collate_scenes(scenes: Sequence[Scene], visual: bool) -> SceneBatch:
    """One batch of B scenes, on the default device."""
    counts = np.asarray([len(scene.words) for scene in scenes])
    starts, graph, place = _places(counts)
    edges = np.concatenate([scene.edges + start for scene, start in zip(scenes, starts, strict=True)], 1)

    def together(name: str) -> np.ndarray:
        return np.concatenate([getattr(scene, name) for scene in scenes])

    kinds = together("kinds")
    return SceneBatch(
        _numbers(together("words")),
        _numbers(kinds),
        torch.from_numpy(together("geometry")),
        _numbers(np.flatnonzero(kinds == NodeKind.OBJECT)),
        torch.from_numpy(together("features")),
        _numbers(edges),
        _numbers(together("edge_types")),
        _numbers(graph),
        _numbers(place),
        len(scenes),
        int(counts.max()),
        visual,
    ).to(torch.get_default_device())


def collate_trees(trees: Sequence[Syntax]) -> SyntaxBatch:
    """One batch of B trees, on the default device."""
    counts = np.asarray([len(tree.labels) for tree in trees])
    starts, graph, place = _places(counts)
    tokens = np.full((len(trees), max(len(tree.tokens) for tree in trees)), PAD, dtype=np.int64)
    for row, tree in zip(tokens, trees, strict=True):
        row[: len(tree.tokens)] = tree.tokens
    edges = np.concatenate([tree.edges + start for tree, start in zip(trees, starts, strict=True)], 1)

    def together(name: str) -> Tensor:
        return _numbers(np.concatenate([getattr(tree, name) for tree in trees]))

    return SyntaxBatch(
        _numbers(tokens),
        together("labels"),
        together("spans"),
        _numbers(edges),
        together("edge_types"),
        _numbers(graph),
        _numbers(place),
        int(counts.max()),
    ).to(torch.get_default_device())


def content_words(sentence: Scene) -> np.ndarray:
    """Word ids that name a node of the sentence's scene graph: what may be masked in the translator's input."""
    return np.unique(sentence.words[sentence.words > UNK])
