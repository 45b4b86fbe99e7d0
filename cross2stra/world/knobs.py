"""The linguistic knobs of the world, frozen before any ablation is run (docs/readings.md, 23)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Knobs:
    """Probabilities, each with a sentence."""

    ambiguous_scene: float = 0.35
    """A scene has an object with an ambiguous name."""
    control_majority: float = 0.65
    """A control word has its first sense."""
    caption_states_place: float = 0.3
    """A caption says where the scene is, which is the cue of an ambiguous word."""
    parallel_states_place: float = 0.5
    """A sentence of the parallel text says it."""
    novel_combination: float = 0.35
    """A test scene is made to hold a combination of class and colour, or of two classes, that training never has."""
    extra_thing: float = 0.6
    """A scene has a third thing, beside one of the first two."""
    clutter: float = 0.25
    """A scene has one more thing that nobody mentions."""
    other_name: float = 0.3
    """A name other than the first of its list is somebody's favourite."""
    off_favourite: float = 0.15
    """An annotator takes another word than the favourite."""
    hypernym: float = 0.03
    """A thing is called by the name of its kind (person, animal, vehicle)."""
    attribute_said: float = 0.75
    """An attribute of a mentioned thing is said in a caption."""
    relation_said: float = 0.88
    """The main relation is said in a caption; otherwise one thing and its place."""
    relation_said_in_parallel: float = 0.88
    """The same in the parallel text: without it translators never see a sentence of that kind, and add a relation."""
    extra_said: float = 0.45
    """The third thing is said in a caption."""
    extra_said_in_parallel: float = 0.8
    """The third thing is said in the parallel text."""
    slip: float = 0.05
    """A caption has an annotator's error: a wrong colour, a wrong number, or a thing taken for another."""
    fragment: float = 0.35
    """A caption is a noun phrase."""
    passive: float = 0.15
    """A transitive predicate is in the passive."""
    disposal: float = 0.3
    """A Chinese predicate that allows it takes 把."""
    inverted: float = 0.3
    """A place or a ground stands first, the subject after the verb."""
    existential: float = 0.25
    """There is …; … 有 …"""
    relative: float = 0.35
    """A relation becomes a relative clause of the subject (parallel text), where there are two."""
    frame: float = 0.3
    """A sentence of the parallel text has a frame such as `we saw that`."""
    adverbial: float = 0.45
    """A sentence of the parallel text has an adverbial of time or manner."""
    past: float = 0.4
    """A sentence of the parallel text is in the past tense."""
    restructured: float = 0.2
    """The two sides of a pair choose their constructions apart."""
    modifier_changed: float = 0.15
    """One side of a pair drops a modifier that the other has."""
    off_topic: float = 0.24
    """A raw pair is not about a picture at all."""
    misaligned: float = 0.04
    """A raw pair has the other side of another pair."""
    duplicate: float = 0.04
    """A raw pair was there before."""
    broken: float = 0.03
    """A raw pair is damaged: an empty side, the wrong script, markup, repetition."""


KNOBS = Knobs()


def turned(changes: Mapping[str, float]) -> Knobs:
    """The frozen knobs with some at another value: a world that lacks what an effect is said to come from (docs/readings.md, 23).

    Raises ValueError for a name that is no knob, or a value that is no probability.
    """
    for name, value in changes.items():
        if name not in asdict(KNOBS) or not 0 <= value <= 1:
            raise ValueError(f"world.knobs.{name}: {value}: expected one of {', '.join(asdict(KNOBS))}, from 0 to 1")
    return replace(KNOBS, **changes)


def digest(knobs: Knobs = KNOBS) -> str:
    """Identifies the knobs: what the statement of a world names it by."""
    return hashlib.sha256(json.dumps(asdict(knobs), sort_keys=True).encode()).hexdigest()[:12]
