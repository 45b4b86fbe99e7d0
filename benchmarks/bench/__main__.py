"""`make bench`: every hot step beside a peer. Ratios, since times are one machine's: how many times faster ours is."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated

import torch
import typer
from harness import Row, measure
from report import write

STEPS = ("filtering", "step", "graph", "syntax", "language", "decoding", "metrics")


def main(
    output: Annotated[Path, typer.Option(help="Folder for bench.csv, bench.md and bench.svg.")],
    device: Annotated[str, typer.Option(help="cpu or cuda: where networks and their inputs are.")] = "cpu",
    only: Annotated[str, typer.Option(help=f"One of {', '.join(STEPS)}.")] = "",
) -> None:
    """Measure, print and write the table."""
    torch.set_num_threads(1)
    torch.set_default_device(device)
    rows: list[Row] = []
    for name in [only] if only else STEPS:
        for case in importlib.import_module(name).cases():
            row = measure(case, device)
            rows.append(row)
            print(
                f"{row.step:32} {row.peer:34} {row.ratio:7.2f} ({row.low:.2f} to {row.high:.2f}), aim {row.aim}; "
                f"{1000 * row.seconds:.1f} ms, theirs {1000 * row.peer_seconds:.1f}; {row.difference or 'equal'}",
                flush=True,
            )
    write(rows, output)


if __name__ == "__main__":
    typer.run(main)
