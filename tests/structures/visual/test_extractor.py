"""Pixels to scene graphs: what is learnt from annotated pictures of the world, and what becomes a graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cross2stra.configuration import Extractor, Structures, World
from cross2stra.data.records import Image
from cross2stra.structures.graph import GraphBuilder, NodeKind, read_graphs
from cross2stra.structures.visual.backends import graphs
from cross2stra.structures.visual.extracted import train_extractor
from cross2stra.structures.visual.extractor import SceneGraphExtractor
from cross2stra.structures.visual.extractor_training import names_of, truth_of
from cross2stra.structures.visual.motifs_data import Seen, all_pairs
from cross2stra.structures.visual.motifs_training import Read
from cross2stra.world import write_world

WORLD = World(
    pivot_images=4, pivot_validation_images=1, validation_images=1, test_images=1, parallel_sentences=30,
    annotated_images=30,
)  # fmt: skip
SETTINGS = Extractor(detector_updates=4, motifs_updates=3, region=0.005, attribute=0.3, relation=0.0)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "world"
    write_world(WORLD, path)
    return path


@pytest.fixture(scope="module")
def extractor(raw: Path) -> Path:
    train_extractor(SETTINGS, raw, raw.parent / "extractor", seed=1)
    return raw.parent / "extractor"


def test_annotated_pictures_are_of_no_caption(raw: Path) -> None:
    annotated = set(read_graphs(raw / "gold" / "annotated_graphs.parquet"))
    assert len(annotated) == 30
    assert not annotated & set(read_graphs(raw / "gold" / "visual_graphs.parquet"))
    assert all((raw / "pictures" / f"{key}.png").is_file() for key in annotated)


def test_truth_is_what_the_graph_says() -> None:
    builder = GraphBuilder()
    dog, hat = builder.add_object("dog", (0, 0, 20, 40)), builder.add_object("hat", (10, 10, 20, 20))
    builder.add_attribute(dog, "big")
    builder.add_relation(dog, "wearing", hat)
    builder.add_relation(hat, "on", dog)
    builder.add_relation(dog, "running", None)
    graph = builder.build((40, 80))
    truth, relations = truth_of(graph, names_of([graph]))
    assert np.allclose(truth.boxes.numpy(), [[0, 0, 0.5, 0.5], [0.25, 0.125, 0.5, 0.25]])
    assert truth.classes.tolist() == [0, 1]
    assert truth.attributes.tolist() == [[1], [0]]
    assert relations == {(0, 1): {2}, (1, 0): {0}}  # on, running, wearing


def test_graphs_of_pictures_have_names_boxes_and_features(raw: Path, extractor: Path) -> None:
    files = sorted(path.name for path in (raw / "pictures").glob("10*.png"))
    images = [Image(name.removesuffix(".png"), "train", f"pictures/{name}", 160, 160) for name in files]
    structures = Structures(visual="extracted", extractor=SETTINGS)
    rows = graphs(structures, images, raw, "zh", extractor=extractor)
    assert [key for key, _ in rows] == [image.image_id for image in images]
    named = {names["zh"] for names in json.loads((raw / "gold" / "names.json").read_text(encoding="utf-8")).values()}
    for _, graph in rows:
        assert set(graph.node_labels) <= named | {"<scene>"}
        assert graph.size == (160, 160)
        assert graph.boxes is not None
        assert graph.boxes.max() <= 160
    seen = [graph for _, graph in rows if graph.features is not None]
    assert seen
    for graph in seen:
        assert (np.abs(graph.features).sum(1) > 0).tolist() == (graph.node_kinds == NodeKind.OBJECT).tolist()
    again = graphs(structures, images, raw, "zh", extractor=extractor)
    assert all(
        np.array_equal(a.boxes, b.boxes) and a.node_labels == b.node_labels
        for (_, a), (_, b) in zip(rows, again, strict=True)
    )


def test_scores_are_written_beside(extractor: Path) -> None:
    scores = json.loads((extractor / "scores.json").read_text(encoding="utf-8"))
    assert {"mAP@50", "SGDet R@50", "SGDet mR@50", "SGDet free R@50"} <= set(scores)
    assert scores["pictures"] == 3


def test_only_what_is_probable_becomes_a_graph(extractor: Path) -> None:
    reader = SceneGraphExtractor.load(extractor)
    boxes = np.asarray([[0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5], [0, 0.5, 0.5, 1]], dtype=np.float32)
    labels, features, unions = np.zeros((3, 1)), np.ones((3, 128)), np.zeros((6, 128))
    seen = Seen(boxes, labels, features, unions, np.zeros((3, 0)))
    attributes = np.zeros((3, len(reader.names.attributes)), dtype=np.float32)
    attributes[1, 2] = 0.9
    predicates = np.zeros((6, len(reader.names.predicates)), dtype=np.float32)
    order = [tuple(pair) for pair in all_pairs(3).tolist()]
    predicates[order.index((0, 1)), 3] = 0.8
    predicates[order.index((1, 0)), 4] = 0.7  # the same two regions
    predicates[order.index((2, 0)), 1] = 0.3
    predicates[order.index((1, 2)), 1] = 0.1  # too improbable
    graph = reader.graph((100, 50), seen, Read(np.asarray([0, 1, 1]), np.ones(3), attributes, predicates), Extractor())
    first, second, _ = (reader.names.classes[number] for number in (0, 1, 1))
    assert graph.triplets() == [
        (first, reader.names.predicates[3], second),
        (second, reader.names.predicates[1], first),
    ]
    assert graph.node_labels[3] == reader.names.attributes[2]
    assert graph.boxes is not None
    assert graph.boxes[1].tolist() == [50, 0, 100, 25]


def test_a_world_without_annotated_pictures_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"world\.annotated_images"):
        train_extractor(SETTINGS, tmp_path, tmp_path / "extractor", seed=1)
