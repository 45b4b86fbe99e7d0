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

_HELD_OUT = 20
"""The matcher does not learn from one in so many pictures, by which it is judged."""
_JUDGED = 1000
"""By this many of their captions at most, which are one batch."""


class SelfSupervisedReward:
    """The weighted sum of fluency, sentence-level and concept-level relevance."""

    def __init__(self, language_model: SentenceModel, matcher: Matcher, settings: Rewards) -> None:
        self.language_model, self.matcher, self.settings = language_model, matcher, settings

    @torch.no_grad()
    def __call__(self, pictures: tuple[Tensor, Tensor], words: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Rewards (B,) of sentences, word ids with <eos> (B, T), for what the matcher sees of pictures; the mean of each part."""
        parts = {"fluency": self.language_model(words)} | self.relevance(pictures, words)
        total = torch.stack([getattr(self.settings, name) * value for name, value in parts.items()]).sum(0)
        return total, {f"reward_{name}": float(value.mean()) for name, value in parts.items()}

    @torch.no_grad()
    def relevance(self, pictures: tuple[Tensor, Tensor], words: Tensor) -> dict[str, Tensor]:
        """The two rewards (B,) that see the picture: cosine of the sentence, mean probability of the concepts it names."""
        vectors, logits = pictures
        named = self.matcher.concepts_in(words)
        return {
            "sentence": (vectors * self.matcher.sentences(words)).sum(-1),
            "concept": (logits.sigmoid() * named).sum(1) / named.sum(1).clamp(min=1),
        }

    def preferred(self, pictures: tuple[Tensor, Tensor], own: Tensor, others: Tensor) -> dict[str, float]:
        """How often (%) each relevance is higher for a picture's own sentence than for another's; a tie is half of one.

        50 is a reward that does not see the picture.
        """
        true, false = self.relevance(pictures, own), self.relevance(pictures, others)
        return {
            f"preferred_{name}": 50 * float(((true[name] > false[name]).float() + (true[name] >= false[name])).mean())
            for name in true
        }


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
        self.preferred: dict[str, float] = {}
        if self.first < plan.updates:
            language_model = train_sentence_model(data.unpaired, model.shape.target_words, self.settings, plan.seed)
            held_out = data.captions.picture % _HELD_OUT == _HELD_OUT - 1
            rows = np.flatnonzero(~held_out)
            said, picture = [captions[row] for row in rows.tolist()], data.captions.picture[rows]
            matcher = train_matcher(data.pictures, said, picture, model.shape, self.settings, plan.seed)
            self.reward = SelfSupervisedReward(language_model, matcher, self.settings)
            self.preferred = self._judge(np.flatnonzero(held_out))

    @property
    def account(self) -> dict[str, float]:
        """How often (%) the rewards prefer the own sentence of pictures that the matcher did not learn from."""
        return self.preferred

    def _judge(self, rows: np.ndarray) -> dict[str, float]:
        """`preferred` of these captions against those of other pictures; nothing where they are of one picture."""
        picture, longest = self.data.captions.picture, self.profile.text.max_tokens
        rows = rows[:: max(1, -(-len(rows) // _JUDGED))]
        others = np.roll(rows, len(rows) // 2)
        kept = picture[rows] != picture[others]
        if not kept.any():
            return {}
        rows, others = rows[kept], others[kept]
        with torch.no_grad():
            seen = self.reward.matcher.pictures(self.data.scenes(picture[rows]))
        own, other = (collate_words([self.captions[row] for row in some.tolist()], longest) for some in (rows, others))
        return self.reward.preferred(seen, own, other)

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
