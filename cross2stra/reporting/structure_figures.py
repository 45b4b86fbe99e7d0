"""Figures 1, 9 and 10: real extracted structures of one picture with its caption, and of one sentence pair, drawn by hash."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from nltk import Tree

from cross2stra.data.chance import draw
from cross2stra.data.records import Caption, SentencePair, Split, read_records
from cross2stra.evaluation.coincidence import phrases
from cross2stra.reporting.gallery import wrap
from cross2stra.reporting.results import Picture, places_of
from cross2stra.reporting.scene import image_of
from cross2stra.reporting.style import INK, LINE, MUTED, PALETTE, settings
from cross2stra.structures.graph import NodeKind, SceneGraph, read_graphs_of
from cross2stra.structures.tree import canonical, read_tree, read_trees

_WORDS = range(7, 13)
"""Lengths of sentences whose trees can be read in a column."""
_UNCONNECTED = 3
"""Steps between nodes that no path joins, as a layout takes them: near, or the rest is drawn small."""
_KINDS = {NodeKind.OBJECT: PALETTE[0], NodeKind.ATTRIBUTE: PALETTE[2], NodeKind.RELATION: PALETTE[1]}


@dataclass(frozen=True)
class Example:
    """A training picture with its caption and both scene graphs, and a sentence pair with both trees."""

    picture: Picture
    caption: str
    visual: SceneGraph
    language: SceneGraph
    pivot: str
    target: str


def example(results: Path, transfer: str) -> Example | None:
    """The example of a transfer, from what its extractors made; None where that is not there."""
    structures, text = results / "structures" / transfer, results / "text" / transfer
    tables = ("visual_graphs", "language_graphs", "trees.pivot", "trees.target")
    if not all((structures / f"{name}.parquet").is_file() for name in tables):
        return None
    captions = [
        row
        for row in read_records(text / "captions.parquet", Caption)
        if row.split == Split.TRAIN and row.tokens.count(" ") + 1 in _WORDS
    ]
    pairs = [
        row
        for row in read_records(text / "pairs.parquet", SentencePair)
        if all(side.count(" ") + 1 in _WORDS for side in (row.pivot_tokens, row.target_tokens))
    ]
    if not captions or not pairs:
        return None
    by_picture = {row.image_id: row for row in captions}
    (image_id,) = draw(by_picture, 1, "figure 10")
    (name,) = draw({row.id: row for row in pairs}, 1, "figure 9")
    pair = next(row for row in pairs if row.id == name)
    caption = by_picture[image_id]
    visual = read_graphs_of(structures / "visual_graphs.parquet", {image_id}, features=False)[image_id]
    return Example(
        Picture(image_id, places_of(results, transfer, {image_id}).get(image_id), graph=visual),
        caption.text,
        visual,
        read_graphs_of(structures / "language_graphs.parquet", {caption.tokens})[caption.tokens],
        read_trees(structures / "trees.pivot.parquet", {pair.pivot_tokens})[pair.pivot_tokens],
        read_trees(structures / "trees.target.parquet", {pair.target_tokens})[pair.target_tokens],
    )


def draw_graphs(shown: Example) -> Figure:
    """Figure 10: the picture, its scene graph, and the scene graph of its caption."""
    with matplotlib.rc_context(settings(chinese=True)):
        figure = Figure(figsize=(7.4, 3.4), layout="constrained")
        picture, visual, language = figure.subplots(1, 3, width_ratios=(1, 1.5, 1.5))
        _picture(picture, shown)
        scene_graph(visual, shown.visual, "Visual scene graph")
        scene_graph(language, shown.language, "Language scene graph")
    return figure


def draw_trees(shown: Example) -> Figure:
    """Figure 9: the trees of both sides of a sentence pair."""
    with matplotlib.rc_context(settings(chinese=True)):
        figure = Figure(figsize=(7.4, 3.2), layout="constrained")
        for axis, tree, title in zip(
            figure.subplots(1, 2), (shown.pivot, shown.target), ("Pivot", "Target"), strict=True
        ):
            constituency_tree(axis, tree, title)
    return figure


def draw_issues(shown: Example, captioned: Picture | None, titles: Mapping[str, str]) -> Figure:
    """Figure 1: (a) what translation-based systems say of a test picture, (b) graphs that differ, (c) trees that differ.

    What both sides share is in colour: labels of both graphs, phrases of the same depth, label and parent. `captioned`:
    a test picture with their captions; None where none was captioned.
    """
    with matplotlib.rc_context(settings(chinese=True)):
        figure = Figure(figsize=(7.4, 8), layout="constrained")
        said, graphs, trees = list(figure.subfigures(3, 1, height_ratios=(1.6, 2.2, 2.6)))  # type: ignore[arg-type]
        picture, axis = said.subplots(1, 2, width_ratios=(1, 3))
        picture.axis("off")
        axis.axis("off")
        axis.set_title("(a) Translation-based captions of a test picture")
        lines = ["none was captioned here"]
        if captioned is not None:
            _pixels(picture, captioned)
            by_pivot = {system: f"{text} → " for system, text in captioned.pivots.items()}
            lines = [f"{titles[name]}: {by_pivot.get(name, '')}{text}" for name, text in captioned.captions.items()]
            lines.append(f"References: {'; '.join(captioned.references[:2])}")
        wrapped = [line for text in lines for line in wrap(text, 75)]
        for row, line in enumerate(wrapped):  # one by one: lines with Chinese letters are higher than others
            axis.text(0, 0.95 - 0.13 * row, line, va="top", fontsize=8, transform=axis.transAxes)
        left, middle, right = graphs.subplots(1, 3, width_ratios=(1, 1.5, 1.5))
        _picture(left, shown)
        shared = set(shown.visual.node_labels) & set(shown.language.node_labels)
        scene_graph(middle, shown.visual, "(b) Scene graph of a picture", shared)
        scene_graph(right, shown.language, "and of its caption", shared)
        both = phrases(shown.pivot) & phrases(shown.target)
        for axis, tree, title in zip(
            trees.subplots(1, 2),
            (shown.pivot, shown.target),
            ("(c) Tree of a pivot sentence", "and of its translation"),
            strict=True,
        ):
            constituency_tree(axis, tree, title, dict(both))
    return figure


def _pixels(axis: Axes, picture: Picture) -> None:
    image = image_of(picture)
    if image is not None:
        axis.imshow(image, interpolation="lanczos")


def _picture(axis: Axes, shown: Example) -> None:
    axis.axis("off")
    _pixels(axis, shown.picture)
    axis.text(0, -0.04, "\n".join(wrap(shown.caption, 30)), va="top", fontsize=8, color=INK, transform=axis.transAxes)


def scene_graph(axis: Axes, graph: SceneGraph, title: str, shared: set[str] | None = None) -> None:
    """A scene graph: objects, attributes and relations in their colours; with `shared`, other labels are grey."""
    places = _apart(graph)
    axis.set_title(title)
    axis.axis("off")
    axis.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
    for source, end in graph.edges.T.tolist():
        arrow: dict[str, Any] = {"arrowstyle": "->", "color": LINE, "lw": 0.9, "shrinkA": 9, "shrinkB": 9}
        axis.annotate("", places[end], places[source], arrowprops=arrow)
    for node, (label, kind) in enumerate(zip(graph.node_labels, graph.node_kinds.tolist(), strict=True)):
        grey = shared is not None and label not in shared
        colour = MUTED if grey else _KINDS[NodeKind(kind)]
        box = {"boxstyle": "round,pad=0.25", "fc": "white", "ec": LINE if grey else colour, "lw": 1.0}
        axis.text(*places[node], label, ha="center", va="center", fontsize=7, color=colour, bbox=box)


def _apart(graph: SceneGraph) -> list[tuple[float, float]]:
    """A place for each node in the square from -1 to 1, by Kamada and Kawai (1989); labels that cover each other are moved."""
    network = nx.Graph(graph.edges.T.tolist())
    network.add_nodes_from(range(len(graph)))
    near = dict(nx.all_pairs_shortest_path_length(network))
    far = {node: {other: near[node].get(other, _UNCONNECTED) for other in network} for node in network}
    found = nx.kamada_kawai_layout(network, far, nx.circular_layout(network)) if len(graph) > 1 else {0: (0.0, 0.0)}
    # A solver's last bits are not the same in every process.
    places = np.asarray([found[node] for node in range(len(graph))]).round(6)
    halves = np.asarray([(0.08 + 0.032 * len(label), 0.1) for label in graph.node_labels])  # of a label, about
    for _ in range(100):
        for one, other in itertools.combinations(range(len(graph)), 2):
            way = places[other] - places[one]
            covered = halves[one] + halves[other] - abs(way)
            if (covered > 0).all():
                side = int(covered.argmin())
                push = covered[side] / 2 * (1 if way[side] >= 0 else -1)
                places[one, side], places[other, side] = places[one, side] - push, places[other, side] + push
    return [(x, y) for x, y in (places / abs(places).max(initial=1.0)).tolist()]


def constituency_tree(
    axis: Axes, bracketed: str, title: str, shared: dict[tuple[int, str, str], int] | None = None
) -> None:
    """A tree, words at the bottom; with `shared`, as many phrases of a (depth, label, parent) as it says are in colour."""
    left = dict(shared or {})
    leaves: list[float] = []
    tree = canonical(read_tree(bracketed))
    deepest = tree.height()

    def visit(node: Tree, depth: int, above: str) -> tuple[float, float]:
        if not isinstance(node[0], Tree):
            place = (float(len(leaves)), -float(deepest))
            leaves.append(place[0])
            axis.text(
                place[0], place[1], str(node[0]), ha="center", va="top", fontsize=7, rotation=35, rotation_mode="anchor"
            )
            return place
        key = (depth, node.label(), above)
        mine = left.get(key, 0) > 0
        left[key] = left.get(key, 0) - 1
        children = [visit(child, depth + 1, node.label()) for child in node]
        place = (sum(x for x, _ in children) / len(children), -float(depth))
        for x, y in children:
            axis.plot([place[0], x], [place[1], y], color=LINE, lw=0.9, zorder=1)
        colour = PALETTE[0] if shared is None or mine else MUTED
        box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": colour if mine else "none", "lw": 0.9}
        axis.text(
            place[0], place[1], node.label(), ha="center", va="center", fontsize=7.5, color=colour, bbox=box, zorder=2
        )
        return place

    visit(tree, 1, "")
    axis.set_title(title)
    axis.axis("off")
    axis.set_ylim(-deepest - 1.6, -0.4)
