"""Dictionary, alignment and filter on a hand-made corpus in which every pair's fate is known."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cross2stra.configuration import Filter
from cross2stra.data import dictionary as dictionaries
from cross2stra.data.alignment import ibm1, translations
from cross2stra.data.caption_like import shares
from cross2stra.data.dictionary import Dictionary
from cross2stra.data.files import read_json, write_json, write_table
from cross2stra.data.filter import Best, Seen, run
from cross2stra.data.filter_truth import measure
from cross2stra.data.records import Caption, ParallelSentence, SentencePair, read_records, write_records
from cross2stra.data.streams import stream_records, write_stream


def test_ibm1_by_hand() -> None:
    """One iteration on {a b ~ x y, a ~ x}, uniform start, by hand."""
    found = ibm1([(["a", "b"], ["x", "y"]), (["a"], ["x"])], 1)
    # Sentence 1 gives each of (a, b, empty) 1/3 of x and of y; sentence 2 gives a and empty 1/2 of x.
    assert found["a", "x"] == pytest.approx((1 / 3 + 1 / 2) / (1 / 3 + 1 / 2 + 1 / 3))
    assert found["b", "y"] == pytest.approx(0.5)


def test_ibm1_equals_a_slow_one() -> None:
    rng = np.random.default_rng(3)
    pairs = [
        (
            [f"s{i}" for i in rng.permutation(6)[: rng.integers(1, 5)]],
            [f"t{i}" for i in rng.permutation(6)[: rng.integers(1, 5)]],
        )
        for _ in range(30)
    ]
    table = {(s, t): 1.0 for source, target in pairs for s in ["", *source] for t in target}
    for _ in range(4):
        expected = dict.fromkeys(table, 0.0)
        for source, target in pairs:
            for t in target:
                total = sum(table[s, t] for s in ["", *source])
                for s in ["", *source]:
                    expected[s, t] += table[s, t] / total
        sums = {s: sum(value for (other, _), value in expected.items() if other == s) for s, _ in table}
        table = {(s, t): value / sums[s] for (s, t), value in expected.items()}
    found = ibm1(pairs, 4)
    for (s, t), value in table.items():
        if s and value > 0.011:
            assert found[s, t] == pytest.approx(value)


def test_translations_are_found_in_both_directions() -> None:
    nouns = [("dog", "狗"), ("cat", "猫"), ("bus", "巴士"), ("man", "男人")]
    pairs = [([a, b], [x, y]) for a, x in nouns for b, y in nouns if a != b]
    assert translations(pairs, 10) == {a: [x] for a, x in nouns}
    assert translations([]) == {}


def test_bloom_filter() -> None:
    seen = Seen(bits=1 << 16)
    assert not any(seen.add(f"text {n}") for n in range(500))
    assert all(seen.add(f"text {n}") for n in range(500))


def test_shares() -> None:
    words = Dictionary(frozenset({"dog", "cat"}), frozenset({"狗"}), {"dog": ["狗"], "cat": ["猫"]})
    found = shares(words, ["dog", "cat", "treaty"], ["狗", "条约"])
    assert found[:3] == pytest.approx((2 / 3, 1 / 2, 1 / 2))
    assert found.score == pytest.approx((2 / 4 + 1 / 3 + 1 / 3) / 3)
    assert shares(words, [], [])[:3] == (0.0, 0.0, 1.0)


def test_best_keeps_the_highest_and_is_fixed() -> None:
    pairs = [SentencePair(f"p{n}", "", "s", n / 10, "a", "b") for n in range(10)]
    one, other = Best(3), Best(3)
    fallen = [out.id for out in map(one.add, pairs) if out]
    for pair in reversed(pairs):
        other.add(pair)
    assert sorted(pair.id for pair in one.pairs()) == ["p7", "p8", "p9"]
    assert one.pairs() == other.pairs()
    assert sorted(fallen) == [f"p{n}" for n in range(7)]


COLOURS = [
    ("red", "红色"),
    ("white", "白色"),
    ("black", "黑色"),
    ("yellow", "黄色"),
    ("green", "绿色"),
    ("blue", "蓝色"),
]
NOUNS = [("dog", "狗"), ("cat", "猫"), ("bus", "巴士"), ("horse", "马"), ("boat", "船"), ("bird", "鸟")]


PLACES = [("on the grass", "草地上"), ("in the snow", "雪地里"), ("at the beach", "海滩上")]


def sentence(colour: int, noun: int, place: int) -> tuple[str, str]:
    (red, hong), (dog, gou), (where, nali) = COLOURS[colour], NOUNS[noun], PLACES[place]
    return f"A {red} {dog} {where}.", f"{nali}有一个{hong}的{gou}。"


GOOD = [sentence(c, n, p) for c in range(6) for n in range(6) for p in range(3)]
FATES = {
    "duplicate": ("a RED dog on the grass", GOOD[0][1]),
    "language": ("A red cat on the grass.", "A red cat on the grass."),
    "markup": ('<p class="a">A red cat on the grass.</p>', GOOD[1][1]),
    "too short": ("A dog.", "一只狗在草地上。"),
    "too long": ("A red dog on the grass " * 8, "草地上有一个红色的狗" * 2),
    "length ratio": ("A red dog and a white cat and a black bus on the grass of a bird", "红色的狗"),
    "coverage of pivot": ("The minister signed the treaty.", "部长签署了条约。"),
    "coverage of target": ("A black dog on the grass.", "部长签署了该条约。"),
    "no agreement": ("A green boat.", "草地上有一只黄色的猫。"),
}


OPTIONS = Filter(train=20, validation=2, test=3, coverage=0.6, agreement=0.3)


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-made corpus through dictionary and filter."""
    folder = tmp_path_factory.mktemp("filter")
    captions = [Caption(str(n), "train", "en", english) for n, (english, _) in enumerate(GOOD)]
    captions.append(Caption("v", "pivot_validation", "en", "A treaty."))
    write_records(folder / "captions.parquet", Caption, captions)
    rows = [ParallelSentence(f"good:{n}", "good", "", *pair) for n, pair in enumerate(GOOD)]
    rows += [ParallelSentence(f"{fate}:1", "bad", "", *pair) for fate, pair in FATES.items()]
    rows += [
        ParallelSentence(
            "v:1", "three-val", "", "A red dog and a blue bird on the grass.", "草地上有一个红色的狗和一只蓝色的鸟。"
        ),
        ParallelSentence("v:2", "three-val", "", "A green bus and a red cat.", "一辆绿色的巴士和一只红色的猫。"),
        ParallelSentence("t:1", "good", "", "a red dog and a blue bird on the grass", "草地上有蓝色的鸟和红色的狗。"),
    ]
    write_stream(folder / "raw.parquet", ParallelSentence, rows)
    dictionaries.build(folder / "captions.parquet", folder / "raw.parquet", "en", "zh", {}, folder / "dictionary.json")
    truth = [
        {
            "en": row.en,
            "zh": row.zh,
            "picture_like": row.source != "bad",
            "fate": "good" if row.source != "bad" else "bad",
        }
        for row in rows
    ]
    write_table(folder / "truth.parquet", pa.Table.from_pylist(truth))
    run(folder / "raw.parquet", folder / "dictionary.json", ("en", "zh"), OPTIONS, folder, folder / "truth.parquet")
    return folder


