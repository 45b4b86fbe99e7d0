"""How the cost of a step grows with its input: seconds at several sizes, and the exponent that fits the larger ones.

`python benchmarks/bench/curves.py --output results/bench` writes curves.csv and curves.svg. Memory against the size of the
corpus is measured by `make memory`.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import filtering
import graph
import language
import metrics
import numpy as np
import paper_scale
import seaborn as sns
import step
import torch
import typer
from inputs import trees, vocabulary
from matplotlib import pyplot as plt

from cross2stra.data.files import replacing
from cross2stra.evaluation.counted import References
from cross2stra.model.batch import SCENE_EDGE_TYPES
from cross2stra.model.gcn import GatedGraphConvolution
from cross2stra.structures.language.graphs import LanguageGraphs
from cross2stra.training.examples import collate_trees, encode_tree

WIDTH, BATCH, ROUNDS = 128, 16, 3


@dataclass(frozen=True)
class Curve:
    """A step, what its sizes count, and the work at a size, ready to be run."""

    step: str
    against: str
    sizes: tuple[int, ...]
    at: Callable[[int], Callable[[], object]]


@dataclass(frozen=True)
class Point:
    """A line of curves.csv; `seconds` is the least of some rounds."""

    step: str
    against: str
    size: int
    seconds: float


def filter_pairs(size: int) -> Callable[[], object]:
    rows, dictionary = drawn_pairs()
    return lambda: filtering.kept(rows[:size], dictionary)


drawn_pairs = cache(filtering.drawn)


def language_graphs(size: int) -> Callable[[], object]:
    texts = language.drawn(2 * size)[:size]
    return lambda: LanguageGraphs("en", "spacy").graphs(texts)


def encode_trees(size: int) -> Callable[[], object]:
    some, index = trees(size), vocabulary()
    return lambda: collate_trees([encode_tree(tree, index) for tree in some])


def count_captions(size: int) -> Callable[[], object]:
    references, (said, *_) = metrics.drawn(size)
    return lambda: References(references).measured(said)


def update(words: int = 12, regions: int = 12) -> Callable[[], object]:
    """Forward and backward of L_Cap and L_Tran on a batch of sentences of so many words and pictures of so many regions."""
    profile = step.settings(WIDTH, 2)
    data = paper_scale.corpus(profile, BATCH, 64, regions, lengths=(words, words))
    model = paper_scale.model_of(profile, data)
    rows = np.arange(BATCH)

    def run() -> None:
        model.zero_grad(set_to_none=True)
        for loss_of in (step.caption_loss, step.translation_loss):
            loss_of(model, model, data, rows).backward()

    return run


def graph_encoder(nodes: int) -> Callable[[], object]:
    """Forward and backward of a layer over a graph with two edges a node."""
    generator = torch.Generator().manual_seed(1)
    h = torch.randn(nodes, WIDTH, generator=generator)
    edges = torch.randint(nodes, (2, 2 * nodes), generator=generator)
    types = torch.randint(SCENE_EDGE_TYPES, (2 * nodes,), generator=generator)
    layer = GatedGraphConvolution(WIDTH, SCENE_EDGE_TYPES)
    return lambda: graph.step(layer, h, edges, types)


CURVES = (
    Curve("dictionary filter", "sentence pairs", (199, 599, 1999, 5999, 19900), filter_pairs),
    Curve("English scene graphs", "sentences", (20, 60, 200, 600), language_graphs),
    Curve("trees to a batch", "trees", (20, 60, 200, 600, 2000), encode_trees),
    Curve("BLEU, ROUGE-L, CIDEr-D", "captions", (100, 300, 1000, 3000, 10000), count_captions),
    Curve("L_Cap and L_Tran", "words a sentence", (5, 10, 20, 40), lambda size: update(words=size)),
    Curve("L_Cap and L_Tran", "regions a picture", (6, 12, 24, 48, 96), lambda size: update(regions=size)),
    Curve("graph encoder", "nodes", (50, 150, 500, 1500, 5000, 15000), graph_encoder),
)


def measured(curve: Curve) -> Iterator[Point]:
    """Seconds at each size: the first round warms up."""
    for size in curve.sizes:
        run = curve.at(size)
        run()
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - began)
        yield Point(curve.step, curve.against, size, min(seconds))


def exponent(points: list[Point]) -> float:
    """Of the power of the size that the seconds of the three largest sizes grow with."""
    sizes, seconds = (np.log([getattr(point, name) for point in points[-3:]]) for name in ("size", "seconds"))
    return float(np.polyfit(sizes, seconds, 1)[0])


def main(output: Annotated[Path, typer.Option(help="Folder for curves.csv and curves.svg.")]) -> None:
    """Measure, print the exponents, write the points and draw them."""
    torch.set_num_threads(1)
    rows: list[Point] = []
    named: dict[str, list[Point]] = {}
    for curve in CURVES:
        points = list(measured(curve))
        title = f"{curve.step}, by {curve.against}: exponent {exponent(points):.2f}"
        print(title, *(f"{point.size}: {1000 * point.seconds:.1f} ms" for point in points), sep="\n  ", flush=True)
        rows += points
        named[title] = points
    with replacing(output / "curves.csv") as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("step", "against", "size", "seconds"))
        writer.writerows((row.step, row.against, row.size, f"{row.seconds:.6f}") for row in rows)
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for title, points in named.items():
        axes.loglog([point.size for point in points], [point.seconds for point in points], marker="o", label=title)
    axes.set(xlabel="size of the input", ylabel="seconds")
    axes.legend(fontsize="x-small")
    with replacing(output / "curves.svg") as temporary:
        figure.savefig(temporary, format="svg")


if __name__ == "__main__":
    typer.run(main)
