"""The scene generator: a Transformer that reads an LSG and writes a VSG, objects with boxes and region features.

It stands for the paper's image generator (Zhao et al. 2022) up to the point where the captioner reads the picture; it
is learned from the pivot training set alone and never copies the LSG (docs/readings.md, 7).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cross2stra.data.files import read_json
from cross2stra.structures.generation.decoding import CachedDecoder, Grammar
from cross2stra.structures.generation.sequences import graph_of, read_sequence
from cross2stra.structures.graph import SceneGraph

PAD, BOS, EOS, UNKNOWN = range(4)
LONGEST = 96


@dataclass(frozen=True)
class Shape:
    """Sizes and word lists of a generator."""

    width: int
    layers: int
    read_words: list[str]
    written_words: list[str]
    feature_size: int
    size: tuple[int, int]


class SceneGenerator(nn.Module):
    """Encoder over LSG words, decoder over VSG tokens, and a regressor of region features at each object's name."""

    feature_mean: Tensor
    feature_spread: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.read_index = {word: i for i, word in enumerate(shape.read_words)}
        self.written_index = {word: i for i, word in enumerate(shape.written_words)}
        width = shape.width
        self.read = nn.Embedding(len(shape.read_words), width, padding_idx=PAD)
        self.written = nn.Embedding(len(shape.written_words), width, padding_idx=PAD)
        self.position = nn.Embedding(LONGEST, width)
        for embedding in (self.read, self.written, self.position):
            nn.init.normal_(embedding.weight, std=width**-0.5)
        options: dict[str, Any] = {
            "nhead": 4,
            "dim_feedforward": 2 * width,
            "dropout": 0.1,
            "batch_first": True,
            "norm_first": True,
        }
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(width, **options), shape.layers, nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(width, **options), shape.layers, nn.LayerNorm(width)
        )
        self.regressor = nn.Sequential(
            nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, max(1, shape.feature_size))
        )
        self.register_buffer("feature_mean", torch.zeros(max(1, shape.feature_size)))
        self.register_buffer("feature_spread", torch.ones(max(1, shape.feature_size)))

    def encode(self, graphs: Sequence[SceneGraph]) -> tuple[Tensor, Tensor]:
        """LSGs -> memory (B, T, D) and its padding mask (B, T), True at padding."""
        rows = [[self.read_index.get(w, UNKNOWN) for w in read_sequence(g)][:LONGEST] or [UNKNOWN] for g in graphs]
        words = padded(rows)
        states = self.read(words) * math.sqrt(self.shape.width) + self.position.weight[: words.shape[1]]
        return self.encoder(states, src_key_padding_mask=words == PAD), words == PAD

    def decode(self, tokens: Tensor, memory: Tensor, memory_padding: Tensor) -> Tensor:
        """Prefix tokens (B, T) -> states (B, T, D)."""
        length = tokens.shape[1]
        states = self._embed(tokens, 0)
        causal = torch.ones(length, length, dtype=torch.bool).triu(1)
        return self.decoder(states, memory, tgt_mask=causal, memory_key_padding_mask=memory_padding)

    def _embed(self, tokens: Tensor, first: int) -> Tensor:
        """Tokens (B, T) from position `first` on -> (B, T, D)."""
        positions = self.position.weight[first : first + tokens.shape[1]]
        return self.written(tokens) * math.sqrt(self.shape.width) + positions

    @torch.no_grad()
    def generate(self, graphs: Sequence[SceneGraph], batch: int = 64) -> list[SceneGraph]:
        """Greedy VSGs of LSGs, region features included where training had them. Deterministic."""
        self.eval()
        order = sorted(range(len(graphs)), key=lambda i: len(graphs[i]))
        made: list[SceneGraph | None] = [None] * len(graphs)
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            for index, graph in zip(chosen, self._generate([graphs[i] for i in chosen]), strict=True):
                made[index] = graph
        return [graph for graph in made if graph is not None]

    def _generate(self, graphs: Sequence[SceneGraph]) -> list[SceneGraph]:
        memory, padding = self.encode(graphs)
        tokens = torch.full((len(graphs), 1), BOS)
        cached = CachedDecoder(self.decoder, memory, padding)
        grammar = Grammar(self.shape.written_words, len(graphs))
        while tokens.shape[1] < LONGEST and not bool(grammar.done.all()):
            states = cached.step(self._embed(tokens[:, -1:], tokens.shape[1] - 1))
            scores = (states[:, 0] @ self.written.weight.T).masked_fill(grammar.forbidden(), float("-inf"))
            following = scores.argmax(-1).masked_fill(grammar.done, PAD)
            grammar.take(following)
            tokens = torch.cat([tokens, following[:, None]], 1)
        features = None
        if self.shape.feature_size:
            states = self.decode(tokens, memory, padding)
            features = (self.regressor(states) * self.feature_spread + self.feature_mean).numpy()
        rows = []
        for index, row in enumerate(tokens.tolist()):
            end = row.index(EOS) if EOS in row else len(row)
            words = [self.shape.written_words[token] for token in row[1:end]]
            own = None if features is None else features[index, 1:end]
            rows.append(graph_of(words, own, self.shape.size))
        return rows

    def save(self, folder: Path) -> None:
        """Write weights and shape into a folder that exists."""
        save_file({k: v.contiguous() for k, v in self.state_dict().items()}, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(asdict(self.shape), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> SceneGenerator:
        """Read what `save` wrote."""
        config = read_json(folder / "config.json")
        model = cls(Shape(**{**config, "size": tuple(config["size"])}))
        model.load_state_dict(load_file(folder / "model.safetensors"))
        return model.eval()


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(B, T) of ids, 0 pads."""
    table = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return torch.from_numpy(table)
