"""Readers of annotated pictures: VRD's order of box edges, VG150's repeats and empty entries."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from cross2stra.structures.visual.annotations import vg150, vg150_labels, vrd, vrd_labels, vrd_unlabelled


def write(folder: Path, name: str, content: object) -> None:
    """Gzipped, as the real files are under the same names; the readers look at the first bytes."""
    (folder / name).write_bytes(gzip.compress(json.dumps(content).encode()))


def test_vrd(tmp_path: Path) -> None:
    person = {"category": 1, "bbox": [10, 90, 20, 60]}
    horse = {"category": 0, "bbox": [50, 99, 0, 80]}
    rows = [
        {"predicate": 35, "subject": person, "object": horse},
        {"predicate": 0, "subject": person, "object": horse},
        {"predicate": 0, "subject": person, "object": person},
    ]
    write(tmp_path, "vrd_annotations_train.json", {"1_a.jpg": rows, "2_b.jpg": []})
    write(tmp_path, "vrd_train_image_metadata.json", {"1_a.jpg": {"width": 100, "height": 120}})
    write(tmp_path, "vrd_objects.json", ["horse", "person"])
    first, second = vrd(tmp_path, "train")
    assert (first.key, first.size) == ("1_a.jpg", (100, 120))
    assert first.classes.tolist() == [1, 0]
    assert first.boxes.tolist() == [[20, 10, 60, 90], [0, 50, 80, 99]]
    assert first.relations == {(0, 1): {35, 0}}
    assert len(second.classes) == 0
    labels = vrd_labels(tmp_path)
    assert (labels.classes[1], labels.predicates[35]) == ("person", "ride")


def test_vrd_without_relations(tmp_path: Path) -> None:
    boxes = [{"category": 3, "bbox": [0, 10, 5, 25]}, {"category": 3, "bbox": [0, 10, 5, 25]}]
    write(tmp_path, "vrd_unlabelled_test_boxes.json", {"9_z.jpg": boxes})
    (picture,) = vrd_unlabelled(tmp_path)
    assert picture.boxes.tolist() == [[5, 0, 25, 10]]
    assert picture.size == (25, 10)


def test_vg150(tmp_path: Path) -> None:
    regions = [{"cls": 0, "bbox": [0, 0, 9, 9]}, {"cls": 1, "bbox": [1, 1, 5, 20]}]
    relations = [
        {"sub": 0, "obj": 1, "pred": [1]},
        {"sub": 0, "obj": 1, "pred": [0, 1]},
        {"sub": 1, "obj": 1, "pred": [0]},
    ]
    write(tmp_path, "vg150_annotations.json", [["VG/12.jpg", {"objs": regions, "rels": relations}], [None, None]])
    write(tmp_path, "vg150_objects.json", ["tree", "dog"])
    write(tmp_path, "vg150_predicates.json", ["near", "under"])
    (picture,) = vg150(tmp_path)
    assert picture.key == "12"
    assert picture.relations == {(0, 1): {0, 1}}
    assert picture.size == (9, 20)
    assert vg150_labels(tmp_path).predicates == ("near", "under")
