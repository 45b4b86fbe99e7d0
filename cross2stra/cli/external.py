"""Verbs of the room external."""

import typer

app = typer.Typer()
