"""Visual scene graphs of real pictures from annotated boxes, with relations by the relation model; no pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cross2stra.configuration import Structures
from cross2stra.data.files import parse_json
from cross2stra.data.records import Image
from cross2stra.data.streams import read_lines
from cross2stra.structures.graph import GraphBuilder, SceneGraph, empty_graph
from cross2stra.structures.visual.names import CLASSES, COUNTS, PREDICATES
from cross2stra.structures.visual.relations import RelationModel

UNKNOWN_SIZE = (640, 480)
"""Assumed where a source gives relative boxes and no size."""


def read_boxes(path: Path, wanted: set[str]) -> dict[str, list[tuple[int, float, float, float, float]]]:
    """Image id -> (class, centre x, centre y, width, height), relative. Raises ValueError naming file and line."""
    found = {}
    for number, line in read_lines(path):
        row = parse_json(line, path, "get the file again", number)
        try:
            key = str(int(row["coco_id"]))
            if key in wanted:
                found[key] = [(int(c), float(x), float(y), float(w), float(h)) for c, x, y, w, h in row["boxes"]]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: line {number}: not a row of boxes ({error}); get the file again") from error
    return found


def box_graphs(
    structures: Structures, images: Sequence[Image], raw: Path, pivot: str, relations: Path
) -> list[tuple[str, SceneGraph]]:
    """(image id, graph) of each picture: the largest objects, counts of a class as attribute, likely relations."""
    language = ("en", "zh").index(pivot)
    model = RelationModel.load(relations)
    boxes = read_boxes(raw / "coco_boxes_joined.jsonl", {image.image_id for image in images})
    rows = []
    for image in images:
        size = (image.width, image.height) if image.width and image.height else UNKNOWN_SIZE
        own = boxes.get(image.image_id, [])
        graph = graph_of_boxes(own, size, model, structures, language) if own else empty_graph(size)
        rows.append((image.image_id, graph))
    return rows


def graph_of_boxes(
    boxes: list[tuple[int, float, float, float, float]],
    size: tuple[int, int],
    model: RelationModel,
    structures: Structures,
    language: int,
) -> SceneGraph:
    """The graph of a picture of `size` pixels from its boxes (class, centre x, centre y, width, height), relative."""
    boxes = sorted(boxes, key=lambda box: -box[3] * box[4])
    counts = Counter(box[0] for box in boxes)
    boxes = boxes[: structures.max_objects]
    builder = GraphBuilder()
    corners = np.asarray(
        [
            ((x - w / 2) * size[0], (y - h / 2) * size[1], (x + w / 2) * size[0], (y + h / 2) * size[1])
            for _, x, y, w, h in boxes
        ],
        dtype=np.float32,
    )
    counted: set[int] = set()
    for (number, *_), box in zip(boxes, corners, strict=True):
        node = builder.add_object(CLASSES[number][language], box.tolist())
        if counts[number] > 1 and number not in counted:
            counted.add(number)
            builder.add_attribute(node, COUNTS[min(counts[number], 4)][language])
    objects = [i for i, kind in enumerate(builder.kinds) if kind == 0]
    classes = np.asarray([box[0] for box in boxes], dtype=np.int64)
    for subject, predicate, target in model.relations(classes, corners, structures.max_relations):
        builder.add_relation(objects[subject], PREDICATES[predicate][language], objects[target])
    return builder.build(size)
