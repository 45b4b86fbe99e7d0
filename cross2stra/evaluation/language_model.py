"""An n-gram language model of a language's unpaired text, for the code-speak guard (READINGS 6)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nltk.lm import WittenBellInterpolated
from nltk.lm.preprocessing import pad_both_ends, padded_everygram_pipeline
from nltk.util import ngrams


class LanguageModel:
    """Trigrams with Witten-Bell interpolation over tokenised sentences."""

    def __init__(self, sentences: Sequence[Sequence[str]], order: int = 3) -> None:
        self.order = order
        grams, words = padded_everygram_pipeline(order, sentences)
        self.model = WittenBellInterpolated(order)
        self.model.fit(grams, words)

    def perplexity(self, sentences: Sequence[Sequence[str]]) -> float:
        """Perplexity a word, sentence ends counted; infinite for no sentence."""
        total, count = 0.0, 0
        for sentence in sentences:
            for gram in ngrams(pad_both_ends(sentence, n=self.order), self.order):
                if gram[-1] != "<s>":
                    total -= math.log(max(self.model.score(gram[-1], gram[:-1]), 1e-9))
                    count += 1
        return math.exp(total / count) if count else math.inf
