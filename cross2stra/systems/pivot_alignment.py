"""PivotAlign, language pivoting (Gu, Joty, Cai and Wang, ECCV 2018): captioner and translator apart, drawn to each other.

Their joint objective is L_Cap + L_Tran of two models with a pivot embedding each, plus
1. the distance between the two embeddings of every pivot word that both know, summed over words (their regulariser of
   the captioner's decoder and the translator's encoder);
2. the loss of target sentences from themselves, an autoencoder whose decoder is drawn to the translator's.

Simplified: the decoder of the autoencoder is the translator's itself, the limit of a strong penalty; it reads sentences
of which words are hidden, because one with attention would copy; Transformers stand for their attention LSTMs. A word that
the captioner says and no sentence pair has is tied to nothing, and the translator reads it by an embedding that nothing has
trained (1 to 3 % of pivot captions have one in the study, 5 to 8 % Zh -> En). With both
weights at 0 what is left are the two models apart; with one embedding in place of the first tie, LateTranslation.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.vocabulary import MASK, PAD, UNK
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import Cross2StrA, Shape, save_weights
from cross2stra.model.layers import Encoder
from cross2stra.systems.method import Method
from cross2stra.training.batches import stream
from cross2stra.training.examples import collate_words, prefixes
from cross2stra.training.stages import PivotStage

_TARGETS = 10
"""Name of the random stream of target sentences, above those of PivotStage."""


class PivotAligned(Cross2StrA):
    """Captioner and translator with a pivot embedding each, and, in training, a reader of target sentences."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        model = shape.model
        self.reader = Encoder(model.text_layers, model.d_model, model.heads, model.feed_forward, model.dropout, True)

    def autoencode(self, tokens: Tensor, hidden: Tensor) -> Tensor:
        """Prefix (B, T) and the sentence of which words are hidden (B, S) -> logits (B, T, V) over the target words."""
        mask = hidden != PAD
        states = self.reader(self.target_embedding(hidden) * self.translator.scale, mask)
        return self.translate(tokens, States(states, mask))

    def save_pretrained(self, folder: str | Path) -> None:
        """Write what captions, a Cross2StrA without the reader."""
        kept = {name: tensor for name, tensor in self.state_dict().items() if not name.startswith("reader.")}
        save_weights(folder, self.shape, kept)


def embedding_distance(captioner: Tensor, translator: Tensor) -> Tensor:
    """Sum over words of the Euclidean distance of their two embeddings, both (V, D) -> ()."""
    return (captioner - translator).square().sum(-1).clamp(min=1e-12).sqrt().sum()


class PivotAlignStage(PivotStage):
    """LateTranslation's stage for a captioner and translator apart, with the two ties between them."""

    model: PivotAligned

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """L_Cap, L_Tran, and the two ties; logged beside them is the mean distance of a word's embeddings."""
        found, numbers = super().losses(step)
        settings, shared = self.profile.compared.pivot_alignment, self._shared
        distance = embedding_distance(
            self.model.pivot_embedding.weight[shared], self.model.source_embedding.weight[shared]
        )
        found["embeddings"] = (settings.embeddings, distance)
        found["autoencoder"] = (settings.autoencoder, self._autoencode(self.plan.before + step))
        return found, numbers | {"embedding_distance": float(distance.detach()) / max(1, len(shared))}

    @cached_property
    def _shared(self) -> Tensor:
        """Words that the captioner can say and the translator reads."""
        read = torch.as_tensor(np.unique(np.concatenate([tree.tokens for tree in self.data.pairs.pivot])))
        said = self.model.captioner.output_words
        return said[torch.isin(said, read) & (said > UNK)]

    def _autoencode(self, overall: int) -> Tensor:
        """Loss of target sentences from themselves, (): 15 to 30 % of all their words are hidden (`training.word_mask`).

        L_Tran hides that share of a pivot sentence's content words only.
        """
        size = max(1, round(self.training.batch * self.profile.compared.pivot_alignment.share))
        rows = stream(len(self.data.unpaired), size, overall, self.plan.seed, _TARGETS)
        words = collate_words([self.data.unpaired[row] for row in rows], self.profile.text.max_tokens)
        rng = np.random.default_rng([self.plan.seed, _TARGETS, overall])
        share = rng.uniform(*self.training.word_mask, size=(size, 1))
        hidden = words.masked_fill(torch.as_tensor(rng.random(words.shape) < share) & (words > UNK), MASK)
        own = self.plan.share.rows
        logits = self.model.autoencode(prefixes(own(words)), own(hidden))
        return self._word_loss(logits, words, self.model.translator)


class PivotAlignment(Method):
    """PivotAlign."""

    model = PivotAligned
    training = PivotAlignStage
    tied = False

    def passes(self, profile: Profile, experiment: Experiment) -> float:
        """The batches of captioner and translator, and the autoencoder's."""
        return 2 + profile.compared.pivot_alignment.share
