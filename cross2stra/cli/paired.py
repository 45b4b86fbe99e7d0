"""Verb of the captions that pair a picture with its other language: only bounds read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Transfer, say

app = typer.Typer()


@app.command()
def paired(
    config: Config,
    transfer: Transfer,
    raw: Annotated[Path, typer.Option(help="Folder of the world, or of the downloaded files.")],
    images: Annotated[Path, typer.Option(help="Pictures of the transfer, images.parquet.")],
    vocabulary: Annotated[Path, typer.Option(help="Vocabulary of the transfer's models.")],
    output: Annotated[Path, typer.Option(help="Folder for captions.parquet, pivots.parquet and vocabulary.json.")],
) -> None:
    """Write target captions of training pictures, their vocabulary, and pivot captions of validated and tested ones.

    The bounds `supervised_target` and `gold_pivot` read them, and nothing else may.
    """
    from collections import Counter

    from cross2stra.configuration import read_profile
    from cross2stra.data.corpora import paired_captions
    from cross2stra.data.files import replacing_folder, write_json
    from cross2stra.data.records import Caption, Image, Split, read_records, write_records
    from cross2stra.data.tokens import tokenised
    from cross2stra.data.vocabulary import Vocabulary, most_frequent
    from cross2stra.world.paired import paired_captions as captions_of

    profile = read_profile(config)
    direction = profile.transfer(transfer)
    if profile.sources.world:
        rows = read_records(images, Image)
        captions = list(captions_of(profile.world, [row for row in rows if row.split == Split.TRAIN], direction.target))
        tested = [row for row in rows if row.split in (Split.VALIDATION, Split.TEST)]
        captions += captions_of(profile.world, tested, direction.pivot)
    else:
        captions = paired_captions(profile, transfer, raw)
    captions = tokenised(captions)
    target = [row for row in captions if row.split == Split.TRAIN]
    known = Vocabulary.load(vocabulary)
    counts = Counter(word for row in target for word in row.tokens.split())
    words = most_frequent(counts, profile.text.min_count, profile.text.max_words)
    with replacing_folder(output, "pivots.parquet") as folder:
        write_records(folder / "captions.parquet", Caption, target)
        write_records(folder / "pivots.parquet", Caption, [row for row in captions if row.split != Split.TRAIN])
        own = {"pivot": known.pivot, "target": words, "captioner_words": known.captioner_words}
        write_json(folder / "vocabulary.json", own)
    said = f"{len(target)} target captions of training pictures, {len(captions) - len(target)} pivot captions"
    say("paired", f"{transfer}: {said}")
