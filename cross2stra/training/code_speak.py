"""The guard of L_IPB (Eq. 9): M can be pleased by words that are no language any more (docs/readings.md, 6)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from cross2stra.data.files import read_json, write_json
from cross2stra.training.processes import first_alone

CHECKS = 25
"""Times in a stage that the model's output is judged, and once more at its end."""


class CodeSpeakGuard:
    """Says whether L_IPB may go on: the perplexity of target captions against what it was at the end of stage 2.

    `reference`: that perplexity, or None in the first stage that back-translates, which begins there and measures it.
    `most`: the ratio at which L_IPB is left out, for the rest of the stage. Judgements are kept in `path`, so that a
    resumed stage agrees with an uninterrupted one.
    """

    def __init__(self, reference: float | None, most: float, updates: int, path: Path) -> None:
        self.reference, self.most, self.updates, self.path = reference, most, updates, path
        self.number, self.ratio = -1, 1.0
        self.stopped = False

    def check(self, step: int, perplexity: Callable[[], float]) -> bool | None:
        """Judge at `step` if it is time to: True good, False code (once: L_IPB has stopped then), None not judged.

        `ratio` is the highest ratio to the reference so far.
        """
        number = step * CHECKS // self.updates
        if number == self.number:
            return None
        self.number = number
        with first_alone():
            return self._look(number, step, perplexity)

    def _look(self, number: int, step: int, perplexity: Callable[[], float]) -> bool | None:
        seen: dict[str, float] = read_json(self.path) if self.path.exists() else {}
        self._judge([value for key, value in seen.items() if int(key) < number])
        if self.stopped:
            return None
        if str(number) in seen:
            self._judge([seen[str(number)]])
        else:
            seen[str(number)] = perplexity()
            write_json(self.path, seen)
            self._judge([seen[str(number)]])
            if self.stopped:
                print(
                    f"[train] perplexity of target captions rose from {self.reference:.1f} after stage 2 to "
                    f"{seen[str(number)]:.1f}: L_IPB is left out for the rest of the stage (code-speak)",
                    file=sys.stderr,
                    flush=True,
                )
        # Resumed in the middle of a window, what was judged at its beginning has been acted on.
        begins = step == 0 or (step - 1) * CHECKS // self.updates < number
        return not self.stopped if begins else None

    def _judge(self, values: list[float]) -> None:
        for value in values:
            self.reference = self.reference or value
            self.ratio = max(self.ratio, value / self.reference)
        self.stopped = self.ratio > self.most
