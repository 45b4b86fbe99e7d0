"""Training of the scene generator: pictures in which nothing was seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from cross2stra.configuration import Generator
from cross2stra.structures.generation.generator import SceneGenerator
from cross2stra.structures.generation.training import Pair, report, train
from cross2stra.structures.graph import EMPTY_LABEL, GraphBuilder, SceneGraph, empty_graph

SETTINGS = Generator(d_model=8, layers=1, updates=2, batch=4)


def sentence(name: str) -> SceneGraph:
    builder = GraphBuilder()
    builder.add_object(name)
    return builder.build()


def picture(name: str, features: bool) -> SceneGraph:
    builder = GraphBuilder()
    builder.add_object(name, (0, 0, 20, 30))
    return builder.build((40, 40), np.ones((1, 3), dtype=np.float16) if features else None)


def pairs(features: bool) -> list[Pair]:
    """The first picture shows nothing."""
    seen = [(sentence(name), picture(name, features)) for name in ("dog", "cat", "dog", "cat")]
    return [(sentence("dog"), empty_graph((40, 40))), *seen]


def test_a_picture_without_a_region_is_passed_over_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(SETTINGS, pairs(True), pairs(True), tmp_path / "generator", 1)
    model = SceneGenerator.load(tmp_path / "generator")
    assert model.shape.feature_size == 3
    assert f"n:{EMPTY_LABEL}" not in model.written_index
    assert json.loads((tmp_path / "generator" / "report.json").read_text("utf-8"))["left_out_pairs"] == 1
    assert "1 of 5 training pairs left out" in capsys.readouterr().err


def test_where_no_picture_has_features_every_pair_is_learnt(tmp_path: Path) -> None:
    train(SETTINGS, pairs(False), [], tmp_path / "generator", 1)
    assert f"n:{EMPTY_LABEL}" in SceneGenerator.load(tmp_path / "generator").written_index
    assert json.loads((tmp_path / "generator" / "report.json").read_text("utf-8"))["left_out_pairs"] == 0


def seen_of(names: list[str], attribute: str, value: float) -> SceneGraph:
    """Things of one picture, the last with an attribute (if any); every number of their regions' features is `value`."""
    builder = GraphBuilder()
    for name in names:
        node = builder.add_object(name, (0, 0, 20, 30))
    if attribute:
        builder.add_attribute(node, attribute)
    return builder.build((40, 40), np.full((len(names) + bool(attribute), 3), value, dtype=np.float16))


class Imagines:
    """Stands for a generator that imagines a dog and two cats of every sentence."""

    feature_mean, feature_spread = torch.zeros(3), torch.full((3,), 2.0)

    def generate(self, sentences: list[SceneGraph]) -> list[SceneGraph]:
        return [seen_of(["dog", "cat", "cat"], "", 3.0)]


def test_report_by_hand() -> None:
    pair = (seen_of(["dog"], "", 0), seen_of(["dog"], "brown", 1.0))
    assert report(cast(SceneGenerator, Imagines()), [pair]) == {
        "pictures": 1,
        "node_precision": 33.333,
        "node_recall": 50.0,
        "feature_squared_error": 1.0,
        "feature_squared_error_of_mean": 0.25,
    }
