"""METEOR 1.5 (Denkowski and Lavie, 2014) by the field's jar: one Java process for all systems, statistics by segment.

The jar is asked for the statistics of each segment only; scores are computed from their sums here, so that a bootstrap
over pictures needs no Java. Parameters are the jar's for English (`-l en -norm`), which the literature also uses for
Chinese. There only exact matches count, because the jar has no Chinese stems, synonyms or paraphrases, and its
normalisation cuts Chinese words into characters: METEOR of words and of characters are then one number.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO

import numpy as np

from cross2stra.data.languages import java

STATISTICS = 23
"""Numbers of a segment: lengths (2) and function words (2) of hypothesis and reference; for each of exact, stem, synonym,
paraphrase the matched content words of both sides and function words of both (16); chunks; matched words of both (2)."""

PLACEHOLDER = "emptycaption"
"""Stands for a caption without tokens, on which the jar would end."""

_ALPHA, _BETA, _GAMMA, _DELTA = 0.85, 0.2, 0.6, 0.75
_STAGES = np.array([1.0, 0.6, 0.8, 0.6])


class Meteor:
    """The Java process; use as a context manager. `heap` is Java's largest heap."""

    def __init__(self, heap: str = "1g") -> None:
        self.heap = heap
        self.placeholders = 0
        self._seen: dict[str, np.ndarray] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    def __enter__(self) -> Meteor:
        from pycocoevalcap.meteor import meteor as package

        folder = Path(package.__file__).resolve().parent
        command = [java(), f"-Xmx{self.heap}", "-XX:+UseSerialGC", "-jar", package.METEOR_JAR]
        self._errors = TemporaryFile()
        self._process = subprocess.Popen(
            [*command, "-", "-", "-stdio", "-l", "en", "-norm"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._errors:
            self._errors.close()

    def table(self, hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> np.ndarray:
        """Statistics (N, 23) of N segments, each against its best reference. Empty sides become a placeholder, counted."""
        self.placeholders += sum(not tokens for tokens in hypotheses)
        lines = list(map(_line, hypotheses, references))
        new = [line for line in dict.fromkeys(lines) if line not in self._seen]
        self._seen.update(zip(new, map(_numbers, new, self._answers(new, len(new))), strict=True))
        return np.stack([self._seen[line] for line in lines]) if lines else np.zeros((0, STATISTICS))

    def statistics(self, hypothesis: Sequence[str], references: Sequence[Sequence[str]]) -> np.ndarray:
        """Statistics (23,) of one segment."""
        return self.table([hypothesis], [references])[0]

    def evaluate(self, statistics: np.ndarray) -> float:
        """The jar's own score (0 to 1) of summed segments (N, 23); for tests of `score`."""
        rows = " ||| ".join(" ".join(f"{number:g}" for number in row) for row in statistics)
        return float(self._answers([f"EVAL ||| {rows}"], 1 + len(statistics))[-1])

    def _answers(self, lines: Sequence[str], number: int) -> list[str]:
        """What the jar answers to lines, `number` lines in all. It is told the next ones while it thinks of the first."""
        with ThreadPoolExecutor(1) as other:
            told = other.submit(self._tell, "".join(f"{line}\n" for line in lines).encode())
            answers = [self._answer() for _ in range(number)]
            told.result()
        return answers

    def _tell(self, lines: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("METEOR is not running; use it in a with block")
        with suppress(OSError):  # it has ended, as the answer that is missing will say
            self._process.stdin.write(lines)
            self._process.stdin.flush()

    def _answer(self) -> str:
        if self._process is None or self._process.stdout is None or self._errors is None:
            raise RuntimeError("METEOR is not running; use it in a with block")
        answer = self._process.stdout.readline().decode().strip()
        if not answer:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip()[-400:]
            raise OSError(f"METEOR's Java process ended (heap {self.heap}); it said: {said or 'nothing'}")
        return answer


def _line(hypothesis: Sequence[str], references: Sequence[Sequence[str]]) -> str:
    sides = [_side(tokens) or _SILENT for tokens in references] or [_SILENT]
    return " ||| ".join(("SCORE", *sides, _side(hypothesis) or PLACEHOLDER))


def _numbers(line: str, answer: str) -> np.ndarray:
    row = np.array([float(number) for number in answer.split()])
    if len(row) != STATISTICS:
        raise OSError(f"METEOR answered {answer!r}, expected {STATISTICS} numbers, to {line!r}")
    if row[0] == row[1] == row[21] and row[20] == 1:
        row[20] = 0.0  # a whole match has no fragments; the jar, too, adds no chunk for it
    return row


_SILENT = "emptyreference"


def _side(tokens: Sequence[str]) -> str:
    return " ".join(token.replace("|||", "") for token in tokens).strip()


def score(statistics: np.ndarray) -> np.ndarray:
    """METEOR in points from summed statistics (..., 23) -> (...); the jar's formula with its English parameters."""
    s = np.asarray(statistics, dtype=np.float64)
    length, function = s[..., 0:2], s[..., 2:4]  # test, reference
    matches = s[..., 4:20].reshape(*s.shape[:-1], 4, 2, 2)  # stage x (content, function) x (test, reference)
    share = np.array([_DELTA, 1.0 - _DELTA])[:, None]
    weighted = (matches * share * _STAGES[:, None, None]).sum((-3, -2))  # (..., 2)
    total = _DELTA * (length - function) + (1.0 - _DELTA) * function
    chunks, matched = s[..., 20], s[..., 21:23]
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = np.moveaxis(np.where(total > 0, weighted / total, 0.0), -1, 0)
        mean = 1.0 / ((1.0 - _ALPHA) / precision + _ALPHA / recall)
        found = mean * (1.0 - _GAMMA * (chunks / matched.mean(-1)) ** _BETA)
    return 100.0 * np.where((precision > 0) & (recall > 0), found, 0.0)
