"""Captions that another system made: three forms of them, whole splits only, scored beside our own."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from cross2stra.configuration import Transfer
from cross2stra.data.records import Caption, Image, write_records
from cross2stra.evaluation.captions import read_captions
from cross2stra.evaluation.external import picture_name, read_external, write_external
from cross2stra.evaluation.meteor import Meteor
from cross2stra.evaluation.scoring import score_transfer

SAID = {"412975": "一只 狗", "7": "两个人"}
IMAGES = [
    Image(name, split, "", 9, 9) for name, split in (("412975", "test"), ("7", "test"), ("9", "val"), ("8", "val"))
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.jsonl", '{"image_id": 412975, "text": "一只 狗"}\n\n{"image_id": "7", "text": "两个人"}\n'),
        ("t.json", json.dumps([{"image_id": 412975, "caption": "一只 狗"}, {"image_id": "COCO_val2014_000000000007", "caption": "两个人"}])),
        (
            "t.txt",
            json.dumps({"imgToEval": {
                "3": {"caption": [{"file_name": "COCO_val2014_000000412975.jpg", "caption": "一只 狗", "image_id": 3}]},
                "5": {"caption": [{"caption": "两个人", "image_id": 7}]},
            }}),
        ),
    ],
)  # fmt: skip
def test_three_forms_are_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_external(tmp_path / name) == SAID
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    assert read_external(packed) == SAID


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.jsonl", '{"image": 1}\n', "not captions of JSON lines"),
        ("t.json", "{", "not captions of"),
        ("t.json", "{}", "not captions of"),
        ("t.jsonl", '{"image_id": 7, "text": "a"}\n{"image_id": "007", "text": "b"}\n', "picture 7 has two captions"),
        ("t.jsonl", '{"image_id": 7, "text": null}\n', "picture 7: expected a caption, found None"),
    ],
)
def test_other_content_is_named(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_external(tmp_path / name)


def test_names_of_pictures() -> None:
    names = {
        "COCO_train2014_000000504987.jpg": "504987",
        "val2014/COCO_val2014_000000391895.jpg": "391895",
        "1000268201_693b08cb0e.jpg": "1000268201_693b08cb0e",
        "000": "0",
    }
    assert {name: picture_name(name) for name in names} == names


def test_a_split_is_captioned_whole_or_not_at_all(tmp_path: Path) -> None:
    output = tmp_path / "theirs" / "1.jsonl"
    assert write_external(SAID, IMAGES, Path("given"), output) == {"val": 0, "test": 2}
    written = read_captions(output)
    assert written.system == "theirs"
    assert (len(written.of("test")), len(written.of("val"))) == (2, 0)
    with pytest.raises(ValueError, match=r"given: 1 of 2 pictures of test have no caption, such as 7"):
        write_external({"412975": "狗"}, IMAGES, Path("given"), output)
    with pytest.raises(ValueError, match="none of its 1 pictures"):
        write_external({"1": "狗"}, IMAGES, Path("given"), output)


def test_they_are_scored_on_the_splits_that_they_have(tmp_path: Path, scorer: Meteor) -> None:
    write_external(SAID, IMAGES, Path("given"), tmp_path / "theirs" / "1.jsonl")
    ours = tmp_path / "cross2stra" / "1.jsonl"
    ours.parent.mkdir()
    ours.write_text(
        "".join(json.dumps({"image_id": i.image_id, "split": i.split, "text": "一只狗"}) + "\n" for i in IMAGES),
        "utf-8",
    )
    for split in ("val", "test"):
        rows = [Caption(image.image_id, split, "zh", "一只狗在跑") for image in IMAGES if image.split == split]
        write_records(tmp_path / f"references.{split}.parquet", Caption, rows)
    references = [tmp_path / f"references.{split}.parquet" for split in ("val", "test")]
    transfer = Transfer(pivot="en", target="zh", corpus="world")
    outputs = [ours, tmp_path / "theirs" / "1.jsonl"]
    score_transfer("t", transfer, outputs, references, None, scorer, tmp_path / "scores")
    with (tmp_path / "scores" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["system"], row["split"]) for row in csv.DictReader(file)}
    assert rows == {("cross2stra", "val"), ("cross2stra", "test"), ("theirs", "test")}
