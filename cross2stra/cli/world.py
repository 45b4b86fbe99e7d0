"""Verb of the picture world."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config

app = typer.Typer()


@app.command()
def world(
    config: Config,
    output: Annotated[Path, typer.Option(help="Raw folder of the world.")],
) -> None:
    """Generate the picture world in the raw formats of the real data, with its gold structures."""
    from cross2stra.configuration import read_profile
    from cross2stra.world import write_world

    write_world(read_profile(config).world, output, processes=int(os.environ.get("OMP_NUM_THREADS", "1")))
