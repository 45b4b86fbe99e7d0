"""PredCls on real pictures: the motif network against the frequency table, on VRD and on a split of VG150's test part.

Boxes and labels are given, and nothing else: no pixels. VG150's split is our own, by picture, of what upstream calls its
test part, so its scores are not those of any paper.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cross2stra.data.chance import draw
from cross2stra.data.files import replacing
from cross2stra.structures.scores import Row, rows_of, write_rows
from cross2stra.structures.visual.annotations import (
    Annotation,
    Labels,
    vg150,
    vg150_labels,
    vrd,
    vrd_labels,
    vrd_unlabelled,
)
from cross2stra.structures.visual.kept_out import KeptOut
from cross2stra.structures.visual.motifs import Motifs
from cross2stra.structures.visual.motifs_data import Example, all_pairs, frequency, given, pair_rows
from cross2stra.structures.visual.motifs_training import Budget, evaluate, read, read_frequency, train
from cross2stra.structures.visual.recall import ranked

_TESTED = 5
"""One picture in so many of VG150 is tested on."""
_PREDICTIONS = 100


@dataclass(frozen=True)
class Corpus:
    """Pictures to train and to test on, and what was left out: (rule, source) -> pictures."""

    name: str
    labels: Labels
    training: list[Annotation]
    test: list[Annotation]
    excluded: Counter[tuple[str, str]]


def corpora(raw: Path) -> Iterator[Corpus]:
    """VRD (its own split), VG150 (ours), without pictures of VRD test and of every tested or captioned corpus."""
    kept_out = KeptOut(raw)
    excluded: Counter[tuple[str, str]] = Counter()
    training = list(kept_out.usable(vrd(raw, "train"), "vrd", excluded))
    yield Corpus("VRD", vrd_labels(raw), training, list(vrd(raw, "test")), excluded)
    excluded = Counter()
    usable = list(kept_out.usable(vg150(raw), "vg150", excluded))
    chosen = set(draw([picture.key for picture in usable], len(usable) // _TESTED, "vg150-test"))
    yield Corpus(
        "VG150",
        vg150_labels(raw),
        [picture for picture in usable if picture.key not in chosen],
        [picture for picture in usable if picture.key in chosen],
        excluded,
    )


def examples(pictures: Sequence[Annotation], labels: Labels) -> list[Example]:
    """The pictures as PredCls gives them."""
    return [given(picture, len(labels.classes)) for picture in pictures]


def score(raw: Path, budget: Budget, seed: int, scores: Path, unlabelled: Path) -> None:
    """Train and test on each corpus; write the table of scores, and predictions for VRD's pictures without relations.

    A line of `unlabelled` is a relation, a picture's best first: image, subject_box, predicate, object_box, score; boxes
    in VRD's order, ymin, ymax, xmin, xmax.
    """
    rows: list[Row] = []
    predictions: list[str] = []
    for corpus in corpora(raw):
        classes, predicates = len(corpus.labels.classes), len(corpus.labels.predicates)
        training, test = examples(corpus.training, corpus.labels), examples(corpus.test, corpus.labels)
        table = frequency(((row.classes, row.relations) for row in training), classes, predicates)
        model = train(training, table, budget, seed)
        readings = {
            "frequency": [(e.seen.boxes, read_frequency(table, e.classes)) for e in test],
            "motifs": [(e.seen.boxes, read(model, e.seen, e.classes)) for e in test],
        }
        data = f"{corpus.name} PredCls test"
        for extractor, read_of in readings.items():
            found = evaluate(test, read_of)
            rows += rows_of(extractor, data, found)
            said = f"R@50 {found['R@50']:.1f}, free R@50 {found['free R@50']:.1f}, mR@50 {found['mR@50']:.1f}"
            print(f"[predcls] {corpus.name} {extractor}: {said}", file=sys.stderr, flush=True)
        rows.append(("motifs", data, "training pictures", len(training)))
        rows += [("motifs", data, f"left out: {rule}", n) for (rule, _), n in sorted(corpus.excluded.items())]
        if corpus.name == "VRD":
            predictions = list(_unlabelled(raw, model, corpus.labels))
    with replacing(unlabelled) as temporary:
        temporary.write_text("".join(predictions), encoding="utf-8")
    write_rows(scores, rows)


def _unlabelled(raw: Path, model: Motifs, labels: Labels) -> Iterator[str]:
    for picture in vrd_unlabelled(raw):
        example = given(picture, len(labels.classes))
        if len(example.classes) < 2:
            continue
        pairs, own = all_pairs(len(example.classes)), read(model, example.seen, example.classes)
        best = ranked(pairs, own.predicates, _PREDICTIONS, constrained=True)
        probabilities = own.predicates[pair_rows(best[:, [0, 2]], len(example.classes)), best[:, 1]]
        for (subject, predicate, target), probability in zip(best.tolist(), probabilities.tolist(), strict=True):
            row = {
                "image": picture.key,
                "subject_box": _vrd_order(picture.boxes[subject]),
                "predicate": labels.predicates[predicate],
                "object_box": _vrd_order(picture.boxes[target]),
                "score": round(probability, 6),
                "subject": labels.classes[picture.classes[subject]],
                "object": labels.classes[picture.classes[target]],
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _vrd_order(box: np.ndarray) -> list[int]:
    left, top, right, bottom = (int(edge) for edge in box)
    return [top, bottom, left, right]
