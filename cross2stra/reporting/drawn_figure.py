"""What back-translation reads (Eq. 10): pivot sentences, the pictures drawn of them, and what the extractor sees there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image as Pillow

from cross2stra.data.chance import draw
from cross2stra.data.files import finished
from cross2stra.data.records import Image, SentencePair, read_records
from cross2stra.reporting.gallery import wrap
from cross2stra.reporting.style import INK, MUTED, PALETTE, settings
from cross2stra.structures.graph import NodeKind, SceneGraph, read_graphs

_COLUMNS = 4


@dataclass(frozen=True)
class DrawnScene:
    """A sentence, the file of its picture, and the picture's scene graph."""

    sentence: str
    path: Path
    graph: SceneGraph


def drawn_scenes(results: Path, transfer: str, most: int = 8) -> list[DrawnScene]:
    """`most` drawn pictures of a transfer, chosen by a hash of their ids; none where nothing is drawn."""
    structures = results / "structures" / transfer
    graphs = structures / "generated_graphs.parquet"
    tables = finished(structures, "drawn/*/images.parquet")
    if not tables or not graphs.is_file():
        return []
    files = {row.image_id: table.parent / row.path for table in tables for row in read_records(table, Image)}
    pairs = read_records(results / "text" / transfer / "pairs.parquet", SentencePair)
    sentences = {row.id: row.pivot for row in pairs}
    chosen = draw(files, min(most, len(files)), "drawn")
    seen = read_graphs(graphs, chosen, features=False)
    return [DrawnScene(sentences[key], files[key], seen[key]) for key in chosen]


def draw_scenes(scenes: list[DrawnScene]) -> Figure:
    """Pictures in rows of four, boxes of what is seen in them, the sentence below and the names of what is seen."""
    rows = -(-len(scenes) // _COLUMNS)
    with matplotlib.rc_context(settings(chinese=True)):
        figure = Figure(figsize=(7.4, 2.6 * rows), layout="constrained")
        axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for axis in axes:
            axis.axis("off")
        for axis, scene in zip(axes, scenes, strict=False):
            _draw(axis, scene)
    return figure


def _draw(axis: matplotlib.axes.Axes, scene: DrawnScene) -> None:
    with Pillow.open(scene.path) as picture:
        width, height = picture.size
        axis.imshow(picture.convert("RGB"), interpolation="lanczos", extent=(0, width, height, 0))
    graph = scene.graph
    objects = [node for node in range(len(graph)) if graph.node_kinds[node] == NodeKind.OBJECT]
    assert graph.boxes is not None
    for number, node in enumerate(objects):
        x0, y0, x1, y1 = graph.boxes[node].tolist()
        axis.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, lw=0.9, color=PALETTE[number % len(PALETTE)]))
    said, seen = wrap(scene.sentence, 30), wrap("seen: " + ", ".join(graph.node_labels[node] for node in objects), 34)
    axis.text(0, height * 1.04, "\n".join(said), fontsize=7.5, color=INK, va="top")
    below = height * (1.06 + 0.085 * len(said))
    axis.text(0, below, "\n".join(seen[:3]), fontsize=6.5, color=MUTED, va="top")
