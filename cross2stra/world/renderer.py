"""Draws a scene: its place, then its things back to front, with light, shadow, texture and noise.

Attributes change what is drawn, predicates show in where things are (layout.py) and in small signs between them. The
senses of a control word are drawn by the same code with the same random numbers: the picture cannot tell them apart.
"""

from __future__ import annotations

import zlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from cross2stra.world.ambiguity import look_of
from cross2stra.world.backdrop import draw_place
from cross2stra.world.lexicon import COLOURS, PREDICATES
from cross2stra.world.scenes import Scene, Thing
from cross2stra.world.shapes import NATURAL, SHAPES
from cross2stra.world.signs import draw_relation, draw_signs, draw_surface

Paint = tuple[int, int, int]

SCALE = 2
"""Pixels drawn for each one kept, along each side."""
HUES: dict[str, Paint] = {
    "red": (205, 40, 38), "blue": (45, 80, 200), "green": (45, 150, 60), "yellow": (240, 215, 50),
    "black": (34, 34, 38), "white": (246, 246, 243), "brown": (125, 80, 42), "pink": (245, 150, 180),
    "purple": (130, 60, 165), "orange": (242, 130, 30), "grey": (138, 138, 142), "gold": (212, 170, 40),
}  # fmt: skip
FIXED: dict[str, Paint] = {
    "k": (25, 25, 28), "w": (250, 250, 248), "s": (226, 182, 148), "h": (62, 44, 32), "n": (122, 82, 48),
    "g": (60, 140, 62), "y": (242, 214, 70), "r": (200, 48, 44), "o": (238, 140, 40), "u": (70, 105, 170),
    "m": (165, 170, 178), "i": (240, 150, 178),
}  # fmt: skip


def render(scene: Scene) -> Image.Image:
    """The picture of a scene, RGB, `scene.size` pixels square; a function of the scene and its seed alone."""
    rng = np.random.default_rng([scene.seed, 7])
    size = scene.size * SCALE
    picture = draw_place(rng, scene.place, size).convert("RGBA")
    for index in _back_to_front(scene):
        _draw_thing(rng, picture, scene.things[index])
    for subject, predicate, other in scene.relations:
        boxes = [tuple(v * SCALE for v in scene.things[i].box) for i in (subject, other)]
        draw_relation(ImageDraw.Draw(picture), predicate, boxes[0], boxes[1])
    return _photographed(rng, picture.convert("RGB"), scene.size)


def _back_to_front(scene: Scene) -> list[int]:
    """Things in the order in which they are drawn: by where they touch the ground, then by what relations say."""
    depth = {index: thing.box[3] for index, thing in enumerate(scene.things)}
    for subject, predicate, other in reversed(scene.relations):
        if predicate in ("wearing", "holding", "eating", "playing_on", "reading", "driving", "behind", "carrying"):
            depth[other] = depth[subject] + 1 if predicate != "driving" else depth[subject] + 0.5
        elif PREDICATES[predicate].kind == "rest" or predicate in ("riding", "in_front_of", "hugging"):
            depth[subject] = max(depth[subject], depth[other] + 1)
    return sorted(depth, key=lambda index: depth[index])


def _draw_thing(rng: np.random.Generator, picture: Image.Image, thing: Thing) -> None:
    x1, y1, x2, y2 = (v * SCALE for v in thing.box)
    width = (x2 - x1) / (1 + 0.6 * (thing.count - 1))
    flipped, paint = bool(rng.random() < 0.5), colour_of(rng, thing)
    for copy in range(thing.count):
        left = x1 + 0.6 * width * copy
        patch = draw_patch(rng, thing, paint, max(int(width), 8), max(int(y2 - y1), 8))
        if flipped:
            patch = patch.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        raised = 0.12 * (y2 - y1) if "jumping" in thing.attributes else 0.0
        shadow = (int(left + 0.1 * width), int(y2 - 4), int(left + 0.9 * width), int(y2 + 5))
        _shade(picture, shadow)
        corner = int(left), int(y2 - raised) - patch.height
        picture.paste(patch, corner, patch)
        draw_signs(ImageDraw.Draw(picture), thing.attributes, (left, y1 - raised, left + width, y2 - raised))


