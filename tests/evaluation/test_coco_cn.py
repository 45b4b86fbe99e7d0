"""The oracle of the metrics: COCO-CN's published systems, where a local copy of the data is given."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cross2stra.cli.evaluation import app
from cross2stra.evaluation import coco_cn
from cross2stra.evaluation.coco_cn import Reference
from cross2stra.evaluation.meteor import Meteor

REFERENCES = [
    Reference("1", "cn", ("一只", "猫")),
    Reference("1", "zhm", ("猫", "在", "睡觉")),
    Reference("2", "zhm", ("两只", "狗")),
]


def test_published_scores_are_reproduced(mirror: Path, scorer: Meteor) -> None:
    if not (mirror / "coco_cn" / "systems").is_dir():
        pytest.skip("the folder of real data has no results of COCO-CN")
    rows = coco_cn.oracle(mirror / "coco_cn", scorer)
    assert len(rows) >= 3 * 7
    for row in rows:
        assert abs(row.difference) <= 0.1, row


def test_choices_of_references() -> None:
    assert len(coco_cn.all_references(REFERENCES)["1"]) == 2
    assert coco_cn.of_source(REFERENCES, "cn") == {"1": [("一只", "猫")]}
    assert set(coco_cn.of_source(REFERENCES, "zhm")) == {"1", "2"}
    with pytest.raises(ValueError, match="no reference of source"):
        coco_cn.of_source(REFERENCES, "zhb")


def test_single_draws_are_seeded_and_vary() -> None:
    draws = list(coco_cn.single_draws(REFERENCES, 20, 1))
    assert draws == list(coco_cn.single_draws(REFERENCES, 20, 1))
    assert {len(rows) for one in draws for rows in one.values()} == {1}
    assert len({one["1"][0] for one in draws}) == 2


def test_a_small_oracle(tmp_path: Path, scorer: Meteor) -> None:
    (tmp_path / "systems").mkdir()
    notes = [
        {"source": r.source, "caption": " ".join(r.tokens), "id": k, "image_id": int(r.image)}
        for k, r in enumerate(REFERENCES)
    ]
    (tmp_path / "merged_captions_coco-cn_test.json").write_text(
        json.dumps({"images": [], "annotations": notes}), "utf-8"
    )
    said = {str(k): {"caption": [{"caption": text}]} for k, text in {1: "一只 猫", 2: "两只 狗"}.items()}
    overall = {"CIDEr": 5.0, "Bleu_1": 1.0, "Bleu_2": 1.0, "Bleu_3": 0.0, "Bleu_4": 0.0, "ROUGE_L": 1.0, "METEOR": 1.0}
    (tmp_path / "systems" / "result_mine.txt").write_text(json.dumps({"overall": overall, "imgToEval": said}), "utf-8")
    rows = {row.metric: row for row in coco_cn.oracle(tmp_path, scorer)}
    assert rows["BLEU-2"].ours == pytest.approx(100, abs=1e-3)
    assert rows["METEOR"].difference == pytest.approx(0, abs=1e-6)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="merged_captions_coco-cn_test"):
        coco_cn.read_merged(tmp_path)


def test_the_verb_says_the_largest_difference_and_writes_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cross2stra.evaluation.meteor.Meteor", contextlib.nullcontext)
    rows = [coco_cn.Oracle("a", "BLEU-4", 30.0, 29.6), coco_cn.Oracle("a", "METEOR", 20.0, 21.5)]
    monkeypatch.setattr(coco_cn, "oracle", lambda folder, scorer: rows)
    done = CliRunner().invoke(app, ["metric-oracle", "--folder", str(tmp_path), "--output", str(tmp_path / "o.csv")])
    assert done.exit_code == 0, done.output
    assert "differ by at most 0.40 points; METEOR by +1.50 to +1.50" in done.output
    assert (tmp_path / "o.csv").read_text("utf-8").splitlines()[1] == "a,BLEU-4,30.0000,29.6000,-0.4000"
