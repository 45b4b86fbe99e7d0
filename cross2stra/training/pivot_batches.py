"""What a pivoting system's update sees of captions and of sentence pairs: a function of the seed and the update alone."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Profile
from cross2stra.data.vocabulary import MASK
from cross2stra.model.batch import SceneBatch, Share, SyntaxBatch, Tensors
from cross2stra.model.cross2stra import Shape
from cross2stra.training import processes
from cross2stra.training.batches import LikeLengths, stream
from cross2stra.training.corpus import TransferData, lengths_of
from cross2stra.training.examples import (
    Syntax,
    collate_scenes,
    collate_trees,
    collate_words,
    content_words,
    encode_flat,
)

CAPTIONS, PAIRS, MASKS = 0, 1, 4
"""Names of the random streams; those of back_examples.py are others."""


@dataclass
class CaptionBatch(Tensors):
    """Pictures with a caption each. `scene`, `picture` (b,) which pictures, `sentences` their captions' LSGs (for L_CMA):
    this share's. `words`: (B, T) captions of the whole batch."""

    scene: SceneBatch
    picture: Tensor
    words: Tensor
    sentences: SceneBatch | None


@dataclass
class PairBatch(Tensors):
    """Sentence pairs, as the translator sees them and as they are.

    `syntax`, `masked` (b, T), `sentences` the pivot's LSGs, `null` (b,) whether the null scene stands for it, `origin` (b,)
    numbers in the whole batch, `target_syntax` (for L_CLA): this share's. `target`: (B, T) words of the whole batch.
    """

    syntax: SyntaxBatch
    masked: Tensor
    target: Tensor
    origin: Tensor
    sentences: SceneBatch | None
    null: Tensor | None
    target_syntax: SyntaxBatch | None


@dataclass
class PivotBatch(Tensors):
    """Both, each where the update has a loss of it."""

    captions: CaptionBatch | None
    pairs: PairBatch | None


class PivotBatches:
    """Batches by update, counted over all stages, and share. `shape`: of the model that they are for."""

    def __init__(self, data: TransferData, profile: Profile, shape: Shape, seed: int) -> None:
        self.data, self.profile, self.shape, self.seed = data, profile, shape, seed
        self.training = profile.training
        self._buckets: dict[int, LikeLengths] = {}

    def __call__(self, overall: int, losses: Set[str], share: Share) -> PivotBatch:
        """What the losses (cap, cma, tran, cla) of an update need."""
        return PivotBatch(
            self._captions(overall, "cma" in losses, share) if losses & {"cap", "cma"} else None,
            self._pairs(overall, "tran" in losses, "cla" in losses, share) if losses & {"tran", "cla"} else None,
        )

    def rows(self, name: int, overall: int) -> np.ndarray:
        """Captions or sentence pairs of an update."""
        captions, pairs = self.data.captions, self.data.pairs
        if not self.training.bucketed:
            size = len(captions.words if name == CAPTIONS else pairs.target_words)
            return stream(size, self.training.batch, overall, self.seed, name)
        if name not in self._buckets:
            lengths = (
                lengths_of(captions.words) + lengths_of(self.data.pictures)[captions.picture]
                if name == CAPTIONS
                else lengths_of(pairs.target_words) + lengths_of(pairs.pivot)
            )
            shares = processes.number() * self.training.accumulate
            self._buckets[name] = LikeLengths(lengths, self.training.batch, shares, self.seed, name)
        return self._buckets[name](overall)

    def _captions(self, overall: int, aligned: bool, share: Share) -> CaptionBatch:
        rows, captions = self.rows(CAPTIONS, overall), self.data.captions
        own = share.rows(rows)
        return CaptionBatch(
            self.data.scenes(captions.picture[own]),
            torch.as_tensor(captions.picture[own]),
            collate_words([captions.words[i] for i in rows], self.profile.text.max_tokens),
            collate_scenes([captions.sentence[i] for i in own], visual=False) if aligned else None,
        )

    def _pairs(self, overall: int, translated: bool, aligned: bool, share: Share) -> PairBatch:
        rows, pairs = self.rows(PAIRS, overall), self.data.pairs
        rng = np.random.default_rng([self.seed, MASKS, overall])
        flat = [rng.random() < self.profile.training.flat_share for _ in rows]
        low, high = self.training.word_mask
        hidden = []  # drawn for the whole batch, so that a share of it is what it would be in the whole
        for row in rows:
            content = np.isin(pairs.pivot[row].tokens, content_words(pairs.sentence[row]))
            hidden.append(content & (rng.random(len(content)) < rng.uniform(low, high)))
        own = share.rows(rows)
        syntax = collate_trees([self._tree(row, as_flat) for row, as_flat in zip(own, share.rows(flat), strict=True)])
        mask = np.zeros(tuple(syntax.tokens.shape), dtype=bool)
        for line, words in zip(mask, share.rows(hidden), strict=True):
            line[: len(words)] = words
        with_scene = translated and self.shape.residual
        return PairBatch(
            syntax,
            syntax.tokens.masked_fill(torch.as_tensor(mask), MASK),
            collate_words([pairs.target_words[row] for row in rows], self.profile.text.max_tokens),
            share.rows(torch.arange(len(rows))),
            collate_scenes([pairs.sentence[i] for i in own], visual=False) if with_scene else None,
            torch.as_tensor(share.rows(self._without_scene(overall, len(rows)))) if with_scene else None,
            collate_trees([pairs.target[i] for i in own]) if aligned else None,
        )

    def _without_scene(self, overall: int, size: int) -> np.ndarray:
        """Which sentences of the whole batch get the null scene."""
        return np.random.default_rng([self.seed, MASKS, overall, 1]).random(size) < self.training.null_scene

    def _tree(self, row: int, flat: bool) -> Syntax:
        tree = self.data.pairs.pivot[row]
        if not flat:
            return tree
        return encode_flat([self.data.vocabulary.pivot[i] for i in tree.tokens], self.data.pivot_index)
