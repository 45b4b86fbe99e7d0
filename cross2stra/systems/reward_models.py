"""What SSR's captioner is rewarded by (Song, Chen, Zhao and Jin, ACM MM 2019): a language model, and a matcher of pictures.

Nothing here sees a picture with a target caption that a person wrote: the language model reads unpaired target text (the
target side of the parallel text, in `paper` also the target corpus' own captions), the matcher pictures with translated
captions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cross2stra.configuration import Rewards
from cross2stra.data.vocabulary import PAD, UNK
from cross2stra.model.batch import SceneBatch
from cross2stra.model.cross2stra import Shape, made_on_cpu
from cross2stra.model.encoders import SceneEncoder
from cross2stra.structures.optimisation import fit
from cross2stra.training.examples import Scene, collate_scenes, collate_words, prefixes

_BATCH = 64
_COMMON = 0.5
"""A word in more than this share of the pictures' captions says nothing of a picture: it is no concept."""


class SentenceModel(nn.Module):
    """A word-level LSTM language model of the target language."""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PAD)
        self.network = nn.LSTM(width, width, batch_first=True)
        self.output = nn.Linear(width, words)

    def forward(self, words: Tensor) -> Tensor:
        """Mean log probability of a word, <eos> counted: word ids with <eos>, (B, T) -> (B,)."""
        states, _ = self.network(self.embedding(prefixes(words)))
        scores = self.output(states).log_softmax(-1).gather(-1, words[..., None]).squeeze(-1)
        real = words != PAD
        return (scores * real).sum(1) / real.sum(1).clamp(min=1)


class Matcher(nn.Module):
    """Pictures and target sentences in one space, and which of the `concepts` a picture shows.

    `concepts`: (K,) target word ids.
    """

    concepts: Tensor

    def __init__(self, shape: Shape, width: int, concepts: Tensor) -> None:
        super().__init__()
        self.pivot_embedding = nn.Embedding(shape.pivot_words, shape.model.d_model, padding_idx=PAD)
        self.regions = SceneEncoder(shape.model, shape.feature_size, graph=False)
        self.picture = nn.Linear(shape.model.d_model, width)
        self.seen = nn.Linear(shape.model.d_model, len(concepts))
        self.target_embedding = nn.Embedding(shape.target_words, width, padding_idx=PAD)
        self.network = nn.GRU(width, width, batch_first=True)
        self.sentence = nn.Linear(width, width)
        self.register_buffer("concepts", concepts)

    def pictures(self, scene: SceneBatch) -> tuple[Tensor, Tensor]:
        """Unit vectors (B, W), and logits of the concepts (B, K)."""
        states = self.regions(scene, self.pivot_embedding)
        mean = (states.values * states.mask[..., None]).sum(1) / states.mask.sum(1, keepdim=True).clamp(min=1)
        return functional.normalize(self.picture(mean), dim=-1), self.seen(mean)

    def sentences(self, words: Tensor) -> Tensor:
        """Unit vectors (B, W) of word ids with <eos>, (B, T)."""
        states, _ = self.network(self.target_embedding(words))
        last = ((words != PAD).sum(1) - 1).clamp(min=0)
        return functional.normalize(self.sentence(states[torch.arange(len(words)), last]), dim=-1)

    def concepts_in(self, words: Tensor) -> Tensor:
        """Which concepts each sentence names: (B, T) -> (B, K), 1 or 0."""
        return (words[..., None] == self.concepts).any(1).float()


def matching_loss(pictures: Tensor, sentences: Tensor, origin: Tensor, margin: float, hardest: bool) -> Tensor:
    """Hinge loss of each picture and sentence against others of the batch, unit vectors (B, W) -> ().

    Against the `hardest` other (VSE++), or the sum over all of them: from random vectors the hardest ones alone draw all
    into one point. `origin`: (B,) which picture a row is of: rows of one picture are no negatives of each other.
    """
    cosine = pictures @ sentences.T
    own, same = cosine.diagonal(), origin[:, None] == origin[None]
    of_picture = (margin + cosine - own[:, None]).clamp(min=0).masked_fill(same, 0)
    of_sentence = (margin + cosine - own[None]).clamp(min=0).masked_fill(same, 0)
    if hardest:
        return (of_picture.max(1).values + of_sentence.max(0).values).mean()
    return (of_picture.sum(1) + of_sentence.sum(0)).mean()


def frequent_concepts(captions: Sequence[np.ndarray], picture: np.ndarray, most: int) -> Tensor:
    """Words of captions that tell pictures apart: the most frequent that at most half of the pictures have, (K,).

    Where a bad translator says the same of every picture no word does, and all words are taken. Raises ValueError where
    nothing is said at all.
    """
    words_of: dict[int, set[int]] = {}
    for words, number in zip(captions, picture.tolist(), strict=True):
        words_of.setdefault(number, set()).update(int(word) for word in words if word > UNK)
    counts = Counter(word for words in words_of.values() for word in words)
    kept = [word for word, count in counts.items() if 2 <= count <= max(2, _COMMON * len(words_of))]
    kept = kept or list(counts)
    if not kept:
        raise ValueError("SSR: the translated captions have no words; look at the translator")
    return torch.tensor(sorted(sorted(kept, key=lambda word: (-counts[word], word))[:most]))


def train_sentence_model(sentences: Sequence[np.ndarray], words: int, settings: Rewards, seed: int) -> SentenceModel:
    """A language model of unpaired target sentences."""
    rng = np.random.default_rng([seed, 3])
    longest = max(map(len, sentences))

    def loss() -> Tensor:
        return -model(collate_words([sentences[i] for i in rng.integers(len(sentences), size=_BATCH)], longest)).mean()

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = made_on_cpu(lambda: SentenceModel(words, settings.width))
        fit(model, settings.updates, settings.learning_rate, loss, "language-model")
    return model


def train_matcher(
    pictures: Sequence[Scene],
    captions: Sequence[np.ndarray],
    picture: np.ndarray,
    shape: Shape,
    settings: Rewards,
    seed: int,
) -> Matcher:
    """A matcher of pictures with their translated captions; caption i is of picture `picture[i]`.

    Its first half of updates learns from all others of a batch, the second from the hardest.
    """
    rng, step = np.random.default_rng([seed, 4]), count()
    longest = max(map(len, captions))
    spoken = [i for i in range(len(captions)) if len(captions[i])]

    def loss() -> Tensor:
        rows = rng.choice(spoken, _BATCH)
        words = collate_words([captions[i] for i in rows], longest)
        vectors, logits = model.pictures(collate_scenes([pictures[i] for i in picture[rows]], visual=True))
        found = functional.binary_cross_entropy_with_logits(logits, model.concepts_in(words))
        origin = torch.as_tensor(picture[rows])
        hardest = 2 * next(step) >= settings.updates
        return matching_loss(vectors, model.sentences(words), origin, settings.margin, hardest) + found

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = made_on_cpu(
            lambda: Matcher(shape, settings.width, frequent_concepts(captions, picture, settings.concepts))
        )
        fit(model, settings.updates, settings.learning_rate, loss, "matcher")
    return model
