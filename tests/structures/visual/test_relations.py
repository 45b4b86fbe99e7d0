"""The relations of boxes: trained on what may be learnt from, better than chance at what it saw, and read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from cross2stra.cli import app
from cross2stra.structures.visual.names import PREDICATE_NUMBERS, class_number
from cross2stra.structures.visual.relations import NONE, RelationModel, train


def test_it_learns_what_the_annotations_say(raw: Path, tmp_path: Path) -> None:
    train(raw, tmp_path / "relations", updates=150)
    scores = json.loads((tmp_path / "relations" / "scores.json").read_text("utf-8"))
    assert scores["pictures"] == 15
    assert scores["relations"] == 15
    assert scores["excluded"]["picture of val2017, vg150"] == scores["excluded"]["picture of VRD test, vg150"] == 1
    assert scores["predcls_recall_50_vrd_test"] == scores["predcls_recall_50_vrd_test_frequency"] == 100
    model = RelationModel.load(tmp_path / "relations")
    classes = np.asarray([class_number("person"), class_number("horse")])
    boxes = np.asarray([[23, 10, 63, 90], [0, 50, 80, 99]], dtype=np.float32)
    assert model.relations(classes, boxes, 20) == [(0, PREDICATE_NUMBERS["ride"], 1)]


def test_pictures_without_a_relation_to_find_are_no_part_of_the_recall(raw: Path, tmp_path: Path) -> None:
    path = raw / "vrd_annotations_test.json"
    given = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(given | {"83_w_b.jpg": []}), "utf-8")
    train(raw, tmp_path / "relations", updates=1)
    scores = json.loads((tmp_path / "relations" / "scores.json").read_text("utf-8"))
    assert scores["predcls_recall_50_vrd_test_frequency"] == 100


def test_the_verbs(raw: Path, tmp_path: Path) -> None:
    config = Path(__file__).parents[3] / "config" / "test.yaml"
    arguments = ["--config", str(config), "--raw", str(raw)]
    done = CliRunner().invoke(app, ["train-relations", *arguments, "--output", str(tmp_path / "relations")])
    assert done.exit_code == 0, done.output
    assert RelationModel.load(tmp_path / "relations").layers[-1].out_features == NONE + 1
    tables = ["--scores", str(tmp_path / "scores.csv"), "--unlabelled", str(tmp_path / "unlabelled.jsonl")]
    done = CliRunner().invoke(app, ["score-relations", *arguments, *tables])
    assert done.exit_code == 0, done.output
    assert len((tmp_path / "unlabelled.jsonl").read_text("utf-8").splitlines()) == 2
