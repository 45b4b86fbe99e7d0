"""Verbs of the room data."""

import typer

app = typer.Typer()
