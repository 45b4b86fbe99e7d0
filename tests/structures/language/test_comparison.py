"""The rules and their peer on small files in the real corpora's formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cross2stra.cli.structures import app
from cross2stra.structures.graph import GraphBuilder, write_graphs
from cross2stra.structures.language.comparison import compare, compare_annotated, peer_graphs
from cross2stra.structures.scores import read_rows


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "factual_sg.csv").write_text(
        "image_id,region_id,caption,scene_graph\n"
        '1,11,two black dogs on a mat,"( dogs , is , black ) , ( dogs , is , 2 ) , ( dogs , on , mat )"\n'
        '1,12,not of this part,"( part )"\n',
        encoding="utf-8",
    )
    (tmp_path / "flickr8kzhc.caption.txt").write_text(
        "1_a.jpg#zhc#0 一只狗。\n1_a.jpg#zhc#1 骑车的人。\n", encoding="utf-8"
    )
    (tmp_path / "coco-cn_ext.icap2020.txt").write_text(
        "COCO_val2014_000000000007#0\t桌子上有一只黑猫\n", encoding="utf-8"
    )
    rows = [
        {"source": "flickr8kcn", "image": "1_a", "caption": 1, "part": "test", "objects": ["人", "车"],
         "attributes": [], "relations": [[0, "骑", 1]]},
        {"source": "icap", "image": "7", "caption": 0, "part": "test", "objects": ["桌子", "猫"],
         "attributes": [[1, "黑"]], "relations": [[1, "在上", 0]]},
    ]  # fmt: skip
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "graphs.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def test_scores_of_both_languages(raw: Path) -> None:
    rows = compare(raw, raw / "graphs.jsonl", "test")
    found = {(extractor, data): value for extractor, data, metric, value in rows if metric == "f1"}
    assert found == {
        ("rules (spaCy)", "FACTUAL test"): 100,
        ("scenegraphparser", "FACTUAL test"): 100,
        ("rules (jieba)", "flickr8kcn test"): 100,
        ("rules (jieba)", "icap test"): 100,
        ("rules (jieba)", "written Chinese graphs test"): 100,
    }
    with_the = [
        value for _, _, metric, value in rows if metric in ("captions with 有 (existence)", "F1 with 有 (existence)")
    ]
    assert with_the == [100, 1]
    counted = {data: value for extractor, data, metric, value in rows if metric == "sentences"}
    assert counted["FACTUAL test"] == 1
    assert counted["written Chinese graphs test"] == 2


def test_the_peer_gives_graphs() -> None:
    (graph,) = peer_graphs(["a man riding a brown horse"])
    assert graph.triplets() == [("man", "riding", "horse")]
    assert "brown" in graph.node_labels


def test_sentences_of_a_world_are_scored_on_their_own_graphs(tmp_path: Path) -> None:
    builder = GraphBuilder()
    dog = builder.add_object("dog")
    builder.add_attribute(dog, "black")
    builder.add_relation(dog, "on", builder.add_object("bench"))
    (tmp_path / "gold").mkdir()
    write_graphs(tmp_path / "gold" / "language_graphs.en.parquet", [("Two black dogs on a bench.", builder.build())])
    rows = {metric: value for _, _, metric, value in compare_annotated(tmp_path, "en")}
    assert rows["recall"] == 100  # by stems: dogs is dog
    assert rows["precision"] == pytest.approx(80)  # the number is a fact that this graph does not have
    with pytest.raises(ValueError, match="no annotated graphs of zh"):
        compare_annotated(tmp_path, "zh")


def test_the_verb_compares_the_part_that_is_asked_for(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cross2stra.structures.language.comparison.compare", lambda *given: [("rules", given[2], "f1", 50.0)]
    )
    asked = ["--raw", raw, "--annotations", raw / "graphs.jsonl", "--output", raw / "s.csv", "--part", "development"]
    done = CliRunner().invoke(app, ["score-language-graphs", *map(str, asked)])
    assert done.exit_code == 0, done.output
    assert [tuple(row) for row in read_rows(raw / "s.csv")] == [("rules", "development", "f1", 50.0)]
