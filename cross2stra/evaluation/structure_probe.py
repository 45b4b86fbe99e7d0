"""Coincidence of structures for every caption of a transfer and seed (Fig. 6): the verb `probe-structures`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd
import pyarrow as pa

from cross2stra.data.languages import tokenise
from cross2stra.evaluation.captions import SystemOutput
from cross2stra.evaluation.coincidence import Translations, graph_coincidence, tree_coincidence
from cross2stra.evaluation.measured import read_measured, write_measured
from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.language.graphs import LanguageGraphs

HUMAN = "human"
"""Stands for a system: references of the pictures, and held-out sentence pairs."""


class Parser(Protocol):
    def parse(self, sentences: Sequence[Sequence[str]]) -> list[str]:
        """A bracketed tree for each tokenised sentence."""


@dataclass(frozen=True)
class Coincidence:
    """Rates of one caption in %, NaN where there is none, and its length in words.

    `beta_g`, `beta_g_labels`: of word pairs and of labels of the two scene graphs. `beta_c`, `beta_c_normalised`: of phrases
    of the two trees. `item`: the picture, or the sentence pair.
    """

    transfer: str
    system: str
    seed: int
    item: str
    words: int
    beta_g: float = math.nan
    beta_g_labels: float = math.nan
    beta_c: float = math.nan
    beta_c_normalised: float = math.nan


class Probe:
    """What reads captions of one transfer: rules for the target's graphs, parsers of both sides, the dictionary."""

    def __init__(
        self, transfer: str, target: str, graphs: LanguageGraphs, parsers: tuple[Parser, Parser], words: Translations
    ) -> None:
        self.transfer, self.target, self.maker, self.parsers, self.words = transfer, target, graphs, parsers, words

    def system(self, output: SystemOutput, pictures: Mapping[str, SceneGraph]) -> Iterator[Coincidence]:
        """Every caption of a picture in `pictures`; of trees NaN where the system said no pivot caption."""
        said = {image: output.captions[image] for image in pictures if image in output.captions}
        tokens = tokenise(self.target, [caption.text for caption in said.values()])
        trees = self.trees([caption.pivot or "" for caption in said.values()], tokens)
        graphs = self.maker.graphs([" ".join(words) for words in tokens])
        for image, words, graph, rates in zip(said, tokens, graphs, trees, strict=True):
            g = graph_coincidence(pictures[image], graph, self.words)
            yield Coincidence(self.transfer, output.system, output.seed, image, len(words), *g, *rates)

    def references(
        self, meant: Mapping[str, Sequence[str]], pictures: Mapping[str, SceneGraph], seed: int
    ) -> Iterator[Coincidence]:
        """The references of each picture, mean over them."""
        flat = [(image, text) for image in pictures for text in meant.get(image, ())]
        tokens = tokenise(self.target, [text for _, text in flat])
        found: dict[str, list[tuple[float, float, float]]] = {}
        for (image, _), words, graph in zip(
            flat, tokens, self.maker.graphs([" ".join(t) for t in tokens]), strict=True
        ):
            rates = graph_coincidence(pictures[image], graph, self.words)
            found.setdefault(image, []).append((float(len(words)), *rates))
        for image, rows in found.items():
            length, pairs, labels = (_mean(column) for column in zip(*rows, strict=True))
            yield Coincidence(self.transfer, HUMAN, seed, image, round(length), pairs, labels)

    def pairs(self, pairs: Sequence[tuple[str, str, str]], seed: int) -> Iterator[Coincidence]:
        """Sentence pairs that people wrote: id, pivot tokens, target tokens."""
        targets = [target.split() for _, _, target in pairs]
        trees = self.trees([pivot for _, pivot, _ in pairs], targets)
        for (name, _, _), words, (beta_c, normalised) in zip(pairs, targets, trees, strict=True):
            yield Coincidence(self.transfer, HUMAN, seed, name, len(words), beta_c=beta_c, beta_c_normalised=normalised)

    def trees(self, pivots: Sequence[str], targets: Sequence[Sequence[str]]) -> list[tuple[float, float]]:
        """beta_C of each tokenised pivot sentence and its target words; 0 without target words, NaN without a pivot."""
        there = [i for i, (pivot, target) in enumerate(zip(pivots, targets, strict=True)) if pivot.strip() and target]
        first, second = (
            parser.parse([side[i] for i in there])
            for parser, side in zip(self.parsers, ([pivot.split() for pivot in pivots], targets), strict=True)
        )
        rates = dict(zip(there, map(tree_coincidence, first, second), strict=True))
        unsaid = [(0.0, 0.0) if pivot.strip() else (math.nan, math.nan) for pivot in pivots]
        return [rates.get(i, nothing) for i, nothing in enumerate(unsaid)]


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def write_coincidences(output: Path, rows: Iterable[Coincidence]) -> None:
    """Write one row for each caption, Parquet; says the means of each system."""

    def told(part: pd.DataFrame) -> str:
        return ", ".join(f"{name} {part[name].mean():.1f}" for name in ("beta_g", "beta_g_labels", "beta_c"))

    write_measured(output, Coincidence, rows, "probe-structures", told)


def read_coincidences(paths: Iterable[Path]) -> pa.Table:
    """All rows of several files."""
    return read_measured(paths, Coincidence)
