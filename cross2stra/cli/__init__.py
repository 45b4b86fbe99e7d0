"""One verb for each step of the workflow; every rule is one verb, every verb can be run by hand on files."""

from __future__ import annotations

import importlib

import typer

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
for room in ROOMS:
    verbs = importlib.import_module(f"cross2stra.cli.{room}").app
    app.registered_commands += verbs.registered_commands
    app.registered_groups += verbs.registered_groups
