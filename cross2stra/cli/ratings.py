"""Verbs of the human study: `ratings make`, `ratings ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, say

app = typer.Typer()
study = typer.Typer(help="The human study: forms for raters, and what they saved.", no_args_is_help=True)
app.add_typer(study, name="ratings")


@study.command()
def make(
    config: Config,
    results: Annotated[Path, typer.Option(help="Folder of the profile's results, with captions/.")],
    output: Annotated[Path, typer.Option(help="Folder of rater-NN.html, and key.csv, which raters do not get.")],
) -> None:
    """Write a form for each rater: pictures drawn by seed, systems blinded and shuffled, one file that works offline."""
    from cross2stra.configuration import read_profile
    from cross2stra.reporting.ratings import make_forms

    make_forms(read_profile(config), results, output)


@study.command()
def ingest(
    config: Config,
    answers: Annotated[
        Path, typer.Option(help="Folder of the CSV files that raters saved, and of their forms' key.csv.")
    ],
    output: Annotated[Path, typer.Option(help="Folder of answers, means, agreement and tests, CSV.")],
) -> None:
    """Check what raters saved; means, Krippendorff's alpha, and paired tests with Holm's correction."""
    from cross2stra.configuration import read_profile
    from cross2stra.ratings.answers import files_of, read_answers, read_key, write_answers

    profile = read_profile(config)
    path, files = files_of(answers)
    key = read_key(path)
    found, left_open = read_answers(key, files)
    write_answers(key, found, left_open, output, profile.evaluation.bootstrap, profile.evaluation.seed)
    said = f"{found['rater'].nunique()} raters, {len(found)} answers, {left_open} questions left open"
    say("ratings", said)
