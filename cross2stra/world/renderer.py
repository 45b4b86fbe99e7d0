"""Draws a scene: a ground and sky for the place, then its objects back to front, with light, texture and noise.

Each class has a silhouette of its own, drawn from primitives; attributes change what is drawn; senses that nothing may
tell apart (control words) share one silhouette.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from cross2stra.world.lexicon import BY_ID, COLOUR_IDS, PREDICATES, SENSES
from cross2stra.world.scenes import Scene, Thing

COLOURS = {
    "red": (205, 40, 38), "blue": (45, 80, 200), "green": (50, 150, 60), "yellow": (240, 215, 50),
    "black": (28, 28, 30), "white": (245, 245, 242), "brown": (125, 80, 42), "pink": (245, 150, 180),
    "purple": (130, 60, 160), "orange": (240, 130, 30), "grey": (135, 135, 138), "gold": (210, 165, 45),
}  # fmt: skip
PLACES = {
    # upper colour, lower colour, horizon
    "field": ((150, 200, 240), (110, 175, 80), 0.45), "street": ((190, 195, 200), (95, 95, 100), 0.5),
    "beach": ((130, 200, 245), (232, 212, 155), 0.5), "kitchen": ((245, 235, 210), (190, 140, 100), 0.62),
    "office": ((222, 228, 235), (120, 130, 150), 0.66), "forest": ((60, 105, 60), (80, 70, 40), 0.55),
    "park": ((175, 215, 235), (90, 150, 90), 0.6), "lake": ((170, 205, 230), (60, 120, 170), 0.4),
    "cave": ((60, 52, 50), (85, 75, 70), 0.7), "stadium": ((180, 60, 60), (60, 140, 70), 0.35),
    "station": ((205, 200, 185), (150, 145, 140), 0.55), "bedroom": ((235, 205, 215), (170, 120, 90), 0.6),
}  # fmt: skip
SKIN, METAL = (225, 180, 145), (160, 165, 170)


def render(scene: Scene) -> Image.Image:
    """The picture of a scene, RGB, `scene.size` pixels square; a function of the scene and its seed alone."""
    rng = np.random.default_rng([scene.seed, 7])
    scale = 2
    size = scene.size * scale
    picture = _place(rng, scene.place, size)
    draw = ImageDraw.Draw(picture)
    depth = {"behind": -1, "in_front_of": 1, "holding": 1, "wearing": 1, "riding": 1}
    order = dict.fromkeys(range(len(scene.things)), 0.0)
    for subject, predicate, other in scene.relations:
        if predicate in ("wearing", "holding", "eating"):
            order[other] = order[subject] + 1
        else:
            rest = PREDICATES[predicate].kind == "rest"
            order[subject] = order[other] + depth.get(predicate, 0.5 if rest else 0.1)
    for index in sorted(order, key=lambda i: order[i]):
        _thing(rng, draw, scene.things[index], scale)
    light = float(rng.uniform(0.8, 1.15))
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)).resize((scene.size, scene.size))).astype(
        np.float32
    )
    shade = np.linspace(float(rng.uniform(0.85, 1.1)), float(rng.uniform(0.85, 1.1)), scene.size)[None, :, None]
    noisy = pixels * light * shade + rng.normal(0, 5, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def _place(rng: np.random.Generator, place: str, size: int) -> Image.Image:
    top, bottom, horizon = PLACES[place]
    line = int(size * (horizon + rng.uniform(-0.05, 0.05)))
    picture = Image.new("RGB", (size, size), top)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, line, size, size), fill=bottom)
    texture = np.random.default_rng(sum(map(ord, place)))
    for _ in range(26):  # the place's own texture: strokes whose shape depends on the place, whose position does not
        x, y = rng.uniform(0, size), rng.uniform(0, size)
        w, h = texture.uniform(2, size / 8, 2)
        base = np.asarray(top if y < line else bottom)
        colour = tuple(int(v) for v in (base + texture.integers(-28, 28, 3)).clip(0, 255))
        (draw.ellipse if texture.random() < 0.5 else draw.rectangle)((x, y, x + w, y + h), fill=colour)
    return picture


def _thing(rng: np.random.Generator, draw: ImageDraw.ImageDraw, thing: Thing, scale: int) -> None:
    x1, y1, x2, y2 = (v * scale for v in thing.box)
    width = (x2 - x1) / (1 + 0.6 * (thing.count - 1))
    for copy in range(thing.count):
        left = x1 + 0.6 * width * copy
        _one(rng, draw, thing, (left, y1, left + width, y2))


def _one(
    rng: np.random.Generator, draw: ImageDraw.ImageDraw, thing: Thing, box: tuple[float, float, float, float]
) -> None:
    row = BY_ID[thing.name]
    colour = next((COLOURS[a] for a in thing.attributes if a in COLOUR_IDS), None)
    ambiguity = SENSES.get(thing.name)
    look = ambiguity.senses[0] if ambiguity and not ambiguity.cued else thing.name
    shape = np.random.default_rng([sum(ord(c) * (i + 1) for i, c in enumerate(look)), 3])
    natural = tuple(int(v) for v in shape.integers(70, 210, 3))
    jitter = rng.integers(-12, 13, 3)
    fill = tuple(int(v) for v in (np.asarray(colour or natural) + jitter).clip(0, 255))
    if "dark" in thing.attributes or "dirty" in thing.attributes:
        fill = tuple(int(v * 0.6) for v in fill)
    x1, y1, x2, y2 = box

    def at(fx: float, fy: float) -> tuple[float, float]:
        return x1 + fx * (x2 - x1), y1 + fy * (y2 - y1)

    def part(form: str, fx1: float, fy1: float, fx2: float, fy2: float, paint: tuple[int, ...]) -> None:
        corners = (*at(fx1, fy1), *at(fx2, fy2))
        (draw.ellipse if form == "ellipse" else draw.rectangle)(corners, fill=paint, outline=(20, 20, 20))

    if row.kind == "person":
        legs = tuple(int(v) for v in shape.integers(30, 140, 3))
        part("rectangle", 0.25, 0.62, 0.47, 1.0, legs)
        part("rectangle", 0.53, 0.62, 0.75, 1.0, legs)
        part("rectangle", 0.18, 0.28, 0.82, 0.66, fill)
        part("ellipse", 0.3, 0.0, 0.7, 0.3, SKIN)
        part(
            "rectangle",
            0.28,
            0.0,
            0.72,
            0.05 + 0.12 * shape.random(),
            tuple(int(v) for v in shape.integers(10, 160, 3)),
        )
        _marks(draw, shape, at, 3)
        return
    if row.kind == "animal":
        for leg in np.linspace(0.15, 0.75, 2 + 2 * int(shape.random() < 0.7)):
            part("rectangle", leg, 0.6, leg + 0.1, 1.0, fill)
        part("ellipse", 0.05, 0.25 + 0.1 * shape.random(), 0.8, 0.8, fill)
        part("ellipse", 0.6, 0.0 + 0.15 * shape.random(), 0.85 + 0.15 * shape.random(), 0.5, fill)
        _marks(draw, shape, at, 4)
    elif row.kind == "vehicle":
        part("rectangle", 0.0, 0.3 + 0.15 * shape.random(), 1.0, 0.8, fill)
        part("rectangle", 0.15, 0.05, 0.5 + 0.4 * shape.random(), 0.4, fill)
        for wheel in np.linspace(0.1, 0.7, 2 + int(shape.integers(0, 3))):
            part("ellipse", wheel, 0.65, wheel + 0.2, 1.0, (25, 25, 25))
        _marks(draw, shape, at, 3)
    elif row.kind == "furniture":
        part("rectangle", 0.0, 0.3 + 0.2 * shape.random(), 1.0, 0.65, fill)
        part("rectangle", 0.05, 0.5, 0.17, 1.0, fill)
        part("rectangle", 0.83, 0.5, 0.95, 1.0, fill)
        if shape.random() < 0.6:
            part("rectangle", 0.0, 0.0, 0.15 + shape.random() * 0.85, 0.5, fill)
        _marks(draw, shape, at, 2)
    else:
        corners = int(shape.integers(3, 9))
        angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + shape.uniform(0, np.pi)
        radii = shape.uniform(0.25, 0.5, corners)
        points = [
            at(0.5 + r * float(np.cos(a)), 0.5 + r * float(np.sin(a))) for r, a in zip(radii, angles, strict=True)
        ]
        draw.polygon(points, fill=fill, outline=(20, 20, 20))
        if shape.random() < 0.6:
            part("ellipse", 0.3, 0.2, 0.7, 0.65, tuple(int(v * 0.8) for v in fill))
        _marks(draw, shape, at, 4)
    _texture(draw, thing.attributes, at, fill)


def _marks(draw: ImageDraw.ImageDraw, shape: np.random.Generator, at, number: int) -> None:  # type: ignore[no-untyped-def]
    """Small details by which a class is known, always at the same places of its box."""
    for _ in range(number):
        fx, fy = shape.uniform(0.1, 0.8, 2)
        w, h = shape.uniform(0.05, 0.22, 2)
        paint = tuple(int(v) for v in shape.integers(0, 255, 3))
        (draw.ellipse if shape.random() < 0.5 else draw.rectangle)((*at(fx, fy), *at(fx + w, fy + h)), fill=paint)


def _texture(draw: ImageDraw.ImageDraw, attributes: list[str], at, fill: tuple[int, ...]) -> None:  # type: ignore[no-untyped-def]
    """What an attribute that is no colour looks like."""
    light = tuple(min(255, v + 90) for v in fill)
    dark = tuple(v // 2 for v in fill)
    if "striped" in attributes or "checked" in attributes:
        for f in np.arange(0.15, 0.9, 0.18):
            draw.line((*at(f, 0.25), *at(f, 0.8)), fill=light, width=3)
            if "checked" in attributes:
                draw.line((*at(0.1, f), *at(0.9, f)), fill=dark, width=3)
    if "spotted" in attributes:
        for fx, fy in ((0.3, 0.4), (0.5, 0.6), (0.65, 0.35), (0.4, 0.7), (0.7, 0.65)):
            draw.ellipse((*at(fx - 0.06, fy - 0.06), *at(fx + 0.06, fy + 0.06)), fill=dark)
    if "shiny" in attributes:
        draw.ellipse((*at(0.25, 0.2), *at(0.45, 0.4)), fill=(255, 255, 255))
    if "wooden" in attributes:
        for f in (0.35, 0.5, 0.65):
            draw.line((*at(0.1, f), *at(0.9, f + 0.05)), fill=(90, 55, 25), width=2)
    if "round" in attributes:
        draw.ellipse((*at(0.1, 0.1), *at(0.9, 0.9)), outline=light, width=4)
    if "torn" in attributes:
        draw.line([at(0.2, 0.2), at(0.4, 0.5), at(0.3, 0.6), at(0.6, 0.9)], fill=(15, 15, 15), width=3)
    if "framed" in attributes:
        draw.rectangle((*at(0.05, 0.05), *at(0.95, 0.95)), outline=METAL, width=4)
    if "dirty" in attributes:
        for fx, fy in ((0.2, 0.5), (0.55, 0.3), (0.6, 0.7)):
            draw.rectangle((*at(fx, fy), *at(fx + 0.15, fy + 0.1)), fill=(80, 60, 35))
