"""Annotated visual scene graphs (of the picture world), with names in the pivot language and features from pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cross2stra.data.files import read_json
from cross2stra.data.records import Image
from cross2stra.structures.graph import NodeKind, SceneGraph, empty_graph, read_graphs
from cross2stra.structures.visual.regions import FEATURE_SIZE, features_of


def annotated_graphs(
    images: Sequence[Image], raw: Path, pivot: str, pixels: bool, unreadable: dict[Path, str] | None = None
) -> list[tuple[str, SceneGraph]]:
    """(image id, graph) of each picture: `raw`/gold/visual_graphs.parquet with class ids named by gold/names.json.

    With `pixels`, object nodes get region features. Raises ValueError where a picture or a name is missing.
    `unreadable`: see `regions.opened`.
    """
    gold = read_graphs(raw / "gold" / "visual_graphs.parquet")
    rows = []
    for image in images:
        if image.image_id not in gold:
            raise ValueError(
                f"{raw}/gold/visual_graphs.parquet: no graph of picture {image.image_id}; make the world again"
            )
        rows.append((image.image_id, gold[image.image_id]))
    named_rows = named(rows, raw / "gold" / "names.json", pivot)
    return with_features(named_rows, images, raw, unreadable) if pixels else named_rows


def named(rows: Iterable[tuple[str, SceneGraph]], path: Path, pivot: str) -> list[tuple[str, SceneGraph]]:
    """The same graphs with ids named in the pivot language by the JSON {id: {language: name}} of `path`.

    A graph without nodes gets its one node. Raises ValueError where a name is missing.
    """
    names = read_json(path)
    found = []
    for key, graph in rows:
        try:
            labels = tuple(names[label][pivot] for label in graph.node_labels)
        except KeyError as error:
            raise ValueError(
                f"{path}: no {pivot} name of class {error}; make the world again, or add the name to a detector's file"
            ) from error
        found.append((key, replace(graph, node_labels=labels) if len(graph) else empty_graph(graph.size)))
    return found


def with_features(
    rows: Sequence[tuple[str, SceneGraph]],
    images: Sequence[Image],
    raw: Path,
    unreadable: dict[Path, str] | None = None,
) -> list[tuple[str, SceneGraph]]:
    """The same graphs with region features at their object nodes."""
    files = [raw / image.path for image in images]
    objects = [graph.node_kinds == NodeKind.OBJECT for _, graph in rows]
    boxes = []
    for (_, graph), keep in zip(rows, objects, strict=True):
        assert graph.boxes is not None
        boxes.append(graph.boxes[keep] / np.asarray([*graph.size, *graph.size], dtype=np.float32))
    found = []
    for (key, graph), keep, feature in zip(rows, objects, features_of(files, boxes, unreadable), strict=True):
        table = np.zeros((len(graph), FEATURE_SIZE), dtype=np.float16)
        table[keep] = feature
        found.append((key, replace(graph, features=table)))
    return found
