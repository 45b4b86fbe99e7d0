"""Verb of the external translator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def train_back_translator(
    config: Annotated[Path, typer.Option(help="Profile, such as config/demo.yaml.")],
    transfer: Annotated[str, typer.Option(help="Transfer of the profile.")],
    parallel: Annotated[Path, typer.Option(help="Raw parallel text, parallel_raw.parquet.")],
    output: Annotated[Path, typer.Option(help="Folder of the translator.")],
) -> None:
    """Train the external target-to-pivot translator of image-to-pivot back-translation."""
    import shutil

    from cross2stra.configuration import read_profile
    from cross2stra.data.files import replacing
    from cross2stra.data.languages import has_script, tokenise
    from cross2stra.data.records import ParallelSentence, read_records
    from cross2stra.training.back_translator import train_back_translator as train

    profile = read_profile(config)
    settings, direction = profile.back_translator, profile.transfers[transfer]
    if settings.folder:
        with replacing(output) as temporary:
            shutil.copytree(settings.folder, temporary)
        return
    rows = [
        row
        for row in read_records(parallel, ParallelSentence)
        if has_script("en", row.en) and has_script("zh", row.zh) and "<" not in row.en + row.zh
    ]
    target = tokenise(direction.target, [getattr(row, direction.target) for row in rows])
    pivot = tokenise(direction.pivot, [getattr(row, direction.pivot) for row in rows])
    longest = profile.filter.max_tokens
    pairs = [
        (" ".join(t), " ".join(p))
        for t, p in zip(target, pivot, strict=True)
        if 0 < len(t) <= longest and 0 < len(p) <= longest
    ]
    train(settings, sorted(set(pairs)), output)
