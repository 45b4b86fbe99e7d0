"""What stages 3 and 4 go through back-translation with: the model's own pivot captions, renewed and judged on the way."""

from __future__ import annotations

from collections.abc import Set
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Profile
from cross2stra.evaluation.language_model import LanguageModel
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.model.decoding import greedy
from cross2stra.training import back_translation, schedule
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.batches import stream
from cross2stra.training.code_speak import CodeSpeakGuard
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_scenes, collate_trees, collate_words, content_words
from cross2stra.training.loop import Plan
from cross2stra.training.pseudo import OwnCaptions, TreeParser

BACK_CAPTIONS, BACK_PAIRS = 2, 3
"""Names of the random streams; those of pivot_batches.py are others."""


class BackExamples:
    """Pictures for L_IPB and generated scenes for L_PTB, each with the model's own pivot caption of it.

    `active`: which of the two losses the stage has. `stage_2_perplexity`: what L_IPB is guarded by, None where this stage
    measures it. Raises ValueError where a loss has no translator, or no scene.
    """

    def __init__(
        self,
        model: Cross2StrA,
        data: TransferData,
        profile: Profile,
        plan: Plan,
        working: Path,
        active: Set[str],
        parser: TreeParser,
        back_translator: BackTranslator | None,
        stage_2_perplexity: float | None,
    ) -> None:
        self.model, self.data, self.profile, self.plan, self.working = model, data, profile, plan, working
        self.training, self.back_translator = profile.training, back_translator
        self.refreshed = -1
        self.numbers: dict[str, float] = {}
        self.guard: CodeSpeakGuard | None = None
        captions, words = data.captions, data.vocabulary
        rng = np.random.default_rng([self.plan.seed, BACK_PAIRS])
        most = self.training.back_pairs
        self.back_captions = (
            np.sort(rng.permutation(len(captions.words))[:most]) if "ipb" in active else np.zeros(0, int)
        )
        made = [i for i, scene in enumerate(self.data.pairs.generated) if scene is not None]
        self.back_pairs = np.sort(rng.permutation(made)[:most]).astype(int) if "ptb" in active else np.zeros(0, int)
        if "ipb" in active:
            if self.back_translator is None:
                raise ValueError(f"stage {self.plan.name}: L_IPB needs the external translator; pass --back-translator")
            self.back_translator.bind_vocabulary([words.target[i] for i in self.model.translator.output_words.tolist()])
            path = working / "code-speak.json"
            self.guard = CodeSpeakGuard(stage_2_perplexity, self.training.code_speak, plan.updates, path)
        if "ptb" in active and not len(self.back_pairs):
            raise ValueError(f"stage {self.plan.name}: L_PTB needs generated scene graphs; run `imagine-scenes` first")
        limits = self.profile.decoding.max_tokens, self.profile.decoding.batch
        self.own_captions = OwnCaptions(words.pivot, parser, *limits)
        self.own_pairs = OwnCaptions(words.pivot, parser, *limits)

    @cached_property
    def language_model(self) -> LanguageModel:
        """What the guard judges by: of all text in the target language that training has."""
        return LanguageModel([[self.data.vocabulary.target[i] for i in s] for s in self.data.unpaired])

    @property
    def image_to_pivot_goes_on(self) -> bool:
        """Whether L_IPB is in use: the guard has not found a code yet."""
        return self.guard is not None and not self.guard.stopped

    def prepare(self, step: int) -> bool | None:
        """Decode and parse the model's own captions anew, `refreshes` times in a stage; judge them more often."""
        if not self.plan.updates:
            return None
        number = min(step * self.training.refreshes // self.plan.updates, self.training.refreshes - 1)
        if number != self.refreshed:
            self._refresh(number)
        if self.guard is None:
            return None
        good = self.guard.check(step, self._perplexity)
        self.numbers["code_speak"] = self.guard.ratio
        return good

    def _refresh(self, number: int) -> None:
        self.refreshed = number
        shown = np.unique(self.data.captions.picture[self.back_captions])
        pictures = [self.data.pictures[i] for i in shown]
        self.place = {int(p): i for i, p in enumerate(shown)}
        self.own_captions.renew(self.model, pictures, self.working / f"own-captions-{number}.json")
        scenes = [self.data.pairs.generated[i] for i in self.back_pairs]
        self.own_pairs.renew(
            self.model, [s for s in scenes if s is not None], self.working / f"own-pairs-{number}.json"
        )
        # A target sentence that says what the caption of its scene does not would teach to add what is not there.
        self.agreeing = np.flatnonzero(
            self.own_pairs.saying([content_words(self.data.pairs.sentence[i]) for i in self.back_pairs])
            >= self.training.back_agreement
        )
        # The rest of `back_pairs` counts as zero, or a hundred scenes would be learned by heart: pairs without such a scene,
        # and, where fewer sentences than that are in words of captions, those that no scene was asked for (readings.md, 7).
        self.agreeing_share = len(self.agreeing) / min(self.training.back_pairs, len(self.data.pairs.target_words))
        self.numbers["pairs_agreeing"] = len(self.agreeing)

    @torch.no_grad()
    def _perplexity(self) -> float:
        """Perplexity of greedy target captions under a language model of the parallel text's target side."""
        self.model.eval()
        some = list(range(min(128, len(self.own_captions.trees))))
        scenes = [self.data.pictures[int(p)] for p in list(self.place)[: len(some)]]
        h = self.model.scene(collate_scenes(scenes, visual=True))
        e = self.model.syntax(collate_trees([self.own_captions.trees[i] for i in some]), h)
        said = greedy(self.model.translator, self.model.target_embedding, e, self.profile.decoding.max_tokens)
        self.model.train()
        # With both end marks of a trigram: the guard's ratio of 1.5 was chosen by this reading.
        return self.language_model.perplexity([[self.data.vocabulary.target[i] for i in s] for s in said], ends=2)

    def image_to_pivot(self, overall: int) -> Tensor:
        """L_IPB (Eq. 9)."""
        assert self.back_translator is not None
        size = schedule.back_examples(self.training)
        whole = self.back_captions[stream(len(self.back_captions), size, overall, self.plan.seed, BACK_CAPTIONS)]
        rows = self.plan.share.rows(whole)
        pictures = self.data.captions.picture[rows]
        own = [self.place[int(p)] for p in pictures]
        generator = torch.Generator().manual_seed(self.plan.torch_seed(overall))
        return back_translation.image_to_pivot_loss(
            self.model,
            self.back_translator,
            self.data.scenes(pictures),
            collate_words([self.own_captions.tokens[i] for i in own], self.profile.decoding.max_tokens),
            collate_trees([self.own_captions.trees[i] for i in own]),
            [self.data.captions.tokens[i] for i in whole],
            self.profile.decoding.max_tokens,
            self.training.gumbel_temperature,
            generator,
            self.plan.share,
        )

    def pivot_to_target(self, overall: int) -> Tensor:
        """L_PTB (Eq. 10)."""
        size = schedule.back_examples(self.training)
        whole = self.agreeing[stream(len(self.agreeing), size, overall, self.plan.seed, BACK_PAIRS)]
        chosen = self.plan.share.rows(whole)
        rows = self.back_pairs[chosen]
        scenes = [scene for i in rows if (scene := self.data.pairs.generated[i]) is not None]
        return back_translation.pivot_to_target_loss(
            self.model,
            collate_scenes(scenes, visual=True),
            collate_words([self.own_pairs.tokens[i] for i in chosen], self.profile.decoding.max_tokens),
            collate_trees([self.own_pairs.trees[i] for i in chosen]),
            collate_words(
                [self.data.pairs.target_words[i] for i in self.back_pairs[whole]], self.profile.text.max_tokens
            ),
            self.training.label_smoothing,
            self.plan.share,
        )
