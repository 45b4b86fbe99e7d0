"""Verbs of the room structures."""

import typer

app = typer.Typer()
