"""What a sentence says of a scene, before any grammar: which things, attributes, relations, in which construction."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from cross2stra.structures.graph import GraphBuilder
from cross2stra.world.knobs import Knobs
from cross2stra.world.lexicon import CLASSES, COLOURS, HYPERNYMS, Names, Word
from cross2stra.world.scenes import SENSES, Scene, Thing

ANNOTATORS = 40
FRAMES = 6
ADVERBIALS = 10
PAST_ADVERBIALS = (0, 1, 2, 6, 8)
"""Annotators, each with favourite words; sentence frames and adverbials, which both grammars number alike."""


@dataclass(frozen=True)
class Plan:
    """The content of a sentence and its constructions; things by their index in `things`, which may have slips."""

    things: tuple[Thing, ...]
    main: tuple[int, str, int] | None
    extra: tuple[int, str, int] | None
    attributes: dict[int, tuple[str, ...]]
    place: bool
    annotator: int | None = None
    extra_form: str = "with"  # with, modifier, clause, relative
    passive: bool = False
    disposal: bool = False
    inverted: bool = False
    existential: bool = False
    fragment: bool = False
    frame: int | None = None
    adverbial: int | None = None
    past: bool = False
    hypernyms: frozenset[int] = field(default_factory=frozenset)

    @property
    def parallel(self) -> bool:
        """Whether the sentence is of the parallel text, not an annotator's caption."""
        return self.annotator is None


def constructions(rng: np.random.Generator, plan: Plan, knobs: Knobs) -> Plan:
    """The plan with constructions drawn anew."""
    forms = ["with", "modifier", "clause"] if not plan.parallel else ["modifier", "modifier", "with", "clause"]
    relative = plan.parallel and rng.random() < knobs.relative
    return replace(
        plan,
        extra_form="relative" if relative else str(rng.choice(forms)),
        passive=bool(rng.random() < knobs.passive),
        disposal=bool(rng.random() < knobs.disposal),
        inverted=bool(rng.random() < knobs.inverted),
        existential=bool(rng.random() < knobs.existential),
        fragment=bool(not plan.parallel and rng.random() < knobs.fragment),
    )


def draw_plan(rng: np.random.Generator, scene: Scene, knobs: Knobs, parallel: bool) -> Plan:
    """Choose what a caption, or a sentence of the parallel text, says; annotators' slips included (captions only)."""
    related = knobs.relation_said_in_parallel if parallel else knobs.relation_said
    main = scene.relations[0] if rng.random() < related else None
    said = knobs.extra_said_in_parallel if parallel else knobs.extra_said
    extra = scene.relations[1] if main and len(scene.relations) > 1 and rng.random() < said else None
    likely = 0.85 if parallel else knobs.attribute_said
    attributes = {
        index: tuple(a for a in thing.attributes if rng.random() < likely) for index, thing in enumerate(scene.things)
    }
    adverbial = int(rng.integers(ADVERBIALS)) if parallel and rng.random() < knobs.adverbial else None
    plan = Plan(
        things=tuple(scene.things),
        main=main,
        extra=extra,
        attributes=attributes,
        place=bool(rng.random() < (knobs.parallel_states_place if parallel else knobs.caption_states_place))
        or main is None,
        annotator=None if parallel else int(rng.integers(ANNOTATORS)),
        frame=int(rng.integers(FRAMES)) if parallel and rng.random() < knobs.frame else None,
        adverbial=adverbial,
        past=bool(parallel and (adverbial in PAST_ADVERBIALS or (adverbial is None and rng.random() < knobs.past))),
        hypernyms=frozenset(
            index
            for index, thing in enumerate(scene.things)
            if CLASSES[thing.name].kind in HYPERNYMS and thing.name not in SENSES and rng.random() < knobs.hypernym
        ),
    )
    if not parallel and rng.random() < knobs.slip:
        plan = slipped(rng, plan)
    return constructions(rng, plan, knobs)


def slipped(rng: np.random.Generator, plan: Plan) -> Plan:
    """A wrong number, a wrong colour, or one thing taken for another of its kind; ambiguous words never."""
    index = int(rng.integers(2))
    thing = plan.things[index]
    if thing.name in SENSES:
        return plan
    kind = int(rng.integers(3))
    things, attributes = list(plan.things), dict(plan.attributes)
    if kind == 0 and thing.count > 1:
        things[index] = replace(thing, count=2 + (thing.count - 1) % 3)
    elif kind == 1 and any(a in COLOURS for a in attributes[index]):
        wrong = str(rng.choice(sorted(COLOURS)))
        attributes[index] = tuple(wrong if a in COLOURS else a for a in attributes[index])
    else:
        alike = [w.id for w in CLASSES.values() if w.kind == CLASSES[thing.name].kind and w.id not in SENSES]
        things[index] = replace(thing, name=str(rng.choice(alike)))
    return replace(plan, things=tuple(things), attributes=attributes)


def varied(rng: np.random.Generator, plan: Plan, knobs: Knobs) -> Plan:
    """The plan of the other side of a free translation: constructions drawn anew, a modifier dropped."""
    changed = plan
    if rng.random() < knobs.restructured:
        changed = constructions(rng, plan, knobs)
        if plan.place and rng.random() < 0.2 and plan.main is not None and not _ambiguous(plan):
            changed = replace(changed, place=False)
    modified = [index for index, values in plan.attributes.items() if values]
    if modified and rng.random() < knobs.modifier_changed:
        index = int(rng.choice(modified))
        changed = replace(changed, attributes={**plan.attributes, index: plan.attributes[index][:-1]})
    return changed


def _ambiguous(plan: Plan) -> bool:
    return any(thing.name in SENSES for thing in plan.things)


class Speaker:
    """One sentence in the making: picks its words and builds its scene graph as they are said. Grammars extend it."""

    def __init__(self, rng: np.random.Generator, scene: Scene, plan: Plan, knobs: Knobs) -> None:
        self.rng, self.scene, self.plan, self.knobs = rng, scene, plan, knobs
        self.graph = GraphBuilder()
        self.said: dict[int, int] = {}

    def pick(self, names: Names) -> str:
        """A name of the register: the annotator's favourite, or sometimes another; by chance in parallel text."""
        options = names.of(self.plan.parallel)
        if len(options) == 1:
            return options[0]
        if self.plan.annotator is None:
            first = self.rng.random() >= self.knobs.other_name
            return options[0] if first else str(self.rng.choice(options[1:]))
        if self.rng.random() < self.knobs.off_favourite:
            return str(self.rng.choice(options))
        taste = zlib.crc32(f"{self.plan.annotator} {options}".encode())
        if taste % 1000 >= 1000 * self.knobs.other_name:
            return options[0]
        return options[1 + taste // 1000 % (len(options) - 1)]

    def word_of(self, index: int) -> Word:
        """The class of a thing, or the name of its kind."""
        word = CLASSES[self.plan.things[index].name]
        return HYPERNYMS[word.kind] if index in self.plan.hypernyms and word.kind in HYPERNYMS else word
