"""chrF2 (Popović, 2015): character n-grams up to 6, recall counted twice; shown beside METEOR for Chinese."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

ORDER = 6
STATISTICS = 3 * ORDER
"""For each order: n-grams of the hypothesis, of the reference, and of both."""


def statistics(hypothesis: str, references: Sequence[str]) -> np.ndarray:
    """Statistics (18,) of a segment against the reference with the best score; spaces do not count."""
    said = _grams(hypothesis)
    rows = []
    for reference in references:
        orders = list(zip(said, _grams(reference), strict=True))
        # Where the reference is too short for an order, the hypothesis' n-grams of it are not errors.
        rows.append([[a.total() if b else 0, b.total(), (a & b).total()] for a, b in orders])
    if not rows:
        raise ValueError("chrF: a picture without references; give its references or leave it out")
    table = np.array(rows, dtype=np.float64).reshape(len(rows), STATISTICS)
    return table[int(np.argmax(score(table)))]


def score(statistics: np.ndarray) -> np.ndarray:
    """chrF2 in points from summed statistics (..., 18) -> (...); orders that one side lacks do not count."""
    s = np.asarray(statistics, dtype=np.float64)
    s = s.reshape(*s.shape[:-1], ORDER, 3)
    said, meant, both = s[..., 0], s[..., 1], s[..., 2]
    counted = (said > 0) & (meant > 0)
    orders = np.maximum(counted.sum(-1), 1)
    precision = np.where(counted, both / np.maximum(said, 1), 0.0).sum(-1) / orders
    recall = np.where(counted, both / np.maximum(meant, 1), 0.0).sum(-1) / orders
    total = 4.0 * precision + recall
    return 100.0 * np.where(total > 0, 5.0 * precision * recall / np.where(total > 0, total, 1.0), 0.0)


def _grams(text: str) -> list[Counter[str]]:
    plain = "".join(text.split())
    return [Counter(plain[i : i + n] for i in range(len(plain) - n + 1)) for n in range(1, ORDER + 1)]
