"""Options that several verbs have, and the line that a verb says to whoever waits for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option(help="Profile, such as config/demo.yaml.")]
Experiments = Annotated[Path, typer.Option(help="Table of systems, such as config/experiments.yaml.")]
Transfer = Annotated[str, typer.Option(help="Transfer of the profile.")]
System = Annotated[str, typer.Option(help="Row of the experiments file.")]


def say(verb: str, text: str) -> None:
    """Print `[verb] text` on standard error, at once."""
    print(f"[{verb}] {text}", file=sys.stderr, flush=True)
