"""How close scene graphs of sentences are to written ones: tuples as in SPICE (Anderson et al. 2016), compared as sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cross2stra.structures.graph import NodeKind, SceneGraph

Tuples = frozenset[tuple[str, ...]]
"""(object,), (object, attribute or verb without an object), (subject, predicate, object); normalised labels."""


@dataclass(frozen=True)
class GraphScore:
    """In points. `precision`, `recall`, `f1`: over all tuples; `spice`: mean F1 of a sentence; `set_match`: share of
    sentences whose tuples are all right and complete; `of_length`: F1 of tuples of length 1, 2, 3."""

    precision: float
    recall: float
    f1: float
    spice: float
    set_match: float
    of_length: tuple[float, float, float]
    sentences: int


def tuples(graph: SceneGraph, normalise: Callable[[str, bool], str]) -> Tuples:
    """The tuples of a graph. `normalise(label, is_predicate)` makes labels comparable.

    A relation without an object and an attribute are both a tuple of two: whether `running` is what a dog does or how
    it is, is a matter of notation.
    """
    labels = [
        normalise(label, kind == NodeKind.RELATION)
        for label, kind in zip(graph.node_labels, graph.node_kinds, strict=True)
    ]
    things = {(label,) for label, kind in zip(labels, graph.node_kinds, strict=True) if kind == NodeKind.OBJECT}
    described = {(labels[owner], labels[attribute]) for owner, attribute in graph.edges_of("attribute")}
    related = {tuple(labels[node] for node in nodes if node is not None) for nodes in graph.relations()}
    return frozenset(things | described | related)


def f1(found: int, predicted: int, gold: int) -> float:
    """F1 in points from counts; 100 where there is nothing to find and nothing was found."""
    return 200 * found / (predicted + gold) if predicted + gold else 100.0


def graph_score(pairs: Iterable[tuple[Tuples, Tuples]]) -> GraphScore:
    """Score of (gold, predicted) tuples of sentences. Raises ValueError where there is no sentence."""
    found, predicted, gold = Counter[int](), Counter[int](), Counter[int]()
    of_sentences: list[float] = []
    exact = 0
    for wanted, made in pairs:
        right = wanted & made
        for counter, rows in ((found, right), (predicted, made), (gold, wanted)):
            counter.update(map(len, rows))
        of_sentences.append(f1(len(right), len(made), len(wanted)))
        exact += wanted == made
    if not of_sentences:
        raise ValueError("no sentence to score; the file of written scene graphs has no usable row")
    return GraphScore(
        100 * found.total() / max(1, predicted.total()),
        100 * found.total() / max(1, gold.total()),
        f1(found.total(), predicted.total(), gold.total()),
        sum(of_sentences) / len(of_sentences),
        100 * exact / len(of_sentences),
        (f1(found[1], predicted[1], gold[1]), f1(found[2], predicted[2], gold[2]), f1(found[3], predicted[3], gold[3])),
        len(of_sentences),
    )
