"""Annotated pictures in the real corpora's formats, few of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Six VRD pictures to train on, two to test on, one without relations; twelve of VG150, of which two are barred.

    VG150's 102 has the number of another picture, COCO's 102, and is not barred.
    """

    def write(name: str, content: object) -> None:
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")

    def vrd_row(shift: int) -> dict:
        subject = {"category": 0, "bbox": [10, 90, 20 + shift, 60 + shift]}
        return {"predicate": 35, "subject": subject, "object": {"category": 1, "bbox": [50, 99, 0, 80]}}

    write("vrd_annotations_train.json", {f"{n}_a_b.jpg": [vrd_row(n)] for n in range(1, 7)})
    write("vrd_annotations_test.json", {"81_x_b.jpg": [vrd_row(3)], "82_y_b.jpg": [vrd_row(4)]})
    write("vrd_unlabelled_test_boxes.json", {"91_z_b.jpg": [vrd_row(0)["subject"], vrd_row(0)["object"]]})
    for part in ("train", "test"):
        write(f"vrd_{part}_image_metadata.json", {})
    write("vrd_objects.json", ["person", "horse"])
    regions = [{"cls": 0, "bbox": [0, 0, 9, 9]}, {"cls": 1, "bbox": [1, 1, 5, 20]}]
    picture = {"objs": regions, "rels": [{"sub": 0, "obj": 1, "pred": [1]}]}
    write("vg150_annotations.json", [[f"VG/{n}.jpg", picture] for n in range(100, 112)])
    write("vg150_objects.json", ["man", "dog"])
    write("vg150_predicates.json", ["near", "under"])
    rows = ["vg_id\tcoco_id\tflickr_id\twidth\theight", "100\t555\t91\t10\t20", "101\t777\t3\t10\t20"]
    (tmp_path / "vg_coco_map.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    images = [{"id": n, "width": 10, "height": 20, "file_name": f"{n}.jpg"} for n in (777, 102)]
    annotations = [{"image_id": n, "id": n, "caption": "A dog under a tree."} for n in (777, 102)]
    captions = {"images": images, "annotations": annotations}
    write("captions_val2017.json", captions)
    return tmp_path
