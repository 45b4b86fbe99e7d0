"""PredCls on small files in the real corpora's formats: what is left out, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

from cross2stra.structures.scores import read_rows
from cross2stra.structures.visual.annotations import VRD_PREDICATES
from cross2stra.structures.visual.motifs_training import Budget
from cross2stra.structures.visual.predcls import corpora, score


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
