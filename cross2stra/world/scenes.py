"""Scenes: things with attributes, relations and a place, laid out in a picture; drawn by a seed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np

from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.world.ambiguity import AMBIGUITIES, SENSES, look_of
from cross2stra.world.knobs import Knobs
from cross2stra.world.layout import lay_out
from cross2stra.world.lexicon import ATTRIBUTES, CLASSES, COLOURS, PLACES, PREDICATES, SUITS

ACTS = {
    # predicate -> kinds of subject | kinds or classes of object
    "holding": "person | thing food",
    "riding": "person monkey | horse bicycle motorcycle cow elephant",
    "chasing": "person animal | animal ball kite",
    "eating": "person animal | food",
    "watching": "person animal | person animal vehicle",
    "carrying": "person | guitar box basket",
    "pulling": "person | horse box cow kite elephant",
    "pushing": "person | bicycle motorcycle box chair car",
    "kicking": "person | ball box bottle",
    "washing": "person | vehicle dog horse elephant cup",
    "touching": "person animal | animal tree flower",
    "feeding": "person | animal",
    "hugging": "person monkey | person dog cat rabbit pig tree",
    "driving": "person | car bus truck boat train",
    "playing_on": "person | guitar",
    "reading": "person | book",
    "wearing": "person | wear",
    "sitting_on": "person dog cat monkey bird | chair bench sofa bed box horse",
    "standing_on": "person animal | table bench box boat",
    "lying_on": "person dog cat pig rabbit | bed sofa bench table",
    "on": "food thing wear | table chair bench bed box",
}
SIDES = tuple(word.id for word in PREDICATES.values() if word.kind == "side")
_MOODS = {"person_look", "activity"}
GROUPS = {"default": 0, "coco_cn": 1}
"""Mixes of scenes: COCO-CN's pictures have other places and predicates more often, and more things."""


@dataclass
class Thing:
    """An object of a scene (`count` of them side by side), its attributes, and its box (xyxy, pixels)."""

    name: str
    count: int = 1
    attributes: list[str] = field(default_factory=list)
    box: tuple[float, float, float, float] = (0, 0, 0, 0)


@dataclass
class Scene:
    """A place, things, and relations (subject, predicate, object) between their indices, the main one first.

    Things that are in no relation are clutter, which nobody mentions. `seed` decides how the picture is drawn.
    """

    place: str
    things: list[Thing]
    relations: list[tuple[int, str, int]]
    size: int
    seed: int

    def graph(self) -> SceneGraph:
        """The gold scene graph: class ids as labels; the place is an object that fills the picture."""
        builder = GraphBuilder()
        nodes = []
        for thing in self.things:
            node = builder.add_object(thing.name, thing.box)
            if thing.count > 1:
                builder.add_attribute(node, f"count_{thing.count}")
            for attribute in thing.attributes:
                builder.add_attribute(node, attribute)
            nodes.append(node)
        builder.add_object(self.place, (0, 0, self.size, self.size))
        for subject, predicate, other in self.relations:
            builder.add_relation(nodes[subject], predicate, nodes[other])
        return builder.build((self.size, self.size))


def _one_in(parts: int, *words: str) -> bool:
    """One in `parts` of all words, always the same ones."""
    return zlib.crc32(" ".join(words).encode()) % parts == 0


def key_of(name: str) -> str:
    """What combinations of a class are counted under: senses of one word together, or they would be told apart."""
    ambiguity = SENSES.get(name)
    return ambiguity.word if ambiguity else name


def novel(things: list[Thing], relations: list[tuple[int, str, int]]) -> bool:
    """Whether a scene has a combination that is kept for test: one in twelve (class, colour), (class, class) pairs."""
    for thing in things:
        if any(a in COLOURS and _one_in(12, key_of(thing.name), a) for a in thing.attributes):
            return True
    return any(_one_in(12, key_of(things[s].name), key_of(things[o].name)) for s, _, o in relations)


def draw_scene(
    rng: np.random.Generator, seed: int, size: int, knobs: Knobs, held_out: bool = False, group: str = "default"
) -> Scene:
    """A scene by `rng`. Without `held_out` it has no combination that is kept for test; with it, some are made to."""
    place = _weighted(rng, sorted(PLACES), group)
    ambiguous = None
    if rng.random() < knobs.ambiguous_scene:
        ambiguity = AMBIGUITIES[int(rng.integers(len(AMBIGUITIES)))]
        second = rng.random() > (0.5 if ambiguity.cued else knobs.control_majority)
        ambiguous = ambiguity.senses[int(second)]
        if ambiguity.cued:
            place = str(rng.choice(ambiguity.cues[int(second)]))
    wanted = held_out and rng.random() < knobs.novel_combination
    for _ in range(200):
        things, relations = _content(rng, ambiguous, group, knobs)
        is_novel = novel(things, relations)
        if (is_novel or not wanted) and (held_out or not is_novel):
            break
    else:
        raise RuntimeError(f"no scene with {ambiguous} was found in 200 draws; loosen scenes.novel")
    boxes = lay_out(rng, [(look_of(t.name), t.count, t.attributes) for t in things], relations, size)
    for thing, box in zip(things, boxes, strict=True):
        thing.box = box
    return Scene(place, things, relations, size, seed)


