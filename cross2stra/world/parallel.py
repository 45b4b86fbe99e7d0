"""The raw parallel text: free translations of sentences about scenes of its own, and what a filter has to remove."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cross2stra.world import chinese, english
from cross2stra.world.derivation import Derivation, movement
from cross2stra.world.knobs import Knobs
from cross2stra.world.noise import damaged, off_topic
from cross2stra.world.plan import draw_plan, varied
from cross2stra.world.scenes import draw_scene


@dataclass(frozen=True)
class Pair:
    """A raw pair with what is true of it: `fate` is picture_like, off_topic, misaligned, duplicate or broken.

    `movement`: how far the words of a free translation move (derivation.movement), 0 for the rest.
    """

    en: str
    zh: str
    fate: str
    derivations: tuple[Derivation, Derivation] | None = None

    @property
    def movement(self) -> int:
        """The larger jump of both directions."""
        if self.derivations is None:
            return 0
        first, second = (derivation.concepts for derivation in self.derivations)
        return max(movement(first, second), movement(second, first))


def picture_like(rng: np.random.Generator, seed: int, size: int, knobs: Knobs) -> Pair:
    """A free translation of a sentence about a scene."""
    scene = draw_scene(rng, seed, size, knobs)
    plan = draw_plan(rng, scene, knobs, parallel=True)
    other = varied(rng, plan, knobs)
    plans = (plan, other) if rng.random() < 0.5 else (other, plan)  # either language may be the freer one
    first, second = english.say(rng, scene, plans[0], knobs), chinese.say(rng, scene, plans[1], knobs)
    return Pair(first.text, second.text, "picture_like", (first, second))


def draw_pairs(number: int, seed: int, size: int, knobs: Knobs) -> Iterator[Pair]:
    """`number` raw pairs; each has a random stream of its own."""
    past: list[Pair] = []
    bounds = np.cumsum([knobs.off_topic, knobs.misaligned, knobs.duplicate, knobs.broken])
    for index in range(number):
        rng = np.random.default_rng([seed, 5, index])
        kind = int(np.searchsorted(bounds, rng.random(), side="right"))
        if kind == 0:
            yield Pair(*off_topic(rng), "off_topic")
            continue
        earlier = past[int(rng.integers(len(past)))] if past else None
        if kind == 2 and earlier is not None:
            yield replace(earlier, fate="duplicate")
            continue
        pair = picture_like(rng, index, size, knobs)
        if kind == 1 and earlier is not None:
            yield Pair(pair.en, earlier.zh, "misaligned")
        elif kind == 3:
            yield Pair(*damaged(rng, pair.en, pair.zh), "broken")
        else:
            past.append(pair)
            yield pair
