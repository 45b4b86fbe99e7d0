"""An n-gram language model of a language's unpaired text: the code-speak guard (docs/readings.md, 6), and fluency without people."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nltk.lm import WittenBellInterpolated
from nltk.lm.preprocessing import padded_everygram_pipeline
from nltk.util import ngrams


class LanguageModel:
    """Trigrams with Witten-Bell interpolation over tokenised sentences."""

    def __init__(self, sentences: Sequence[Sequence[str]], order: int = 3) -> None:
        self.order = order
        grams, words = padded_everygram_pipeline(order, sentences)
        self.model = WittenBellInterpolated(order)
        self.model.fit(grams, words)

    def perplexity(self, sentences: Sequence[Sequence[str]], ends: int = 1) -> float:
        """Perplexity a word, `ends` marks of its end counted as words of a sentence; infinite for no sentence."""
        total, count = 0.0, 0
        for sentence in sentences:
            padded = ["<s>"] * (self.order - 1) + [*sentence] + ["</s>"] * ends
            for gram in ngrams(padded, self.order):
                total -= math.log(max(self.model.score(gram[-1], gram[:-1]), 1e-9))
                count += 1
        return math.exp(total / count) if count else math.inf
