"""EarlyTranslation: pivot training captions are translated, and a target captioner is trained on the translations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from cross2stra.configuration import Profile
from cross2stra.data.vocabulary import PAD
from cross2stra.model.batch import SceneBatch, States
from cross2stra.model.cross2stra import Cross2StrA, Shape, WordDecoder, loaded, save_weights
from cross2stra.model.decoding import greedy
from cross2stra.model.encoders import SceneEncoder
from cross2stra.training.batches import stream
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_trees, collate_words, encode_flat, prefixes
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import word_loss
from cross2stra.training.pivot_batches import CAPTIONS


class TargetCaptioner(nn.Module):
    """The region captioner of the other systems, saying target words; labels keep the pivot's embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        model = shape.model
        self.shape = shape
        self.pivot_embedding = nn.Embedding(shape.pivot_words, model.d_model, padding_idx=PAD)
        self.target_embedding = nn.Embedding(shape.target_words, model.d_model, padding_idx=PAD)
        for embedding in (self.pivot_embedding, self.target_embedding):
            nn.init.normal_(embedding.weight, std=model.d_model**-0.5)
            nn.init.zeros_(embedding.weight[PAD])
        self.scene_encoder = SceneEncoder(model, shape.feature_size, shape.scene_graph)
        self.captioner = WordDecoder(model, shape.target_words)

    def scene(self, scene: SceneBatch) -> States:
        """Picture states (B, N, D)."""
        return self.scene_encoder(scene, self.pivot_embedding)

    def caption(self, tokens: Tensor, h: States) -> Tensor:
        """Teacher forcing: prefix of target words (B, T) -> logits (B, T, V)."""
        return self.captioner(tokens, h, self.target_embedding)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write `model.safetensors` and `config.json`; the folder appears whole or not at all."""
        save_weights(folder, self.shape, self.state_dict())

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> Self:
        """Read what `save_pretrained` wrote."""
        return loaded(cls, folder)


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
