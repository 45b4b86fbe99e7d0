"""The places: what is behind the things, so that a place is seen and not only named."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

Paint = tuple[int, int, int]

PLACES: dict[str, tuple[Paint, Paint, float, str]] = {
    "field": (
        (150, 200, 240),
        (110, 175, 80),
        0.45,
        "e 5 -12 45 6 8fb870; e 50 -14 100 6 7fa862; e 70 -40 84 -28 fff2a0; e 10 30 16 33 e8e060; e 60 40 66 43 "
        "e8e060; e 36 20 41 23 f0a0c0",
    ),
    "street": (
        (185, 195, 205),
        (92, 92, 98),
        0.5,
        "r 2 -40 26 2 a08878; r 6 -34 12 -26 fff0b0; r 16 -34 22 -26 fff0b0; r 6 -20 12 -12 fff0b0; r 60 -46 90 2 "
        "8890a0; r 66 -40 74 -30 d0e8ff; r 78 -40 86 -30 d0e8ff; r 10 22 28 25 f4f4f4; r 42 22 60 25 f4f4f4; r 76 "
        "22 94 25 f4f4f4",
    ),
    "beach": (
        (135, 205, 248),
        (234, 214, 160),
        0.5,
        "r -40 -12 140 2 3a86c8; r 10 -8 30 -6 d8ecff; r 55 -5 80 -3 d8ecff; e 70 -42 84 -28 fff4b8; e 20 30 26 "
        "34 f8f0e0; e 66 38 71 42 e09880",
    ),
    "kitchen": (
        (246, 238, 214),
        (196, 150, 112),
        0.62,
        "r 4 -50 28 2 e4e8ec; r 24 -40 26 -20 808890; r 40 -16 96 4 b07848; r 40 -19 96 -15 606468; r 46 -56 60 "
        "-36 b07848; r 66 -56 80 -36 b07848; e 54 -24 64 -18 404448; r 84 -48 96 -30 a8d8f0",
    ),
    "office": (
        (222, 228, 236),
        (118, 128, 150),
        0.66,
        "r 8 -58 40 -26 a8ccf0; l 24 -58 24 -26 ffffff; r 54 -20 96 2 a08868; r 62 -40 80 -22 303840; r 65 -38 77 "
        "-25 70b0e0; r 70 -22 72 -18 303840; r 84 -46 94 -32 f4f4ea",
    ),
    "forest": (
        (70, 112, 66),
        (84, 74, 44),
        0.55,
        "r 6 -60 14 10 503824; r 30 -60 36 6 604830; r 58 -60 67 12 503824; r 84 -60 90 8 604830; e -8 -70 30 -30 "
        "2c5c30; e 22 -66 60 -34 356a38; e 50 -72 84 -32 2c5c30; e 76 -66 112 -30 356a38",
    ),
    "park": (
        (178, 216, 238),
        (98, 160, 92),
        0.58,
        "r 14 -22 18 2 6a4a30; e 4 -46 28 -16 4c9a50; r 78 -18 81 2 6a4a30; e 68 -40 92 -12 58a85a; e 40 -30 44 "
        "-26 303030; r 41 -28 43 2 303030; r 30 -8 64 -6 f4f4f0; r 32 -8 34 2 f4f4f0; r 60 -8 62 2 f4f4f0",
    ),
    "lake": (
        (172, 208, 232),
        (126, 158, 96),
        0.42,
        "p 10 -26 36 0 90a0a8; p 50 -32 84 0 8898a4; r -40 -1 140 26 4a8cc0; r 12 6 34 8 b8dcf4; r 54 14 84 16 "
        "b8dcf4; l 92 30 90 8 5a7838; l 96 30 97 6 5a7838; e 95 2 98 10 704828",
    ),
    "cave": (
        (62, 54, 52),
        (88, 78, 72),
        0.7,
        "e 30 -58 70 -8 a8b8c0; v 6 -70 16 -40 403836; v 24 -70 34 -50 403836; v 68 -70 78 -46 403836; v 84 -70 "
        "96 -36 403836; e 4 4 20 12 6c605a; e 76 8 96 16 6c605a",
    ),
    "stadium": (
        (176, 182, 192),
        (62, 150, 74),
        0.4,
        "r -40 -26 140 -4 c04848; r -40 -18 140 -15 e8e0d8; r -40 -10 140 -7 e8e0d8; r 12 -44 15 -24 505050; r 6 "
        "-48 22 -42 f8f8d0; r 82 -44 85 -24 505050; r 76 -48 92 -42 f8f8d0; r -40 14 140 16 f0f0f0; e 36 22 64 40 "
        "none",
    ),
    "station": (
        (206, 200, 184),
        (148, 144, 140),
        0.52,
        "r -40 -50 140 -42 707880; r 10 -42 14 4 606870; r 84 -42 88 4 606870; r 34 -36 66 -24 204080; r 38 -31 "
        "62 -29 ffffff; r -40 4 140 8 e8c840; r -40 30 140 32 604838; r -40 40 140 42 604838",
    ),
    "bedroom": (
        (236, 208, 218),
        (172, 124, 92),
        0.6,
        "r 60 -52 90 -18 b8daf4; r 56 -54 64 -14 d87890; r 86 -54 94 -14 d87890; r 8 -40 28 -24 f4ead8; e 12 -38 "
        "24 -26 c8a050; e 20 16 80 36 b05868; e 28 20 72 32 d08898",
    ),
    "temple": (
        (226, 206, 170),
        (150, 132, 112),
        0.56,
        "p 8 -50 92 -34 404850; r 16 -34 84 2 b83028; r 24 -30 30 2 e0b050; r 70 -30 76 2 e0b050; r 42 -24 58 2 "
        "502018; r 36 -32 64 -27 f0c850; e 44 8 56 16 808078; r 48 2 50 9 d06030",
    ),
}
"""Upper colour, lower colour, height of the horizon, and objects: form, four numbers, colour in hexadecimal.

