"""SSR, self-supervised rewards (Song, Chen, Zhao and Jin, ACM MM 2019): a target captioner reinforced for fluency and relevance.

A captioner is trained on translated captions, as EarlyTranslation's, and then reinforced: sentences that it draws are
rewarded by a language model (fluency) and by a matcher of pictures and sentences (relevance of the sentence, and of the
concepts that it names), less the reward of its greedy sentence.

Simplified: Song et al. match pictures with the pivot captions too and weigh concepts by attention; here the matcher
reads translated captions, and a concept's relevance is the probability that the picture shows it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Experiment, Profile, Rewards
from cross2stra.data.vocabulary import PAD
from cross2stra.model.batch import States
from cross2stra.model.decoding import as_drawn, greedy, sample
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.systems.early import Early, EarlyStage
from cross2stra.systems.reward_models import Matcher, SentenceModel, train_matcher, train_sentence_model
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_words, prefixes
from cross2stra.training.loop import Plan


class SelfSupervisedReward:
    """The weighted sum of fluency, sentence-level and concept-level relevance."""

    def __init__(self, language_model: SentenceModel, matcher: Matcher, settings: Rewards) -> None:
        self.language_model, self.matcher, self.settings = language_model, matcher, settings

    @torch.no_grad()
    def __call__(self, pictures: tuple[Tensor, Tensor], words: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Rewards (B,) of sentences, word ids with <eos> (B, T), for what the matcher sees of pictures; the mean of each part."""
        vectors, logits = pictures
        named = self.matcher.concepts_in(words)
        parts = {
            "fluency": self.language_model(words),
            "sentence": (vectors * self.matcher.sentences(words)).sum(-1),
            "concept": (logits.sigmoid() * named).sum(1) / named.sum(1).clamp(min=1),
        }
        total = torch.stack([getattr(self.settings, name) * value for name, value in parts.items()]).sum(0)
        return total, {f"reward_{name}": float(value.mean()) for name, value in parts.items()}


def reinforced_loss(scores: Tensor, words: Tensor, advantage: Tensor) -> Tensor:
    """REINFORCE: -(r - r_greedy) log p of the drawn words, mean over words.

    `scores`: (B, T) log probability of each drawn word. `words`: (B, T), 0 pads. `advantage`: (B,), no gradient.
    """
    real = words != PAD
    return -(advantage[:, None] * scores * real).sum() / real.sum().clamp(min=1)


class RewardStage(EarlyStage):
    """EarlyTranslation's training, whose last `rewards.share` of updates is reinforced beside L_Cap."""

    def __init__(
        self, model: TargetCaptioner, data: TransferData, captions: Sequence[np.ndarray], profile: Profile, plan: Plan
    ) -> None:
        super().__init__(model, data, captions, profile, plan)
        self.settings = profile.compared.rewards
        self.first = round(plan.updates * (1 - self.settings.share))
        if self.first < plan.updates:
            language_model = train_sentence_model(data.unpaired, model.shape.target_words, self.settings, plan.seed)
            matcher = train_matcher(
                data.pictures, captions, data.captions.picture, model.shape, self.settings, plan.seed
            )
            self.reward = SelfSupervisedReward(language_model, matcher, self.settings)

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """L_Cap on translated captions, and, late in the stage, the reinforced loss of the model's own sentences."""
        losses, numbers = super().losses(step)
        if step < self.first:
            return losses, numbers
        self.model.eval()  # one and the same network draws the words and is differentiated: no dropout
        reinforced, rewards = self._reinforce(step)
        self.model.train()
        weighted = {"cap": (self.settings.cross_entropy, losses["cap"][1]), "reinforce": (1.0, reinforced)}
        return weighted, rewards

    def _reinforce(self, step: int) -> tuple[Tensor, dict[str, float]]:
        model, most = self.model, self.profile.decoding.max_tokens
        scene = self.scenes(self.rows(step))
        h = model.scene(scene)
        fixed = States(h.values.detach(), h.mask)
        generator = torch.Generator().manual_seed(self.plan.torch_seed(self.plan.before + step))
        drawn = sample(model.captioner, model.target_embedding, fixed, most, generator, self.plan.share).tokens
        best = greedy(model.captioner, model.target_embedding, fixed, most)
        with torch.no_grad():
            seen = self.reward.matcher.pictures(scene)
        rewards, parts = self.reward(seen, drawn)
        baseline, _ = self.reward(seen, collate_words([np.asarray(words, dtype=np.int64) for words in best], most))
        scores = as_drawn(model.caption(prefixes(drawn), h), model.captioner).log_softmax(-1)
        chosen = model.captioner.output_index[drawn].clamp(min=0)
        taken = scores.gather(-1, chosen[..., None]).squeeze(-1)
        advantage = rewards - baseline
        return reinforced_loss(taken, drawn, advantage), parts | {"advantage": float(advantage.mean())}


class SelfSupervised(Early):
    """SSR."""

    guided = RewardStage

    def passes(self, profile: Profile, experiment: Experiment) -> float:
        """The captioner's batch, and late in the stage that of its own sentences."""
        return 1 + profile.compared.rewards.share
