"""A small grammar whose trees a parser learns in seconds."""

from __future__ import annotations

import random

import pytest
from nltk import Tree

from cross2stra.structures.tree import canonical, read_tree

NOUNS = ["dog", "cat", "man", "woman", "bird", "horse", "table", "bench", "tree", "car", "boy", "girl"]
PLACES = ["on", "under", "near", "behind"]


def noun_phrase(draw: random.Random) -> str:
    colour = f"(JJ {draw.choice(['red', 'green', 'small', 'big'])}) " if draw.random() < 0.5 else ""
    return f"(NP (DT {draw.choice(['a', 'the'])}) {colour}(NN {draw.choice(NOUNS)}))"


@pytest.fixture(scope="session")
def trees() -> list[Tree]:
    """300 trees of different sentences."""
    draw = random.Random(1)
    made: dict[str, Tree] = {}
    while len(made) < 300:
        place = f"(PP (IN {draw.choice(PLACES)}) {noun_phrase(draw)})"
        if draw.random() < 0.5:
            text = f"(S {noun_phrase(draw)} (VP (VBZ sits) {place}))"
        else:
            text = f"(S (NP {noun_phrase(draw)} {place}) (VP (VBZ sees) {noun_phrase(draw)}))"
        tree = canonical(read_tree(text))
        made[" ".join(tree.leaves())] = tree
    return list(made.values())
