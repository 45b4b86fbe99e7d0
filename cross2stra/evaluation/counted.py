"""The references of a split counted once, for the captions of any number of systems: BLEU, ROUGE-L, CIDEr-D by picture.

Numbers are pycocoevalcap's (tested to 1e-9), which counts the references anew for every system, n-gram by n-gram.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ORDERS = 4
_SIGMA = 6.0
"""Width of CIDEr-D's penalty for another length."""
_BETA = 1.2
"""Weight of recall in ROUGE-L."""
_TOKENS = 1 << 31
"""More than there are tokens: an n-gram's code is that of its first n - 1 tokens, times this, plus the last token."""
_TOGETHER = 1 << 14
"""Pairs of sentences that are aligned at once."""


@dataclass(frozen=True)
class _Sentences:
    """R sentences: `tokens` (S,) of all, one after the other, the `row` of each, and the `length` of each row (R,)."""

    tokens: np.ndarray
    row: np.ndarray
    length: np.ndarray

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], index: dict[str, int]) -> _Sentences:
        """With numbers for tokens; new tokens go into `index`."""
        tokens = np.fromiter((index.setdefault(t, len(index)) for s in sentences for t in s), dtype=np.int64)
        length = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        return cls(tokens, np.repeat(np.arange(len(sentences)), length), length)

    @property
    def left(self) -> np.ndarray:
        """Tokens from each on to the end of its sentence: (S,)."""
        return np.cumsum(self.length)[self.row] - np.arange(len(self.tokens))

    def padded(self) -> np.ndarray:
        """(R, T) of tokens, -1 where a sentence has ended."""
        table = np.full((len(self.length), max(1, self.length.max(initial=0))), -1, dtype=np.int64)
        table[self.row, self.length[self.row] - self.left] = self.tokens
        return table


