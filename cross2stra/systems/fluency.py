"""FG, fluency-guided captioning (Lan, Li and Dong, ACM MM 2017): of translated captions the fluent ones are learnt from more.

A classifier says how probable it is that a person wrote a sentence; a captioner of the target language is then trained
on translated captions, either with the loss of a sentence that is not fluent multiplied by that probability
(weighted loss), or with such a sentence drawn with twice that probability (rejection sampling).

Simplified: Lan et al. have translations labelled by people and read words and parts of speech with two LSTMs. Here
nobody labels: a translation stands for what is not fluent, and the target sentence of the same pair for what is; where
there are captions without pictures beside the pairs, one of those, and a translated caption. Sentences with a word that
the vocabulary has not are left out and counted: no translation has <unk>, so it would tell people from machines by
itself. The LSTM reads words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from cross2stra.configuration import Fluency, Profile
from cross2stra.data.files import read_json, write_json
from cross2stra.data.vocabulary import PAD, UNK
from cross2stra.model.cross2stra import Cross2StrA, made_on_cpu
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.optimisation import fit
from cross2stra.systems.early import Early, EarlyStage, translated
from cross2stra.systems.method import Task
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_words
from cross2stra.training.loop import Plan
from cross2stra.training.pivot_batches import CAPTIONS
from cross2stra.training.processes import first_alone

FLUENT = 0.5
"""Sentences at or above this probability are fluent: they count in full."""
_BATCH = 64
_MOST_REJECTED = 8


class FluencyClassifier(nn.Module):
    """An LSTM over words: the logit that a person wrote the sentence."""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PAD)
        self.network = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * width, 1)

    def forward(self, words: Tensor) -> Tensor:
        """Word ids with <eos>, (B, T) -> logits (B,)."""
        lengths = (words != PAD).sum(1).cpu()
        # Packed, or the half that reads backwards would begin with the padding, and so with a sentence's neighbours.
        packed = pack_padded_sequence(self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.network(packed)[0], batch_first=True, padding_value=float("-inf"))
        return self.output(states.max(1).values).squeeze(-1)


def train_classifier(
    human: Sequence[np.ndarray], machine: Sequence[np.ndarray], words: int, settings: Fluency, seed: int
) -> tuple[FluencyClassifier, float]:
    """A classifier of sentence i of `human` against sentence i of `machine` -> it, and its accuracy (%) on a held-out tenth.

    Pairs whose two sentences are equal teach nothing and are left out. Raises ValueError where fewer than ten are left.
    """
    kept = [i for i in range(len(human)) if not np.array_equal(human[i], machine[i]) and len(machine[i])]
    if len(kept) < 10:
        raise ValueError(
            f"FG: {len(kept)} translations differ from the sentences that people wrote, of {len(human)} pairs without <unk>; "
            "give more pairs, or a larger vocabulary (text.max_words)"
        )
    rng = np.random.default_rng([seed, 1])
    order = rng.permutation(kept)[: settings.pairs]
    held_out, train = order[: len(order) // 10], order[len(order) // 10 :]
    longest = max(map(len, [*human, *machine]))

    def both(rows: np.ndarray) -> tuple[Tensor, Tensor]:
        sentences = [human[i] for i in rows] + [machine[i] for i in rows]
        return collate_words(sentences, longest), torch.tensor([1.0] * len(rows) + [0.0] * len(rows))

    def loss() -> Tensor:
        sentences, labels = both(rng.choice(train, _BATCH))
        return functional.binary_cross_entropy_with_logits(classifier(sentences), labels)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = made_on_cpu(lambda: FluencyClassifier(words, settings.width))
        fit(classifier, settings.updates, settings.learning_rate, loss, "fluency")
    with torch.no_grad():
        sentences, labels = both(held_out)
        right = (classifier(sentences) > 0) == (labels > 0.5)
    return classifier, 100 * float(right.float().mean())


@torch.no_grad()
def fluencies(classifier: FluencyClassifier, sentences: Sequence[np.ndarray]) -> np.ndarray:
    """Probability that a person wrote each sentence, (B,)."""
    longest = max(map(len, sentences), default=0)
    found = [
        classifier(collate_words(sentences[start : start + _BATCH], longest)).sigmoid()
        for start in range(0, len(sentences), _BATCH)
    ]
    return torch.cat(found).cpu().numpy() if found else np.zeros(0, dtype=np.float32)


def loss_weights(fluency: np.ndarray) -> np.ndarray:
    """What the loss of each sentence is multiplied by (weighted loss): 1 for a fluent one, else its fluency."""
    return np.where(fluency >= FLUENT, 1.0, fluency).astype(np.float32)


def accepted(fluency: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which sentences are learnt from this time (rejection sampling): one that is not fluent, if it exceeds u of (0, 0.5)."""
    return (fluency >= FLUENT) | (fluency > rng.uniform(0, FLUENT, len(fluency)))


