"""Captions in the language that a picture of the world has none in: for bounds alone (docs/readings.md, 18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from cross2stra.configuration import World
from cross2stra.data.records import Caption, Image
from cross2stra.world import chinese, english
from cross2stra.world.knobs import turned
from cross2stra.world.plan import draw_plan
from cross2stra.world.scenes import draw_scene
from cross2stra.world.writers import CAPTIONS, collections

_STREAM = 11
"""Part of the random numbers that no collection has."""


def paired_captions(world: World, images: Iterable[Image], language: str) -> Iterator[Caption]:
    """CAPTIONS captions in `language` of each picture, drawn as its own were, by another stream.

    Raises ValueError for a picture that is not of this world.
    """
    say = {"en": english.say, "zh": chinese.say}[language]
    knobs = turned(world.knobs)
    of = {c.prefix + index: (c, index) for c in collections(world).values() for index in range(c.images)}
    for image in images:
        if not image.image_id.isdecimal() or int(image.image_id) not in of:
            raise ValueError(f"picture {image.image_id}: none of this world; make the corpora again")
        number = int(image.image_id)
        collection, index = of[number]
        rng = np.random.default_rng([world.seed, collection.stream, index])
        scene = draw_scene(rng, number, world.picture_size, knobs, collection.held_out, collection.group)
        rng = np.random.default_rng([world.seed, _STREAM, number])
        for _ in range(CAPTIONS):
            said = say(rng, scene, draw_plan(rng, scene, knobs, parallel=False), knobs)
            yield Caption(image.image_id, image.split, language, said.text)