def _counted(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found, counts = np.unique(keys, return_counts=True)
    return found, counts.astype(np.float64)


def _look_up(keys: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each key is in a sorted table, and whether it is there."""
    if not len(table):
        return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return place, table[place] == keys


class _Order:
    """The n-grams of the references, n being one number. `number`: of each gram that begins at a token, -1 for none."""

    def __init__(self, codes: np.ndarray, whole: np.ndarray, references: _Sentences, picture: np.ndarray) -> None:
        self.codes, numbers = np.unique(codes[whole], return_inverse=True)
        self.number = np.full(len(codes), -1)
        self.number[whole] = numbers
        self.size = max(1, len(self.codes))
        self.keys, self.counts = _counted(references.row[whole] * self.size + numbers)
        row, gram = self.keys // self.size, self.keys % self.size
        self.in_picture, place = np.unique(picture[row] * self.size + gram, return_inverse=True)
        self.most = np.zeros(len(self.in_picture))
        np.maximum.at(self.most, place, self.counts)
        pictures = np.bincount(self.in_picture % self.size, minlength=self.size)
        self.idf = np.log(max(1, picture.max(initial=0) + 1)) - np.log(np.maximum(1, pictures))
        self.norm = np.sqrt(np.bincount(row, (self.counts * self.idf[gram]) ** 2, len(references.length)))

    def numbered(self, codes: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """Numbers of the grams of other sentences; those that no reference has get numbers above all others."""
        place, known = _look_up(codes, self.codes)
        numbers = np.where(known, place, -1)
        new = whole & ~known
        numbers[new] = self.size + np.unique(codes[new], return_inverse=True)[1]
        return np.where(whole, numbers, -1)


class References:
    """References of N pictures, each a list of token lists; every picture has at least one, none is empty."""

    def __init__(self, references: Sequence[Sequence[Sequence[str]]]) -> None:
        self.pictures = len(references)
        self.number = np.fromiter(map(len, references), dtype=np.int64, count=self.pictures)
        self.first = np.cumsum(self.number) - self.number
        self.picture = np.repeat(np.arange(self.pictures), self.number)
        self._index: dict[str, int] = {}
        self._sentences = _Sentences.of([tokens for meant in references for tokens in meant], self._index)
        self._padded = self._sentences.padded()
        self._orders: list[_Order] = []
        before = np.zeros(len(self._sentences.tokens), dtype=np.int64)
        for n in range(1, ORDERS + 1):
            codes, whole = _codes(before, self._sentences, n)
            self._orders.append(_Order(codes, whole, self._sentences, self.picture))
            before = self._orders[-1].number

    def measured(self, captions: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """BLEU's counts (N, 10: matched and all n-grams, length, closest reference's length), ROUGE-L (N,), CIDEr-D (N,)."""
        said = _Sentences.of(captions, dict(self._index))
        bleu, cider = self._grams(said)
        return bleu, self._rouge_l(said), cider

    def _pairs(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each of the rows once for every reference of its picture: places among `rows`, and references."""
        times = self.number[rows]
        place = np.repeat(np.arange(len(rows)), times)
        within = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
        return place, self.first[rows[place]] + within

    def _grams(self, said: _Sentences) -> tuple[np.ndarray, np.ndarray]:
        bleu = np.zeros((self.pictures, 2 * ORDERS + 2))
        similar = np.zeros((ORDERS, len(self.picture)))
        before = np.zeros(len(said.tokens), dtype=np.int64)
        for n, order in enumerate(self._orders, 1):
            codes, whole = _codes(before, said, n)
            before = order.numbered(codes, whole)
            span = max(order.size, int(before.max(initial=0)) + 1)
            keys, counts = _counted(said.row[whole] * span + before[whole])
            row, gram = keys // span, keys % span
            known = gram < order.size
            # An n-gram that no reference has is as rare as one that a single picture has.
            idf = np.where(known, order.idf[np.where(known, gram, 0)], np.log(max(1, self.pictures)))
            norm = np.sqrt(np.bincount(row, (counts * idf) ** 2, self.pictures))
            row, gram, counts, idf = row[known], gram[known], counts[known], idf[known]

            place, there = _look_up(row * order.size + gram, order.in_picture)
            matched = np.where(there, np.minimum(counts, order.most[place]), 0) if len(order.most) else counts * 0
            bleu[:, n - 1] = np.bincount(row, matched, self.pictures)
            bleu[:, ORDERS + n - 1] = np.maximum(0, said.length - n + 1)

            at, reference = self._pairs(row)
            place, there = _look_up(reference * order.size + gram[at], order.keys)
            at, reference, meant = at[there], reference[there], order.counts[place[there]]
            product = idf[at] ** 2 * np.minimum(counts[at], meant) * meant
            norms = norm[self.picture] * order.norm
            similar[n - 1] = np.bincount(reference, product, len(self.picture)) / np.where(norms == 0, 1.0, norms)
        lengths = self._sentences.length
        apart = np.abs(lengths - said.length[self.picture])
        bleu[:, -2] = said.length
        # Of references as close, the shorter.
        bleu[:, -1] = np.minimum.reduceat(apart * _TOKENS + lengths, self.first) % _TOKENS if self.pictures else 0
        longer = np.maximum(0, said.length - 1)[self.picture] - np.maximum(0, lengths - 1)
        penalised = similar.mean(0) * np.exp(-(longer**2) / (2 * _SIGMA**2))
        return bleu, 10 * np.bincount(self.picture, penalised, self.pictures) / np.maximum(1, self.number)

    def _rouge_l(self, said: _Sentences) -> np.ndarray:
        captions, lengths = said.padded(), self._sentences.length
        common = np.zeros(len(self.picture))
        order = np.argsort(said.length[self.picture] * (lengths.max(initial=0) + 1) + lengths, kind="stable")
        for start in range(0, len(order), _TOGETHER):
            some = order[start : start + _TOGETHER]
            own = captions[self.picture[some], : said.length[self.picture[some]].max(initial=0)]
            common[some] = _longest_common(own, self._padded[some, : lengths[some].max(initial=0)])
        best = [
            np.maximum.reduceat(share, self.first) if self.pictures else share
            for share in (common / np.maximum(1, said.length)[self.picture], common / np.maximum(1, lengths))
        ]
        precision, recall = best
        found = (1 + _BETA**2) * precision * recall / np.where(precision > 0, recall + _BETA**2 * precision, 1.0)
        return np.where((precision > 0) & (recall > 0), found, 0.0)


def _codes(before: np.ndarray, sentences: _Sentences, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the n-grams that begin at each token, from the numbers of the (n - 1)-grams there; whether they are whole."""
    last = np.zeros(len(sentences.tokens), dtype=np.int64)
    last[: max(0, len(last) - n + 1)] = sentences.tokens[n - 1 :]
    return before * _TOKENS + last, sentences.left >= n


def _longest_common(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Length of the longest common subsequence of rows of tokens (P, T) and (P, U), -1 being no token: (P,)."""
    a, b = np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)
    b = np.where(b < 0, -2, b)
    best = np.zeros((len(b) + 1, a.shape[1] if len(a) else b.shape[1]), dtype=np.int16)
    for token in a:
        diagonal = best[0].copy()
        same = b == token
        for column in range(len(b)):
            above = best[column + 1].copy()
            np.maximum(above, best[column], out=best[column + 1])
            np.maximum(best[column + 1], diagonal + same[column], out=best[column + 1])
            diagonal = above
    return best[-1]
