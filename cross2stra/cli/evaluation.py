"""Verbs of the room evaluation."""

import typer

app = typer.Typer()
