"""A captioner that says target words: the model of systems without a pivot caption."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from torch import Tensor, nn

from cross2stra.data.vocabulary import PAD
from cross2stra.model.batch import SceneBatch, States
from cross2stra.model.cross2stra import Shape, WordDecoder, draw, loaded, save_weights
from cross2stra.model.encoders import SceneEncoder


class TargetCaptioner(nn.Module):
    """The region captioner of the other systems, saying target words; labels keep the pivot's embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        model = shape.model
        self.shape = shape
        self.pivot_embedding = nn.Embedding(shape.pivot_words, model.d_model, padding_idx=PAD)
        self.target_embedding = nn.Embedding(shape.target_words, model.d_model, padding_idx=PAD)
        draw([self.pivot_embedding, self.target_embedding])
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
