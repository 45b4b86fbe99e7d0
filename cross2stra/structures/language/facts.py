"""What rules find in a sentence, by position of its words, and the scene graph that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from cross2stra.structures.graph import GraphBuilder, SceneGraph

NUMERALS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
"""Numbers of which each of the things that are counted can have a node."""


@dataclass
class Facts:
    """Objects, attributes and relations; an object is named by the position of its head word."""

    objects: dict[int, str] = field(default_factory=dict)
    attributes: list[tuple[int, str]] = field(default_factory=list)
    relations: list[tuple[int, str, int | None]] = field(default_factory=list)

    def graph(self, plural_nodes: bool = False) -> SceneGraph:
        """The scene graph, in the order of the words; facts about what is no object are left out.

        `plural_nodes`: a node for each of `two dogs` in place of an attribute `two` (Schuster et al. 2015); what is said of
        them is said of each.
        """
        counts = {owner: NUMERALS[label] for owner, label in self.attributes if plural_nodes and label in NUMERALS}
        builder = GraphBuilder()
        nodes = {
            position: [builder.add_object(label) for _ in range(counts.get(position, 1))]
            for position, label in sorted(self.objects.items())
        }
        for owner, label in dict.fromkeys(self.attributes):
            if not (plural_nodes and label in NUMERALS):
                for node in nodes.get(owner, ()):
                    builder.add_attribute(node, label)
        for subject, label, target in dict.fromkeys(self.relations):
            if subject != target:
                targets: Sequence[int | None] = [None] if target is None else nodes.get(target, ())
                for node, other in product(nodes.get(subject, ()), targets):
                    builder.add_relation(node, label, other)
        return builder.build()


def single_object(word: str) -> SceneGraph:
    """The graph of a sentence in which no rule found an object."""
    builder = GraphBuilder()
    builder.add_object(word)
    return builder.build()
