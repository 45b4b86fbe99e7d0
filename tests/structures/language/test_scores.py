"""Scene graphs against written ones: tuples, scores, and the readers of what people wrote."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from cross2stra.data.streams import Ledger
from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.language.scores import graph_score, tuples
from cross2stra.structures.language.written import chinese, chinese_label, english_label, factual

ANNOTATIONS = Path(__file__).parents[3] / "config" / "annotations" / "chinese_scene_graphs.jsonl"


def scene(verb: str = "rides", colour: str = "black") -> SceneGraph:
    builder = GraphBuilder()
    man, horse = builder.add_object("men"), builder.add_object("horse")
    builder.add_attribute(horse, colour)
    builder.add_relation(man, verb, horse)
    builder.add_relation(horse, "running", None)
    return builder.build()


def test_tuples_are_objects_what_they_are_and_do_and_relations() -> None:
    assert tuples(scene(), english_label) == {
        ("men",), ("hors",), ("hors", "black"), ("hors", "run"), ("men", "ride", "hors")
    }  # fmt: skip


def test_an_attribute_and_a_verb_without_object_are_the_same_tuple() -> None:
    builder = GraphBuilder()
    builder.add_attribute(builder.add_object("dog"), "running")
    other = GraphBuilder()
    other.add_relation(other.add_object("dog"), "running", None)
    assert tuples(builder.build(), english_label) == tuples(other.build(), english_label)


def test_scores_by_hand() -> None:
    gold = tuples(scene(), english_label)
    score = graph_score([(gold, gold), (gold, tuples(scene("holds", "white"), english_label))])
    assert score.precision == score.recall == score.f1 == pytest.approx(80)
    assert score.spice == pytest.approx((100 + 60) / 2)
    assert score.set_match == 50
    assert score.of_length == pytest.approx((100, 75, 50))


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="no sentence to score"):
        graph_score([])


@pytest.mark.parametrize(
    ("one", "other"), [("two men", "2 men"), ("sitting on", "sits on"), ("Tennis rackets", "tennis racket")]
)
def test_english_labels_differ_in_form_only(one: str, other: str) -> None:
    assert english_label(one, True) == english_label(other, True)


@pytest.mark.parametrize(
    ("label", "is_predicate", "plain"),
    [
        ("坐 在 上", True, "坐上"),
        ("在", True, "在"),
        ("拿着", True, "拿"),
        ("网球 运动员", False, "网球运动员"),
        ("着", False, "着"),
    ],
)
def test_chinese_labels(label: str, is_predicate: bool, plain: str) -> None:
    assert chinese_label(label, is_predicate) == plain


def test_factual_rows_are_read_or_quarantined(tmp_path: Path) -> None:
    path = tmp_path / "factual.csv"
    path.write_text(
        "image_id,region_id,caption,scene_graph\n"
        '1,10,a black dog,"( dog , is , black ) , ( dog , sit on , mat )"\n'
        '1,11,a park,"( urban park )"\n'
        "1,12,broken,( dog , is )\n",
        encoding="utf-8",
    )
    ledger = Ledger()
    first, second = factual(path, ledger)
    assert (first.part, second.part) == ("development", "test")
    assert first.graph.triplets() == [("dog", "sit on", "mat")]
    assert second.graph.node_labels == ("urban park",)
    assert ledger.counts()["factual.csv"] == {"read": 3, "kept": 2, "quarantined": 1}
    assert ledger.quarantined[0].line == 4


def test_the_written_chinese_graphs_are_graphs() -> None:
    rows = [json.loads(line) for line in ANNOTATIONS.read_text(encoding="utf-8").splitlines()]
    captions = {(row["source"], row["image"], row["caption"]): "" for row in rows}
    written = chinese(ANNOTATIONS, captions)
    assert len(captions) == len(written) == 200
    assert Counter(row.part for row in written) == {"development": 100, "test": 100}
    assert all(set(row.graph.edges.reshape(-1)) == set(range(len(row.graph))) or len(row.graph) == 1 for row in written)


def test_a_caption_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "graphs.jsonl"
    path.write_text(
        '{"source": "icap", "image": "1", "caption": 0, "part": "test", "objects": ["狗"]}\n', encoding="utf-8"
    )
    with pytest.raises(ValueError, match="line 1"):
        chinese(path, {})
