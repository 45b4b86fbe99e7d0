"""What tests ask of a scene graph, by its labels."""

from cross2stra.structures.graph import SceneGraph


def attributes(graph: SceneGraph) -> set[tuple[str, str]]:
    """(owner, attribute), as labels, of all objects."""
    return {(graph.node_labels[owner], graph.node_labels[node]) for owner, node in graph.edges_of("attribute")}
