"""Language quality without people: each count by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch

from cross2stra.configuration import Parser as Settings
from cross2stra.evaluation.captions import read_captions
from cross2stra.evaluation.coincidence import Translations
from cross2stra.evaluation.language_model import LanguageModel
from cross2stra.evaluation.quality import Judge, hallucinated, order_agreement, read_qualities, write_qualities
from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.language.graphs import LanguageGraphs
from cross2stra.structures.syntax.training import train_parser
from cross2stra.structures.tree import read_tree

WORDS = Translations({"dog": ["狗"], "grass": ["草地", "草"], "cat": ["猫"]})


def graph(*things: str) -> SceneGraph:
    builder = GraphBuilder()
    for thing in things:
        builder.add_attribute(builder.add_object(thing), "big")
    return builder.build()


def test_word_order_by_hand() -> None:
    assert order_agreement(["a", "b", "c", "d"], [["a", "b", "c", "d"]]) == 100
    assert order_agreement(["d", "c", "b", "a"], [["a", "b", "c", "d"]]) == 0
    assert order_agreement(["a", "c", "b"], [["a", "x", "b", "y", "c"]]) == pytest.approx(100 * 2 / 3)
    assert order_agreement(["a", "c", "b"], [["a", "b"], ["c", "b", "a"]]) == pytest.approx(100 * 1 / 3)
    assert order_agreement(["a", "a", "b", "c"], [["a", "b", "c"]]) == 100  # a word said twice is not compared
    assert math.isnan(order_agreement(["a", "x"], [["a", "b"]]))
    assert math.isnan(order_agreement([], [["a", "b"]]))


def test_hallucinated_things_by_hand() -> None:
    assert hallucinated(graph("dog", "grass"), graph("狗", "猫", "草"), WORDS) == (3, 1)
    assert hallucinated(graph("dog"), graph("狗"), WORDS) == (1, 0)
    assert hallucinated(graph(), graph("狗"), WORDS) == (1, 1)


def test_the_parser_is_surer_of_what_it_learnt() -> None:
    torch.set_num_threads(1)
    trees = [read_tree(f"(S (NP (D a) (N n{i % 8})) (VP (V v{i % 5}) (NP (D a) (N n{i % 7}))))") for i in range(60)]
    parser, _ = train_parser(trees, Settings(trees=50, updates=60, d_model=32), 1)
    right, wrong, word = parser.confidence([["a", "n1", "v2", "a", "n3"], ["v1", "v2", "a", "a", "n1", "n1"], ["a"]])
    assert 0 < wrong < right <= 1
    assert math.isnan(word)


def test_every_caption_is_judged(tmp_path: Path) -> None:
    said = {"1": "一只狗在草地上", "2": ""}
    path = tmp_path / "cross2stra" / "1.jsonl"
    path.parent.mkdir()
    rows = [{"image_id": image, "split": "test", "text": text} for image, text in said.items()]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    trees = [read_tree(f"(S (NP (D 一只) (N n{i % 8})) (VP (V v{i % 5}) (N 草地)))") for i in range(40)]
    parser, _ = train_parser(trees, Settings(trees=36, updates=4, d_model=32), 1)
    model = LanguageModel([["一只", "狗", "在", "草地", "上"]] * 3)
    # Of four words and ends all are sure but for what the interpolation gives to others.
    assert model.perplexity([["一只", "狗", "在", "草地", "上"]]) > model.perplexity(
        [["一只", "狗", "在", "草地", "上"]], ends=2
    )
    judge = Judge("t", "zh", model, parser, LanguageGraphs("zh", "jieba"), WORDS)
    pictures = {"1": graph("dog"), "2": graph("dog")}
    meant = {"1": ["一只狗在草地上跑"], "2": ["一只狗"]}
    write_qualities(tmp_path / "quality.parquet", judge.system(read_captions(path), meant, pictures))
    first, empty = read_qualities([tmp_path / "quality.parquet"]).to_pylist()
    assert first["tokens"] == "一只 狗 在 草地 上"
    assert (first["things"], first["hallucinated"]) == (2, 1)
    assert first["order"] == 100
    assert 1 <= first["perplexity"] < 3
    assert 0 < first["confidence"] <= 100
    assert (empty["tokens"], empty["things"]) == ("", 0)
    assert math.isnan(empty["perplexity"])
