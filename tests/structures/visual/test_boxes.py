"""Scene graphs of annotated boxes, as `mini` and captioning of photos read them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cross2stra.configuration import Structures
from cross2stra.data.records import Image
from cross2stra.structures.visual.boxes import box_graphs, graph_of_boxes
from cross2stra.structures.visual.names import class_number

PERSON, HORSE = class_number("person"), class_number("horse")
BOXES = [(PERSON, 0.2, 0.5, 0.2, 0.2), (HORSE, 0.5, 0.5, 0.4, 0.8), (PERSON, 0.75, 0.25, 0.5, 0.5)]
"""Class, centre, width and height, as shares of the picture."""


class Above:
    """Stands for the relation model: the first object is above the second; what it read is kept."""

    def relations(self, classes: np.ndarray, boxes: np.ndarray, most: int) -> list[tuple[int, int, int]]:
        self.read = classes.tolist(), boxes.tolist()
        return [(0, 0, 1)]


@pytest.mark.parametrize(
    ("language", "labels"),
    [(0, ["horse", "person", "two", "person", "on"]), (1, ["马", "人", "两", "人", "在 上"])],
)
def test_boxes_are_objects_the_largest_first_and_counted_once(language: int, labels: list[str]) -> None:
    model = Above()
    graph = graph_of_boxes(BOXES, (200, 100), model, Structures(), language)
    assert list(graph.node_labels) == labels
    assert model.read[0] == [HORSE, PERSON, PERSON]
    expected = ([60, 10, 140, 90], [100, 0, 200, 50], [20, 40, 60, 60])
    assert model.read[1] == [pytest.approx(box) for box in expected]
    assert graph.triplets() == [(labels[0], labels[4], labels[1])]
    few = graph_of_boxes(BOXES, (200, 100), model, Structures(max_objects=2), language)
    assert list(few.node_labels) == labels[:3] + labels[4:]


def test_a_picture_without_boxes_has_no_relation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = json.dumps({"coco_id": 7, "boxes": BOXES}) + "\n"
    (tmp_path / "coco_boxes_joined.jsonl").write_text(rows, encoding="utf-8")
    monkeypatch.setattr("cross2stra.structures.visual.boxes.RelationModel.load", lambda folder: Above())
    images = [Image("7", "test", "", 0, 0), Image("8", "test", "", 30, 20)]
    (_, seen), (name, none) = box_graphs(Structures(), images, tmp_path, "en", tmp_path)
    assert "horse" in seen.node_labels
    assert name == "8"
    assert not none.triplets()
