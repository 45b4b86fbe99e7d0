"""An offender of each kind is planted; each is dropped and counted by rule and source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cross2stra.data.corpora.material import Material, write
from cross2stra.data.exclusion import HeldOut, exclude, held_out_of, held_out_of_structures, nested, picture_keys
from cross2stra.data.readers.pictures import Picture, Sentence
from cross2stra.data.records import Caption, ParallelSentence, Split, read_records
from cross2stra.data.streams import Ledger

OFFENDERS = {
    "picture of test": ParallelSentence("p1", "3am", "31", "Something else.", "别的。"),
    "picture of val": ParallelSentence("p2", "3am", "000000000021.jpg", "Something else.", "别的。"),
    "picture of unlabelled": ParallelSentence("p3", "3am", "flickr:4100", "Something else.", "别的。"),
    "picture of train": ParallelSentence("p4", "3am", "11", "Something else.", "别的。"),
    "text of test": ParallelSentence("p5", "tatoeba", "", "Different words.", "一只 黑狗！"),
    "text of val": ParallelSentence("p6", "tatoeba", "", "other", "一隻白貓"),
    "text of train": ParallelSentence("p7", "tatoeba", "", "a dog runs", "狗跑"),
    "text of barred": ParallelSentence("p8", "tatoeba", "", "Barred words", "词"),
    "barred source": ParallelSentence("p9", "zhb", "", "x", "很好"),
}
CLEAN = ParallelSentence("p0", "3am", "flickr:999", "A cow stands.", "一头牛。")


def material() -> Material:
    made = Material("en", "zh", ("Pivot", "Target"), Ledger())
    made.pictures = {name: Picture("", 4, 3) for name in ("11", "21", "31", "41")}
    made.take(Split.TRAIN, ["11"])
    made.take(Split.VALIDATION, ["21"])
    made.take(Split.TEST, ["31"])
    made.take(Split.UNLABELLED, ["41"])
    made.same = {"41": ["flickr:4100"]}
    made.pivot = {"11": [Sentence("11", "A dog runs.")]}
    made.target = {"21": [Sentence("21", "一只白猫。")], "31": [Sentence("31", "一只黑狗。", "cn")]}
    made.barred_texts = [("barred words", "barred")]
    made.parallel = lambda: iter([*OFFENDERS.values(), CLEAN])
    return made


def test_each_offender_is_dropped_and_counted(tmp_path: Path) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    rows = exclude(
        [*OFFENDERS.values(), CLEAN],
        material().held_out(),
        counts,
        lambda row: row.source,
        lambda row: [row.picture],
        lambda row: (row.en, row.zh),
    )
    assert [row.id for row in rows] == ["p0"]
    assert counts == Counter({(rule, row.source): 1 for rule, row in OFFENDERS.items()})
    assert nested(counts)["text of test"] == {"tatoeba": 1}
    write(material(), tmp_path)
    assert [row.id for row in read_records(tmp_path / "parallel_raw.parquet", ParallelSentence)] == ["p0"]


def test_a_trained_caption_of_a_tested_picture_is_dropped(tmp_path: Path) -> None:
    made = material()
    made.take(Split.TRAIN, ["12"])
    made.pivot["12"] = [Sentence("12", "A bird.")]
    made.same["12"], made.same["31"] = ["flickr:5"], ["flickr:5"]  # one picture under two numbers
    write(made, tmp_path)
    assert {row.image_id for row in read_records(tmp_path / "captions.parquet", Caption)} == {"11"}


def test_scene_graph_rows_by_every_name_of_a_picture() -> None:
    held_out = held_out_of({"412975": "test", "1000268201_693b08cb0e": "test"}, [("A red bus", "test")])
    assert held_out.rule("factual", ["412975"], []) == "picture of test"
    assert held_out.rule("vrd", ["1000268201_693b08cb0e_b.jpg"], []) == "picture of test"
    assert held_out.rule("vg150", ["flickr:1000268201"], []) == "picture of test"
    assert held_out.rule("factual", ["7"], ["a red bus ."]) == "text of test"
    assert held_out.rule("factual", ["7"], ["a blue bus"]) == ""
    assert HeldOut().rule("zhm", [], []) == "barred source"


def test_picture_keys() -> None:
    assert picture_keys("000000412975.jpg") == picture_keys("412975") == ["coco:412975"]
    assert picture_keys("flickr:412975") == ["flickr:412975"]
    assert picture_keys("5531467160_2ae2cb76d4_b.jpg") == ["5531467160_2ae2cb76d4_b", "flickr:5531467160"]
    assert picture_keys("") == []


def test_a_picture_cannot_have_two_splits() -> None:
    with pytest.raises(ValueError, match="picture 31 is both test and train"):
        material().take(Split.TRAIN, ["31"])


def test_scene_graph_sources_of_the_real_data(raw_files: Path) -> None:
    from cross2stra.data.exclusion import visual_genome_pictures
    from cross2stra.data.streams import read_lines

    held_out, names = held_out_of_structures(raw_files), visual_genome_pictures(raw_files)
    counts: Counter[str] = Counter()
    for number, line in read_lines(raw_files / "factual_sg.csv"):
        if number > 1:
            counts[held_out.rule("factual", names.get(line.split(",")[0], []), [])] += 1
    assert counts["picture of COCO-CN test"] == 178
    assert counts["picture of val2017"] > 700
    assert counts[""] > 30000
