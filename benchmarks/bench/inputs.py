"""Inputs of like size and shape as the corpora's, drawn by seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cross2stra.data.vocabulary import SPECIALS
from cross2stra.model.batch import SceneBatch
from cross2stra.structures.graph import GraphBuilder
from cross2stra.training.examples import Scene, collate_scenes, encode_scene

WORDS = 800
PHRASES = ("NP", "VP", "PP", "S", "ADJP", "QP")


def sentences(
    count: int, seed: int = 1, shortest: int = 5, longest: int = 18, distinct: int = WORDS
) -> list[list[str]]:
    """Sentences of words w0, w1, …, frequent ones first (Zipf), as long as captions are."""
    rng = np.random.default_rng(seed)
    words = np.minimum(rng.zipf(1.3, (count, longest)) - 1, distinct - 1)
    return [[f"w{word}" for word in row[: rng.integers(shortest, longest + 1)]] for row in words]


def bracketed(words: list[str], rng: np.random.Generator) -> str:
    """A random constituency tree over words, with part-of-speech nodes."""
    parts = [f"(NN {word})" for word in words]
    while len(parts) > 1:
        start = int(rng.integers(len(parts) - 1))
        end = min(len(parts), start + int(rng.integers(2, 4)))
        parts[start:end] = [f"({rng.choice(PHRASES)} {' '.join(parts[start:end])})"]
    return f"(TOP {parts[0]})"


def trees(count: int, seed: int = 1) -> list[str]:
    """Trees of so many sentences."""
    rng = np.random.default_rng(seed)
    return [bracketed(words, rng) for words in sentences(count, seed)]


def scenes(count: int, index: dict[str, int], objects: int = 6, features: int = 0, seed: int = 1) -> list[Scene]:
    """Scene graphs with `objects` objects, as many attributes, and a relation between one and the next."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        builder = GraphBuilder()
        nodes = [builder.add_object(f"w{rng.integers(WORDS)}", (i, i, i + 9, i + 9)) for i in range(objects)]
        for node in nodes:
            builder.add_attribute(node, f"w{rng.integers(WORDS)}")
        for first, second in pairwise(nodes):
            builder.add_relation(first, f"w{rng.integers(WORDS)}", second)
        rows = len(builder.kinds)
        made.append(encode_scene(builder.build((99, 99), np.ones((rows, features), np.float16)), index, features))
    return made


def scene_batch(count: int, objects: int = 6) -> SceneBatch:
    """One batch of sentences' graphs."""
    return collate_scenes(scenes(count, vocabulary(), objects), visual=False)


def vocabulary(distinct: int = WORDS) -> dict[str, int]:
    """Word -> id, behind the special words."""
    return {f"w{number}": number + len(SPECIALS) for number in range(distinct)}