def test_dictionary_comes_from_training_captions_and_alignment(filtered: Path) -> None:
    found = Dictionary.load(filtered / "dictionary.json")
    assert {"dog", "grass", "yellow"} <= found.pivot
    assert not found.pivot & {"treaty", "minister", "the", "a", "on"}
    assert {"狗", "草地", "黄色"} <= found.target
    assert not found.target & {"条约", "部长", "的", "签署"}
    for english, chinese in NOUNS[:2] + COLOURS[:3]:
        assert chinese in found.translations[english]


def test_each_fate(filtered: Path) -> None:
    report = read_json(filtered / "filter.json")
    with open(filtered / "filter_examples.csv", encoding="utf-8", newline="") as file:
        examples = list(csv.DictReader(file))
    fates = {row["id"]: row["fate"] for row in examples}
    for fate in FATES:
        assert fates[f"{fate}:1"] == fate
        assert report["reasons"][fate] == 1
    assert report["read"] == len(GOOD) + len(FATES) + 3 == sum(report["reasons"].values())
    assert fates["t:1"] == "sentence of validation or test"
    assert sum(report["histogram"]["pivot"]) == sum(report["histogram"]["target"]) > len(GOOD)
    assert max(sum(row["fate"] == fate for row in examples) for fate in set(fates.values())) <= 20


