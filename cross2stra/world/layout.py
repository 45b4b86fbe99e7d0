"""Where things stand in a picture: boxes that show the relations between them."""

from __future__ import annotations

import numpy as np

from cross2stra.world.lexicon import CLASSES

Box = tuple[float, float, float, float]

EXTENTS = {
    "person": (0.2, 0.42), "animal": (0.25, 0.21), "vehicle": (0.4, 0.26), "furniture": (0.38, 0.26),
    "food": (0.16, 0.15), "wear": (0.17, 0.13), "thing": (0.17, 0.18),
    "child": (0.16, 0.28), "boy": (0.18, 0.34), "girl": (0.18, 0.34), "horse": (0.32, 0.3), "cow": (0.32, 0.27),
    "elephant": (0.4, 0.34), "bus": (0.5, 0.28), "train": (0.6, 0.25), "bicycle": (0.28, 0.24), "tree": (0.28, 0.42),
    "chair": (0.2, 0.3), "box": (0.24, 0.22), "bed": (0.5, 0.25), "airplane": (0.5, 0.25), "guitar": (0.16, 0.3),
    "motorcycle": (0.3, 0.23), "umbrella": (0.22, 0.26), "lamp": (0.14, 0.24), "crane_machine": (0.36, 0.38),
    "crane_bird": (0.2, 0.3), "trunk_tree": (0.17, 0.26), "bottle": (0.1, 0.2), "bat_club": (0.12, 0.25),
    "fan_machine": (0.18, 0.27),
}  # fmt: skip
"""Width and height, as shares of the picture, of a kind of class or of a class of its own size."""


def extent_of(look: str, count: int, attributes: list[str], scale: float) -> tuple[float, float]:
    """Width and height of a thing as shares of the picture."""
    width, height = EXTENTS.get(look) or EXTENTS[CLASSES[look].kind]
    scale *= 1.35 if "big" in attributes else 0.65 if "small" in attributes else 1.0
    if "tall" in attributes:
        height *= 1.4
    return min(width * scale * (1 + 0.6 * (count - 1)), 0.95), min(height * scale, 0.85)


def lay_out(
    rng: np.random.Generator,
    things: list[tuple[str, int, list[str]]],
    relations: list[tuple[int, str, int]],
    size: int,
) -> list[Box]:
    """The xyxy box in pixels of each thing (look, count, attributes): the object of a relation is placed first."""
    extents = [extent_of(*thing, scale=float(rng.uniform(0.85, 1.15))) for thing in things]
    centres: dict[int, tuple[float, float]] = {}
    for subject, predicate, other in relations:
        if other not in centres:
            centres[other] = float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.5, 0.72))
        shift = _shift(predicate, extents[subject], extents[other], rng)
        if subject not in centres:
            centres[subject] = centres[other][0] + shift[0], centres[other][1] + shift[1]
    for index in range(len(things)):
        if index not in centres:
            centres[index] = float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.55, 0.9))
    _centre(centres, extents)
    boxes = []
    for index, (width, height) in enumerate(extents):
        x, y = centres[index]
        corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        boxes.append(tuple(round(min(max(float(v), 0.0), 1.0) * size, 1) for v in corners))
    return [box if box[2] - box[0] > 4 and box[3] - box[1] > 4 else _inside(box, size) for box in boxes]  # type: ignore[misc, arg-type]


def _centre(centres: dict[int, tuple[float, float]], extents: list[tuple[float, float]]) -> None:
    """Shift all things together, then each one alone, so that as much as possible is inside of the picture."""
    for axis in (0, 1):
        low = min(centres[i][axis] - extents[i][axis] / 2 for i in centres)
        high = max(centres[i][axis] + extents[i][axis] / 2 for i in centres)
        move = -low + 0.02 if low < 0 else min(0.0, 0.98 - high)
        for index, centre in centres.items():
            half = extents[index][axis] / 2
            value = min(max(centre[axis] + move, half * 0.8), 1 - half * 0.8)
            centres[index] = (value, centre[1]) if axis == 0 else (centre[0], value)


def _inside(box: Box, size: int) -> Box:
    """A box of at least five pixels inside of the picture."""
    left, top = min(box[0], size - 6.0), min(box[1], size - 6.0)
    return left, top, max(box[2], left + 5), max(box[3], top + 5)


def _shift(
    predicate: str, subject: tuple[float, float], other: tuple[float, float], rng: np.random.Generator
) -> tuple[float, float]:
    """From the object's centre to the subject's, as shares of the picture."""
    (w, h), (ow, oh) = subject, other
    beside, stacked, side = (w + ow) / 2, (h + oh) / 2, 1.0 if rng.random() < 0.5 else -1.0
    level = (oh - h) / 2  # both stand on the same ground
    loose = float(rng.uniform(0.95, 1.1))
    x, y = {
        "left_of": (-beside * loose, level), "right_of": (beside * loose, level),
        "next_to": (beside * side * 0.97, level), "near": (beside * side * 1.4, level + 0.03),
        "above": (0.1 * ow * side, -stacked * (loose + 0.12)), "under": (0.1 * ow * side, stacked * loose),
        "behind": (0.35 * ow * side, level - 0.1), "in_front_of": (0.3 * ow * side, level + 0.1),
        "sitting_on": (0.05 * side, -stacked * 0.62), "standing_on": (0.04 * side, -stacked * 0.92),
        "lying_on": (0.0, -stacked * 0.75), "on": (0.15 * ow * side, -stacked * 0.92),
        "riding": (0.0, -stacked * 0.6), "driving": (0.12 * ow * side, -0.22 * oh),
        "wearing": (0.0, h * 0.5 - oh * 0.25),
        "holding": (0.5 * w * side, -0.05 * h), "carrying": (-0.3 * w * side, -0.02),
        "eating": (0.4 * w * side, 0.28 * h),
        "reading": (0.25 * w * side, -0.02), "playing_on": (0.0, -0.12 * h), "hugging": (0.6 * beside * side, level),
        "kicking": (beside * side * 1.05, level), "feeding": (beside * side * 0.95, level),
        "touching": (beside * side * 0.8, level), "pushing": (beside * side * 0.9, level),
        "pulling": (beside * side * 1.35, level), "chasing": (beside * side * 1.3, level),
        "watching": (beside * side * 1.5, level), "washing": (beside * side * 0.85, level),
    }[predicate]  # fmt: skip
    return x, y
