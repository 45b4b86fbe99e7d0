"""How a sentence was made: its text, tree, scene graph and the concept behind each word, in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.tree import escape


@dataclass(frozen=True)
class Node:
    """A phrase with children, or a preterminal with a word and the concept that the word stands for (or none)."""

    label: str
    children: tuple[Node, ...] = ()
    word: str = ""
    concept: str = ""

    def leaves(self) -> list[Node]:
        """Preterminals in order."""
        return [self] if self.word else [leaf for child in self.children for leaf in child.leaves()]

    def bracketed(self) -> str:
        """The tree as a Penn Treebank string."""
        inside = escape(self.word) if self.word else " ".join(child.bracketed() for child in self.children)
        return f"({self.label} {inside})"


def phrase(label: str, *children: Node | Iterable[Node] | None) -> Node:
    """A phrase; a child may be a node, several nodes, or None, which is left out."""
    flat: list[Node] = []
    for child in children:
        if isinstance(child, Node):
            flat.append(child)
        elif child is not None:
            flat += child
    return Node(label, tuple(flat))


def leaf(label: str, word: str, concept: str = "") -> Node:
    """A preterminal."""
    return Node(label, (), word, concept)


def words(label: str, text: str, concept: str = "") -> list[Node]:
    """A fixed expression as preterminals; its first word carries the concept."""
    return [leaf(label, word, concept if index == 0 else "") for index, word in enumerate(text.split())]


@dataclass(frozen=True)
class Derivation:
    """A sentence with its tree and scene graph, which are the gold that extractors are judged by.

    `concepts`: the words that stand for something of the scene, as concept -> index of the word.
    """

    text: str
    tree: str
    graph: SceneGraph
    concepts: dict[str, int]


def concepts_of(tree: Node) -> dict[str, int]:
    """The first place of each concept among the words of a tree, punctuation left out."""
    found: dict[str, int] = {}
    spoken = [node for node in tree.leaves() if node.label not in (".", ",", "PU")]
    for index, node in enumerate(spoken):
        if node.concept:
            found.setdefault(node.concept, index)
    return found


def movement(source: dict[str, int], target: dict[str, int]) -> int:
    """How far a translator must jump in the source sentence, in words: the largest distortion of phrase-based models.

    Concepts are taken in the order of the target; from one at place i of the source to the
    next at j the jump is |j - (i + 1)|.
    A step forward that passes no other concept (only articles and the like) counts 0.
    """
    places = [source[concept] for concept in sorted(set(source) & set(target), key=lambda concept: target[concept])]
    jumps = [0]
    for before, place in pairwise(places):
        passed = any(before < other < place for other in places)
        jumps.append(before + 1 - place if place < before else place - before - 1 if passed else 0)
    return max(jumps)
