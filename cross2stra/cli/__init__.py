"""One verb for each step of the workflow; every rule is one verb, every verb can be run by hand on files."""

from __future__ import annotations

import importlib
import os

import typer

from cross2stra.configuration.digests import fingerprint

ROOMS = (
    "workflow",
    "world",
    "data",
    "paired",
    "structures",
    "visual",
    "generation",
    "external",
    "training",
    "photos",
    "evaluation",
    "ratings",
    "reporting",
)

app = typer.Typer(
    help="Cross2StrA: image captioning in a language that has no captioned images.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _as_the_run_read_it() -> None:
    """Refuse a profile that was changed since the workflow read it: what is made would be kept as the old one's."""
    profile, experiments, read = (os.environ.get(name, "") for name in ("PROFILE", "EXPERIMENTS", "CROSS2STRA_READ"))
    if read and read != fingerprint(profile, experiments):
        raise ValueError(
            f"{profile} or {experiments} changed since this run began; put it back, or start the run again"
        )


for room in ROOMS:
    verbs = importlib.import_module(f"cross2stra.cli.{room}").app
    app.registered_commands += verbs.registered_commands
    app.registered_groups += verbs.registered_groups
