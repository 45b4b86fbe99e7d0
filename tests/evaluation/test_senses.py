"""Sense accuracy on hand-made captions."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from cross2stra.data.files import write_table
from cross2stra.evaluation.captions import Hypothesis, SystemOutput
from cross2stra.evaluation.senses import Sense, count, judge, majority, read_senses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一只蝙蝠在山洞里", "correct"),
        ("一根球棒", "wrong"),
        ("一只猫", "missing"),
        ("蝙蝠旁边有球棒", "missing"),
        ("", "missing"),
    ],
)
def test_judge_chinese(text: str, expected: str) -> None:
    assert judge(text, ["蝙蝠"], ["球棒", "棒"], "zh") == expected


def test_a_longer_name_hides_a_shorter_one() -> None:
    assert judge("一只木箱子", ["木箱子"], ["木箱", "箱"], "zh") == "correct"
    assert judge("a mouse pad on the desk", ["mouse pad"], ["mouse"], "en") == "correct"


def test_judge_english_by_whole_words() -> None:
    assert judge("Two cuckoos sit there.", ["cuckoo", "cuckoos"], ["azalea"], "en") == "correct"
    assert judge("a battle", ["bat"], ["club"], "en") == "missing"


def sense(image: str, word: str, meaning: str, kind: str) -> Sense:
    names = {"animal": ("蝙蝠",), "club": ("球棒",), "metal": ("钉子",), "finger": ("指甲",)}
    other = {"animal": "club", "club": "animal", "metal": "finger", "finger": "metal"}[meaning]
    return Sense(
        image, word, meaning, kind, ("cave", "stadium") if kind == "cued" else (), names[meaning], names[other]
    )


SENSES = [
    sense("1", "bat", "animal", "cued"), sense("2", "bat", "animal", "cued"), sense("3", "bat", "club", "cued"),
    sense("4", "nail", "metal", "control"), sense("5", "nail", "metal", "control"), sense("6", "nail", "finger", "control"),
    sense("9", "bat", "animal", "cued"),
]  # fmt: skip


def test_kinds_are_disjoint_and_stated_is_read_from_the_pivot_caption() -> None:
    said = {
        "1": Hypothesis("1", "test", "山洞里的蝙蝠", "a bat in a cave"),
        "2": Hypothesis("2", "test", "一根球棒", "a bat"),
        "3": Hypothesis("3", "test", "一根球棒", None),
        "4": Hypothesis("4", "test", "一枚钉子", "a nail in a cave"),
        "5": Hypothesis("5", "test", "指甲", "a nail"),
        "6": Hypothesis("6", "val", "指甲", "a nail"),
    }
    found = count(SENSES, SystemOutput("own", 1, Path("own/1.jsonl"), said).of("test"), "en", "zh")
    assert found["stated"] == {"correct": 1}
    assert found["cued"] == {"wrong": 1, "correct": 1}
    assert found["control"] == {"correct": 1, "wrong": 1}


def test_majority_is_by_word() -> None:
    found = majority(SENSES, ["1", "2", "3", "4", "5", "6"])
    assert found["control"] == {"correct": 2, "wrong": 1}
    assert found["cued"] == {"correct": 2, "wrong": 1}


def test_only_words_of_the_pivot_language(tmp_path: Path) -> None:
    row = {
        "image_id": "1",
        "word": "bat",
        "sense": "x",
        "kind": "cued",
        "cue_words": ["a"],
        "right": ["b"],
        "wrong": ["c"],
    }
    write_table(tmp_path / "s.parquet", pa.Table.from_pylist([row | {"language": "en"}, row | {"language": "zh"}]))
    assert [one.right for one in read_senses(tmp_path / "s.parquet", "en")] == [("b",)]
