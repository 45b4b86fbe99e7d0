"""Verbs of generation: imagined scenes of sentences, and pictures of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Transfer, say

app = typer.Typer()


@app.command()
def train_generator(
    config: Config,
    text: Annotated[Path, typer.Option(help="Folder with captions.parquet.")],
    language_graphs: Annotated[Path, typer.Option(help="Language scene graphs.")],
    visual_graphs: Annotated[Path, typer.Option(help="Visual scene graphs.")],
    output: Annotated[Path, typer.Option(help="Folder of the generator.")],
) -> None:
    """Train the scene generator of pivot-to-target back-translation on the pivot training set."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.records import Caption, Split, read_records
    from cross2stra.structures.generation.training import train
    from cross2stra.structures.graph import read_graphs_of

    splits = (Split.TRAIN, Split.PIVOT_VALIDATION)
    rows = [row for row in read_records(text / "captions.parquet", Caption) if row.split in splits and row.tokens]
    sentences = read_graphs_of(language_graphs, {row.tokens for row in rows})
    pictures = read_graphs_of(visual_graphs, {row.image_id for row in rows})
    pairs = {s: [(sentences[row.tokens], pictures[row.image_id]) for row in rows if row.split == s] for s in splits}
    profile = read_profile(config)
    train(profile.generator, pairs[Split.TRAIN], pairs[Split.PIVOT_VALIDATION], output, profile.seeds[0])


@app.command()
def imagine_scenes(
    config: Config,
    generator: Annotated[Path, typer.Option(help="Folder of the generator.")],
    text: Annotated[Path, typer.Option(help="Folder with pairs.parquet.")],
    language_graphs: Annotated[Path, typer.Option(help="Language scene graphs.")],
    output: Annotated[Path, typer.Option(help="Imagined visual scene graphs by pair id.")],
) -> None:
    """Imagine visual scene graphs for the pivot sentences of `training.back_pairs` training pairs, drawn once for all seeds.

    Only of sentences that a caption could be: in words that pivot captions have. A scene that does not show what its
    sentence names (`generator.shown`) is no picture of it. Both are counted.
    """
    import numpy as np

    from cross2stra.configuration import read_profile
    from cross2stra.data.files import counts_beside, write_json
    from cross2stra.data.records import SentencePair, Split, read_records
    from cross2stra.data.vocabulary import Vocabulary
    from cross2stra.structures.generation.generator import SceneGenerator
    from cross2stra.structures.generation.sequences import shown
    from cross2stra.structures.graph import read_graphs_of, write_graphs

    profile = read_profile(config)
    vocabulary = Vocabulary.load(text / "vocabulary.json")
    caption_words = {vocabulary.pivot[i] for i in vocabulary.captioner_words}
    pairs = [r for r in read_records(text / "pairs.parquet", SentencePair) if r.split == Split.TRAIN and r.pivot_tokens]
    like = [pair for pair in pairs if caption_words.issuperset(pair.pivot_tokens.split())]
    chosen = np.sort(np.random.default_rng(1).permutation(len(like))[: profile.training.back_pairs])
    rows = [like[i] for i in chosen]
    model = SceneGenerator.load(generator)
    graphs = read_graphs_of(language_graphs, {row.pivot_tokens for row in rows})
    sentences = [graphs[row.pivot_tokens] for row in rows]
    made = model.generate(sentences, profile.generator.batch)
    kept = [
        (row.id, scene)
        for row, sentence, scene in zip(rows, sentences, made, strict=True)
        if shown(sentence, scene) >= profile.generator.shown
    ]
    if not kept:
        raise ValueError(
            f"{generator}: none of {len(rows)} imagined scenes shows what its sentence names; "
            "train it longer (generator.updates), or lower generator.shown"
        )
    counts = {
        "pairs": len(pairs),
        "words that no caption has": len(pairs) - len(like),
        "imagined": len(rows),
        "do not show their sentence": len(rows) - len(kept),
        "kept": len(kept),
    }
    write_graphs(output, kept)
    write_json(counts_beside(output), counts)
    said = ", ".join(f"{number} {what}" for what, number in counts.items())
    say("imagine-scenes", said)


@app.command()
def train_pictures(
    config: Config,
    raw: Annotated[Path, typer.Option(help="Raw folder, which paths of pictures are relative to.")],
    text: Annotated[Path, typer.Option(help="Folder with captions.parquet.")],
    images: Annotated[Path, typer.Option(help="Table of pictures.")],
    visual_graphs: Annotated[Path, typer.Option(help="Visual scene graphs.")],
    output: Annotated[Path, typer.Option(help="Folder of the picture generator.")],
) -> None:
    """Train the picture generator on the pictures that have pivot captions; scores.json says how well, on held-out ones."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.records import Caption, Image, Split, read_records
    from cross2stra.structures.generation.pictures.training import Material, train
    from cross2stra.structures.graph import read_graphs

    profile = read_profile(config)
    graphs = read_graphs(visual_graphs, features=False)
    splits = {row.image_id: row.split for row in read_records(text / "captions.parquet", Caption)}
    rows = read_records(images, Image)

    def material(split: Split) -> Material:
        own = [row for row in rows if splits.get(row.image_id) == split]
        return Material([graphs[row.image_id] for row in own], [raw / row.path for row in own])

    train(profile.pictures, material(Split.TRAIN), material(Split.PIVOT_VALIDATION), output, profile.seeds[0])


@app.command()
def draw_pictures(
    config: Config,
    transfer: Transfer,
    scenes: Annotated[Path, typer.Option(help="Imagined visual scene graphs.")],
    output: Annotated[Path, typer.Option(help="Folder of pictures, with their table images.parquet.")],
    pictures: Annotated[Path | None, typer.Option(help="Folder of the learned picture generator.")] = None,
    shard: Annotated[str, typer.Option(help="i/n: only that part of the scenes.")] = "1/1",
) -> None:
    """Draw a picture of each imagined scene of a transfer, by the generator that `generator.pictures` or `.pictures_of` names."""
    from cross2stra.configuration import read_profile
    from cross2stra.structures.generation.pictures.painters import draw, painter
    from cross2stra.structures.graph import read_graphs
    from cross2stra.structures.shards import shard as part_of

    rows = list(enumerate(read_graphs(scenes).items()))
    profile = read_profile(config)
    settings = profile.generator.model_copy(update={"pictures": profile.painter_of(transfer)})
    draw(painter(settings, pictures), part_of(rows, shard), output)
