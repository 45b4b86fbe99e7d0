"""Each reader on a few hand-written lines, malformed ones among them; read = kept + quarantined."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cross2stra.data.readers import aic, coco, lists
from cross2stra.data.readers.parallel import parallel_picture, read_aligned, read_alternating, read_columns
from cross2stra.data.readers.pictures import picture_id
from cross2stra.data.streams import Ledger, read_lines


def balanced(ledger: Ledger) -> None:
    for file, row in ledger.counts().items():
        assert row["read"] == row["kept"] + row["quarantined"], file


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("COCO_val2014_000000412975.jpg", "412975"),
        ("000000412975.jpg", "412975"),
        ("COCO_train2014_000000128475", "128475"),
        ("1000268201_693b08cb0e.jpg", "1000268201_693b08cb0e"),
        ("folder/ab12.png", "ab12"),
        ("000000000007", "7"),
    ],
)
def test_picture_id(name: str, expected: str) -> None:
    assert picture_id(name) == expected


def test_mscoco(tmp_path: Path) -> None:
    path, ledger = tmp_path / "captions.json", Ledger()
    images = [{"id": 5, "file_name": "000000000012.jpg", "width": 640, "height": 480}, {"id": 6}]
    notes = [
        {"id": 1, "image_id": 5, "caption": " A dog\nruns. ", "source": "cn"},
        {"id": 2, "image_id": 5, "caption": "  "},
        {"id": 3, "image_id": 9, "caption": "A cat."},
        {"id": 4, "image_id": 5, "caption": "一只狗"},
        {"id": 5, "image_id": 5},
    ]
    path.write_text(json.dumps({"images": images, "annotations": notes}), encoding="utf-8")
    found = coco.read_captions(path, ledger, "en", "pictures")
    assert [(row.image_id, row.text, row.source) for row in found.sentences] == [("12", "A dog runs.", "cn")]
    assert (found.pictures["12"].file, found.pictures["12"].width) == ("pictures/000000000012.jpg", 640)
    reasons = [row.reason for row in ledger.quarantined]
    assert "record without file_name" in reasons
    assert "empty caption" in reasons
    assert "caption of a picture that the file does not have" in reasons
    assert "caption has no script of en" in reasons
    assert "record without caption" in reasons
    assert ledger.counts()["captions.json"] == {"read": 7, "kept": 2, "quarantined": 5}


def test_broken_json_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "captions.json"
    path.write_text('{"images": [],\n "annotations": [', encoding="utf-8")
    with pytest.raises(ValueError, match=r"captions\.json: line 2: not valid JSON"):
        coco.read_captions(path, Ledger(), "en")
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="expected fields images and annotations"):
        coco.read_captions(path, Ledger(), "en")


def test_karpathy(tmp_path: Path) -> None:
    path, ledger = tmp_path / "dataset_coco.json", Ledger()
    name = "COCO_val2014_000000000042.jpg"
    image = {"filename": name, "filepath": "val2014", "split": "restval", "sentences": [{"raw": "A dog."}, {}]}
    path.write_text(json.dumps({"images": [image, {"filename": "x.jpg"}]}), encoding="utf-8")
    found = coco.read_karpathy(path, ledger)
    assert [(row.image_id, row.split) for row in found.sentences] == [("42", "train")]
    assert found.pictures["42"].file == f"coco_val2014.zip/val2014/{name}"
    assert len(ledger.quarantined) == 2
    balanced(ledger)


def test_aic(tmp_path: Path) -> None:
    path, ledger = tmp_path / "aic.json", Ledger()
    rows = [
        {"url": "", "image_id": "ab1.jpg", "caption": ["一只狗在跑", "", "一条狗"]},
        {"url": "", "image_id": "ab1.jpg", "caption": ["一只猫"]},
        {"url": "", "image_id": "ab2.jpg", "caption": "一只猫"},
        {"url": ""},
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")
    found = aic.read_captions(path, ledger)
    assert [row.text for row in found.by_picture()["ab1"]] == ["一只狗在跑", "一条狗"]
    assert [row.reason for row in ledger.quarantined] == [
        "empty caption", "picture given twice", "fields of another type: caption: str", "record without image_id, caption",
    ]  # fmt: skip
    balanced(ledger)


def test_caption_lists(tmp_path: Path) -> None:
    path, ledger = tmp_path / "list.txt", Ledger()
    lines = [
        "COCO_val2014_000000217153#0\t一个男人玩手机。",
        "667626_18933d713e.jpg#zhc#0  一个女人躺在海水里。",
        "2258277193_586949ec62.jpg.1#zhc#0 人们在等车",
        "no key here",
        "667626_18933d713e.jpg#zhc#1 ",
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))  # compressed, whatever its name
    found = lists.read_captions(path, ledger, "zh")
    assert [(row.image_id, row.source, row.text) for row in found.sentences] == [
        ("217153", "", "一个男人玩手机。"),
        ("667626_18933d713e", "zhc", "一个女人躺在海水里。"),
    ]
    assert [row.line for row in ledger.quarantined] == [3, 4, 5]
    balanced(ledger)


def test_ids(tmp_path: Path) -> None:
    path, ledger = tmp_path / "ids.txt", Ledger()
    path.write_text("802\n\n1000\n802\nCOCO_val2014_000000000005.jpg\n", encoding="utf-8")
    assert lists.read_ids(path, ledger) == ["802", "1000", "5"]
    assert ledger.counts()["ids.txt"] == {"read": 5, "kept": 3, "quarantined": 2}


def test_aligned(tmp_path: Path) -> None:
    ledger = Ledger()
    (tmp_path / "a.en").write_text("A dog.\nA cat.\n\nA cow.\nA pig.\n", encoding="utf-8")
    (tmp_path / "a.zh").write_text("一只狗。\n\n一只猫。\n一头牛。\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("000000000012.jpg\n1.jpg\n2.jpg\n5264507624.jpg\ncc_7.jpg\n", encoding="utf-8")
    rows = list(read_aligned(tmp_path / "a.en", tmp_path / "a.zh", ledger, "3am", tmp_path / "a.txt"))
    assert [(row.id, row.picture, row.en, row.zh) for row in rows] == [
        ("3am:1", "12", "A dog.", "一只狗。"),
        ("3am:4", "flickr:5264507624", "A cow.", "一头牛。"),
    ]
    assert [(row.line, row.reason) for row in ledger.quarantined] == [
        (2, "a side is empty"), (3, "a side is empty"), (5, "the aligned files differ in length"),
    ]  # fmt: skip
    balanced(ledger)


def test_alternating_finds_the_next_pair(tmp_path: Path) -> None:
    path, ledger = tmp_path / "um.txt", Ledger()
    path.write_text("A dog.\n一只狗。\nA cat.\nA cow.\n一头牛。\n\n一只猫。\nA pig.\n", encoding="utf-8")
    rows = list(read_alternating(path, ledger, "um"))
    assert [(row.id, row.en, row.zh) for row in rows] == [
        ("um:1", "A dog.", "一只狗。"),
        ("um:4", "A cow.", "一头牛。"),
    ]
    assert sorted(row.line for row in ledger.quarantined) == [3, 6, 7, 8]
    assert ledger.counts()["um.txt"] == {"read": 8, "kept": 4, "quarantined": 4}


def test_columns_and_byte_order_mark(tmp_path: Path) -> None:
    path, ledger = tmp_path / "cmn.txt", Ledger()
    path.write_bytes(b"\xef\xbb\xbf" + "Hi.\t嗨。\tCC-BY\nHi there\nGo.\t\tx\n".encode() + b"\xff\xfe\tx\n")
    assert [(row.en, row.zh) for row in read_columns(path, ledger, "tatoeba")] == [("Hi.", "嗨。")]
    assert [(row.line, row.reason) for row in ledger.quarantined][-1] == (4, "not UTF-8")
    balanced(ledger)


def test_truncated_gzip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(gzip.compress("一只狗。\n".encode() * 1000)[:-20])
    with pytest.raises(ValueError, match=r"x\.txt: the compressed file is truncated"):
        list(read_lines(path))


def test_pictures_of_3am() -> None:
    assert parallel_picture("000000412975.jpg") == "412975"
    assert parallel_picture("667626.jpg") == "flickr:667626"
    assert parallel_picture("cc12m_135.jpg") == "cc12m_135"
