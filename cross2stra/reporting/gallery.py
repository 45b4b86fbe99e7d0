"""Figure 7: pictures with every system's caption and the references; and the bars of sense accuracy."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from cross2stra.configuration.rows import REFERENCE
from cross2stra.data.languages import has_script
from cross2stra.evaluation.senses import KINDS, MAJORITY
from cross2stra.reporting.results import Picture
from cross2stra.reporting.scene import image_of
from cross2stra.reporting.style import INK, MUTED, PALETTE, settings

_NEVER_FIRST = "。，、；：？！）”"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, a Chinese letter counting two; Latin words stay whole.

    A mark that begins no line stands at the end of the one before, beyond `width`.
    """
    pieces: list[str] = []
    for letter in text:
        wide = _columns(letter) == 2
        if pieces and not wide and letter != " " and pieces[-1] != " " and _columns(pieces[-1][-1]) == 1:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    lines = [""]
    for piece in pieces:
        if lines[-1] and _columns(lines[-1] + piece) > width and piece not in _NEVER_FIRST:
            lines.append("")
        lines[-1] += piece if lines[-1] or piece != " " else ""
    return [line.rstrip() for line in lines]


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def draw_pictures(pictures: list[Picture], titles: Mapping[str, str], references: int = 3) -> Figure:
    """Figure 7: one row for a picture, captions beside it, Cross2StrA's in its colour, references below in grey."""
    blocks = [_captions(picture, titles, references) for picture in pictures]
    line = 0.165
    heights = [max(1.75, line * (sum(len(rows) for _, rows, _ in block) + 1.5)) for block in blocks]
    with matplotlib.rc_context(settings(chinese=True)):
        figure = Figure(figsize=(7.4, sum(heights) + 0.2))
        top = sum(heights) + 0.1
        total = sum(heights) + 0.2
        for picture, block, height in zip(pictures, blocks, heights, strict=True):
            side = 1.55 / 7.4
            axis = figure.add_axes((0.012, (top - 1.6) / total, side, 1.55 / total))
            axis.axis("off")
            axis.set_anchor("N")
            shown = image_of(picture)
            if shown is not None:
                axis.imshow(shown, interpolation="lanczos", aspect="equal")
            else:
                axis.text(0.5, 0.5, "no picture file", ha="center", va="center", color=MUTED, fontsize=7)
            y = top - 0.14
            for title, rows, ink in block:
                figure.text(0.235, y / total, title, fontsize=7.5, color=ink, va="center")
                for text in rows:
                    figure.text(0.385, y / total, text, fontsize=8.5, color=ink, va="center")
                    y -= line
            top -= height
    return figure


def _captions(picture: Picture, titles: Mapping[str, str], references: int) -> list[tuple[str, list[str], str]]:
    rows = []
    for system, text in picture.captions.items():
        ink = PALETTE[0] if system == REFERENCE else INK
        gloss = [("", wrap(picture.glosses[system], 76), MUTED)] if picture.glosses.get(system) else []
        rows.append((titles.get(system, system), wrap(text or "(empty)", 66), ink))
        rows += gloss if has_script("zh", text) else []
        if system == REFERENCE and picture.pivots.get(system):
            rows.append(("  its pivot", wrap(picture.pivots[system], 66), MUTED))
            rows += gloss if has_script("zh", picture.pivots[system]) else []
    for index, text in enumerate(picture.references[:references]):
        rows.append(("References" if index == 0 else "", wrap(text, 66), MUTED))
    return rows


def sense_accuracy(frame: pd.DataFrame) -> pd.DataFrame:
    """Share of correct senses in points, mean over seeds, on test: columns transfer, kind, system, accuracy.

    Reads columns transfer, system, seed, split, kind, correct, wrong, missing (counts of ambiguous words shown); a word
    named in neither sense counts against a system. `cued` has all words whose cue the picture shows, the same for all
    systems; `stated` are those of them whose cue the system's own pivot caption says.
    """
    counts = ["correct", "wrong", "missing"]
    test = frame[frame["split"] == "test"]
    test = pd.concat([test, test[test["kind"] == "stated"].assign(kind="cued")])
    test = test.groupby(["transfer", "system", "seed", "kind"])[counts].sum().reset_index()
    whole = test[counts].sum(axis=1)
    found = test.assign(accuracy=100 * test["correct"] / whole.where(whole > 0)).dropna(subset=["accuracy"])
    return found.groupby(["transfer", "kind", "system"], sort=True)["accuracy"].mean().reset_index()


def with_majority(titles: Mapping[str, str]) -> dict[str, str]:
    """The titles, and that of naming always the more frequent sense, which systems stand beside."""
    return {**titles, MAJORITY: "always the majority sense"}


def draw_senses(found: pd.DataFrame, titles: Mapping[str, str], names: Mapping[str, str]) -> Figure | None:
    """Bars of sense accuracy by system, a panel for each transfer of `names` side by side; None when there is nothing."""
    transfers = [transfer for transfer in names if (found["transfer"] == transfer).any()]
    titles = with_majority(titles)
    systems = [system for system in titles if (found["system"] == system).any()]
    kinds = [kind for kind in KINDS if (found["kind"] == kind).any()]
    if not transfers or not systems:
        return None
    thick = 0.8 / len(kinds)
    with matplotlib.rc_context(settings()):
        size = (2 + 3 * len(transfers), (0.11 * len(kinds) + 0.06) * len(systems) + 0.8)
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(1, len(transfers), squeeze=False, sharey=True)[0]
        for axis, transfer in zip(axes, transfers, strict=True):
            for index, kind in enumerate(kinds):
                part = found[(found["transfer"] == transfer) & (found["kind"] == kind)].set_index("system")["accuracy"]
                places = [place + index * thick for place, system in enumerate(systems) if system in part.index]
                values = [part[system] for system in systems if system in part.index]
                bars = axis.barh(places, values, thick * 0.92, color=PALETTE[index], label=kind)
                axis.bar_label(bars, fmt="%.0f", fontsize=6, padding=2, color=MUTED)
            axis.set_yticks([place + thick * (len(kinds) - 1) / 2 for place in range(len(systems))])
            axis.set_yticklabels([titles[system] for system in systems])
            axis.set_ylim(len(systems) - 0.5 + thick, -0.5)
            axis.set_xlim(0, 105)
            axis.grid(axis="y", visible=False)
            axis.set_title(f"Right sense, %: {names[transfer]}")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(kinds), frameon=False)
    return figure
