"""Sentences, graphs and trees of a transfer as arrays, and their collation into batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cross2stra.data.records import Caption, SentencePair, Split, read_records
from cross2stra.data.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from cross2stra.model.batch import SceneBatch, SyntaxBatch
from cross2stra.structures.graph import NodeKind, SceneGraph, read_graphs
from cross2stra.structures.tree import PHRASE_LABELS, flat_tree, read_trees, to_arrays

LABEL_WORDS = 4
"""Words of a node label that are read; longer labels are cut."""


@dataclass(frozen=True)
class Scene:
    """A scene graph as arrays; shapes as in SceneBatch."""

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
    depth: np.ndarray


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
    features = np.zeros((len(graph), feature_size), dtype=np.float32)
    if feature_size and graph.features is not None:
        features[:] = graph.features
    return Scene(
        words,
        graph.node_kinds.astype(np.int64),
        geometry(graph),
        features,
        graph.edges.astype(np.int64),
        graph.edge_labels.astype(np.int64),
    )


def encode_tree(bracketed: str, index: dict[str, int]) -> Syntax:
    """A bracketed tree as arrays over word ids."""
    tree = to_arrays(bracketed)
    leaves, nodes = len(tree.tokens), len(tree.parents)
    parents = tree.parents.astype(np.int64)
    labels = np.full(nodes, len(PHRASE_LABELS), dtype=np.int64)
    labels[leaves:] = tree.labels
    spans = np.zeros((nodes, 2), dtype=np.int64)
    spans[:leaves] = np.arange(leaves)[:, None] + [0, 1]
    spans[leaves:] = [leaves, 0]
    depth = np.zeros(nodes, dtype=np.int64)
    for node in range(leaves, nodes):  # preorder: a parent comes before its children
        if parents[node] >= 0:
            depth[node] = depth[parents[node]] + 1
    depth[:leaves] = depth[parents[:leaves]] + 1
    for node in [*range(leaves), *range(nodes - 1, leaves - 1, -1)]:
        parent = parents[node]
        if parent >= 0:
            spans[parent] = min(spans[parent, 0], spans[node, 0]), max(spans[parent, 1], spans[node, 1])
    children = np.flatnonzero(parents >= 0)
    edges = np.stack([parents[children], children])
    return Syntax(word_ids(tree.tokens, index), labels, spans, edges, labels[edges[0]], depth)


def encode_flat(tokens: Sequence[str], index: dict[str, int]) -> Syntax:
    """The tree of a sentence that no parser could read."""
    return encode_tree(flat_tree(tokens), index)


def collate_words(sentences: Sequence[np.ndarray], most: int) -> Tensor:
    """Word ids with <eos>, cut at `most` words and padded: (B, T + 1)."""
    rows = [np.append(sentence[:most], EOS) for sentence in sentences]
    padded = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for row, sentence in zip(padded, rows, strict=True):
        row[: len(sentence)] = sentence
    return torch.as_tensor(padded)


def prefixes(words: Tensor) -> Tensor:
    """Decoder input of teacher forcing: <bos> and all words but the last, (B, T) -> (B, T)."""
    return torch.cat([torch.full_like(words[:, :1], BOS), words[:, :-1]], 1)


def collate_scenes(scenes: Sequence[Scene], visual: bool) -> SceneBatch:
    """One batch of B scenes."""
    counts = np.asarray([len(scene.words) for scene in scenes])
    starts = np.cumsum(counts) - counts
    edges = np.concatenate([scene.edges + start for scene, start in zip(scenes, starts, strict=True)], 1)

    def together(name: str) -> Tensor:
        return torch.as_tensor(np.concatenate([getattr(scene, name) for scene in scenes]))

    return SceneBatch(
        together("words"),
        together("kinds"),
        together("geometry"),
        together("features"),
        torch.as_tensor(edges),
        together("edge_types"),
        torch.as_tensor(np.repeat(np.arange(len(scenes)), counts)),
        len(scenes),
        visual,
    )


def collate_trees(trees: Sequence[Syntax]) -> SyntaxBatch:
    """One batch of B trees."""
    lengths = np.asarray([len(tree.tokens) for tree in trees])
    counts = np.asarray([len(tree.labels) for tree in trees])
    starts = np.cumsum(counts) - counts
    width = int(lengths.max())
    tokens = np.full((len(trees), width), PAD, dtype=np.int64)
    leaf = np.full(int(counts.sum()), -1, dtype=np.int64)
    for row, (tree, start) in enumerate(zip(trees, starts, strict=True)):
        tokens[row, : len(tree.tokens)] = tree.tokens
        leaf[start : start + len(tree.tokens)] = row * width + np.arange(len(tree.tokens))
    edges = np.concatenate([tree.edges + start for tree, start in zip(trees, starts, strict=True)], 1)

    def together(name: str) -> Tensor:
        return torch.as_tensor(np.concatenate([getattr(tree, name) for tree in trees]))

    return SyntaxBatch(
        torch.as_tensor(tokens),
        torch.as_tensor(leaf),
        together("labels"),
        together("spans"),
        torch.as_tensor(edges),
        together("edge_types"),
        together("depth"),
        torch.as_tensor(np.repeat(np.arange(len(trees)), counts)),
    )


@dataclass
class PicturedCaptions:
    """Training captions with pictures: item i is picture `picture[i]` with words `words[i]` and LSG `sentence[i]`."""

    picture: np.ndarray
    words: list[np.ndarray]
    sentence: list[Scene]
    tokens: list[str]


@dataclass
class Pairs:
    """Sentence pairs with pivot words, trees of both sides, the pivot's LSG, and the scene generated for it."""

    ids: list[str]
    target_words: list[np.ndarray]
    pivot: list[Syntax]
    target: list[Syntax]
    sentence: list[Scene]
    generated: list[Scene | None]
    pivot_tokens: list[str]


