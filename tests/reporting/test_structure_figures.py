"""Figures 1, 9 and 10 of a results folder with one usable caption and one usable pair; Figures 2 to 4 of nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cross2stra.data.records import Caption, SentencePair, write_records
from cross2stra.reporting.results import Picture
from cross2stra.reporting.schematics import draw_alignment, draw_architecture, draw_back_translation
from cross2stra.reporting.structure_figures import draw_graphs, draw_issues, draw_trees, example, scene_graph
from cross2stra.structures.graph import GraphBuilder, SceneGraph, write_graphs
from cross2stra.structures.tree import write_trees

SENTENCE, TRANSLATION = "a brown dog sits on the grass", "一只 棕色 的 狗 坐在 草地 上"
TREES = {
    SENTENCE: "(S (NP (DT a) (JJ brown) (NN dog)) (VP (VBZ sits) (PP (IN on) (NP (DT the) (NN grass)))))",
    TRANSLATION: "(S (NP (CD 一只) (ADJP (JJ 棕色) (DEG 的)) (NN 狗)) (VP (VV 坐在) (LCP (NN 草地) (LC 上))))",
}


def graph(size: tuple[int, int] = (0, 0)) -> SceneGraph:
    builder = GraphBuilder()
    dog, grass = builder.add_object("dog", (1, 1, 50, 50)), builder.add_object("grass", (0, 40, 90, 60))
    builder.add_attribute(dog, "brown")
    builder.add_relation(dog, "on", grass)
    return builder.build(size)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    structures, text = tmp_path / "structures" / "t", tmp_path / "text" / "t"
    write_graphs(structures / "visual_graphs.parquet", [("p1", graph((90, 60)))])
    write_graphs(structures / "language_graphs.parquet", [(SENTENCE, graph())])
    for side, tokens in (("pivot", SENTENCE), ("target", TRANSLATION)):
        write_trees(structures / f"trees.{side}.parquet", [(tokens, TREES[tokens], False)])
    captions = [
        Caption("p1", "train", "en", "A brown dog sits.", SENTENCE),
        Caption("p2", "train", "en", "A dog.", "a dog"),
    ]
    write_records(text / "captions.parquet", Caption, captions)
    pair = SentencePair("7", "train", "um", 1.0, SENTENCE, TRANSLATION, SENTENCE, TRANSLATION)
    write_records(text / "pairs.parquet", SentencePair, [pair])
    return tmp_path


def test_the_example_is_of_readable_length(results: Path) -> None:
    shown = example(results, "t")
    assert shown is not None
    assert shown.picture.image_id == "p1"
    assert shown.caption == "A brown dog sits."
    assert (shown.pivot, shown.target) == (TREES[SENTENCE], TREES[TRANSLATION])
    assert example(results, "other") is None


def texts(figure) -> list[str]:
    figures = [figure, *figure.subfigs]
    return [text.get_text() for part in figures for axis in part.axes for text in axis.texts]


def test_every_node_word_and_phrase_is_drawn(results: Path) -> None:
    shown = example(results, "t")
    assert shown is not None
    drawn = texts(draw_graphs(shown))
    assert sorted(text for text in drawn if text in ("dog", "grass", "brown", "on")) == sorted(
        2 * ["dog", "grass", "brown", "on"]
    )
    assert {*SENTENCE.split(), *TRANSLATION.split(), "S", "NP", "VP", "PP", "ADJP", "LCP"} <= set(
        texts(draw_trees(shown))
    )


def test_what_both_sides_share_is_in_colour(results: Path) -> None:
    shown = example(results, "t")
    assert shown is not None
    said_of = Picture("1", None, {"late_translation": "狗"}, {"late_translation": "a dog"}, ["一只狗"])
    figure = draw_issues(shown, said_of, {"late_translation": "LateTranslation"})
    said, _, trees = figure.subfigs
    lines = [text.get_text() for text in said.axes[1].texts]
    assert lines == ["LateTranslation: a dog → 狗", "References: 一只狗"]
    framed = [
        sorted(
            text.get_text() for text in axis.texts if text.get_bbox_patch() and text.get_bbox_patch().get_edgecolor()[3]
        )
        for axis in trees.axes
    ]
    assert framed == [["NP", "S", "VP"], ["NP", "S", "VP"]]  # not PP, LCP, ADJP, nor the NP below PP


def test_schematics_name_the_objectives() -> None:
    for figure, names in [
        (draw_architecture(), ("Cap", "Tran")), (draw_back_translation(), ("IPB", "PTB")),
    ]:  # fmt: skip
        said = " ".join(texts(figure))
        assert all(name in said for name in names)
    titles = [axis.get_title(loc="left") for axis in draw_alignment().axes]
    assert "CMA" in titles[0]
    assert "CLA" in titles[1]


def test_labels_of_a_scene_do_not_cover_each_other() -> None:
    builder = GraphBuilder()
    dog, bench, _ = (builder.add_object(label, (0, 0, 9, 9)) for label in ("dog", "bench", "amusement park"))
    for label in ("spotted", "enormous", "well-behaved"):
        builder.add_attribute(dog, label)
    builder.add_relation(dog, "underneath", bench)
    builder.add_relation(bench, "to the left of", dog)
    figure = Figure(figsize=(2.8, 3.4))
    scene_graph(figure.subplots(), builder.build((90, 60)), "a scene")
    FigureCanvasAgg(figure).draw()
    labels = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert len(labels) == 8
    assert not any(one.overlaps(other) for one, other in itertools.combinations(labels, 2))


@pytest.mark.parametrize("objects", [[], ["dog"]])
def test_a_scene_of_at_most_one_region_is_drawn(objects: list[str]) -> None:
    builder = GraphBuilder()
    for label in objects:
        builder.add_object(label, (0, 0, 9, 9))
    figure = Figure()
    scene_graph(figure.subplots(), builder.build((90, 60)), "a scene")
    assert texts(figure) == objects