class FluencyStage(EarlyStage):
    """EarlyTranslation's training with sentences weighted, or (`rejection`) drawn, by their fluency.

    The classifier is trained first, on unpaired target text and what the translator says in its place; what it says of the
    captions is kept in `working`, so that a resumed stage does not train it again.
    """

    def __init__(
        self,
        model: TargetCaptioner,
        data: TransferData,
        captions: Sequence[np.ndarray],
        profile: Profile,
        plan: Plan,
        translator: Cross2StrA,
        working: Path,
        rejection: bool,
    ) -> None:
        super().__init__(model, data, captions, profile, plan)
        self.rejection = rejection
        saved = working / "fluency.json"
        with first_alone():
            if not saved.exists():
                settings = profile.compared.fluency
                written, pairs = data.unpaired, len(data.pairs.target_words)
                drawn = np.random.default_rng([plan.seed, 2]).permutation(len(written))[: settings.pairs]
                rows = [i for i in drawn if UNK not in written[i]]
                said = [data.pairs.pivot_tokens[i] for i in rows if i < pairs]
                of_pairs = iter(translated(translator, said, data, profile))
                machine = [next(of_pairs) if i < pairs else captions[(i - pairs) % len(captions)] for i in rows]
                human = [written[i] for i in rows]
                words = model.shape.target_words
                classifier, accuracy = train_classifier(human, machine, words, settings, plan.seed)
                found = [round(float(value), 6) for value in fluencies(classifier, captions)]
                write_json(saved, {"accuracy": accuracy, "unknown": len(drawn) - len(rows), "fluency": found})
        kept = read_json(saved)
        self.accuracy: float = kept["accuracy"]
        self.unknown: int = kept["unknown"]
        self.fluency = np.asarray(kept["fluency"], dtype=np.float32)

    @property
    def account(self) -> dict[str, float]:
        """How good the classifier is (%), how many pairs it did not learn from for <unk>, the share of fluent captions."""
        return {
            "fluency_accuracy": self.accuracy,
            "fluency_pairs_unknown": self.unknown,
            "fluent_captions": float((self.fluency >= FLUENT).mean()),
        }

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """L_Cap on translated captions, guided by their fluency."""
        rows, weights = self.rows(step), None
        if self.rejection:
            drawn = self.rows(step, _MOST_REJECTED)
            rng = np.random.default_rng([self.plan.seed, CAPTIONS, self.plan.before + step])
            taken = drawn[accepted(self.fluency[drawn], rng)]
            rows = np.resize(taken if len(taken) else drawn, len(rows))
        else:
            weights = torch.as_tensor(loss_weights(self.fluency[self.plan.share.rows(rows)]))
        return {"cap": (1.0, self.caption_loss(rows, weights))}, {"fluency": float(self.fluency[rows].mean())}


class FluencyGuided(Early):
    """FG, by weighted loss or by `rejection` sampling."""

    def __init__(self, rejection: bool) -> None:
        self.rejection = rejection

    def stage(self, task: Task, data: TransferData, plan: Plan) -> FluencyStage:
        """A target captioner on translated captions, and a classifier that knows the translator's output."""
        translator, captions, model = self.begin(task, data)
        return FluencyStage(model, data, captions, task.profile, plan, translator, task.working, self.rejection)
