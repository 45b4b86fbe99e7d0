"""VG150 and VRD as pictures of labelled boxes and relations in one inventory of predicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cross2stra.data.exclusion import exclude, held_out_of_structures, picture_keys, visual_genome_pictures
from cross2stra.data.readers.pictures import read_json_file
from cross2stra.structures.visual.names import predicates, relation_aliases

VRD, VG150 = 0, 1


@dataclass(frozen=True)
class RelationPicture:
    """A picture without pixels. `labels`: N class names. `boxes`: (N, 4) float32, xyxy in pixels.

    `relations`: (subject, predicate, object) with indices into `labels` and into `predicates()`.
    `names`: the picture's names in other sources, for exclusion. `source`: VRD or VG150.
    """

    names: tuple[str, ...]
    source: int
    labels: tuple[str, ...]
    boxes: np.ndarray
    relations: tuple[tuple[int, int, int], ...]


def canonical_label(name: str) -> str:
    """A class name of VG150 or VRD as the relation model knows it."""
    return relation_aliases().get(name, name)


def _checked(path: Path, kind: type) -> Any:
    value = read_json_file(path)
    if not isinstance(value, kind):
        raise ValueError(f"{path}: expected a JSON {kind.__name__}, found {type(value).__name__}; get the file again")
    return value


def vrd_predicates() -> dict[int, int]:
    """VRD's predicate number -> index into `predicates()`.

    The numbers are those of VRD's own list. The predicates.json that comes beside some copies of the annotations has
    the same 70 names in another order and is not read: by it people "stand on" what they ride and "above" is what is
    worn (counts of label pairs show it).
    """
    return {row["vrd"]: index for index, row in enumerate(predicates()) if row["vrd"] is not None}


def read_vrd(raw: Path, part: str) -> Iterator[RelationPicture]:
    """VRD's pictures, `part` train or test; boxes come as [ymin, ymax, xmin, xmax]. Repeats are dropped."""
    classes = _checked(raw / "vrd_objects.json", list)
    path = raw / f"vrd_annotations_{part}.json"
    numbers = vrd_predicates()
    for name, rows in _checked(path, dict).items():
        index: dict[tuple[int, ...], int] = {}
        relations = []
        for place, row in enumerate(rows):
            try:
                ends = [
                    index.setdefault((row[end]["category"], *row[end]["bbox"]), len(index))
                    for end in ("subject", "object")
                ]
                relations.append((ends[0], numbers[row["predicate"]], ends[1]))
            except (KeyError, TypeError) as error:
                raise ValueError(f"{path}: picture {name}: relation {place}: no field or number {error}") from error
        boxes = np.asarray([key[1:] for key in index], dtype=np.float32).reshape(-1, 4)[:, [2, 0, 3, 1]]
        labels = tuple(canonical_label(classes[key[0]]) for key in index)
        # A file's name begins with Flickr's number of the picture.
        names = (f"flickr:{name.split('_')[0]}",)
        yield RelationPicture(names, VRD, labels, boxes, tuple(dict.fromkeys(relations)))


def read_vg150(raw: Path) -> Iterator[RelationPicture]:
    """VG150's pictures; boxes come as [x1, y1, x2, y2]. Entries without a picture are skipped, repeats dropped."""
    classes = _checked(raw / "vg150_objects.json", list)
    own = {name: index for index, row in enumerate(predicates()) for name in row["vg150"]}
    numbers = [own[name] for name in _checked(raw / "vg150_predicates.json", list)]
    known = visual_genome_pictures(raw)
    for file, value in _checked(raw / "vg150_annotations.json", list):
        if file is None:
            continue
        relations = [
            (row["sub"], numbers[predicate], row["obj"])
            for row in value["rels"]
            for predicate in row["pred"]
            if row["sub"] != row["obj"]
        ]
        boxes = np.asarray([row["bbox"] for row in value["objs"]], dtype=np.float32).reshape(-1, 4)
        labels = tuple(canonical_label(classes[row["cls"]]) for row in value["objs"])
        number = Path(file).stem
        yield RelationPicture(tuple(known.get(number, ())), VG150, labels, boxes, tuple(dict.fromkeys(relations)))


def training_pictures(raw: Path) -> tuple[list[RelationPicture], Counter[tuple[str, str]]]:
    """VRD train and VG150, without held-out pictures (DESIGN 7) and without VRD's test pictures; counts of those."""
    pictures = [*read_vrd(raw, "train"), *read_vg150(raw)]
    counts: Counter[tuple[str, str]] = Counter()
    allowed = exclude(
        pictures,
        held_out_of_structures(raw),
        counts,
        source=lambda row: ("vrd", "vg150")[row.source],
        pictures=lambda row: row.names,
        texts=lambda row: (),
    )
    tested = {key for row in read_vrd(raw, "test") for name in row.names for key in picture_keys(name)}
    if (raw / "vrd_unlabelled_test_boxes.json").exists():
        tested |= {f"flickr:{name.split('_')[0]}" for name in _checked(raw / "vrd_unlabelled_test_boxes.json", dict)}
    kept = []
    for row in allowed:
        if tested.intersection(key for name in row.names for key in picture_keys(name)):
            counts["picture of VRD test", ("vrd", "vg150")[row.source]] += 1
        else:
            kept.append(row)
    return kept, counts
