"""The verb `score` on a small made-up transfer, and the errors that name file and line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest

from cross2stra.configuration import Transfer
from cross2stra.data.files import write_table
from cross2stra.data.records import Caption, write_records
from cross2stra.evaluation import scoring
from cross2stra.evaluation.captions import read_captions, read_references
from cross2stra.evaluation.meteor import Meteor
from cross2stra.evaluation.statistics import read_statistics

ENGLISH_TO_CHINESE = Transfer(pivot="en", target="zh", corpus="world")
CHINESE_TO_ENGLISH = Transfer(pivot="zh", target="en", corpus="world")
SAID = {"1": "一只蝙蝠在山洞里", "2": "一个男人骑马。", "3": "", "4": "两只狗在雪地里"}
MEANT = {
    "1": ["山洞里有一只蝙蝠", "一只蝙蝠"],
    "2": ["一个男人骑马", "男人在骑马！"],
    "3": ["红色的公共汽车"],
    "4": ["雪地里有两只狗"],
}


def captions(
    folder: Path, system: str, rows: dict[str, str], split: str = "test", pivot: str | None = "a bat in a cave"
) -> Path:
    path = folder / "captions" / system / "1.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [{"image_id": k, "split": split, "text": v, "tokens": "", "pivot": pivot} for k, v in rows.items()]
    lines.append({"image_id": "u", "split": "unlabelled", "text": "x", "tokens": "x", "pivot": None})
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def references(folder: Path, rows: dict[str, list[str]], split: str = "test", language: str = "zh") -> Path:
    path = folder / f"references.{split}.parquet"
    write_records(path, Caption, [Caption(k, split, language, text) for k, texts in rows.items() for text in texts])
    return path


def scores_of(folder: Path) -> dict[tuple[str, str, str], float]:
    return {(r["system"], r["unit"], r["metric"]): float(r["value"]) for r in read(folder / "scores.csv")}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory, scorer: Meteor) -> Path:
    folder = tmp_path_factory.mktemp("score")
    perfect = {key: texts[0] for key, texts in MEANT.items()}
    senses = folder / "senses.parquet"
    row = {"word": "bat", "sense": "x", "kind": "cued", "cue_words": ["cave"], "right": ["蝙蝠"], "wrong": ["球棒"]}
    write_table(senses, pa.Table.from_pylist([row | {"image_id": "1", "language": "en"}]))
    scoring.score_transfer(
        "en-zh_aic", ENGLISH_TO_CHINESE,
        [captions(folder, "cross2stra", SAID), captions(folder, "oracle", perfect, pivot=None)],
        [references(folder, MEANT)], senses, scorer, folder / "out",
    )  # fmt: skip
    return folder / "out"


def test_scores_are_complete_and_in_points(scored: Path) -> None:
    rows = scores_of(scored)
    for system in ("cross2stra", "oracle"):
        for unit in ("word", "char"):
            for metric in ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D"):
                assert (system, unit, metric) in rows
        assert (system, "char", "chrF") in rows
        assert (system, "word", "chrF") not in rows
    assert rows["oracle", "word", "BLEU-1"] == pytest.approx(100, abs=1e-3)
    assert rows["oracle", "word", "ROUGE-L"] == pytest.approx(100, abs=1e-3)
    assert rows["cross2stra", "word", "CIDEr-D"] < rows["oracle", "word", "CIDEr-D"]


def test_lemmas_know_no_tense(scorer: Meteor, tmp_path: Path) -> None:
    present = {"1": "a dog is running on the grass", "2": "two men ride horses", "3": "a bus stands in the street"}
    past = {"1": "a dog was running on the grass", "2": "two men rode horses", "3": "a bus stood in the street"}
    scoring.score_transfer(
        "zh-en_coco", CHINESE_TO_ENGLISH,
        [captions(tmp_path, "past", past), captions(tmp_path, "present", present)],
        [references(tmp_path, {key: [text] for key, text in present.items()}, language="en")], None, scorer,
        tmp_path / "out",
    )  # fmt: skip
    rows = scores_of(tmp_path / "out")
    assert {unit for _, unit, _ in rows} == {"word", "lemma"}
    for metric in ("BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D"):
        assert rows["past", "word", metric] < rows["present", "word", metric]
        assert rows["past", "lemma", metric] == rows["present", "lemma", metric]


def test_punctuation_does_not_count(scored: Path) -> None:
    found = {(p.system, p.unit): p for p in read_statistics([scored / "statistics.parquet"])}
    part = found["cross2stra", "word"]
    assert part.values[part.images.index("2"), 10] == pytest.approx(1.0)  # ROUGE-L of the picture


def test_lengths_and_empty_captions(scored: Path) -> None:
    rows = {(r["system"], r["unit"]): r for r in read(scored / "lengths.csv")}
    assert rows["cross2stra", "word"]["empty"] == "1"
    assert rows["cross2stra", "char"]["pictures"] == "4"
    assert float(rows["cross2stra", "char"]["mean_length"]) == pytest.approx((8 + 6 + 0 + 7) / 4)
    assert rows["oracle", "word"]["unreferenced"] == "0.000"


def test_words_that_no_reference_has_are_counted(tmp_path: Path, scorer: Meteor) -> None:
    said = captions(tmp_path, "cross2stra", {"1": "a dog was here", "2": "a cat"})
    meant = references(tmp_path, {"1": ["a dog is here"], "2": ["the cat"]}, language="en")
    scoring.score_transfer("t", CHINESE_TO_ENGLISH, [said], [meant], None, scorer, tmp_path / "out")
    found = {row["unit"]: float(row["unreferenced"]) for row in read(tmp_path / "out" / "lengths.csv")}
    assert found["word"] == pytest.approx(100 / 6, abs=1e-3)  # "was"; of any picture's, so "a" is there
    assert found["lemma"] == 0


def test_senses_are_counted(scored: Path) -> None:
    rows = {(r["system"], r["kind"]): (r["correct"], r["wrong"], r["missing"]) for r in read(scored / "senses.csv")}
    assert rows["cross2stra", "stated"] == ("1", "0", "0")
    assert rows["cross2stra", "cued"] == ("0", "0", "0")
    assert rows["oracle", "cued"] == ("1", "0", "0")
    assert rows["majority_sense", "cued"] == ("1", "0", "0")


def test_english_is_scored_without_punctuation(tmp_path: Path, scorer: Meteor) -> None:
    scoring.score_transfer(
        "zh-en_coco", CHINESE_TO_ENGLISH, [captions(tmp_path, "cross2stra", {"1": "A man rides a horse .", "2": "Two dogs"}, "val")],
        [references(tmp_path, {"1": ["A man rides a horse."], "2": ["two dogs play"]}, "val", "en")], None, scorer, tmp_path / "out",
    )  # fmt: skip
    rows = read(tmp_path / "out" / "scores.csv")
    assert {row["unit"] for row in rows} == {"word", "lemma"}
    assert {row["split"] for row in rows} == {"val"}
    for unit in ("word", "lemma"):
        found = {row["metric"]: float(row["value"]) for row in rows if row["unit"] == unit}
        assert found["BLEU-1"] == pytest.approx(100 * 2.718281828 ** (1 - 8 / 7), abs=0.01)
    assert read(tmp_path / "out" / "senses.csv") == []


def test_a_missing_caption_is_an_error_that_names_the_picture(tmp_path: Path, scorer: Meteor) -> None:
    path = captions(tmp_path, "cross2stra", {"1": "一只猫"})
    with pytest.raises(ValueError, match=r"cross2stra/1\.jsonl: 3 of 4 pictures of split test .* the first is 2"):
        scoring.score_transfer(
            "t", ENGLISH_TO_CHINESE, [path], [references(tmp_path, MEANT)], None, scorer, tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()


def test_bad_lines_are_named(tmp_path: Path) -> None:
    path = captions(tmp_path, "cross2stra", SAID)
    path.write_text(path.read_text("utf-8") + "{}\n", "utf-8")
    with pytest.raises(ValueError, match="line 6"):
        read_captions(path)
    path.write_text('{"image_id": "1", "split": "test", "text": null}\n', "utf-8")
    with pytest.raises(ValueError, match=r"line 1: expected JSON with image_id, split and text .*None"):
        read_captions(path)
    path.write_text('{"image_id": "1", "split": "test", "text": "x", "pivot": ["y"]}\n', "utf-8")
    with pytest.raises(ValueError, match=r"line 1: expected JSON with .*pivot \['y'\]"):
        read_captions(path)
    path.write_text('{"image_id": "1", "split": "test", "text": "x"}\n' * 2, "utf-8")
    with pytest.raises(ValueError, match="line 2: picture 1 has a second caption"):
        read_captions(path)


def test_only_validation_and_test_are_references(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="field split"):
        read_references([references(tmp_path, MEANT, "train")])


def test_some_references_alone(tmp_path: Path, scorer: Meteor) -> None:
    path = references(tmp_path, MEANT)
    sources = {"1": ["cn", "zhm"], "2": ["cn", "zhm"], "3": ["zhm"], "4": ["cn"]}
    (tmp_path / "references.test_sources.json").write_text(json.dumps(sources), "utf-8")
    perfect = {key: texts[0] for key, texts in MEANT.items()}
    said = [captions(tmp_path, "oracle", perfect)]
    scoring.score_transfer("t", ENGLISH_TO_CHINESE, said, [path], None, scorer, tmp_path / "out")
    rows = {
        (r["references"], r["metric"]): float(r["value"])
        for r in read(tmp_path / "out" / "variants.csv")
        if r["unit"] == "word"
    }
    whole = {r["metric"]: float(r["value"]) for r in read(tmp_path / "out" / "scores.csv") if r["unit"] == "word"}
    assert {which for which, _ in rows} == {"all", "cn", "zhm", "one"}
    assert rows["all", "CIDEr-D"] == pytest.approx(whole["CIDEr-D"], abs=1e-3)
    assert rows["cn", "BLEU-1"] == pytest.approx(100, abs=1e-3)
    assert rows["zhm", "BLEU-1"] < 100
    (tmp_path / "references.test_sources.json").write_text(json.dumps(sources | {"2": ["cn"]}), "utf-8")
    with pytest.raises(ValueError, match="picture 2: expected 2 sources"):
        scoring.score_transfer("t", ENGLISH_TO_CHINESE, said, [path], None, scorer, tmp_path / "out")
