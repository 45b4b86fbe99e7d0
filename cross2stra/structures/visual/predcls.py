"""PredCls on real pictures: the motif network against the frequency table, on VRD and on a split of VG150's test part.

Boxes and labels are given, and nothing else: no pixels. VG150's split is our own, by picture, of what upstream calls its
test part, so its scores are not those of any paper.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cross2stra.data.corpora.material import draw
from cross2stra.data.exclusion import exclude, held_out_of_structures, visual_genome_pictures
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
from cross2stra.structures.visual.motifs import Motifs
from cross2stra.structures.visual.motifs_data import Example, all_pairs, frequency, given
from cross2stra.structures.visual.motifs_training import Budget, Read, evaluate, read, read_frequency, train
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
    names = visual_genome_pictures(raw)
    tested = list(vrd(raw, "test"))
    barred = {key for picture in (*tested, *vrd_unlabelled(raw)) for key in _keys(picture, {})}
    excluded: Counter[tuple[str, str]] = Counter()
    training = list(_usable(raw, vrd(raw, "train"), "vrd", {}, barred, excluded))
    yield Corpus("VRD", vrd_labels(raw), training, tested, excluded)
    excluded = Counter()
    usable = list(_usable(raw, vg150(raw), "vg150", names, barred, excluded))
    chosen = set(draw([picture.key for picture in usable], len(usable) // _TESTED, "vg150-test"))
    yield Corpus(
        "VG150",
        vg150_labels(raw),
        [picture for picture in usable if picture.key not in chosen],
        [picture for picture in usable if picture.key in chosen],
        excluded,
    )


def _keys(picture: Annotation, names: dict[str, list[str]]) -> list[str]:
    return [picture.key, f"flickr:{picture.key.split('_')[0]}", *names.get(picture.key, [])]


def _usable(
    raw: Path,
    pictures: Iterable[Annotation],
    source: str,
    names: dict[str, list[str]],
    barred: set[str],
    excluded: Counter[tuple[str, str]],
) -> Iterator[Annotation]:
    held_out = held_out_of_structures(raw)
    for picture in exclude(pictures, held_out, excluded, lambda _: source, lambda row: _keys(row, names), lambda _: ()):
        if barred.isdisjoint(_keys(picture, names)):
            yield picture
        else:
            excluded["picture of VRD test", source] += 1


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
        table = frequency(training, classes, predicates)
        model = train(training, table, budget, seed)
        readings = {
            "frequency": [(e.seen.boxes, read_frequency(table, e.classes)) for e in test],
            "motifs": [(e.seen.boxes, _read(model, e)) for e in test],
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


def _read(model: Motifs, example: Example) -> Read:
    if len(example.classes):
        return read(model, example.seen, example.classes)
    return Read(example.classes, example.attributes, np.zeros((0, model.predicates.out_features - 1), np.float32))


def _unlabelled(raw: Path, model: Motifs, labels: Labels) -> Iterator[str]:
    for picture in vrd_unlabelled(raw):
        example = given(picture, len(labels.classes))
        if len(example.classes) < 2:
            continue
        pairs, own = all_pairs(len(example.classes)), read(model, example.seen, example.classes)
        row_of = {tuple(pair): row for row, pair in enumerate(pairs.tolist())}
        for subject, predicate, target in ranked(pairs, own.predicates, _PREDICTIONS, constrained=True).tolist():
            row = {
                "image": picture.key,
                "subject_box": _vrd_order(picture.boxes[subject]),
                "predicate": labels.predicates[predicate],
                "object_box": _vrd_order(picture.boxes[target]),
                "score": round(float(own.predicates[row_of[subject, target], predicate]), 6),
                "subject": labels.classes[picture.classes[subject]],
                "object": labels.classes[picture.classes[target]],
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _vrd_order(box: np.ndarray) -> list[int]:
    left, top, right, bottom = (int(edge) for edge in box)
    return [top, bottom, left, right]
