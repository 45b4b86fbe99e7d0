"""Figures 2, 3 and 4: the method as schematics, drawn by code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from cross2stra.reporting.style import INK, LINE, MUTED, PALETTE, settings

VISION, PIVOT, TARGET, MODULE = PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[3]


def _axis(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    axis = figure.subplots()
    axis.set_xlim(0, width)
    axis.set_ylim(0, height)
    axis.set_aspect("equal")
    axis.axis("off")
    return figure, axis


def _box(axis: Axes, x: float, y: float, text: str, colour: str, width: float) -> None:
    patch = FancyBboxPatch(
        (x - width / 2, y - 0.25),
        width,
        0.5,
        boxstyle="round,pad=0.02,rounding_size=0.08",
        fc="white",
        ec=colour,
        lw=1.2,
    )
    axis.add_patch(patch)
    axis.text(x, y, text, ha="center", va="center", fontsize=7.5, color=INK)


def _arrow(
    axis: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str = "",
    colour: str = MUTED,
    dashed: bool = False,
) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "lw": 1.1, "ls": "--" if dashed else "-"}
    axis.annotate("", end, start, arrowprops=style)
    if text:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 0.12)
        axis.text(*middle, text, ha="center", va="bottom", fontsize=7, color=colour)


def _chain(
    axis: Axes,
    places: Sequence[float],
    y: float,
    boxes: Sequence[tuple[str, str]],
    steps: Sequence[str],
    width: float,
) -> None:
    """Boxes (text, colour) at `places`, in the direction of reading, and an arrow named by its step between two."""
    for x, (text, colour) in zip(places, boxes, strict=True):
        _box(axis, x, y, text, colour, width)
    reach = width / 2 + 0.02
    for (start, end), step in zip(pairwise(places), steps, strict=True):
        way = reach if end > start else -reach
        _arrow(axis, (start + way, y), (end - way, y), step)


def draw_architecture() -> Figure:
    """Figure 2: picture -> scene graph -> pivot caption -> constituency tree -> target caption, with the residual."""
    with matplotlib.rc_context(settings()):
        figure, axis = _axis(6.2, 2.6)
        places, top, bottom = (0.65, 2.25, 3.85, 5.45), 1.95, 0.6
        above = [("picture I", VISION), ("VSG", VISION), ("GCN$_G$: h", MODULE), ("pivot $S^p$", PIVOT)]
        below = [("tree SC$^p$", PIVOT), ("GCN$_C$: r, e", MODULE), ("target $S^t$", TARGET)]
        _chain(axis, places, top, above, ("detect", "encode", "caption"), 1.0)
        _chain(axis, places[:0:-1], bottom, below, ("encode", "translate"), 1.0)
        _arrow(axis, (places[3], top - 0.28), (places[3], bottom + 0.28))
        axis.text(places[3] + 0.08, 1.28, "parse", fontsize=7, color=MUTED, va="center")
        _arrow(axis, (places[2], top - 0.28), (places[2], bottom + 0.28), "", VISION, dashed=True)
        told = "residual: scene states h\njoin the tree's states r"
        axis.text(places[2] - 0.1, 1.28, told, fontsize=7, color=VISION, va="center", ha="right")
        axis.text(places[1], 2.4, "image to pivot, L$_{Cap}$", fontsize=7.5, color=MUTED, ha="center")
        axis.text(places[2], 0.08, "pivot to target, L$_{Tran}$", fontsize=7.5, color=MUTED, ha="center")
    return figure


def draw_alignment() -> Figure:
    """Figure 3: nodes of both scene graphs, and of both trees, drawn together where they match and apart where not."""
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(7.4, 2.5), layout="constrained")
        panels = (
            ("Cross-modal: L$_{CMA}$, scene graphs", ("VSG of the picture", "LSG of its caption"), (VISION, PIVOT), "GCN$_G$", "ρ$_m$"),
            ("Cross-lingual: L$_{CLA}$, constituency trees", ("tree of the pivot", "tree of its translation"), (PIVOT, TARGET), "GCN$_C$", "ρ$_l$"),
        )  # fmt: skip
        for axis, (title, sides, colours, encoder, threshold) in zip(figure.subplots(1, 2), panels, strict=True):
            axis.set_xlim(0, 3.6)
            axis.set_ylim(0, 2.4)
            axis.set_aspect("equal")
            axis.axis("off")
            axis.set_title(title)
            heights = (1.85, 1.25, 0.65)
            for x, side, colour in zip((0.6, 3.0), sides, colours, strict=True):
                axis.text(x, 2.25, side, ha="center", fontsize=7.5, color=colour)
                for y in heights:
                    axis.add_patch(Circle((x, y), 0.14, fc="white", ec=colour, lw=1.3))
                for first, second in pairwise(heights):
                    axis.plot([x, x], [first - 0.14, second + 0.14], color=LINE, lw=1)
            for y in heights[:2]:
                axis.plot([0.74, 2.86], [y, y], color=PALETTE[2], lw=1.5)
            axis.plot([0.74, 2.86], [heights[2], heights[0] - 0.1], color=PALETTE[3], lw=0.9, ls=":")
            axis.plot([0.74, 2.86], [heights[0] - 0.1, heights[2]], color=PALETTE[3], lw=0.9, ls=":")
            axis.text(1.8, 1.92, f"cosine > {threshold}: together", ha="center", fontsize=7, color=PALETTE[2])
            axis.text(1.8, 0.42, "else, and in other pairs: apart", ha="center", fontsize=7, color=PALETTE[3])
            axis.text(1.8, 0.1, f"one {encoder} for both sides", ha="center", fontsize=7, color=MUTED)
    return figure


def draw_back_translation() -> Figure:
    """Figure 4: image -> pivot -> target -> pivot (L_IPB), and pivot -> target's words -> picture -> target (L_PTB)."""
    with matplotlib.rc_context(settings()):
        figure, axis = _axis(7.4, 2.9)
        image = [
            ("picture I", VISION),
            ("pivot $\\hat{S}^p$", PIVOT),
            ("target $\\hat{S}^t$", TARGET),
            ("gold $S^p$", PIVOT),
        ]
        pivot = [
            ("pivot $S^p$", PIVOT),
            ("picture $\\hat{I}$", VISION),
            ("pivot $\\hat{S}^p$", PIVOT),
            ("gold $S^t$", TARGET),
        ]
        places = (0.8, 2.5, 4.2, 5.9)
        axis.text(0.25, 2.72, "Image-to-pivot back-translation, L$_{IPB}$ (Eq. 9)", fontsize=8.5, color=INK)
        _chain(axis, places, 2.2, image, ("captioner", "translator", "external M"), 0.95)
        axis.text(0.25, 1.32, "Pivot-to-target back-translation, L$_{PTB}$ (Eq. 10)", fontsize=8.5, color=INK)
        _chain(axis, places, 0.8, pivot, ("generator", "captioner", "translator"), 0.95)
        axis.text(
            0.25,
            0.25,
            "Gradients reach captioner and translator; M, the generator and the extractors stay as they are.",
            fontsize=7,
            color=MUTED,
        )
    return figure
