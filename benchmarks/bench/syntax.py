"""Bracketed trees to the arrays of a batch: ours, and walks over nltk's trees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from harness import Case
from inputs import trees, vocabulary
from nltk import Tree

from cross2stra.structures.tree import PHRASE_LABELS, SyntaxTree, canonical, read_tree, unescape
from cross2stra.training.examples import Syntax, collate_trees, encode_tree


def walks(bracketed: str) -> SyntaxTree:
    """The arrays of a tree by nltk's own means: positions of leaves and phrases, spans from the leaves below."""
    tree = canonical(read_tree(bracketed))
    leaves = [position[:-1] for position in tree.treepositions("leaves")]
    phrases = [
        place for place in tree.treepositions("preorder") if isinstance(tree[place], Tree) and place not in leaves
    ]
    number = {place: i for i, place in enumerate([*leaves, *phrases])}
    parents = np.asarray([number[place[:-1]] if place else -1 for place in number])
    labels = np.asarray([PHRASE_LABELS.index(tree[place].label()) for place in phrases])
    spans = []
    for place in number:
        below = [i for i, leaf in enumerate(leaves) if leaf[: len(place)] == place]
        spans.append((below[0], below[-1] + 1))
    return SyntaxTree(tuple(map(unescape, tree.leaves())), labels, parents, np.asarray(spans))


def walked(bracketed: str, index: dict[str, int]) -> Syntax:
    """What `encode_tree` gives, by walks."""
    tree = walks(bracketed)
    labels = np.asarray([len(PHRASE_LABELS)] * len(tree.tokens) + tree.labels.tolist())
    children = np.flatnonzero(tree.parents >= 0)
    edges = np.stack([tree.parents[children], children])
    words = np.asarray([index[word] for word in tree.tokens])
    return Syntax(words, labels, tree.spans, edges, labels[edges[0]])


def cases() -> Iterator[Case]:
    """A batch of 64 sentences."""
    some, index = trees(64), vocabulary()
    yield Case(
        "trees to a batch",
        "nltk Tree walks",
        ">= 10",
        lambda: collate_trees([encode_tree(tree, index) for tree in some]),
        lambda: collate_trees([walked(tree, index) for tree in some]),
        lambda ours, theirs: ", ".join(
            name for name, value in vars(ours).items() if not np.array_equal(value, vars(theirs)[name])
        ),
    )
