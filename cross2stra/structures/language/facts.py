"""What rules find in a sentence, by position of its words, and the scene graph that it makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from cross2stra.structures.graph import GraphBuilder, SceneGraph


@dataclass
class Facts:
    """Objects, attributes and relations; an object is named by the position of its head word."""

    objects: dict[int, str] = field(default_factory=dict)
    attributes: list[tuple[int, str]] = field(default_factory=list)
    relations: list[tuple[int, str, int | None]] = field(default_factory=list)

    def graph(self) -> SceneGraph:
        """The scene graph, in the order of the words; facts about what is no object are left out."""
        builder = GraphBuilder()
        nodes = {position: builder.add_object(label) for position, label in sorted(self.objects.items())}
        for owner, label in dict.fromkeys(self.attributes):
            if owner in nodes:
                builder.add_attribute(nodes[owner], label)
        for subject, label, target in dict.fromkeys(self.relations):
            if subject in nodes and subject != target and (target is None or target in nodes):
                builder.add_relation(nodes[subject], label, None if target is None else nodes[target])
        return builder.build()


def single_object(word: str) -> SceneGraph:
    """The graph of a sentence in which no rule found an object."""
    builder = GraphBuilder()
    builder.add_object(word)
    return builder.build()
