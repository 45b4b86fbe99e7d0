"""PredCls on small files in the real corpora's formats: what is left out, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cross2stra.structures.scores import read_rows
from cross2stra.structures.visual.annotations import VRD_PREDICATES
from cross2stra.structures.visual.motifs_training import Budget
from cross2stra.structures.visual.predcls import corpora, score


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
    write("vg150_objects.json", ["tree", "dog"])
    write("vg150_predicates.json", ["near", "under"])
    rows = ["vg_id\tcoco_id\tflickr_id\twidth\theight", "100\t555\t91\t10\t20", "101\t777\t3\t10\t20"]
    (tmp_path / "vg_coco_map.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    images = [{"id": n, "width": 10, "height": 20, "file_name": f"{n}.jpg"} for n in (777, 102)]
    annotations = [{"image_id": n, "id": n, "caption": "A dog under a tree."} for n in (777, 102)]
    captions = {"images": images, "annotations": annotations}
    write("captions_val2017.json", captions)
    return tmp_path


def test_tested_pictures_are_left_out_and_counted(raw: Path) -> None:
    vrd, vg150 = corpora(raw)
    assert len(vrd.training) == 5
    assert dict(vrd.excluded) == {("picture of val2017", "vrd"): 1}
    assert len(vrd.test) == 2
    assert len(vg150.training) + len(vg150.test) == 10
    assert len(vg150.test) == 2
    assert dict(vg150.excluded) == {("picture of val2017", "vg150"): 1, ("picture of VRD test", "vg150"): 1}
    assert not {"100", "101"} & {picture.key for picture in (*vg150.training, *vg150.test)}


def test_scores_and_predictions_are_written(raw: Path, tmp_path: Path) -> None:
    score(raw, Budget(updates=3, pictures=2), 1, tmp_path / "scores.csv", tmp_path / "vrd_unlabelled.jsonl")
    rows = read_rows(tmp_path / "scores.csv")
    assert {(extractor, data) for extractor, data, _, _ in rows} == {
        (extractor, f"{data} PredCls test") for extractor in ("motifs", "frequency") for data in ("VRD", "VG150")
    }
    assert {value for extractor, _, metric, value in rows if (extractor, metric) == ("frequency", "R@50")} == {100}
    lines = (tmp_path / "vrd_unlabelled.jsonl").read_text(encoding="utf-8").splitlines()
    first, second = map(json.loads, lines)
    assert first["image"] == "91_z_b.jpg"
    assert first["subject_box"] in ([10, 90, 20, 60], [50, 99, 0, 80])
    assert first["predicate"] in VRD_PREDICATES
    assert first["score"] >= second["score"]
