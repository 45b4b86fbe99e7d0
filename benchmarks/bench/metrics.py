"""Metrics of ten systems' captions: ours, which counts references once, and pycocoevalcap as it is."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence

import numpy as np
from harness import Case
from inputs import sentences
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor.meteor import Meteor as TheirMeteor
from pycocoevalcap.rouge.rouge import Rouge

from cross2stra.evaluation.meteor import Meteor, score
from cross2stra.evaluation.metrics import COLUMNS, Segments, scores

SYSTEMS, REFERENCES = 10, 5
Captions = list[list[str]]


def drawn(pictures: int) -> tuple[list[Captions], list[Captions]]:
    """References of each picture, and captions by system that repeat some of their words."""
    meant = sentences(pictures * REFERENCES, 1)
    references = [meant[start : start + REFERENCES] for start in range(0, len(meant), REFERENCES)]
    own = np.random.default_rng(2)
    systems = []
    for number in range(SYSTEMS):
        other = sentences(pictures, 3 + number)
        systems.append(
            [
                mine if own.random() < 0.5 else [*texts[0][:4], *mine[:5]]
                for mine, texts in zip(other, references, strict=True)
            ]
        )
    return references, systems


def by_pycocoevalcap(scorers: Sequence[object], references: list[Captions], systems: list[Captions]) -> np.ndarray:
    """Scores in points of each system: (systems, metrics)."""
    meant = {i: [" ".join(words) for words in texts] for i, texts in enumerate(references)}
    rows = []
    for captions in systems:
        said = {i: [" ".join(words)] for i, words in enumerate(captions)}
        with contextlib.redirect_stdout(io.StringIO()):
            rows.append(np.hstack([100 * np.asarray(one.compute_score(meant, said)[0]) for one in scorers]))  # type: ignore[attr-defined]
    return np.stack(rows)


def counted(references: list[Captions], systems: list[Captions]) -> np.ndarray:
    """The same by ours."""
    segments = Segments(tuple(map(str, range(len(references)))), tuple(map(tuple, references)))  # type: ignore[arg-type]
    rows = []
    for captions in systems:
        table = np.zeros((len(captions), len(COLUMNS)))
        table[:, : COLUMNS.index("meteor_1")] = np.column_stack(segments.counted.measured(captions))
        found = scores(table)
        rows.append([found[name][0] for name in ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D")])
    return np.asarray(rows)


def apart(ours: np.ndarray, theirs: np.ndarray) -> str:
    worst = np.abs(ours - theirs).max()
    return "" if worst < 1e-7 else f"{worst:.1e} points apart"


def cases() -> Iterator[Case]:
    """Of 2,000 pictures (BLEU, ROUGE-L, CIDEr-D) and 600 (METEOR), five references each; pycocoevalcap needs minutes for 25,000."""
    references, systems = drawn(2000)
    yield Case(
        "BLEU, ROUGE-L, CIDEr-D of 10 systems",
        "pycocoevalcap",
        ">= 5",
        lambda: counted(references, systems),
        lambda: by_pycocoevalcap((Bleu(4), Rouge(), Cider()), references, systems),
        apart,
        rounds=3,
    )
    few, captions = drawn(600)

    def ours() -> np.ndarray:
        with Meteor() as scorer:
            return np.asarray([[score(scorer.table(said, few).sum(0))] for said in captions])

    yield Case(
        "METEOR of 10 systems",
        "pycocoevalcap",
        ">= 2",
        ours,
        lambda: by_pycocoevalcap((TheirMeteor(),), few, captions),
        lambda own, other: "" if np.abs(own - other).max() < 0.05 else f"{np.abs(own - other).max():.2f} points apart",
        rounds=3,
    )
