"""Verbs of the room reporting."""

import typer

app = typer.Typer()
