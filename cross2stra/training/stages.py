"""The four stages of A.4: which examples a step takes, and which objectives it sums (Eq. 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Profile
from cross2stra.data.vocabulary import MASK
from cross2stra.model.batch import SceneBatch, States, SyntaxBatch
from cross2stra.model.cross2stra import Cross2StrA, WordDecoder
from cross2stra.training import processes, schedule
from cross2stra.training.back_examples import BackExamples
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.batches import LikeLengths, stream
from cross2stra.training.corpus import TransferData, lengths_of
from cross2stra.training.examples import (
    Syntax,
    collate_scenes,
    collate_trees,
    collate_words,
    content_words,
    encode_flat,
    prefixes,
)
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import Contrast, Side, word_loss
from cross2stra.training.processes import contrast_of_all
from cross2stra.training.pseudo import TreeParser

CAPTIONS, PAIRS, MASKS = 0, 1, 4
"""Names of the random streams; those of back_examples.py are others."""


@dataclass
class PairBatch:
    """Sentence pairs of a step, as the translator sees them and as they are.

    `rows`, `syntax`, `masked`: this share's. `target`: (B, T) words of the whole batch.
    """

    rows: np.ndarray
    syntax: SyntaxBatch
    masked: Tensor
    target: Tensor


class PivotStage:
    """A stage of a pivoting system (and of LateTranslation, which has the first one alone)."""

    def __init__(
        self,
        model: Cross2StrA,
        data: TransferData,
        profile: Profile,
        losses: Sequence[str],
        plan: Plan,
        working: Path,
        parser: TreeParser,
        back_translator: BackTranslator | None,
        stage_2_perplexity: float | None = None,
    ) -> None:
        self.model, self.data, self.profile, self.plan = model, data, profile, plan
        self.used = list(losses)
        self.training = profile.training
        active = schedule.active(self.training, self.used, plan.name) & {"ipb", "ptb"}
        self.buckets: dict[int, LikeLengths] = {}
        self.back: BackExamples | None = None
        if active:
            self.back = BackExamples(
                model, data, profile, plan, working, active, parser, back_translator, stage_2_perplexity
            )

    @property
    def account(self) -> dict[str, float]:
        """The perplexity that L_IPB is guarded by."""
        reference = self.back.guard.reference if self.back and self.back.guard else None
        return {} if reference is None else {"stage_2_perplexity": reference}

    def prepare(self, step: int) -> bool | None:
        """Renew what back-translation goes through, and judge it."""
        return self.back.prepare(step) if self.back else None

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """Weighted objectives of one update (Eq. 11), and what is logged beside them."""
        progress = step / max(1, self.plan.updates - 1)
        weights = schedule.weights(self.training, self.used, self.plan.name, progress)
        overall = self.plan.before + step
        numbers = dict(self.back.numbers) if self.back else {}
        losses: dict[str, Tensor] = {}
        if {"cap", "cma"} & set(weights):
            rows = self.rows(CAPTIONS, overall)
            scene = self.data.scenes(self.data.captions.picture[self.plan.share.rows(rows)])
            if "cap" in weights:
                losses["cap"] = self._caption(scene, rows)
            if "cma" in weights:
                losses["cma"] = self._log(self._align_scenes(scene, rows, progress), "m", numbers)
        if {"tran", "cla"} & set(weights):
            pairs = self._pairs(overall)
            if "tran" in weights:
                losses["tran"] = self._translate(pairs, overall)
            if "cla" in weights:
                losses["cla"] = self._log(self._align_trees(pairs, progress), "l", numbers)
        if self.back and "ipb" in weights and self.back.image_to_pivot_goes_on:
            self.model.eval()  # one and the same network draws the words and is differentiated: no dropout
            losses["ipb"] = self.back.image_to_pivot(overall)
            self.model.train()
        if self.back and "ptb" in weights and len(self.back.agreeing):
            losses["ptb"] = self.back.pivot_to_target(overall)
            weights["ptb"] *= self.back.agreeing_share
        return {name: (weights[name], value) for name, value in losses.items()}, numbers

    def rows(self, name: int, overall: int) -> np.ndarray:
        """Captions or sentence pairs of an update, counted over all stages."""
        captions, pairs = self.data.captions, self.data.pairs
        if not self.training.bucketed:
            size = len(captions.words if name == CAPTIONS else pairs.target_words)
            return stream(size, self.training.batch, overall, self.plan.seed, name)
        if name not in self.buckets:
            lengths = (
                lengths_of(captions.words) + lengths_of(self.data.pictures)[captions.picture]
                if name == CAPTIONS
                else lengths_of(pairs.target_words) + lengths_of(pairs.pivot)
            )
            shares = processes.number() * self.training.accumulate
            self.buckets[name] = LikeLengths(lengths, self.training.batch, shares, self.plan.seed, name)
        return self.buckets[name](overall)

    def _pairs(self, overall: int) -> PairBatch:
        rows = self.rows(PAIRS, overall)
        rng = np.random.default_rng([self.plan.seed, MASKS, overall])
        flat = [rng.random() < self.profile.structures.flat_share for _ in rows]
        low, high = self.training.word_mask
        hidden = []  # drawn for the whole batch, so that a share of it is what it would be in the whole
        for row in rows:
            content = np.isin(self.data.pairs.pivot[row].tokens, content_words(self.data.pairs.sentence[row]))
            hidden.append(content & (rng.random(len(content)) < rng.uniform(low, high)))
        share = self.plan.share
        own = share.rows(rows)
        syntax = collate_trees([self._tree(row, as_flat) for row, as_flat in zip(own, share.rows(flat), strict=True)])
        masked = syntax.tokens.clone()
        for sentence, words in enumerate(share.rows(hidden)):
            masked[sentence, np.flatnonzero(words)] = MASK
        target = collate_words([self.data.pairs.target_words[row] for row in rows], self.profile.text.max_tokens)
        return PairBatch(own, syntax, masked, target)

    def _tree(self, row: int, flat: bool) -> Syntax:
        tree = self.data.pairs.pivot[row]
        if not flat:
            return tree
        return encode_flat([self.data.vocabulary.pivot[i] for i in tree.tokens], self.data.pivot_index)

    def _caption(self, scene: SceneBatch, rows: np.ndarray) -> Tensor:
        """L_Cap (Eq. 5)."""
        words = collate_words([self.data.captions.words[i] for i in rows], self.profile.text.max_tokens)
        logits = self.model.caption(prefixes(self.plan.share.rows(words)), self.model.scene(scene))
        return self._word_loss(logits, words, self.model.captioner)

    def _word_loss(self, logits: Tensor, words: Tensor, decoder: WordDecoder) -> Tensor:
        return word_loss(logits, words, decoder.output_index, self.training.label_smoothing, share=self.plan.share)

    def _translate(self, pairs: PairBatch, overall: int) -> Tensor:
        """L_Tran (Eq. 6): h of the pivot sentence's LSG, for some sentences (all, w/o SG) the null scene."""
        h: States | None = None
        if self.model.shape.residual:
            if self.model.shape.scene_graph:
                sentences = [self.data.pairs.sentence[i] for i in pairs.rows]
                h = self.model.scene(collate_scenes(sentences, visual=False))
                rng = np.random.default_rng([self.plan.seed, MASKS, overall, 1])
                null = rng.random(len(pairs.target)) < self.training.null_scene
                h = self.model.without_scene(h, torch.as_tensor(self.plan.share.rows(null)))
            else:
                h = self.model.nowhere(len(pairs.rows))
        e = self.model.syntax(pairs.syntax, h, self.model.embed_pivot(pairs.masked))
        logits = self.model.translate(prefixes(self.plan.share.rows(pairs.target)), e)
        return self._word_loss(logits, pairs.target, self.model.translator)

    def _align_scenes(self, scene: SceneBatch, rows: np.ndarray, progress: float) -> Contrast:
        """L_CMA (Eq. 7, 8) between pictures and their gold captions."""
        rows = self.plan.share.rows(rows)
        sentences = collate_scenes([self.data.captions.sentence[i] for i in rows], visual=False)
        encode, means = self.model.scene_encoder.nodes, self.model.means
        picture = torch.as_tensor(self.data.captions.picture[rows])
        embedding = self.model.pivot_embedding
        a = Side(means["picture"](encode(scene, embedding)), scene.graph, picture[scene.graph])
        b = Side(means["sentence"](encode(sentences, embedding)), sentences.graph, picture[sentences.graph])
        alignment = self.training.alignment
        found = contrast_of_all(a, b, alignment.rho_m, alignment, self._early(progress))
        same = (scene.words[:, None] == sentences.words[None]).all(-1)
        self.precision = float((found.positive & same).sum() / found.positive.sum().clamp(min=1))
        return found

    def _align_trees(self, pairs: PairBatch, progress: float) -> Contrast:
        """L_CLA between the trees of both sides of a sentence pair."""
        target = collate_trees([self.data.pairs.target[i] for i in pairs.rows])
        encode, means = self.model.sentence_encoder.nodes, self.model.means
        origin = self.plan.share.rows(torch.arange(len(pairs.target)))
        pivot_states = encode(pairs.syntax, self.model.embed_pivot(pairs.syntax.tokens))
        embedded = self.model.target_embedding(target.tokens) * self.model.translator.scale
        target_states = encode(target, embedded, target=True)
        a = Side(means["pivot"](pivot_states), pairs.syntax.graph, origin[pairs.syntax.graph])
        b = Side(means["target"](target_states), target.graph, origin[target.graph])
        alignment = self.training.alignment
        return contrast_of_all(a, b, alignment.rho_l, alignment, self._early(progress))

    def _early(self, progress: float) -> bool:
        return self.plan.name == "align" and progress < 0.2

    def _log(self, found: Contrast, letter: str, numbers: dict[str, float]) -> Tensor:
        numbers[f"anchors_positive_{letter}"] = 100 * found.anchors
        numbers[f"pairs_positive_{letter}"] = 100 * found.pairs
        numbers[f"cosine_{letter}"] = found.cosine
        if letter == "m":
            numbers["same_label_m"] = 100 * self.precision
        return found.loss
