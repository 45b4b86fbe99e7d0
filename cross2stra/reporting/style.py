"""How every figure looks and is saved: one seaborn theme, a font with Chinese, and files that do not change from run to run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import seaborn

matplotlib.use("Agg")

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cross2stra.data.letters import chinese_font_file

INK, MUTED, LINE = "#24221e", "#77736b", "#d8d5ce"
_FAINT = (6, 8)
"""Pink and yellow of seaborn's palette, too light for a line on white."""
PALETTE = tuple(
    colour for index, colour in enumerate(seaborn.color_palette("colorblind").as_hex()) if index not in _FAINT
)

_SETTINGS: dict[str, Any] = {
    **seaborn.axes_style("whitegrid"),
    **seaborn.plotting_context("paper", font_scale=0.94),
    "font.size": 9,
    "patch.force_edgecolor": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#eceae5",
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "svg.hashsalt": "cross2stra",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "savefig.facecolor": "white",
    "axes.unicode_minus": False,
}


@cache
def chinese_font() -> str:
    """The family name of that font, made known to matplotlib."""
    path = chinese_font_file()
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()


def settings(chinese: bool = False) -> Any:
    """matplotlib's settings for all figures; use with `matplotlib.rc_context`.

    `chinese`: with Chinese letters. Their font is large, so that figures which show none are saved faster without.
    """
    return _SETTINGS | {"font.family": [chinese_font(), "DejaVu Sans"] if chinese else ["DejaVu Sans"]}


_LINES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)), (0, (9, 1.5)))


def lines(systems: list[str]) -> dict[str, dict[str, Any]]:
    """Colour and kind of each system's line, the same in every figure that is given the same list.

    Each next one has another colour and another kind, so that none is told by its colour alone; no two of forty are alike.
    """
    return {
        system: {"color": PALETTE[index % len(PALETTE)], "linestyle": _LINES[index % len(_LINES)]}
        for index, system in enumerate(systems)
    }


def interval_bar(axis: Axes, place: float, value: float, low: float, high: float, **style: Any) -> None:
    """A horizontal bar with its interval; `style` is of the bar."""
    axis.barh(place, value, 0.72, **style)
    # A mean of equal numbers can differ from their value in its last bit; matplotlib takes no distance below 0.
    distances = [[max(0.0, value - low)], [max(0.0, high - value)]]
    axis.errorbar(value, place, xerr=distances, color=INK, lw=0.9, capsize=2)


def save(figure: Figure, folder: Path, name: str) -> None:
    """Save `name` as .pdf, .svg and .png, without dates or program versions, so that equal figures are equal bytes."""
    with matplotlib.rc_context(settings()):  # saving reads the salt of SVG ids and the grids' settings too
        for _ in range(2):  # the layout makes room for texts once their lines are broken
            figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for axes in figure.axes:  # the last bits of what its solver finds are not the same in every process
            left, bottom, width, height = (round(bound, 6) for bound in axes.get_position(original=True).bounds)
            axes.set_position((left, bottom, width, height))
        figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
