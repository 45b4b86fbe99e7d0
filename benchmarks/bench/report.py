"""What `make bench` leaves: bench.csv, bench.md (the table of docs/speed.md), and a figure of the ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import matplotlib
import pandas as pd
from harness import Row

from cross2stra.data.files import replacing
from cross2stra.reporting.scores import write_csv
from cross2stra.reporting.style import INK, MUTED, PALETTE, settings

HEADER = ("step", "beside", "times as fast", "95 % interval", "aim")


def cells(row: Row) -> tuple[str, ...]:
    """A line of bench.md."""
    return row.step, row.peer, f"{row.ratio:.2f}", f"{row.low:.2f} to {row.high:.2f}", row.aim


def write(rows: Sequence[Row], output: Path) -> None:
    """Write bench.csv, bench.md and bench.svg below `output`."""
    columns = ["step", "peer", "ratio", "low", "high", "aim"]
    write_csv(output / "bench.csv", pd.DataFrame(map(asdict, rows))[columns])
    rule = ("---", "---", "---:", "---:", "---:")
    with replacing(output / "bench.md") as temporary:
        text = "".join(f"| {' | '.join(line)} |\n" for line in (HEADER, rule, *map(cells, rows)))
        temporary.write_text(text, encoding="utf-8")
    _draw(rows, output / "bench.svg")


def _draw(rows: Sequence[Row], path: Path) -> None:
    """A dot and its interval for each row, a cross at its aim, on a logarithmic axis."""
    with matplotlib.rc_context(settings()):
        figure = matplotlib.figure.Figure(figsize=(8, 0.9 + 0.3 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for place, row in enumerate(rows):
            axes.plot([row.low, row.high], [place, place], color=PALETTE[0], linewidth=2)
            axes.plot(row.ratio, place, "o", color=PALETTE[0], label="measured, 95 % interval" if not place else None)
            axes.plot(float(row.aim.split()[-1]), place, "x", color=PALETTE[1], label="aim" if not place else None)
        axes.axvline(1, color=MUTED, linewidth=1)
        axes.set_xscale("log")
        axes.set_xlabel("times as fast as the peer")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_yticks(range(len(rows)), [f"{row.step} / {row.peer}" for row in rows], color=INK)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
        with replacing(path) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
