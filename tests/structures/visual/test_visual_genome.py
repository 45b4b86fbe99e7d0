"""Visual Genome's records as scene graphs of a detector's labels, without those of captioned pictures."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cross2stra.structures.visual.regions import opened
from cross2stra.structures.visual.visual_genome import ARCHIVES, IMAGE_DATA, SCENE_GRAPHS, visual_genome

CLASSES, ATTRIBUTES = ("goats,goat", "man"), ("red", "very tall")


def thing(number: int, name: str, *attributes: str) -> dict[str, Any]:
    found = {"object_id": number, "names": [name], "x": -5, "y": 10, "w": 50, "h": 200}
    return found | ({"attributes": list(attributes)} if attributes else {})


def relation(subject: int, predicate: str, target: int) -> dict[str, Any]:
    return {"relationship_id": 1, "predicate": predicate, "subject_id": subject, "object_id": target}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    rows = [
        {
            "image_id": 1,
            "objects": [thing(1, "Goat", "red", "odd"), thing(2, "man", "very  tall"), thing(3, "cloud")],
            "relationships": [relation(2, "NEAR", 1), relation(1, "below", 3), relation(2, "beside", 1)],
        },
        {"image_id": 2, "objects": [thing(4, "man")], "relationships": []},  # captioned, tested on
        {"image_id": 3, "objects": [thing(5, "man")], "relationships": []},  # without a file
        {"image_id": 4, "objects": [thing(6, "man"), thing(7, "goats")], "relationships": [relation(6, "near", 7)]},
        {"image_id": 5, "objects": [thing(8, "cloud")], "relationships": []},
        {"image_id": 6},
        {"image_id": 7, "objects": [thing(9, "man")], "relationships": []},  # captioned, trained on
    ]
    sizes = [
        {"image_id": n, "width": 100, "height": 80, "coco_id": {1: 11, 2: 22, 7: 77}.get(n)} for n in (1, 2, 3, 4, 5, 7)
    ]
    parts = {"test": "COCO_val2014_000000000022.jpg", "train": "COCO_train2014_000000000077.jpg"}
    split = {
        "images": [
            {"filename": name, "filepath": "x", "split": part, "sentences": [{"raw": "A man."}]}
            for part, name in parts.items()
        ]
    }
    for name, value in ((SCENE_GRAPHS, rows), (IMAGE_DATA, sizes), ("dataset_coco.json", split)):
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    picture = io.BytesIO()
    Image.new("RGB", (100, 80), "red").save(picture, "JPEG")
    for archive, folder, numbers in zip(ARCHIVES, ("VG_100K", "VG_100K_2"), ((1, 2, 7), (4, 5)), strict=True):
        with zipfile.ZipFile(tmp_path / archive, "w") as packed:
            for number in numbers:
                packed.writestr(f"{folder}/{number}.jpg", picture.getvalue())
    return tmp_path


def test_records_become_graphs_of_known_labels(raw: Path) -> None:
    left_out: Counter[str] = Counter()
    found = visual_genome(raw, CLASSES, ATTRIBUTES, left_out, predicates=1)
    assert list(found) == ["1", "4"]
    file, graph = found["1"]
    assert graph.node_labels == ("goats,goat", "red", "man", "very tall", "near")
    assert graph.triplets() == [("man", "near", "goats,goat")]
    assert graph.boxes is not None
    assert graph.boxes[0].tolist() == [0, 10, 45, 80]  # within the picture
    assert graph.size == (100, 80)
    ((_, pictures),) = opened([file, found["4"][0]], 2, "test")
    assert [picture.size for picture in pictures] == [(100, 80)] * 2
    assert left_out == {
        "pictures with captions": 2,
        "pictures without a file": 1,
        "objects of other classes": 2,
        "other attributes": 1,
        "relations with rare predicates": 2,
        "records that are none": 1,
    }


def test_a_missing_file_is_named(raw: Path) -> None:
    (raw / ARCHIVES[1]).unlink()
    with pytest.raises(ValueError, match=r"visual_genome_images2\.zip is not there"):
        visual_genome(raw, CLASSES, ATTRIBUTES, Counter())
