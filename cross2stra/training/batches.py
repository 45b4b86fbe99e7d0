"""Which rows an update takes: pure functions of the seed and the update, so that a resumed run sees what another one does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_WINDOW = 32
"""Batches whose rows are sorted by length together."""


def stream(size: int, batch: int, step: int, *seed: int) -> np.ndarray:
    """Rows of update `step` from an endless row of seeded permutations of `size`."""
    positions = np.arange(step * batch, (step + 1) * batch)
    rows = np.empty(batch, dtype=np.int64)
    for epoch in np.unique(positions // size):
        inside = positions // size == epoch
        rows[inside] = np.random.default_rng([*seed, int(epoch)]).permutation(size)[positions[inside] % size]
    return rows


class LikeLengths:
    """Batches of rows of like length, each with at most the budget of a batch: its rows times its longest.

    The budget is what `batch` rows of mean length have, so a batch has `batch` rows or a few less in the mean. The rows of a
    batch are a multiple of `shares`; the few that are over at the end of an epoch wait for the next one's order.
    """

    def __init__(self, lengths: np.ndarray, batch: int, shares: int, *seed: int) -> None:
        if len(lengths) < shares:
            raise ValueError(
                f"{len(lengths)} rows cannot be shared out to {shares} processes and passes; give more data"
            )
        self.lengths, self.batch, self.shares, self.seed = lengths, batch, shares, seed
        self.budget = max(float(lengths.mean()) * batch, float(lengths.max()) * shares)
        self._first = [0]  # update with which each epoch begins
        self._epoch, self._batches = -1, [np.zeros(0, dtype=np.int64)]

    def __call__(self, step: int) -> np.ndarray:
        """Rows of update `step`."""
        while self._first[-1] <= step:
            self._plan(len(self._first) - 1)
            self._first.append(self._first[-1] + len(self._batches))
        epoch = int(np.searchsorted(self._first, step, side="right")) - 1
        self._plan(epoch)
        return self._batches[step - self._first[epoch]]

    def _plan(self, epoch: int) -> None:
        if epoch == self._epoch:
            return
        rng = np.random.default_rng([*self.seed, epoch])
        batches = list(self._cut(rng.permutation(len(self.lengths))))
        self._epoch, self._batches = epoch, [batches[i] for i in rng.permutation(len(batches))]

    def _cut(self, order: np.ndarray) -> Iterator[np.ndarray]:
        waiting = order[:0]
        for start in range(0, len(order), _WINDOW * self.batch):
            rows = np.concatenate([waiting, order[start : start + _WINDOW * self.batch]])
            rows = rows[np.argsort(self.lengths[rows], kind="stable")]
            begin = 0
            while len(rows) - begin >= self.shares:
                # Rows are ascending, so the last of a batch is its longest.
                most = int(self.budget // self.lengths[rows[begin]])
                costs = self.lengths[rows[begin : begin + most]] * np.arange(1, len(rows[begin : begin + most]) + 1)
                taken = int(np.searchsorted(costs, self.budget, side="right")) // self.shares * self.shares
                yield rows[begin : begin + taken]
                begin += taken
            waiting = rows[begin:]
