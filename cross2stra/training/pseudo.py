"""Pivot captions that the model itself makes, with their trees, for stages 3 and 4 (docs/readings.md, 8)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from cross2stra.data.files import read_json, write_json
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.model.decoding import greedy
from cross2stra.structures.tree import flat_tree
from cross2stra.training.examples import Scene, Syntax, collate_scenes, encode_tree, whole_tree
from cross2stra.training.processes import first_alone


class TreeParser(Protocol):
    """What turns tokenised sentences into bracketed trees."""

    def parse(self, sentences: list[list[str]]) -> list[str]: ...


class FlatTrees:
    """Trees for systems without constituency: every sentence is flat, nothing is parsed."""

    def parse(self, sentences: list[list[str]]) -> list[str]:
        return [flat_tree(sentence) for sentence in sentences]


class OwnCaptions:
    """Pivot captions of a list of scenes, decoded greedily by the current model, parsed in bulk, then held fixed."""

    def __init__(self, words: Sequence[str], parser: TreeParser, max_tokens: int, batch: int) -> None:
        self.words, self.parser, self.max_tokens, self.batch = list(words), parser, max_tokens, batch
        self.index = {word: i for i, word in enumerate(self.words)}
        self.tokens: list[np.ndarray] = []
        self.trees: list[Syntax] = []

    def renew(self, model: Cross2StrA, scenes: Sequence[Scene], saved: Path) -> None:
        """Decode and parse all scenes, or read `saved`, where an interrupted run left the same."""
        with first_alone():
            if not saved.exists():
                sentences = self._decode(model, scenes)
                distinct = sorted(set(map(tuple, sentences)))
                trees = dict(zip(distinct, self.parser.parse([list(s) for s in distinct]), strict=True))
                write_json(saved, [[" ".join(sentence), trees[tuple(sentence)]] for sentence in sentences])
        rows = read_json(saved)
        encoded: dict[str, Syntax] = {}
        self.tokens, self.trees = [], []
        for sentence, tree in rows:
            words = sentence.split(" ")
            if sentence not in encoded:
                encoded[sentence] = encode_tree(whole_tree(tree, words), self.index)
            self.tokens.append(np.asarray([self.index[word] for word in words], dtype=np.int64))
            self.trees.append(encoded[sentence])

    def saying(self, content: Sequence[np.ndarray]) -> np.ndarray:
        """Share of each sentence's content words that its scene's caption says, (B,); 1 for a sentence without any."""
        pairs = zip(content, self.tokens, strict=True)
        return np.asarray([np.isin(words, own).mean() if len(words) else 1.0 for words, own in pairs])

    @torch.no_grad()
    def _decode(self, model: Cross2StrA, scenes: Sequence[Scene]) -> list[list[str]]:
        training = model.training
        model.eval()
        said: list[list[str]] = []
        for start in range(0, len(scenes), self.batch):
            h = model.scene(collate_scenes(scenes[start : start + self.batch], visual=True))
            for tokens in greedy(model.captioner, model.pivot_embedding, h, self.max_tokens):
                said.append([self.words[token] for token in tokens])
        model.train(training)
        return said