def _shade(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """A soft shadow on the ground."""
    width, height = max(box[2] - box[0], 1), max(box[3] - box[1], 1)
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, width - 1, height - 1), fill=90)
    picture.paste((20, 20, 30, 255), box[:2], mask)


def colour_of(rng: np.random.Generator, thing: Thing) -> Paint:
    """The colour that is said of a thing, or its natural one, or a muted one of its class; never quite the same."""
    look = look_of(thing.name)
    said = next((HUES[a] for a in thing.attributes if a in COLOURS), None)
    code = zlib.crc32(look.encode())
    muted = tuple(90 + (code >> shift) % 110 for shift in (0, 8, 16))
    base = np.asarray(said or NATURAL.get(look) or muted) + rng.integers(-14, 15, 3)
    red, green, blue = (int(v) for v in base.clip(0, 255))
    return red, green, blue


def draw_patch(rng: np.random.Generator, thing: Thing, paint: Paint, width: int, height: int) -> Image.Image:
    """One copy of a thing on a transparent patch, which is a little higher than its box (for hats)."""
    top = height // 7
    patch = Image.new("RGBA", (width, height + top), (0, 0, 0, 0))
    body = Image.new("L", patch.size, 0)
    draw, mask = ImageDraw.Draw(patch), ImageDraw.Draw(body)
    palette = {
        **FIXED,
        "b": paint,
        "d": tuple(int(v * 0.68) for v in paint),
        "l": tuple(int(v + (255 - v) * 0.5) for v in paint),
    }
    if "old" in thing.attributes:
        palette["h"] = (225, 225, 228)
    wobble = rng.uniform(-1.5, 1.5, 64)
    outline = max(1, width // 60)
    for part in filter(str.strip, SHAPES[look_of(thing.name)].split(";")):
        form, *rest = part.split()
        numbers, role = [float(v) for v in rest[:-1]], rest[-1]
        thickness = numbers.pop() if form == "l" else 0.0
        moved = [v + wobble[i % 64] for i, v in enumerate(numbers)]
        points = [(moved[i] * width / 100, top + moved[i + 1] * height / 100) for i in range(0, len(moved), 2)]
        fill = (0, 0, 0, 0) if role == "x" else (*palette[role], 255)
        edge = None if role == "x" else (*(int(v * 0.45) for v in palette[role]), 255)
        shown = 255 if role in "bdl" else 0
        if form == "l":
            line = max(1, int(thickness * width / 100))
            draw.line(points, fill=fill, width=line, joint="curve")
            mask.line(points, fill=shown, width=line)
        elif form == "p":
            draw.polygon(points, fill=fill, outline=edge)
            mask.polygon(points, fill=shown)
        else:
            (xa, ya), (xb, yb) = points
            box = (min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
            getattr(draw, "ellipse" if form == "e" else "rectangle")(box, fill=fill, outline=edge, width=outline)
            getattr(mask, "ellipse" if form == "e" else "rectangle")(box, fill=shown)
    return draw_surface(patch, body, thing.attributes, paint, top)


def _photographed(rng: np.random.Generator, picture: Image.Image, size: int) -> Image.Image:
    """The picture under some light: smaller, tinted, shaded from one side, with the noise of a camera."""
    blurred = picture.reduce(SCALE).filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 0.6))))
    pixels = np.asarray(blurred).astype(np.float32)
    light = float(rng.uniform(0.8, 1.15)) * rng.uniform(0.95, 1.05, 3)
    across = _slope(rng, 0.85, 1.12, size)[None, :, None]
    down = _slope(rng, 0.9, 1.08, size)[:, None, None]
    grain = rng.normal(0, 4, (size, size, 1)).round()
    return Image.fromarray((pixels * light * across * down + grain).clip(0, 255).astype(np.uint8))


def _slope(rng: np.random.Generator, low: float, high: float, size: int) -> np.ndarray:
    """Light from one border to the other, (size,)."""
    return np.linspace(float(rng.uniform(low, high)), float(rng.uniform(low, high)), size)
