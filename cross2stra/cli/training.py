"""Verbs of the room training."""

import typer

app = typer.Typer()
