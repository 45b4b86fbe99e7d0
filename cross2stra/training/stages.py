"""The four stages of A.4: which examples a step takes, and which objectives it sums (Eq. 11)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from cross2stra.configuration import Profile
from cross2stra.model.batch import Share, States
from cross2stra.model.cross2stra import Cross2StrA, WordDecoder
from cross2stra.training import processes, schedule
from cross2stra.training.ahead import Ahead
from cross2stra.training.back_examples import BackExamples
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import prefixes
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import Contrast, Side, word_loss
from cross2stra.training.pivot_batches import CaptionBatch, PairBatch, PivotBatch, PivotBatches
from cross2stra.training.processes import contrast_of_all
from cross2stra.training.pseudo import TreeParser


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
        self.batches = PivotBatches(data, profile, model.shape, plan.seed)
        shares, workers = processes.shares(self.training.accumulate), profile.compute.workers
        self.ahead = Ahead(self._batch, shares, plan.updates, workers)
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
        progress, weights = self._weights(step)
        overall = self.plan.before + step
        numbers = dict(self.back.numbers) if self.back else {}
        losses: dict[str, Tensor] = {}
        batch = self.ahead(step, self.plan.share)
        if batch.captions:
            if "cap" in weights:
                losses["cap"] = self._caption(batch.captions)
            if "cma" in weights:
                losses["cma"] = self._log(self._align_scenes(batch.captions, progress), "m", numbers)
        if batch.pairs:
            if "tran" in weights:
                losses["tran"] = self._translate(batch.pairs)
            if "cla" in weights:
                losses["cla"] = self._log(self._align_trees(batch.pairs, progress), "l", numbers)
        if self.back and "ipb" in weights and self.back.image_to_pivot_goes_on:
            self.model.eval()  # one and the same network draws the words and is differentiated: no dropout
            losses["ipb"] = self.back.image_to_pivot(overall)
            self.model.train()
        if self.back and "ptb" in weights and len(self.back.agreeing):
            losses["ptb"] = self.back.pivot_to_target(overall)
            weights["ptb"] *= self.back.agreeing_share
        return {name: (weights[name], value) for name, value in losses.items()}, numbers

    def _weights(self, step: int) -> tuple[float, dict[str, float]]:
        """How far the stage is (0 to 1), and the weights of its losses there."""
        progress = step / max(1, self.plan.updates - 1)
        return progress, schedule.weights(self.training, self.used, self.plan.name, progress)

    def _batch(self, step: int, share: Share) -> PivotBatch:
        return self.batches(self.plan.before + step, set(self._weights(step)[1]), share)

    def _caption(self, batch: CaptionBatch) -> Tensor:
        """L_Cap (Eq. 5)."""
        logits = self.model.caption(prefixes(self.plan.share.rows(batch.words)), self.model.scene(batch.scene))
        return self._word_loss(logits, batch.words, self.model.captioner)

    def _word_loss(self, logits: Tensor, words: Tensor, decoder: WordDecoder) -> Tensor:
        return word_loss(logits, words, decoder.output_index, self.training.label_smoothing, share=self.plan.share)

    def _translate(self, pairs: PairBatch) -> Tensor:
        """L_Tran (Eq. 6): h of the pivot sentence's LSG (w/o SG, of its objects), for some sentences the null scene."""
        h: States | None = None
        if pairs.sentences is not None and pairs.null is not None:
            h = self.model.without_scene(self.model.scene(pairs.sentences), pairs.null)
        e = self.model.syntax(pairs.syntax, h, self.model.embed_pivot(pairs.masked))
        logits = self.model.translate(prefixes(self.plan.share.rows(pairs.target)), e)
        return self._word_loss(logits, pairs.target, self.model.translator)

    def _align_scenes(self, batch: CaptionBatch, progress: float) -> Contrast:
        """L_CMA (Eq. 7, 8) between pictures and their gold captions."""
        assert batch.sentences is not None
        scene, sentences, picture = batch.scene, batch.sentences, batch.picture
        encode, means = self.model.scene_encoder.nodes, self.model.means
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
        assert pairs.target_syntax is not None
        syntax, target, origin = pairs.syntax, pairs.target_syntax, pairs.origin
        encode, means = self.model.sentence_encoder.nodes, self.model.means
        pivot_states = encode(syntax, self.model.embed_pivot(syntax.tokens))
        embedded = self.model.target_embedding(target.tokens) * self.model.translator.scale
        target_states = encode(target, embedded, target=True)
        a = Side(means["pivot"](pivot_states), syntax.graph, origin[syntax.graph])
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
