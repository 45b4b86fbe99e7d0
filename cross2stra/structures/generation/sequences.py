"""Scene graphs as sequences: what the generator reads of a sentence, and what it writes of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cross2stra.structures.graph import EMPTY_LABEL, GraphBuilder, NodeKind, SceneGraph

BINS = 20
"""Steps that a box coordinate is rounded to, relative to the picture."""
OBJECT, RELATION, ATTRIBUTE = "<object>", "<relation>", "<attribute>"
MAX_OBJECTS, MAX_RELATIONS = 8, 6


def read_sequence(graph: SceneGraph) -> list[str]:
    """Words of an LSG: each object after its attributes, then each triplet, with a mark before each."""
    attributes = graph.attributes()
    tokens = []
    for node, kind in enumerate(graph.node_kinds):
        if kind == NodeKind.OBJECT:
            tokens += [OBJECT, *" ".join([*attributes.get(node, []), graph.node_labels[node]]).split()]
    for triplet in graph.triplets():
        tokens += [RELATION, *" ".join(triplet).split()]
    return tokens


def written_objects(graph: SceneGraph) -> list[int]:
    """The objects that are written, largest first."""
    nodes = np.flatnonzero(graph.node_kinds == NodeKind.OBJECT)
    boxes = graph.boxes[nodes] if graph.boxes is not None else np.zeros((len(nodes), 4))
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return nodes[np.argsort(-area, kind="stable")][:MAX_OBJECTS].tolist()


def write_sequence(graph: SceneGraph) -> tuple[list[str], list[int]]:
    """Tokens of a VSG, and the position of each written object's name.

    An object is its mark, its name (one token), four rounded coordinates and its attributes; a relation is its mark,
    the number of its subject, its predicate, the number of its object.
    """
    order = written_objects(graph)
    number = {node: index for index, node in enumerate(order)}
    attributes = graph.attributes()
    tokens: list[str] = []
    places = []
    size = np.asarray([*graph.size, *graph.size], dtype=np.float32)
    for node in order:
        places.append(len(tokens) + 1)
        box = graph.boxes[node] / np.maximum(size, 1) if graph.boxes is not None else np.zeros(4)
        bins = np.clip((box * BINS).round(), 0, BINS).astype(int)
        tokens += [OBJECT, f"n:{graph.node_labels[node]}", *(f"b:{b}" for b in bins)]
        for attribute in attributes.get(node, []):
            tokens += [ATTRIBUTE, f"a:{attribute}"]
    whole = [(subject, relation, target) for subject, relation, target in graph.relations() if target is not None]
    for subject, relation, target in whole[:MAX_RELATIONS]:
        if subject in number and target in number:
            tokens += [RELATION, f"o:{number[subject]}", f"p:{graph.node_labels[relation]}", f"o:{number[target]}"]
    return tokens, places


def shown(sentence: SceneGraph, picture: SceneGraph) -> float:
    """Share of a sentence's objects that a picture shows: an object of the picture has a word of its name. 1 without any."""

    def names(graph: SceneGraph) -> list[set[str]]:
        labelled = zip(graph.node_labels, graph.node_kinds, strict=True)
        return [set(label.split()) for label, kind in labelled if kind == NodeKind.OBJECT]

    wanted, there = names(sentence), names(picture)
    return float(np.mean([any(name & other for other in there) for name in wanted])) if wanted else 1.0


def graph_of(tokens: Sequence[str], features: np.ndarray | None, size: tuple[int, int]) -> SceneGraph:
    """The graph of a written sequence; what is malformed is passed over. `features`: (len(tokens), F) by position.

    A sequence without an object gives one node, labelled EMPTY_LABEL.
    """
    builder = GraphBuilder()
    objects: list[int] = []
    rows: list[tuple[int, int]] = []
    position = 0
    while position < len(tokens):
        token, rest = tokens[position], list(tokens[position + 1 : position + 6])
        if (
            token == OBJECT
            and len(rest) == 5
            and rest[0].startswith("n:")
            and all(t.startswith("b:") for t in rest[1:])
        ):
            corners = [int(t[2:]) / BINS for t in rest[1:]]
            box = [corners[0] * size[0], corners[1] * size[1], corners[2] * size[0], corners[3] * size[1]]
            objects.append(builder.add_object(rest[0][2:], box))
            rows.append((objects[-1], position + 1))
            position += 6
        elif token == ATTRIBUTE and objects and rest and rest[0].startswith("a:"):
            builder.add_attribute(objects[-1], rest[0][2:])
            position += 2
        elif token == RELATION and [t[:2] for t in rest[:3]] == ["o:", "p:", "o:"]:
            first, second = int(rest[0][2:]), int(rest[2][2:])
            if first < len(objects) and second < len(objects) and first != second:
                builder.add_relation(objects[first], rest[1][2:], objects[second])
            position += 4
        else:
            position += 1
    if not objects:
        builder.add_object(EMPTY_LABEL, (0, 0, *size))
    table = None
    if features is not None:
        table = np.zeros((len(builder.labels), features.shape[1]), dtype=np.float16)
        for node, place in rows:
            table[node] = features[place]
    return builder.build(size, table)