@dataclass
class TransferData:
    """All that training reads of one transfer."""

    vocabulary: Vocabulary
    feature_size: int
    pictures: list[Scene]
    captions: PicturedCaptions
    pairs: Pairs
    counts: dict[str, int] = field(default_factory=dict)

    def scenes(self, pictures: Iterable[int]) -> SceneBatch:
        """One batch of pictures, by number."""
        return collate_scenes([self.pictures[i] for i in pictures], visual=True)

    @property
    def pivot_index(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.vocabulary.pivot)}


def feature_size_of(graphs: Mapping[str, SceneGraph]) -> int:
    """Numbers of a region's feature; 0 where no graph has features."""
    return next((graph.features.shape[1] for graph in graphs.values() if graph.features is not None), 0)


def short_pairs(pairs: Iterable[SentencePair], max_tokens: int) -> list[SentencePair]:
    """The pairs with 1 to `max_tokens` tokens on both sides."""
    return [
        row
        for row in pairs
        if row.pivot_tokens
        and row.target_tokens
        and max(row.pivot_tokens.count(" "), row.target_tokens.count(" ")) < max_tokens
    ]


def load(
    text: Path, structures: Path, max_tokens: int, split: Split = Split.TRAIN, annotated: Sequence[str] = ()
) -> TransferData:
    """Read the arrays of one split: pictures with pivot captions, and sentence pairs.

    `split` TRAIN, or PIVOT_VALIDATION, whose pairs are those of `val`. Longer pairs than `max_tokens` are left out and
    counted; captions are cut there. `annotated`: kinds (visual, language, syntax) that are read from
    `structures`/annotated.
    """

    def table(kind: str, name: str) -> Path:
        return (structures / "annotated" if kind in annotated else structures) / name

    vocabulary = Vocabulary.load(text / "vocabulary.json")
    pivot = {word: i for i, word in enumerate(vocabulary.pivot)}
    target = {word: i for i, word in enumerate(vocabulary.target)}
    captions = [row for row in read_records(text / "captions.parquet", Caption) if row.split == split and row.tokens]
    wanted = Split.TRAIN if split == Split.TRAIN else Split.VALIDATION
    pairs = [row for row in read_records(text / "pairs.parquet", SentencePair) if row.split == wanted]
    short = short_pairs(pairs, max_tokens)

    graphs = read_graphs(table("visual", "visual_graphs.parquet"))
    feature_size = feature_size_of(graphs)
    names = sorted({row.image_id for row in captions})
    number = {name: i for i, name in enumerate(names)}
    sentences = read_graphs(table("language", "language_graphs.parquet"))
    scenes: dict[str, Scene] = {}

    def sentence(tokens: str) -> Scene:
        if tokens not in scenes:
            scenes[tokens] = encode_scene(sentences[tokens], pivot, 0)
        return scenes[tokens]

    generated_path = structures / "generated_graphs.parquet"
    generated = read_graphs(generated_path) if split == Split.TRAIN and generated_path.exists() else {}
    pivot_trees = read_trees(table("syntax", "trees.pivot.parquet"))
    target_trees = read_trees(table("syntax", "trees.target.parquet"))
    return TransferData(
        vocabulary,
        feature_size,
        [encode_scene(graphs[name], pivot, feature_size) for name in names],
        PicturedCaptions(
            np.asarray([number[row.image_id] for row in captions], dtype=np.int64),
            [word_ids(row.tokens.split(), pivot) for row in captions],
            [sentence(row.tokens) for row in captions],
            [row.tokens for row in captions],
        ),
        Pairs(
            [row.id for row in short],
            [word_ids(row.target_tokens.split(), target) for row in short],
            [encode_tree(pivot_trees[row.pivot_tokens], pivot) for row in short],
            [encode_tree(target_trees[row.target_tokens], target) for row in short],
            [sentence(row.pivot_tokens) for row in short],
            [encode_scene(generated[row.id], pivot, feature_size) if row.id in generated else None for row in short],
            [row.pivot_tokens for row in short],
        ),
        {"captions": len(captions), "pairs": len(short), "pairs_too_long": len(pairs) - len(short)},
    )


def content_words(sentence: Scene) -> np.ndarray:
    """Word ids that name a node of the sentence's scene graph: what may be masked in the translator's input."""
    objects_and_more = sentence.words[sentence.kinds <= NodeKind.RELATION]
    return np.unique(objects_and_more[objects_and_more > UNK])
