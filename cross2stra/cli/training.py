"""Verbs that train systems and caption pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Experiments, System, Transfer

app = typer.Typer()


def experiment_of(path: Path, system: str):  # type: ignore[no-untyped-def]
    """The row of a system, and Cross2StrA's, whose budget is the common one."""
    from cross2stra.configuration import read_experiments

    rows = read_experiments(path)
    if system not in rows:
        raise ValueError(f"{path}: no system {system!r}; it has {', '.join(rows)}")
    return rows[system], rows["cross2stra"]


@app.command()
def train(
    config: Config,
    experiments: Experiments,
    transfer: Transfer,
    system: System,
    seed: Annotated[int, typer.Option(help="Training seed.")],
    stage: Annotated[str, typer.Option(help="Stage of the system.")],
    text: Annotated[Path, typer.Option(help="Folder with captions, pairs and vocabulary.")],
    structures: Annotated[Path, typer.Option(help="Folder with scene graphs and trees.")],
    working: Annotated[Path, typer.Option(help="Folder of resumable state; survives a killed run.")],
    output: Annotated[Path, typer.Option(help="Folder of the trained model.")],
    parser: Annotated[Path | None, typer.Option(help="Parser of pivot sentences.")] = None,
    back_translator: Annotated[Path | None, typer.Option(help="External target-to-pivot translator.")] = None,
    previous: Annotated[Path | None, typer.Option(help="Model of the stage before.")] = None,
) -> None:
    """Train one stage of a system, or go on with it where it was interrupted."""
    from cross2stra.configuration import read_profile
    from cross2stra.training.launch import spread

    profile = read_profile(config)
    spread(profile.compute, sys.argv[1:])
    from cross2stra.systems.method import Task
    from cross2stra.systems.train import train as train_stage

    experiment, reference = experiment_of(experiments, system)
    train_stage(
        Task(
            profile, experiment, reference, transfer, system, seed, stage, text, structures, working, output,
            parser, back_translator, previous,
        )
    )  # fmt: skip


@app.command()
def caption_pictures(
    config: Config,
    experiments: Experiments,
    transfer: Transfer,
    system: System,
    model: Annotated[Path, typer.Option(help="Folder of the trained model.")],
    text: Annotated[Path, typer.Option(help="Folder with the vocabulary that the model was trained with.")],
    structures: Annotated[Path, typer.Option(help="Folder with the visual scene graphs.")],
    images: Annotated[Path, typer.Option(help="Table of pictures.")],
    output: Annotated[Path, typer.Option(help="Captions, JSON lines.")],
    parser: Annotated[Path | None, typer.Option(help="Parser of pivot sentences.")] = None,
    pivots: Annotated[Path | None, typer.Option(help="Human pivot captions, translated in place of its own.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="Splits to caption (repeat); val, test, unlabelled.")] = None,
) -> None:
    """Caption a corpus' pictures with a trained system."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.records import Caption, Image, Split, read_records
    from cross2stra.data.vocabulary import Vocabulary
    from cross2stra.systems.caption import Captioner, first_captions, pictures_of
    from cross2stra.systems.caption import caption_pictures as caption
    from cross2stra.training.processes import use

    profile = read_profile(config)
    use(profile.compute.device)
    experiment, _ = experiment_of(experiments, system)
    known = [Split.VALIDATION, Split.TEST, Split.UNLABELLED]
    wanted = split or known
    if wrong := [name for name in wanted if name not in known]:
        raise ValueError(f"--split {wrong[0]}: expected one of {', '.join(known)}")
    listed = [(row.image_id, row.split) for row in read_records(images, Image)]
    rows = pictures_of(listed, wanted, structures / "visual_graphs.parquet", experiment.corrupted)
    captioner = Captioner(model, experiment, Vocabulary.load(text / "vocabulary.json"), profile.decoding, parser)
    given = first_captions(read_records(pivots, Caption), profile.decoding.max_tokens) if pivots else None
    caption(captioner, rows, profile.transfer(transfer).target, output, given)


@app.command()
def diagnose(
    config: Config,
    experiments: Experiments,
    transfer: Transfer,
    system: Annotated[str, typer.Option(help="Row of the experiments file that has a pivot caption.")],
    seed: Annotated[int, typer.Option(help="Training seed of the model.")],
    model: Annotated[Path, typer.Option(help="Folder of the trained model.")],
    text: Annotated[Path, typer.Option(help="Folder with captions, pairs and vocabulary.")],
    structures: Annotated[Path, typer.Option(help="Folder with scene graphs of pictures and sentences.")],
    bilingual: Annotated[Path, typer.Option(help="Captions of pictures in both languages, from `bilingual`.")],
    output: Annotated[Path, typer.Option(help="Folder for scores.csv and said.jsonl.")],
    parser: Annotated[Path | None, typer.Option(help="Parser of pivot sentences.")] = None,
) -> None:
    """Score each step of a pivoting system by itself, on no test data: captioner, translator, both."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.records import Caption, read_records
    from cross2stra.data.vocabulary import Vocabulary
    from cross2stra.evaluation.meteor import Meteor
    from cross2stra.systems.caption import Captioner
    from cross2stra.systems.diagnosis import Road, write_diagnosis
    from cross2stra.training.processes import use

    profile = read_profile(config)
    use(profile.compute.device)
    (experiment, _), direction = experiment_of(experiments, system), profile.transfer(transfer)
    if experiment.pipeline == "early":
        raise ValueError(f"{system} says no pivot caption: there are no steps to tell apart")
    captioner = Captioner(model, experiment, Vocabulary.load(text / "vocabulary.json"), profile.decoding, parser)
    road = Road(captioner, direction, text, structures, profile.text.max_tokens)
    with Meteor() as scorer:
        write_diagnosis(road.steps(read_records(bilingual, Caption)), transfer, system, seed, scorer, output)
