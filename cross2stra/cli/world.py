"""Verbs of the room world."""

import typer

app = typer.Typer()
