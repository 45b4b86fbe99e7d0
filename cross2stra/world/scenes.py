"""Scenes: objects with attributes, relations and a place, laid out in a picture; drawn by a seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.world.knobs import Knobs
from cross2stra.world.lexicon import AMBIGUITIES, BY_ID, CLASSES, COLOURS, PATTERNS, PLACES, PREDICATES, SENSES, SIZES

ACTS = {
    # predicate -> kinds of subject, kinds or classes of object
    "holding": ("person", ("thing", "food")),
    "riding": ("person", ("horse", "bicycle", "motorcycle", "cow")),
    "chasing": ("person animal", ("animal", "ball")),
    "eating": ("person animal", ("food",)),
    "watching": ("person animal", ("person", "animal", "vehicle", "thing")),
    "carrying": ("person", ("guitar", "box", "umbrella")),
    "pulling": ("person", ("horse", "box", "kite")),
    "pushing": ("person", ("bicycle", "motorcycle", "box", "chair")),
    "kicking": ("person", ("ball",)),
    "washing": ("person", ("vehicle", "dog", "horse")),
    "touching": ("person animal", ("animal", "tree", "flower")),
    "wearing": ("person", ("hat",)),
    "sitting_on": ("person animal", ("chair", "bench", "sofa", "bed", "box", "horse")),
    "standing_on": ("person animal", ("table", "bench", "box", "boat")),
    "lying_on": ("person animal", ("bed", "sofa", "bench", "table")),
    "on": ("food thing", ("table", "chair", "bench", "bed", "box")),
}
SIDES = [word.id for word in PREDICATES.values() if word.kind == "side"]


@dataclass
class Thing:
    """An object of a scene (`count` of them side by side), its attributes, and its box (xyxy, pixels)."""

    name: str
    count: int = 1
    attributes: list[str] = field(default_factory=list)
    box: tuple[float, float, float, float] = (0, 0, 0, 0)


@dataclass
class Scene:
    """A place, up to four things, and relations (subject, predicate, object) between their indices."""

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


def draw_scene(rng: np.random.Generator, seed: int, size: int, knobs: Knobs, held_out: bool = False) -> Scene:
    """A scene by `rng`. With `held_out`, only combinations of class and colour that `_held_out` keeps for test scenes
    may occur beside those of training, which never has them."""
    ambiguous = None
    place = str(rng.choice(list(PLACES)))
    if rng.random() < knobs.ambiguous_scene:
        ambiguity = AMBIGUITIES[int(rng.integers(len(AMBIGUITIES)))]
        second = rng.random() > (0.5 if ambiguity.cued else knobs.control_majority)
        ambiguous = ambiguity.senses[int(second)]
        if ambiguity.cued:
            place = str(rng.choice(ambiguity.cues[int(second)]))
    things, relations = _related(rng, ambiguous, held_out)
    if rng.random() < 0.5:
        extra = _thing(rng, str(rng.choice(_plain())), held_out)
        things.append(extra)
        relations.append((len(things) - 1, str(rng.choice(SIDES)), int(rng.integers(len(things) - 1))))
    scene = Scene(place, things, relations, size, seed)
    _lay_out(rng, scene)
    return scene


def _plain(kinds: str = "person animal vehicle furniture food thing") -> list[str]:
    """Classes of `kinds` whose names are not ambiguous."""
    return [row.id for row in CLASSES if row.kind in kinds.split() and row.id not in SENSES]


def _held_out(name: str, colour: str) -> bool:
    """One in twelve combinations of class and colour is for test scenes alone."""
    return sum(map(ord, name + colour)) % 12 == 0


def _thing(rng: np.random.Generator, name: str, held_out: bool, count: bool = True) -> Thing:
    thing = Thing(name)
    if count and rng.random() < 0.2:
        thing.count = int(rng.integers(2, 5))
    if rng.random() < 0.75:
        colours = [c.id for c in COLOURS if held_out or not _held_out(name, c.id)]
        thing.attributes.append(str(rng.choice(colours)))
    if rng.random() < 0.3:
        living = BY_ID[name].kind in ("person", "animal")
        pool = SIZES[:2] if living else SIZES if rng.random() < 0.5 else PATTERNS
        thing.attributes.append(pool[int(rng.integers(len(pool)))].id)
    return thing


def _related(
    rng: np.random.Generator, ambiguous: str | None, held_out: bool
) -> tuple[list[Thing], list[tuple[int, str, int]]]:
    """Two things and the relation between them, one of them the ambiguous class if there is one."""
    options = []
    for predicate, (subjects, objects) in ACTS.items():
        for target in objects:
            candidates = [target] if target in BY_ID else _plain(target)
            for name in (name for name in candidates if name not in SENSES):
                options.append((predicate, subjects, name))
    if ambiguous is not None:
        # The sense must not be told by what is done to it: senses of one word take part in the same relations.
        subject = str(rng.choice(_plain("person animal furniture")))
        predicate = str(rng.choice(SIDES))
        order = [ambiguous, subject] if rng.random() < 0.6 else [subject, ambiguous]
        return [_thing(rng, name, held_out) for name in order], [(0, predicate, 1)]
    if rng.random() < 0.25:
        names = rng.choice(_plain(), 2, replace=False)
        return [_thing(rng, str(name), held_out) for name in names], [(0, str(rng.choice(SIDES)), 1)]
    by_predicate = sorted({option[0] for option in options})
    predicate = str(rng.choice(by_predicate))
    chosen = [option for option in options if option[0] == predicate]
    _, subjects, other = chosen[int(rng.integers(len(chosen)))]
    subject = str(rng.choice([name for name in _plain(subjects) if name != other]))
    return [_thing(rng, subject, held_out), _thing(rng, other, held_out, count=False)], [(0, predicate, 1)]


_EXTENT = {"person": (0.2, 0.42), "animal": (0.24, 0.2), "vehicle": (0.42, 0.26), "furniture": (0.4, 0.26)}


def _lay_out(rng: np.random.Generator, scene: Scene) -> None:
    """Boxes by relation: the object of a relation is placed first, the subject beside, over or on it."""
    size = scene.size

    def extent(thing: Thing) -> tuple[float, float]:
        width, height = _EXTENT.get(BY_ID[thing.name].kind, (0.17, 0.17))
        scale = float(rng.uniform(0.85, 1.2))
        scale *= 1.35 if "big" in thing.attributes or "tall" in thing.attributes else 1.0
        scale *= 0.65 if "small" in thing.attributes else 1.0
        return width * scale * (1 + 0.6 * (thing.count - 1)), height * scale

    centres: dict[int, tuple[float, float]] = {}
    extents = [extent(thing) for thing in scene.things]
    for subject, predicate, other in scene.relations:
        if other not in centres:
            centres[other] = (float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.5, 0.72)))
        (x, y), (w, h), (ow, oh) = centres[other], extents[subject], extents[other]
        gap = float(rng.uniform(0.8, 1.0))
        side = 1 if rng.random() < 0.5 else -1
        dx, dy = {
            "left_of": (-(w + ow) / 2 * gap, 0.0), "right_of": ((w + ow) / 2 * gap, 0.0),
            "above": (0.05 * side, -(h + oh) / 2 * gap), "under": (0.05 * side, (h + oh) / 2 * gap),
            "behind": (0.3 * ow * side, -0.12), "in_front_of": (0.3 * ow * side, 0.12),
            "near": ((w + ow) / 2 * side * 1.25, 0.05), "sitting_on": (0.0, -(h + oh) / 2 * 0.7),
            "standing_on": (0.0, -(h + oh) / 2 * 0.95), "lying_on": (0.0, -(oh + h) / 2 * 0.8),
            "on": (0.05 * side, -(h + oh) / 2 * 0.95), "riding": (0.0, -(h + oh) / 2 * 0.55),
            "wearing": (0.0, h / 2 * 0.8), "holding": (0.4 * w * side, 0.0), "carrying": (-0.4 * w * side, -0.05),
            "kicking": ((w + ow) / 2 * side, -0.12), "eating": (0.35 * w * side, 0.05),
        }.get(predicate, ((w + ow) / 2 * side * gap, 0.02))  # fmt: skip
        centres[subject] = (x + dx, y + dy)
    for index, thing in enumerate(scene.things):
        x, y = centres.get(index, (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.4, 0.8))))
        w, h = extents[index]
        x, y = min(max(x, w / 2), 1 - w / 2) if w < 1 else 0.5, min(max(y, h / 2), 1 - h / 2) if h < 1 else 0.5
        box = (max(x - w / 2, 0), max(y - h / 2, 0), min(x + w / 2, 1), min(y + h / 2, 1))
        thing.box = tuple(round(float(v) * size, 1) for v in box)  # type: ignore[assignment]
