"""The linguistic knobs of the world, frozen before any ablation is run (docs/readings.md, 15 to 17)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Knobs:
    """Probabilities unless a sentence says otherwise."""

    ambiguous_scene: float = 0.35
    """A scene has an object with an ambiguous name."""
    control_majority: float = 0.65
    """Share of the first sense of a control word."""
    caption_states_place: float = 0.35
    """A caption says where the scene is, which is the cue."""
    parallel_states_place: float = 0.5
    """A sentence of the parallel text says it."""
    second_name: float = 0.25
    """A name other than the preferred one is chosen."""
    attribute_kept: float = 0.75
    """An attribute of a mentioned object is said."""
    second_object: float = 0.8
    """The second object of a scene is mentioned."""
    third_object: float = 0.4
    """The third object of a scene is mentioned."""
    slip: float = 0.05
    """An annotator's slip: a wrong colour, or a doubled word left out."""
    passive: float = 0.2
    """A transitive predicate is put in the passive."""
    inversion: float = 0.3
    """A place is put first, with the subject after the verb (En), or 着 after the verb (Zh)."""
    restructured: float = 0.2
    """The two sides of a parallel pair choose their constructions independently."""
    modifier_changed: float = 0.15
    """One side of a parallel pair drops a modifier that the other has."""
    off_topic: float = 0.25
    misaligned: float = 0.05
    duplicate: float = 0.05
    broken: float = 0.04
    """Shares of the raw parallel text that the filter should remove."""
    rare_only_in_captions: float = 0.07
    """Share of caption words that the parallel text does not have: captions' own names of some classes."""


KNOBS = Knobs()


def digest(knobs: Knobs = KNOBS) -> str:
    """Identifies the knobs; results of two digests are never put in one table."""
    return hashlib.sha256(json.dumps(asdict(knobs), sort_keys=True).encode()).hexdigest()[:12]
