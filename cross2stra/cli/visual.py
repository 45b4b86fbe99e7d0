"""Verbs of the room visual."""

import typer

app = typer.Typer()
