"""Batches made ahead of the update that takes them, by processes of their own, so that a GPU does not wait for them."""

from __future__ import annotations

import atexit
import signal
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from cross2stra.model.batch import Share, Tensors

B = TypeVar("B", bound=Tensors)

_LOST = "DataLoader worker (pid"
"""How torch begins to say that a process has died; an error that was raised in one is told otherwise."""


class Ahead(Generic[B]):
    """`make`(update, share) -> batch, on the default device, asked for update by update.

    `workers`: processes that make batches; 0 makes each where and when it is asked for. `shares`: those of an update, in
    the order they are asked for. `updates`: how many there are. What a batch holds does not depend on `workers`.
    """

    def __init__(self, make: Callable[[int, Share], B], shares: list[Share], updates: int, workers: int) -> None:
        self.make, self.shares, self.updates, self.workers = make, shares, updates, workers
        self._next = (-1, 0)
        self._coming: Iterator[B] = iter(())

    def __call__(self, update: int, share: Share) -> B:
        """The batch of an update and share.

        Raises ValueError where a process that makes batches has died, and whatever `make` raises.
        """
        if not self.workers:
            return self.make(update, share)
        place = self.shares.index(share)
        if self._next != (update, place):
            self._coming = self._begin(update, place)
        self._next = (update, place + 1) if place + 1 < len(self.shares) else (update + 1, 0)
        try:
            batch = next(self._coming)
        except RuntimeError as error:
            if not str(error).startswith(_LOST):
                raise
            raise ValueError(
                f"update {update}: a process that makes batches is gone ({error}); run the same command again, it goes on "
                "from the state kept last; if memory was short, with less `compute.workers`"
            ) from error
        return batch.to(torch.get_default_device())

    def close(self) -> None:
        """End the processes. At exit this has to come before multiprocessing's own end, which sends what they ignore."""
        self._next, self._coming = (-1, 0), iter(())

    def _begin(self, update: int, place: int) -> Iterator[B]:
        items = [(u, s) for u in range(update, self.updates) for s in self.shares][place:]
        on_gpu = torch.get_default_device().type == "cuda"
        with torch.device("cpu"):  # where the processes stay
            atexit.register(self.close)
            loader = DataLoader(
                _Items(self.make, items),
                batch_size=None,
                num_workers=self.workers,
                prefetch_factor=4,
                pin_memory=on_gpu,
                multiprocessing_context="fork",  # rows on disk and buckets are shared, not sent
                worker_init_fn=_unmoved,
                generator=torch.Generator(),  # torch's own is the update's
            )
            return iter(loader)


class _Items(Dataset[B]):
    def __init__(self, make: Callable[[int, Share], B], items: list[tuple[int, Share]]) -> None:
        self.make, self.items = make, items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> B:
        return self.make(*self.items[place])


def _unmoved(worker: int) -> None:
    for told in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):  # a whole job is told; it leaves when training does
        signal.signal(told, signal.SIG_IGN)
