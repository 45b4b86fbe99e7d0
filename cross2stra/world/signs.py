"""How attributes and predicates show: surfaces of things, signs around them, signs between two of them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

Box = tuple[float, ...]


def draw_surface(
    patch: Image.Image, body: Image.Image, attributes: list[str], paint: tuple[int, ...], top: int
) -> Image.Image:
    """Patterns on a patch (RGBA); `body` (L) is where the thing has its own colour, `top` the rows above its box."""
    width, height = patch.size
    inner = height - top
    over = Image.new("RGBA", patch.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(over)
    bright = sum(paint) > 380
    contrast = (
        *(tuple(int(v * 0.35) for v in paint) if bright else tuple(int(v + (255 - v) * 0.75) for v in paint)),
        255,
    )
    step = max(6, width // 7)
    if "striped" in attributes or "checked" in attributes:
        for left in range(0, width, step):
            draw.rectangle((left, 0, left + step // 2 - 1, height), fill=contrast)
    if "checked" in attributes:
        for up in range(0, height, step):
            draw.rectangle((0, up, width, up + step // 2 - 1), fill=(*paint[:3], 255) if bright else contrast)
    if "spotted" in attributes:
        for row, up in enumerate(range(0, height, step)):
            for left in range(step // 2 * (row % 2), width, step):
                draw.ellipse((left, up, left + step // 2, up + step // 2), fill=contrast)
    if "wooden" in attributes:
        draw.rectangle((0, 0, width, height), fill=(176, 122, 70, 150))
        for up in range(0, height, max(5, height // 12)):
            draw.line((0, up, width, up + height // 20), fill=(96, 60, 30, 255), width=2)
    if over.getbbox():
        patch.paste(over, (0, 0), Image.composite(over.getchannel("A"), Image.new("L", patch.size, 0), body))
    whole = patch.getchannel("A")
    mark = ImageDraw.Draw(patch)
    if "dirty" in attributes:
        stain = Image.new("RGBA", patch.size, (0, 0, 0, 0))
        for fx, fy in ((0.2, 0.55), (0.42, 0.35), (0.6, 0.7), (0.75, 0.45), (0.5, 0.85), (0.3, 0.75)):
            x, y = fx * width, top + fy * inner
            ImageDraw.Draw(stain).ellipse(
                (x - width / 11, y - inner / 13, x + width / 11, y + inner / 13), fill=(84, 62, 34, 255)
            )
        patch.paste(stain, (0, 0), Image.composite(stain.getchannel("A"), Image.new("L", patch.size, 0), whole))
    if "torn" in attributes:
        for fx, fy in ((0.1, 0.95), (0.45, 1.02), (0.85, 0.97), (0.98, 0.3)):
            x, y, w, h = fx * width, top + fy * inner, width / 9, inner / 3.4
            mark.polygon([(x - w, y), (x + w, y), (x, y - h)], fill=(0, 0, 0, 0))
        points = [(0.3, 0.3), (0.45, 0.42), (0.38, 0.52), (0.58, 0.66)]
        mark.line([(fx * width, top + fy * inner) for fx, fy in points], fill=(20, 16, 14, 255), width=3)
    if "shiny" in attributes:
        mark.ellipse((width * 0.28, top + inner * 0.24, width * 0.44, top + inner * 0.4), fill=(255, 255, 255, 255))
    if "round" in attributes:
        mark.ellipse((1, top + 1, width - 2, height - 2), outline=contrast, width=4)
    if "dark" in attributes:
        pixels = np.asarray(patch).astype(np.float32)
        pixels[..., :3] *= 0.42
        patch = Image.fromarray(pixels.astype(np.uint8), "RGBA")
    return patch


def draw_signs(draw: ImageDraw.ImageDraw, attributes: list[str], box: Box) -> None:
    """What is around a thing, or on its face: lines of motion, tears, drops, notes."""
    x1, y1, x2, y2 = box
    w, h = x2 - x1, y2 - y1

    def at(fx: float, fy: float) -> tuple[float, float]:
        return x1 + fx * w, y1 + fy * h

    for attribute in attributes:
        if attribute == "running":
            for f in (0.45, 0.6, 0.75, 0.9):
                draw.line((*at(-0.3, f), *at(-0.04, f)), fill=(250, 250, 250), width=3)
        elif attribute == "jumping":
            for f in (0.25, 0.5, 0.75):
                draw.line((*at(f, 1.03), *at(f, 1.16)), fill=(60, 60, 200), width=4)
        elif attribute == "sleeping":
            for f, g in ((0.75, -0.02), (0.9, -0.14)):
                x, y, s = *at(f, g), 9
                draw.line([(x, y), (x + s, y), (x, y + s), (x + s, y + s)], fill=(30, 30, 90), width=3)
        elif attribute == "dancing":
            for f, g in ((-0.05, 0.1), (1.02, 0.02), (1.1, 0.35)):
                x, y = at(f, g)
                draw.ellipse((x, y, x + 8, y + 6), fill=(160, 20, 140))
                draw.line((x + 7, y + 3, x + 7, y - 12), fill=(160, 20, 140), width=2)
        elif attribute == "playing":
            for f, g, paint in ((-0.05, 0.85, (230, 60, 60)), (1.02, 0.9, (60, 90, 230)), (1.1, 0.75, (240, 200, 40))):
                x, y = at(f, g)
                draw.rectangle((x, y, x + 9, y + 9), fill=paint)
        elif attribute == "smiling":
            draw.arc((*at(0.4, 0.14), *at(0.6, 0.31)), 15, 165, fill=(180, 20, 30), width=4)
        elif attribute == "crying":
            for f in (0.42, 0.56):
                draw.ellipse((*at(f, 0.2), *at(f + 0.06, 0.36)), fill=(90, 160, 250))
        elif attribute == "old":
            draw.polygon([at(0.36, 0.24), at(0.64, 0.24), at(0.5, 0.46)], fill=(232, 232, 234))
            draw.line((*at(0.92, 0.5), *at(0.95, 1.0)), fill=(90, 60, 30), width=4)
        elif attribute == "wet":
            for f, g in ((0.1, 0.2), (0.3, 0.55), (0.55, 0.3), (0.75, 0.65), (0.9, 0.25), (0.2, 0.95), (0.65, 1.0)):
                x, y = at(f, g)
                draw.ellipse((x - 3, y - 1, x + 3, y + 8), fill=(110, 190, 250), outline=(40, 100, 190))


def draw_relation(draw: ImageDraw.ImageDraw, predicate: str, subject: Box, other: Box) -> None:
    """What is between a subject and its object: a rope, an arm, drops, a line of sight."""
    first, second = _middle(subject), _middle(other)
    if predicate == "pulling":
        draw.line((*first, *second), fill=(120, 85, 45), width=4)
    elif predicate in ("pushing", "touching", "feeding", "hugging"):
        _arm(draw, first, second, 0.65 if predicate != "hugging" else 0.9)
        if predicate == "feeding":
            draw.ellipse(_around(_between(first, second, 0.68), 6), fill=(150, 110, 40), outline=(40, 30, 20))
        if predicate == "pushing":
            for f in (0.75, 0.85):
                x, y = _between(first, second, f)
                draw.line((x, y - 12, x, y + 12), fill=(245, 245, 245), width=3)
    elif predicate == "kicking":
        x, y = second
        for dx in (10, 18, 26):
            away = dx if first[0] < x else -dx
            draw.arc(
                _around((x + away, y), 16),
                300 if away > 0 else 120,
                60 if away > 0 else 240,
                fill=(255, 255, 255),
                width=3,
            )
    elif predicate == "washing":
        for f, g in ((0.2, 0.15), (0.45, 0.4), (0.7, 0.2), (0.85, 0.55), (0.3, 0.7)):
            x, y = other[0] + f * (other[2] - other[0]), other[1] + g * (other[3] - other[1])
            draw.ellipse(_around((x, y), 7), outline=(235, 250, 255), width=3)
        _arm(draw, first, second, 0.6)
    elif predicate == "watching":
        for f in (0.3, 0.4, 0.5, 0.6, 0.7):
            draw.ellipse(
                _around(_between((first[0], subject[1] + 0.15 * (subject[3] - subject[1])), second, f), 2),
                fill=(255, 255, 255),
            )
    elif predicate == "chasing":
        side = -1 if first[0] < second[0] else 1
        x = subject[0] if side < 0 else subject[2]
        for dy in (8, 16, 24):
            draw.ellipse(_around((x + side * dy, subject[3] - dy / 2), 5), fill=(205, 195, 175))


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _between(first: tuple[float, float], second: tuple[float, float], share: float) -> tuple[float, float]:
    return first[0] + share * (second[0] - first[0]), first[1] + share * (second[1] - first[1])


def _around(centre: tuple[float, float], radius: float) -> tuple[float, float, float, float]:
    return centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius


def _arm(draw: ImageDraw.ImageDraw, first: tuple[float, float], second: tuple[float, float], reach: float) -> None:
    hand = _between(first, second, reach)
    draw.line((*first, *hand), fill=(226, 182, 148), width=7)
    draw.ellipse(_around(hand, 5), fill=(226, 182, 148))
