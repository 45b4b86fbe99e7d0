"""Tokens and vocabulary from hand-written tables, through the verbs."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cross2stra.cli.data import app
from cross2stra.data.records import Caption, SentencePair, read_records, write_records
from cross2stra.data.tokens import tokenise_captions
from cross2stra.data.vocabulary import SPECIALS, UNK, Vocabulary, build

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    captions = [
        Caption("1", "train", "en", "A dog runs."),
        Caption("2", "train", "en", "A dog sits!"),
        Caption("3", "pivot_validation", "en", "A zebra."),
    ]
    pairs = [
        SentencePair("a", "train", "s", 0.5, "The dog and the treaty", "狗和条约"),
        SentencePair("b", "val", "s", 0.5, "A giraffe", "长颈鹿"),
    ]
    write_records(tmp_path / "raw.parquet", Caption, captions)
    write_records(tmp_path / "parallel.parquet", SentencePair, pairs)
    write_records(tmp_path / "alone.parquet", Caption, [Caption("", "train", "zh", "一匹马")])
    return tmp_path


def test_tokenise_and_vocabulary(folder: Path) -> None:
    config = str(ROOT / "config" / "test.yaml")
    runner = CliRunner()
    tables = {"captions": "raw", "unpaired": "alone", "parallel": "parallel"}
    options = [part for name, table in tables.items() for part in (f"--{name}", str(folder / f"{table}.parquet"))]
    done = runner.invoke(
        app, ["tokenise", "--config", config, "--transfer", "en-zh_aic", *options, "--output", str(folder / "text")]
    )
    assert done.exit_code == 0, done.output
    assert [row.tokens for row in read_records(folder / "text/captions.parquet", Caption)] == [
        "a dog runs", "a dog sits", "a zebra",
    ]  # fmt: skip
    pair = read_records(folder / "text/pairs.parquet", SentencePair)[0]
    assert (pair.pivot_tokens, pair.target_tokens) == ("the dog and the treaty", "狗 和 条约")
    assert [row.tokens for row in read_records(folder / "text/unpaired.parquet", Caption)] == ["一匹 马"]
    output = folder / "vocabulary.json"
    done = runner.invoke(
        app, ["vocabulary", "--config", config, "--text", str(folder / "text"), "--output", str(output)]
    )
    assert done.exit_code == 0, done.output
    made = Vocabulary.load(output)
    assert made.pivot == [*SPECIALS, "dog", "a", "the", "and", "runs", "sits", "treaty"]
    assert made.target == [*SPECIALS, "一匹", "和", "条约", "狗", "马"]
    assert [made.pivot[index] for index in made.captioner_words] == ["dog", "a", "runs", "sits"]


def test_limits(folder: Path) -> None:
    captions = [Caption("1", "train", "en", "", "a dog <unk> a dog cat")]
    pairs = [SentencePair("a", "train", "s", 0.5, "", "", "dog", "狗 狗 猫")]
    write_records(folder / "captions.parquet", Caption, captions)
    write_records(folder / "pairs.parquet", SentencePair, pairs)
    write_records(folder / "unpaired.parquet", Caption, [])
    made = build(folder, 2, 1, folder / "v.json")
    assert made == Vocabulary.load(folder / "v.json")
    assert made.pivot == [*SPECIALS, "dog"]
    assert made.target == [*SPECIALS, "狗"]
    assert UNK not in made.captioner_words
    write_records(folder / "unpaired.parquet", Caption, [Caption("", "train", "zh", "", "猫 猫")])
    assert build(folder, 2, 1, folder / "v.json").target == [*SPECIALS, "猫"]
    with pytest.raises(ValueError, match=r"no pivot word is seen 9 times; lower text\.min_count"):
        build(folder, 9, 10, folder / "v.json")


def test_another_language_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"'A dog runs\.' is en; expected zh"):
        tokenise_captions(folder / "raw.parquet", "zh", folder / "x.parquet")
    assert not (folder / "x.parquet").exists()
