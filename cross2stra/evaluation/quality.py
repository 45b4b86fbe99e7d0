"""Language quality without people: what can be counted of fluency, word order, syntax, relevancy and variety.

An automatic companion to the human study of Figure 8, which it does not replace: a caption may be fluent, well ordered and
wrong.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cross2stra.data.languages import tokenise
from cross2stra.evaluation.captions import SystemOutput
from cross2stra.evaluation.coincidence import Translations
from cross2stra.evaluation.language_model import LanguageModel
from cross2stra.evaluation.measured import read_measured, write_measured
from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.structures.language.graphs import LanguageGraphs
from cross2stra.structures.syntax.parser import Parser


@dataclass(frozen=True)
class Quality:
    """One caption. `tokens`: its words, space-joined.

    `perplexity`: a word's, under a trigram model of target sentences that nobody wrote to a picture. `order`: share of pairs
    of words that are in the order of the reference which shares most words, in %. `confidence`: the parser's, in %.
    `things`, `hallucinated`: things that the caption names, and those of them that are not in the picture's graph. NaN where
    there is nothing to measure.
    """

    transfer: str
    system: str
    seed: int
    item: str
    tokens: str
    perplexity: float
    order: float
    confidence: float
    things: int
    hallucinated: int


def order_agreement(said: Sequence[str], references: Iterable[Sequence[str]]) -> float:
    """Share in % of the pairs of words that stand in the same order as in a reference: of all, the one that shares most.

    Words that come once in both are compared; NaN with fewer than two.
    """
    shared: list[int] = []
    for reference in references:
        places = {word: place for place, word in enumerate(reference)}
        once = {word for word, count in (Counter(said) + Counter(reference)).items() if count == 2 and word in places}
        found = [places[word] for word in said if word in once and said.count(word) == 1]
        if len(found) > len(shared):
            shared = found
    pairs = list(combinations(shared, 2))
    return 100 * sum(first < second for first, second in pairs) / len(pairs) if pairs else math.nan


def hallucinated(picture: SceneGraph, caption: SceneGraph, words: Translations) -> tuple[int, int]:
    """Things that a caption names, and how many of them the picture's graph has under no label (as CHAIR counts)."""
    seen, named = picture.labels(NodeKind.OBJECT), caption.labels(NodeKind.OBJECT)
    return len(named), sum(not any(words.same(there, label) for there in seen) for label in named)


class Judge:
    """What reads captions of one transfer: a language model, a parser and graph rules of the target, the dictionary."""

    def __init__(
        self,
        transfer: str,
        target: str,
        model: LanguageModel,
        parser: Parser,
        graphs: LanguageGraphs,
        words: Translations,
    ) -> None:
        self.transfer, self.target, self.model = transfer, target, model
        self.parser, self.maker, self.words = parser, graphs, words

    def system(
        self, output: SystemOutput, meant: Mapping[str, Sequence[str]], pictures: Mapping[str, SceneGraph]
    ) -> Iterator[Quality]:
        """Every caption of a picture with references in `meant`."""
        said = {image: output.captions[image].text for image in meant if image in output.captions}
        flat = [text for image in said for text in meant[image]]
        cut = tokenise(self.target, [*said.values(), *flat])
        tokens, rest = cut[: len(said)], iter(cut[len(said) :])
        sure = self.parser.confidence(tokens)
        graphs = self.maker.graphs([" ".join(words) for words in tokens])
        for image, words, confidence, graph in zip(said, tokens, sure, graphs, strict=True):
            references = [next(rest) for _ in meant[image]]
            yield Quality(
                self.transfer, output.system, output.seed, image, " ".join(words),
                self.model.perplexity([words]) if words else math.nan, order_agreement(words, references),
                100 * confidence, *(hallucinated(pictures[image], graph, self.words) if words else (0, 0)),
            )  # fmt: skip


def write_qualities(output: Path, rows: Iterable[Quality]) -> None:
    """Write one row for each caption, Parquet; says the means of each system."""

    def told(part: pd.DataFrame) -> str:
        return f"perplexity {part['perplexity'].median():.1f}, order {part['order'].mean():.1f}"

    write_measured(output, Quality, rows, "probe-language", told)


def read_qualities(paths: Iterable[Path]) -> pa.Table:
    """All rows of several files."""
    return read_measured(paths, Quality)
