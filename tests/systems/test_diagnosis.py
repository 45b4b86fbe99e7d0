"""The translator by itself on sentence pairs: it reads the scene that it was trained with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.configuration import Decoding, Experiment, Transfer
from cross2stra.data.records import Caption, SentencePair, Split, write_records
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.structures.graph import GraphBuilder, write_graphs
from cross2stra.systems.caption import Captioner
from cross2stra.systems.diagnosis import Road
from cross2stra.training.corpus import TransferData

SENTENCE = "a dog on grass"
HERE = Transfer(pivot="en", target="zh", corpus="world")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One held-out sentence pair with its scene graph of three nodes; no picture."""
    builder = GraphBuilder()
    builder.add_relation(builder.add_object("dog"), "on", builder.add_object("grass"))
    write_graphs(tmp_path / "visual_graphs.parquet", [])
    write_graphs(tmp_path / "language_graphs.parquet", [(SENTENCE, builder.build())])
    write_records(tmp_path / "captions.parquet", Caption, [])
    pair = SentencePair("1", Split.VALIDATION, "hand", 1.0, SENTENCE, "一狗", SENTENCE, "一 狗")
    write_records(tmp_path / "pairs.parquet", SentencePair, [pair])
    return tmp_path


def read_beside(folder: Path, shape: Shape, data: TransferData) -> list[States | None]:
    """What the translator of a model of this shape read beside the tree of the held-out sentence."""
    model = Cross2StrA(shape)
    model.save_pretrained(folder / "model")
    row = Experiment(title="hand", group="ablation", constituency=False)
    captioner = Captioner(folder / "model", row, data.vocabulary, Decoding(beam=1, max_tokens=4), None)
    read = []
    translate = captioner.translate

    def watched(trees, h):
        read.append(h)
        return translate(trees, h)

    captioner.translate = watched
    step = Road(captioner, HERE, folder, folder, 9).translation()
    assert [item.read for item in step.items] == [SENTENCE]
    return read


def test_without_scene_graphs_a_sentence_stands_beside_its_objects(
    folder: Path, shape: Shape, data: TransferData
) -> None:
    (h,) = read_beside(folder, shape.model_copy(update={"residual": True}), data)
    assert h.mask.tolist() == [[True, True]]


def test_with_scene_graphs_it_stands_beside_its_own(folder: Path, shape: Shape, data: TransferData) -> None:
    (h,) = read_beside(folder, shape.model_copy(update={"residual": True, "scene_graph": True}), data)
    assert h.mask.tolist() == [[True, True, True]]


def test_without_residual_it_stands_alone(folder: Path, shape: Shape, data: TransferData) -> None:
    (h,) = read_beside(folder, shape, data)
    assert h is None
