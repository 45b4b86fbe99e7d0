"""Coincidence of structures (Appendix B.2, Fig. 6): how far a caption keeps the graph of its picture and the tree of its pivot.

Words of two languages are the same here where the caption dictionary of the parallel text (docs/readings.md, 22) gives one as a
translation of the other; phrase labels are in the one inventory of both languages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.structures.tree import PHRASE_LABELS, to_arrays

Pair = tuple[str, str, str]
"""Kind, and the two words: (attribute, thing, attribute) or (relation, subject, object)."""


def word_pairs(graph: SceneGraph) -> list[Pair]:
    """The different word pairs of a graph: a thing with its attribute, a subject with its object.

    Predicates are left out: most are function words, which no caption dictionary has.
    """
    labels = graph.node_labels
    found: list[Pair] = [("attribute", labels[a], labels[b]) for a, b in graph.edges_of("attribute")]
    found += [("relation", subject, other) for subject, _, other in graph.triplets()]
    return list(dict.fromkeys(found))


def node_words(graph: SceneGraph) -> list[str]:
    """The different labels of things and attributes."""
    return list(dict.fromkeys(graph.labels(NodeKind.OBJECT, NodeKind.ATTRIBUTE)))


class Translations:
    """Which pivot label and which target label name the same: one word of either is a translation of one of the other."""

    def __init__(self, translations: Mapping[str, Sequence[str]]) -> None:
        self.translations = {word: frozenset(found) for word, found in translations.items()}

    def same(self, pivot: str, target: str) -> bool:
        """Whether the two labels name the same."""
        words = {target, *target.split()}
        return any(self.translations.get(word, frozenset()) & words for word in {pivot, *pivot.split()})

    def pairs(self, pivot: Sequence[Pair], target: Sequence[Pair]) -> int:
        """Most pairs of `pivot` that can each be matched with another pair of `target`."""
        return _matched(
            [[p[0] == t[0] and self.same(p[1], t[1]) and self.same(p[2], t[2]) for t in target] for p in pivot]
        )

    def words(self, pivot: Sequence[str], target: Sequence[str]) -> int:
        """The same of labels."""
        return _matched([[self.same(p, t) for t in target] for p in pivot])


def _matched(same: list[list[bool]]) -> int:
    if not same or not same[0]:
        return 0
    found = maximum_bipartite_matching(csr_array(np.asarray(same, dtype=np.int8)), perm_type="column")
    return int((found >= 0).sum())


def overlap(shared: int, first: int, second: int) -> float:
    """Intersection over union in %, of sets of these sizes; NaN where both are empty."""
    union = first + second - shared
    return 100 * shared / union if union else float("nan")


def graph_coincidence(picture: SceneGraph, caption: SceneGraph, translations: Translations) -> tuple[float, float]:
    """beta_G of the picture's graph and the target caption's, in %: over word pairs as written, and over labels."""
    pairs, said = word_pairs(picture), word_pairs(caption)
    words, said_words = node_words(picture), node_words(caption)
    return (
        overlap(translations.pairs(pairs, said), len(pairs), len(said)),
        overlap(translations.words(words, said_words), len(words), len(said_words)),
    )


def phrases(bracketed: str) -> Counter[tuple[int, str, str]]:
    """Phrasal nodes of a tree as (depth, label, parent's label), the root at depth 1 and without a parent."""
    tree = to_arrays(bracketed)
    leaves = len(tree.tokens)
    labels, parents = [PHRASE_LABELS[i] for i in tree.labels], (tree.parents[leaves:] - leaves).tolist()
    depths: list[int] = []
    for parent in parents:  # preorder: a parent comes before its children
        depths.append(1 if parent < 0 else depths[parent] + 1)
    above = ["" if parent < 0 else labels[parent] for parent in parents]
    return Counter(zip(depths, labels, above, strict=True))


def tree_coincidence(pivot: str, target: str) -> tuple[float, float]:
    """beta_C of two trees in %: shared phrases weighted by 1 / depth, over all phrases as written, and over all weighted.

    As B.2 prints it, only the numerator is weighted, so that equal trees do not reach 100.
    """
    first, second = phrases(pivot), phrases(target)
    shared, union = first & second, first | second
    weighted = sum(count / depth for (depth, _, _), count in shared.items())
    whole = sum(count / depth for (depth, _, _), count in union.items())
    return 100 * weighted / union.total(), 100 * weighted / whole