def _weighted(rng: np.random.Generator, names: list[str], group: str) -> str:
    """One of `names`, by frequencies of the group: few are frequent, and others in each group."""
    weights = np.asarray([1.0 + 3.0 * _one_in(3, name, str(GROUPS[group])) for name in names])
    return str(rng.choice(names, p=weights / weights.sum()))


def _plain(kinds: str = "person animal vehicle furniture food wear thing") -> list[str]:
    """Classes of `kinds`, a list of kinds and classes, whose names are not ambiguous."""
    wanted = kinds.split()
    return [row.id for row in CLASSES.values() if (row.kind in wanted or row.id in wanted) and row.id not in SENSES]


def _content(
    rng: np.random.Generator, ambiguous: str | None, group: str, knobs: Knobs
) -> tuple[list[Thing], list[tuple[int, str, int]]]:
    """Things and relations: a main relation, perhaps a third thing beside one of the first two, perhaps clutter."""
    things, relations = _related(rng, ambiguous, group)
    if rng.random() < knobs.extra_thing:
        things.append(draw_thing(rng, str(rng.choice(_plain()))))
        relations.append((2, str(rng.choice(SIDES)), int(rng.integers(2))))
    if rng.random() < knobs.clutter * (1.5 if group == "coco_cn" else 1):
        things.append(draw_thing(rng, str(rng.choice(_plain("food thing furniture")))))
    return things, relations


def draw_thing(rng: np.random.Generator, name: str, single: bool = False) -> Thing:
    """A thing with its number and attributes; senses of one word draw from the same ones."""
    thing = Thing(name)
    kind = CLASSES[name].kind
    if not single and rng.random() < 0.2:
        thing.count = int(rng.integers(2, 5))
    groups = SUITS[kind].split() + SUITS.get(name, "").split()
    ambiguity = SENSES.get(name)
    if ambiguity:
        kinds = {CLASSES[sense].kind for sense in ambiguity.senses}
        # `a fan in red` would be a person: what only one sense can have is left out.
        groups = (
            ["big", "small"] if "person" in kinds and len(kinds) > 1 else ["colour", "colour", "colour", "big", "small"]
        )
    for _ in range(int(rng.choice([0, 1, 2], p=[0.22, 0.5, 0.28]))):
        group = str(rng.choice(groups))
        attribute = (
            group if group in ATTRIBUTES else str(rng.choice([w.id for w in ATTRIBUTES.values() if w.kind == group]))
        )
        taken = {ATTRIBUTES[a].kind for a in thing.attributes}
        if taken & _MOODS and ATTRIBUTES[attribute].kind in _MOODS:
            continue
        if ATTRIBUTES[attribute].kind not in taken:
            thing.attributes.append(attribute)
    return thing


def _related(
    rng: np.random.Generator, ambiguous: str | None, group: str
) -> tuple[list[Thing], list[tuple[int, str, int]]]:
    """Two things and the relation between them, one of them the ambiguous class if there is one."""
    if ambiguous is not None:
        # The sense must not be told by what it does or what is done to it: only sides, for all senses alike.
        other = str(rng.choice(_plain("person animal furniture vehicle")))
        order = [ambiguous, other] if rng.random() < 0.6 else [other, ambiguous]
        return [draw_thing(rng, name) for name in order], [(0, str(rng.choice(SIDES)), 1)]
    if rng.random() < 0.2:
        names = rng.choice(_plain(), 2, replace=False)
        return [draw_thing(rng, str(name)) for name in names], [(0, str(rng.choice(SIDES)), 1)]
    predicate = _weighted(rng, sorted(ACTS), group)
    subjects, objects = (part.strip() for part in ACTS[predicate].split("|"))
    other = str(rng.choice(_plain(objects)))
    subject = str(rng.choice([name for name in _plain(subjects) if name != other]))
    single = predicate in ("riding", "driving", "playing_on", "reading", "wearing", "lying_on")
    first, second = draw_thing(rng, subject, single), draw_thing(rng, other, single=True)
    for thing in (first, second):  # who is busy with something does not dance beside
        thing.attributes = [a for a in thing.attributes if ATTRIBUTES[a].kind != "activity"]
    return [first, second], [(0, predicate, 1)]
