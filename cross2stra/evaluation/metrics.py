"""BLEU, ROUGE-L and CIDEr-D (pycocoevalcap's), and METEOR by its jar, as statistics of each picture that can be summed.

Everything is kept by picture: n-gram counts and lengths for BLEU, the 23 numbers of METEOR, the values of ROUGE-L and
CIDEr-D (whose idf is fixed from all references of the split). A score is a function of their sums, so a bootstrap over
pictures is a matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cross2stra.evaluation import chrf, meteor
from cross2stra.evaluation.counted import ORDERS, References

METRICS = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D")
CHRF = "chrF"
"""Beside METEOR in rows of unit `char`."""

_SMALL, _TINY = 1e-9, 1e-15

COLUMNS = (
    *(f"correct_{n}" for n in range(1, ORDERS + 1)),
    *(f"guess_{n}" for n in range(1, ORDERS + 1)),
    "length",
    "reference_length",
    "rouge_l",
    "cider_d",
    *(f"meteor_{n}" for n in range(1, meteor.STATISTICS + 1)),
    *(f"chrf_{n}" for n in range(1, chrf.STATISTICS + 1)),
    "mean_reference_length",
)
"""Columns of a picture's statistics; `rouge_l` and `cider_d` are the picture's own values, 0 to 1 and 0 to 10.

`reference_length` is BLEU's, of the reference that is closest in length to the caption; `mean_reference_length` knows no caption.
"""

_BLEU = slice(0, 2 * ORDERS + 2)
_ROUGE, _CIDER = 2 * ORDERS + 2, 2 * ORDERS + 3
_METEOR = slice(_CIDER + 1, _CIDER + 1 + meteor.STATISTICS)
_CHRF = slice(_METEOR.stop, _METEOR.stop + chrf.STATISTICS)


@dataclass(frozen=True)
class Segments:
    """N pictures: token lists of their references, in one unit."""

    images: tuple[str, ...]
    references: tuple[tuple[tuple[str, ...], ...], ...]

    @cached_property
    def counted(self) -> References:
        """The references, counted once for all systems."""
        return References(self.references)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Mean length of each picture's references in tokens, (N,)."""
        return np.array([np.mean([len(tokens) for tokens in own]) for own in self.references])


def statistics(
    segments: Segments, hypotheses: Sequence[Sequence[str]], scorer: meteor.Meteor, with_chrf: bool = False
) -> np.ndarray:
    """Statistics (N, len(COLUMNS)) of N captions (token lists), aligned with `segments`."""
    if len(hypotheses) != len(segments.images):
        raise ValueError(f"expected {len(segments.images)} captions, one for each picture, found {len(hypotheses)}")
    table = np.zeros((len(hypotheses), len(COLUMNS)))
    table[:, _BLEU], table[:, _ROUGE], table[:, _CIDER] = segments.counted.measured(hypotheses)
    table[:, _METEOR] = scorer.table(hypotheses, segments.references)
    table[:, -1] = segments.lengths
    if with_chrf:
        for row, (said, references) in enumerate(zip(hypotheses, segments.references, strict=True)):
            table[row, _CHRF] = chrf.statistics(" ".join(said), [" ".join(tokens) for tokens in references])
    return table


def names(with_chrf: bool) -> tuple[str, ...]:
    """Metrics that are computed."""
    return (*METRICS, CHRF) if with_chrf else METRICS


def scores(statistics: np.ndarray, weights: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Metrics in points from statistics (N, len(COLUMNS)); each value is (B,).

    `weights` (B, N): how often each picture is drawn in each of B resamples; without it B = 1, every picture once.
    """
    if weights is None:
        weights = np.ones((1, len(statistics)))
    sums = weights @ statistics  # (B, len(COLUMNS))
    drawn = np.maximum(weights.sum(1), 1)
    found = {f"BLEU-{n}": value for n, value in enumerate(_bleu(sums[:, _BLEU]), 1)}
    found["METEOR"] = meteor.score(sums[:, _METEOR])
    found["ROUGE-L"] = 100.0 * sums[:, _ROUGE] / drawn
    found["CIDEr-D"] = 100.0 * sums[:, _CIDER] / drawn
    found[CHRF] = chrf.score(sums[:, _CHRF])
    return found


def _bleu(sums: np.ndarray) -> list[np.ndarray]:
    """BLEU-1..4 in points from summed counts (B, 10), closest reference lengths, as pycocoevalcap smooths them."""
    correct, guess = sums[:, :ORDERS], sums[:, ORDERS : 2 * ORDERS]
    ratio = (sums[:, -2] + _TINY) / (sums[:, -1] + _SMALL)
    brevity = np.where(ratio < 1, np.exp(np.minimum(1 - 1 / ratio, 0)), 1.0)
    products = np.cumprod((correct + _TINY) / (guess + _SMALL), axis=1)
    return [100.0 * products[:, n - 1] ** (1 / n) * brevity for n in range(1, ORDERS + 1)]
