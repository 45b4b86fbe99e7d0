"""Being told to stop: by SIGTERM (a person, Snakemake, SLURM's scancel) or SIGUSR1 (SLURM, some time before the limit)."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


class Stop:
    """Within it, notes that the process is to stop, for a loop to see at the end of an update; the main thread's alone."""

    asked: signal.Signals | None = None

    def __enter__(self) -> Stop:
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.asked = signal.Signals(number)

    def leave(self, done: str) -> NoReturn:
        """Raise SystemExit with the status of a process that the signal ended; `done` is said first."""
        assert self.asked is not None
        print(f"{done} ({self.asked.name}); the same command goes on from there", file=sys.stderr, flush=True)
        raise SystemExit(128 + self.asked)
