"""Verbs of visual scene graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Transfer, say

app = typer.Typer()

Raw = Annotated[Path, typer.Option(help="Raw folder.")]


@app.command()
def visual_graphs(
    config: Config,
    transfer: Transfer,
    images: Annotated[Path, typer.Option(help="Table of pictures.")],
    raw: Raw,
    output: Annotated[Path, typer.Option(help="Visual scene graphs, Parquet.")],
    relations: Annotated[Path | None, typer.Option(help="Relation model, for boxes without relations.")] = None,
    extractor: Annotated[Path | None, typer.Option(help="Extractor of scene graphs, for pictures alone.")] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder that paths are relative to; the raw folder without.")
    ] = None,
    annotated: Annotated[bool, typer.Option(help="The annotations, whatever the profile's backend is.")] = False,
    shard: Annotated[str, typer.Option(help="i/n: only that part of the pictures.")] = "1/1",
) -> None:
    """Make the visual scene graph of every picture of a transfer; one that cannot be read has an empty graph."""
    from dataclasses import replace

    from cross2stra.configuration import read_profile
    from cross2stra.data.files import counts_beside, write_json
    from cross2stra.data.records import Image, read_records
    from cross2stra.structures.graph import EMPTY_LABEL, write_graphs
    from cross2stra.structures.shards import shard as part_of
    from cross2stra.structures.visual.backends import graphs

    profile = read_profile(config)
    rows = read_records(images, Image)
    if pictures is not None:
        rows = [replace(row, path=str((pictures / row.path).resolve())) for row in rows]
    pivot = profile.transfer(transfer).pivot
    structures = profile.structures.model_copy(update={"visual": "annotated"} if annotated else {})
    unreadable: dict[Path, str] = {}
    made = graphs(structures, part_of(rows, shard), raw, pivot, relations, extractor, unreadable)
    write_graphs(output, made)
    empty = sum(graph.node_labels == (EMPTY_LABEL,) for _, graph in made)
    counts = {"pictures": len(made), "without a region": empty - len(unreadable), "unreadable": len(unreadable)}
    write_json(counts_beside(output), counts)
    for reason in unreadable.values():
        say("visual-graphs", reason)


@app.command()
def train_extractor(
    config: Config, raw: Raw, output: Annotated[Path, typer.Option(help="Folder of the extractor.")]
) -> None:
    """Train the detector and the motif network on annotated pictures that no caption is of; scores.json says how well."""
    from cross2stra.configuration import read_profile
    from cross2stra.structures.visual.extracted import train_extractor as train

    profile = read_profile(config)
    train(profile.structures.extractor, raw, output, profile.seeds[0])


@app.command()
def train_relations(
    config: Config, raw: Raw, output: Annotated[Path, typer.Option(help="Folder of the relation model.")]
) -> None:
    """Train the relation model of annotated boxes (frequency and geometry, no pixels)."""
    from cross2stra.configuration import read_profile
    from cross2stra.structures.visual.relations import train

    train(raw, output, seed=read_profile(config).seeds[0])


@app.command()
def score_relations(
    config: Config,
    raw: Raw,
    scores: Annotated[Path, typer.Option(help="Table of scores, CSV.")],
    unlabelled: Annotated[Path, typer.Option(help="Relations of VRD's test pictures that have none, JSON lines.")],
) -> None:
    """Train the motif network on VRD and on VG150, labels given, and score it beside the table of frequencies."""
    from cross2stra.configuration import read_profile
    from cross2stra.structures.visual.motifs_training import Budget
    from cross2stra.structures.visual.predcls import score

    profile = read_profile(config)
    score(raw, Budget(profile.structures.extractor.motifs_updates), profile.seeds[0], scores, unlabelled)


@app.command()
def score_detector(
    config: Config,
    entities: Annotated[Path, typer.Option(help="Boxes of Flickr8k's photos, flickr30k_entities.jsonl.")],
    photos: Annotated[Path, typer.Option(help="Folder of Flickr8k's photos.")],
    output: Annotated[Path, typer.Option(help="Table of scores, CSV.")],
) -> None:
    """Train the detector on the training photos of Flickr8k and score it on the test photos."""
    from cross2stra.configuration import read_profile
    from cross2stra.structures.visual.detector_training import Budget
    from cross2stra.structures.visual.photo_regions import score

    profile = read_profile(config)
    score(entities, photos, Budget(profile.structures.extractor.detector_updates), profile.seeds[0], output)
