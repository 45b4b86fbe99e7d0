"""Scene graphs in a file: read whole, or those that are asked for, with region features or without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cross2stra.structures import graph as room
from cross2stra.structures.graph import GraphBuilder, SceneGraph, read_graphs, read_graphs_of, write_graphs


def scene(number: int) -> SceneGraph:
    builder = GraphBuilder()
    dog = builder.add_object(f"dog {number}", (0, 0, 5, number + 1))
    builder.add_attribute(dog, "big")
    features = np.zeros((2, 3), dtype=np.float16)
    features[dog] = number + 0.25
    return builder.build((10, 20), features)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Seven graphs in row groups of three."""
    monkeypatch.setattr(room, "_TOGETHER", 3)
    write_graphs(tmp_path / "graphs.parquet", ((str(number), scene(number)) for number in range(7)))
    return tmp_path / "graphs.parquet"


def test_only_the_wanted_graphs_are_read_and_they_are_the_same(path: Path) -> None:
    whole, some = read_graphs(path), read_graphs(path, {"6", "1", "none of these"})
    assert list(whole) == [str(number) for number in range(7)]
    assert list(some) == ["1", "6"]
    for key, graph in some.items():
        assert graph.node_labels == whole[key].node_labels
        assert graph.features.tobytes() == whole[key].features.tobytes() == scene(int(key)).features.tobytes()
        assert graph.boxes.tobytes() == whole[key].boxes.tobytes()
    assert read_graphs(path, ()) == {}


def test_a_graph_that_must_be_there_is_named_where_it_is_not(path: Path) -> None:
    key = next(iter(read_graphs(path)))
    assert read_graphs_of(path, [key]).keys() == {key}
    with pytest.raises(ValueError, match=rf"{path.name}: no scene graph of 'absent'"):
        read_graphs_of(path, [key, "absent"])


def test_features_may_be_left_unread(path: Path) -> None:
    without = read_graphs(path, features=False)
    assert [graph.features for graph in without.values()] == [None] * 7
    assert without["2"].triplets() == read_graphs(path)["2"].triplets()
    assert without["2"].boxes.tolist() == [[0, 0, 5, 3], [0, 0, 5, 3]]
