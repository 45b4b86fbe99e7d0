"""EarlyTranslation (Section 1, Table 1; Lan, Li and Dong, ACM MM 2017).

Pivot training captions are translated, and a target captioner is trained on the translations with L_Cap (Eq. 5) alone.

Simplified: the translator is LateTranslation's, greedy, and translates once, before the captioner is trained; the captioner
reads regions with their labels, as that of every compared system.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Experiment, Profile
from cross2stra.model.batch import SceneBatch
from cross2stra.model.cross2stra import Cross2StrA, made_on_cpu
from cross2stra.model.decoding import greedy
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.systems.method import Method, Task
from cross2stra.training.batches import stream
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_trees, collate_words, encode_flat, prefixes
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import word_loss
from cross2stra.training.pivot_batches import CAPTIONS


@torch.no_grad()
def translated(
    translator: Cross2StrA, sentences: Sequence[str], data: TransferData, profile: Profile
) -> list[np.ndarray]:
    """Greedy translations of tokenised pivot sentences, as target word ids: each distinct one is translated once."""
    translator.eval()
    index = data.pivot_index
    distinct = sorted(set(sentences))
    said: dict[str, np.ndarray] = {}
    size = profile.decoding.batch
    for start in range(0, len(distinct), size):
        some = distinct[start : start + size]
        trees = collate_trees([encode_flat(tokens.split()[: profile.text.max_tokens], index) for tokens in some])
        e = translator.syntax(trees, translator.nowhere(len(some)))
        words = greedy(translator.translator, translator.target_embedding, e, profile.decoding.max_tokens)
        said.update(zip(some, (np.asarray(sentence, dtype=np.int64) for sentence in words), strict=True))
    return [said[tokens] for tokens in sentences]


class EarlyStage:
    """Training of the target captioner on pictures with translated captions.

    `captions`: target word ids of the translation of each training caption.
    """

    def __init__(
        self,
        model: TargetCaptioner,
        data: TransferData,
        captions: Sequence[np.ndarray],
        profile: Profile,
        plan: Plan,
    ) -> None:
        self.model, self.data, self.profile, self.plan = model, data, profile, plan
        self.captions = list(captions)

    def prepare(self, step: int) -> None:
        """Nothing is renewed."""

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """L_Cap on translated captions."""
        return {"cap": (1.0, self.caption_loss(self.rows(step)))}, {}

    @property
    def account(self) -> dict[str, float]:
        """Nothing more."""
        return {}

    def rows(self, step: int, batches: int = 1) -> np.ndarray:
        """The captions of an update, or as many as are in several `batches`."""
        size = self.profile.training.batch * batches
        return stream(len(self.captions), size, self.plan.before + step, self.plan.seed, CAPTIONS)

    def scenes(self, rows: np.ndarray) -> SceneBatch:
        """The pictures of this share's captions."""
        return self.data.scenes(self.data.captions.picture[self.plan.share.rows(rows)])

    def caption_loss(self, rows: np.ndarray, weights: Tensor | None = None) -> Tensor:
        """L_Cap of these captions, those of this share multiplied by their weights (b,), if there are any."""
        share = self.plan.share
        words = collate_words([self.captions[i] for i in rows], self.profile.text.max_tokens)
        logits = self.model.caption(prefixes(share.rows(words)), self.model.scene(self.scenes(rows)))
        smoothing = self.profile.training.label_smoothing
        return word_loss(logits, words, self.model.captioner.output_index, smoothing, weights, share)


class Early(Method):
    """EarlyTranslation, and, with another training on the same translated captions, what is built on it."""

    guided: type[EarlyStage] = EarlyStage
    halves = 1  # a warm start brings the translator

    def passes(self, profile: Profile, experiment: Experiment) -> float:
        """The captioner's batch."""
        return 1

    def begin(self, task: Task, data: TransferData) -> tuple[Cross2StrA, list[np.ndarray], TargetCaptioner]:
        """The translator of the warm start, its translation of each training caption, and a captioner to be trained."""
        if task.previous is None:
            raise ValueError("stage caption: EarlyTranslation needs a trained translator; give its row a warm_start")
        translator = Cross2StrA.from_pretrained(task.previous)
        captions = translated(translator, data.captions.tokens, data, task.profile)
        return translator, captions, made_on_cpu(lambda: TargetCaptioner(self.shape(task, data)))

    def stage(self, task: Task, data: TransferData, plan: Plan) -> EarlyStage:
        """A target captioner on translated captions."""
        _, captions, model = self.begin(task, data)
        return self.guided(model, data, captions, task.profile, plan)

    def load(self, folder: Path) -> TargetCaptioner:
        """The target captioner."""
        return TargetCaptioner.from_pretrained(folder)