Numbers are percent of the picture, vertical ones from the horizon. Forms: `e` ellipse, `r` rectangle, `l` line, `p` and
`v` triangles that point up and down.
"""


def draw_place(rng: np.random.Generator, place: str, size: int) -> Image.Image:
    """The backdrop of a place, RGB, `size` pixels square, never twice the same."""
    top, bottom, horizon, objects = PLACES[place]
    line = size * (horizon + float(rng.uniform(-0.06, 0.06)))
    tint = rng.integers(-16, 17, 3)
    picture = Image.new("RGB", (size, size), _near(top, tint))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, line, size, size), fill=_near(bottom, tint))
    for _ in range(30):  # blades, pebbles, tiles
        x, y = rng.uniform(0, size), rng.uniform(line, size)
        w, h = size * rng.uniform(0.006, 0.045), size * rng.uniform(0.003, 0.016)
        draw.rectangle((x, y, x + w, y + h), fill=_near(bottom, tint + rng.integers(-22, 23)))
    slide = float(rng.uniform(-0.2, 0.2))
    for row in objects.split(";"):
        form, *numbers, code = row.split()
        if code == "none" or rng.random() < 0.12:  # something is missing in every view
            continue
        shift = (slide + float(rng.uniform(-0.04, 0.04))) * size
        x1, y1, x2, y2 = (float(v) / 100 * size for v in numbers)
        red, green, blue = (int(code[i : i + 2], 16) for i in (0, 2, 4))
        paint = _near((red, green, blue), tint)
        box = (x1 + shift, line + y1, x2 + shift, line + y2)
        if form == "e":
            draw.ellipse(box, fill=paint)
        elif form == "r":
            draw.rectangle(box, fill=paint)
        elif form == "l":
            draw.line(box, fill=paint, width=4)
        else:  # p: a triangle that points up, v: down
            base, tip = (box[3], box[1]) if form == "p" else (box[1], box[3])
            draw.polygon([(box[0], base), (box[2], base), ((box[0] + box[2]) / 2, tip)], fill=paint)
    return picture


def _near(paint: Paint, change: np.ndarray) -> Paint:
    red, green, blue = (int(v) for v in (np.asarray(paint) + change).clip(0, 255))
    return red, green, blue
