"""English scene graphs, a sentence for each construction."""

from __future__ import annotations

import pytest
from scene_graphs import attributes

from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.structures.language.graphs import LanguageGraphs

CASES = [
    # verb and object, place of a sentence with an object
    ("a man riding a horse on the beach", {("man", "riding", "horse"), ("man", "on", "beach")}, set()),
    # adjectives and numbers
    (
        "two men are riding small brown horses",
        {("men", "riding", "horses")},
        {("men", "two"), ("horses", "small"), ("horses", "brown")},
    ),
    # "in front of", place of a noun
    (
        "a woman in a red dress is standing in front of a bus",
        {("woman", "in", "dress"), ("woman", "standing in front of", "bus")},
        {("dress", "red")},
    ),
    # passive
    ("a dog is chased by a small child", {("child", "chased", "dog")}, {("child", "small")}),
    # copula and conjunction
    ("the cat is black and white", set(), {("cat", "black"), ("cat", "white")}),
    # existence
    ("there are three birds on a wire", {("birds", "on", "wire")}, {("birds", "three")}),
    # possessive, place after a copula
    ("a man 's hat is on the table", {("man", "has", "hat"), ("hat", "on", "table")}, set()),
    # conjunction of objects, participle
    (
        "a man wearing glasses holds an umbrella and a bag",
        {("man", "wearing", "glasses"), ("man", "holds", "umbrella"), ("man", "holds", "bag")},
        set(),
    ),
    # quantity
    ("a group of people sitting around a table", {("people", "sitting around", "table")}, set()),
    # conjunction of subjects
    (
        "a man and a woman walk down the street",
        {("man", "walk down", "street"), ("woman", "walk down", "street")},
        set(),
    ),
    # adverb and preposition
    ("a tall bench next to the lake", {("bench", "next to", "lake")}, {("bench", "tall")}),
    # compound
    ("the dog is next to a tree stump", {("dog", "next to", "tree stump")}, set()),
    # "on top of"
    ("a man sitting on top of a horse", {("man", "sitting on top of", "horse")}, set()),
    # inversion
    ("standing on the grass is a brown horse", {("horse", "standing on", "grass")}, {("horse", "brown")}),
    # relative clause
    (
        "a girl who is wearing a blue shirt throws a ball to a dog",
        {("girl", "wearing", "shirt"), ("girl", "throws", "ball"), ("girl", "to", "dog")},
        {("shirt", "blue")},
    ),
    # pronouns: the nearest noun that can be meant, not the subject of the same clause; who owns what
    (
        "a man wearing a shirt with a flag on it",
        {("man", "wearing", "shirt"), ("man", "with", "flag"), ("flag", "on", "shirt")},
        set(),
    ),
    ("a mirror with a bird sitting on it", {("bird", "sitting on", "mirror")}, set()),
    ("two plates with food on them", {("food", "on", "plates")}, {("plates", "two")}),
    ("the airplane has a flag on it", {("flag", "on", "airplane")}, set()),
    (
        "a woman is sitting on a bench while she reads a book",
        {("woman", "sitting on", "bench"), ("woman", "reads", "book")},
        set(),
    ),
    (
        "a girl is standing and her dress is red",
        {("girl", "has", "dress")},
        {("dress", "red")},
    ),
    ("a man carrying his jacket", {("man", "carrying", "jacket")}, set()),
    # a colour that is worn
    ("a woman in yellow", set(), {("woman", "yellow")}),
    ("a worker in grey is wearing a watch", {("worker", "wearing", "watch")}, {("worker", "grey")}),
]


@pytest.fixture(scope="module")
def graphs() -> dict[str, SceneGraph]:
    texts = [text for text, _, _ in CASES]
    return dict(zip(texts, LanguageGraphs("en", "spacy").graphs(texts), strict=True))


@pytest.mark.parametrize(("text", "triplets", "owned"), CASES, ids=[text for text, _, _ in CASES])
def test_construction(graphs: dict[str, SceneGraph], text: str, triplets: set, owned: set) -> None:
    graph = graphs[text]
    assert set(graph.triplets()) == triplets
    assert attributes(graph) == owned


def test_words_are_those_of_the_sentence(graphs: dict[str, SceneGraph]) -> None:
    for text, graph in graphs.items():
        words = set(text.split()) | {"has"}
        assert all(set(label.split()) <= words for label in graph.node_labels)
        assert (graph.node_kinds == NodeKind.OBJECT).any()


def test_an_action_without_object_is_a_relation_of_its_subject() -> None:
    graph = LanguageGraphs("en", "spacy").graphs(["a man walking"])[0]
    assert graph.node_labels == ("man", "walking")
    assert graph.node_kinds.tolist() == [NodeKind.OBJECT, NodeKind.RELATION]
    assert graph.edges.tolist() == [[0], [1]]


def test_a_pronoun_that_the_sentence_does_not_explain() -> None:
    he, it = LanguageGraphs("en", "spacy").graphs(["he is sitting in a car", "it is on a table"])
    assert he.triplets() == [("man", "sitting in", "car")]
    assert it.triplets() == [("it", "on", "table")]


def test_plural_nodes() -> None:
    graph = LanguageGraphs("en", "spacy", plural_nodes=True).graphs(["two small dogs chase three cats on a beach"])[0]
    assert sorted(graph.node_labels).count("dogs") == 2
    assert sorted(graph.node_labels).count("cats") == 3
    assert sorted(graph.triplets()).count(("dogs", "chase", "cats")) == 6
    assert attributes(graph) == {("dogs", "small")}
