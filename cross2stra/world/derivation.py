"""What a sentence says (its plan), and how it was made (its derivation: text, tree and scene graph in one)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.tree import escape
from cross2stra.world.knobs import Knobs
from cross2stra.world.lexicon import COLOURS
from cross2stra.world.scenes import Scene

Node = tuple[str, list] | tuple[str, str]
"""A phrase (label, children) or a preterminal (label, word)."""


def bracketed(node: Node) -> str:
    """The tree as a Penn Treebank string."""
    label, inside = node
    if isinstance(inside, str):
        return f"({label} {escape(inside)})"
    return f"({label} {' '.join(bracketed(child) for child in inside)})"


def leaves(node: Node) -> list[str]:
    """Words in order."""
    inside = node[1]
    return [inside] if isinstance(inside, str) else [word for child in inside for word in leaves(child)]


@dataclass
class Derivation:
    """A sentence with its tree and scene graph, which are the gold that extractors are judged by."""

    text: str
    tree: str
    graph: SceneGraph


@dataclass
class Plan:
    """What is said of a scene: relations in order, attributes by thing, whether the place is, and the constructions."""

    relations: list[tuple[int, str, int]]
    attributes: dict[int, list[str]]
    place: bool
    passive: bool
    inverted: bool
    existential: bool
    fragment: bool
    adjunct: int | None = None
    second_names: dict[int, bool] = field(default_factory=dict)


def draw_plan(rng: np.random.Generator, scene: Scene, knobs: Knobs, parallel: bool) -> Plan:
    """Choose what a sentence says; slips of the annotator included (captions only)."""
    relations = list(scene.relations[:1])
    extras = scene.relations[1:]
    if extras and rng.random() < (knobs.third_object if not parallel else knobs.second_object):
        relations += extras[:1]
    if not parallel and rng.random() > knobs.second_object:
        relations = []
    attributes = {}
    for index, thing in enumerate(scene.things):
        kept = [a for a in thing.attributes if rng.random() < knobs.attribute_kept]
        if kept and not parallel and rng.random() < knobs.slip:
            kept[0] = COLOURS[int(rng.integers(len(COLOURS)))].id
        attributes[index] = kept
    states_place = knobs.parallel_states_place if parallel else knobs.caption_states_place
    return Plan(
        relations,
        attributes,
        place=bool(rng.random() < states_place) or not relations,
        passive=bool(rng.random() < knobs.passive),
        inverted=bool(rng.random() < knobs.inversion),
        existential=bool(rng.random() < 0.25),
        fragment=bool(not parallel and rng.random() < 0.35),
        adjunct=int(rng.integers(100)) if parallel and rng.random() < 0.55 else None,
        second_names={i: bool(rng.random() < knobs.second_name) for i in range(len(scene.things))},
    )


def varied(rng: np.random.Generator, plan: Plan, knobs: Knobs) -> Plan:
    """The plan of the other side of a free translation: constructions redrawn, a modifier dropped."""
    attributes = {i: list(values) for i, values in plan.attributes.items()}
    changed = Plan(**{**plan.__dict__, "attributes": attributes})
    if rng.random() < knobs.restructured:
        changed.passive, changed.inverted = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
        changed.existential = bool(rng.random() < 0.5)
    with_modifiers = [i for i, values in attributes.items() if values]
    if with_modifiers and rng.random() < knobs.modifier_changed:
        attributes[int(rng.choice(with_modifiers))].pop()
    return changed


class Names:
    """Picks the words of one sentence and builds its scene graph as they are said."""

    def __init__(self, rng: np.random.Generator, scene: Scene, plan: Plan, parallel: bool) -> None:
        self.rng, self.scene, self.plan, self.parallel = rng, scene, plan, parallel
        self.graph = GraphBuilder()
        self.said: dict[int, int] = {}

    def pick(self, names: tuple[str, ...], index: int | None = None) -> str:
        """The preferred name, or another; every second spare name is used by captions alone."""
        spare = names[1:]
        if self.parallel:
            spare = tuple(name for name in spare if sum(map(ord, name)) % 2)
        other = self.plan.second_names.get(index, False) if index is not None else self.rng.random() < 0.25
        return spare[int(self.rng.integers(len(spare)))] if spare and other else names[0]
