"""Backends of language scene graphs: annotated first, then rules, never an empty graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.structures.graph import write_graphs
from cross2stra.structures.language.facts import Facts, single_object
from cross2stra.structures.language.gold import by_tokens, gold_graphs
from cross2stra.structures.language.graphs import LanguageGraphs


def test_annotated_graph_by_text_else_rules(tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    write_graphs(tmp_path / "gold" / "language_graphs.en.parquet", [("A dog sits.", single_object("hound"))])
    texts = {"a dog sits": ["a dog sits", "A dog sits."], "a cat": ["A cat."]}
    gold = by_tokens(texts, gold_graphs(tmp_path, "en"))
    maker = LanguageGraphs("en", "annotated", gold)
    assert [graph.node_labels for graph in maker.graphs(list(texts))] == [("hound",), ("cat",)]
    assert maker.counts() == {"annotated": 1, "by_rule": 1, "fallback": 0}
    assert LanguageGraphs("en", "spacy", gold).graphs(["a dog sits"])[0].node_labels == ("dog", "sits")


def test_no_raw_folder_has_no_annotations(tmp_path: Path) -> None:
    assert gold_graphs(None, "en") == {}
    assert gold_graphs(tmp_path, "zh") == {}


@pytest.mark.parametrize(("language", "backend", "text"), [("en", "spacy", "very nice"), ("zh", "jieba", "非常 好")])
def test_no_graph_is_empty(language: str, backend: str, text: str) -> None:
    maker = LanguageGraphs(language, backend)
    first, empty = maker.graphs([text, ""])
    assert first.node_labels == (text.split()[0],)
    assert empty.node_labels == ("<unk>",)
    assert maker.counts()["fallback"] == 2


def test_a_backend_reads_its_language_only() -> None:
    with pytest.raises(ValueError, match="'jieba' reads 'zh'"):
        LanguageGraphs("en", "jieba")
    with pytest.raises(ValueError, match="no backend 'corenlp'"):
        LanguageGraphs("en", "corenlp")


def test_facts_about_what_is_no_object_are_left_out() -> None:
    facts = Facts(
        {1: "dog", 4: "bench"}, [(1, "small"), (1, "small"), (7, "red")], [(1, "on", 4), (1, "on", 9), (9, "on", 1)]
    )
    graph = facts.graph()
    assert graph.node_labels == ("dog", "bench", "small", "on")
    assert graph.triplets() == [("dog", "on", "bench")]