def test_processes_change_nothing(filtered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cross2stra.data.filter._CHUNK", 50)
    files = filtered / "raw.parquet", filtered / "dictionary.json", ("en", "zh"), OPTIONS, tmp_path
    run(*files, filtered / "truth.parquet", processes=2)
    for name in ("parallel.parquet", "filter.json", "filter_examples.csv"):
        assert (tmp_path / name).read_bytes() == (filtered / name).read_bytes()


def test_splits(filtered: Path) -> None:
    pairs = read_records(filtered / "parallel.parquet", SentencePair)
    splits = {split: [pair for pair in pairs if pair.split == split] for split in ("train", "val", "test")}
    assert [pair.id for pair in splits["val"]] == ["v:1", "v:2"]
    assert (len(splits["train"]), len(splits["test"])) == (20, 2)  # a tenth at most
    tested = {text for pair in splits["val"] + splits["test"] for text in (pair.pivot, pair.target)}
    assert not [pair for pair in splits["train"] if {pair.pivot, pair.target} & tested]
    assert all(pair.source == "good" and pair.pivot_tokens == "" for pair in splits["train"])


def test_precision_and_recall(filtered: Path) -> None:
    truth = read_json(filtered / "filter.json")["truth"]
    assert truth["passed"]["precision"] == 1
    assert truth["passed"]["recall"] == 1
    assert truth["kept"]["recall"] == pytest.approx(truth["recall_bound"])
    assert truth["fates"]["bad"] == {"pairs": len(FATES), "passed": 0}


def test_precision_and_recall_where_something_is_wrong(tmp_path: Path) -> None:
    """A pair that is good in one of its two rows; a bad one that passed; a good one that did not."""
    rows = [
        ("a", "一", False, "noise"),
        ("a", "一", True, "good"),
        ("b", "二", False, "bad"),
        ("c", "三", True, "good"),
    ]
    columns = zip(("en", "zh", "picture_like", "fate"), zip(*rows, strict=True), strict=True)
    write_table(tmp_path / "truth.parquet", pa.table({name: list(values) for name, values in columns}))
    passed, kept = {("a", "一"), ("b", "二")}, {("b", "二")}
    found = measure(tmp_path / "truth.parquet", ("en", "zh"), passed, kept)
    assert found["passed"] == {"pairs": 2, "precision": 0.5, "recall": 0.5}
    assert found["kept"] == {"pairs": 1, "precision": 0.0, "recall": 0.0}
    assert found["recall_bound"] == 0.5
    assert found["fates"] == {"bad": {"pairs": 1, "passed": 1}, "good": {"pairs": 2, "passed": 1}}


def test_dictionary_from_files_and_never_from_target_captions(filtered: Path, tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("dog\ngrass\n", "utf-8")
    (tmp_path / "zh.txt").write_text("狗\n", "utf-8")
    given = {"en": str(tmp_path / "en.txt"), "zh": str(tmp_path / "zh.txt")}
    files = filtered / "captions.parquet", filtered / "raw.parquet"
    dictionaries.build(*files, "en", "zh", given, tmp_path / "d.json")
    found = Dictionary.load(tmp_path / "d.json")
    assert (found.pivot, found.target) == (frozenset({"dog", "grass"}), frozenset({"狗"}))
    write_records(tmp_path / "c.parquet", Caption, [Caption("1", "train", "zh", "一只狗")])
    with pytest.raises(ValueError, match="caption of picture 1 is zh, not the pivot en"):
        dictionaries.build(tmp_path / "c.parquet", files[1], "en", "zh", {}, tmp_path / "e.json")
    write_json(tmp_path / "bad.json", {"pivot": []})
    with pytest.raises(ValueError, match=r"bad\.json: field target: Field required"):
        Dictionary.load(tmp_path / "bad.json")


def test_streams_round_trip_and_name_a_missing_column(tmp_path: Path) -> None:
    rows = [ParallelSentence(str(n), "s", "", "a", "b") for n in range(7)]
    assert write_stream(tmp_path / "p.parquet", ParallelSentence, rows, size=3) == 7
    assert list(stream_records(tmp_path / "p.parquet", ParallelSentence, size=2)) == rows
    assert write_stream(tmp_path / "e.parquet", ParallelSentence, []) == 0
    assert list(stream_records(tmp_path / "e.parquet", ParallelSentence)) == []
    with pytest.raises(ValueError, match=r"p\.parquet: expected columns \['split', 'score'"):
        list(stream_records(tmp_path / "p.parquet", SentencePair))
