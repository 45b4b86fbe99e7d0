"""Verbs of external translators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Transfer

app = typer.Typer()
_TOGETHER = 20_000
"""Sentence pairs that are tokenised together."""


@app.command()
def train_back_translator(
    config: Config,
    transfer: Transfer,
    parallel: Annotated[Path, typer.Option(help="Raw parallel text, parallel_raw.parquet.")],
    output: Annotated[Path, typer.Option(help="Folder of the translator.")],
    reverse: Annotated[bool, typer.Option(help="From pivot to target: the control late_translation_external.")] = False,
) -> None:
    """Train the external target-to-pivot translator of image-to-pivot back-translation, or its reverse.

    Training begins at the weights that `back_translator.folder` names, or at random ones.
    """
    from cross2stra.configuration import read_profile
    from cross2stra.data.languages import has_script, tokenise
    from cross2stra.data.records import ParallelSentence
    from cross2stra.data.streams import chunks, stream_records
    from cross2stra.training.back_translator import train_back_translator as train
    from cross2stra.training.processes import use

    profile = read_profile(config)
    settings, direction = profile.back_translator, profile.transfer(transfer)
    if reverse and settings.folder and not settings.updates:
        raise ValueError(
            f"{config}: back_translator.updates is 0, so {settings.folder} is taken as it is, and it translates from target "
            "to pivot; late_translation_external needs the other way: give updates, or leave that row out"
        )
    use(profile.compute.device)
    sides = (direction.pivot, direction.target) if reverse else (direction.target, direction.pivot)
    longest, pairs = profile.filter.max_tokens, set[tuple[str, str]]()
    whole = (
        row
        for row in stream_records(parallel, ParallelSentence)
        if has_script("en", row.en) and has_script("zh", row.zh) and "<" not in row.en + row.zh
    )
    for rows in chunks(whole, _TOGETHER):
        read, said = (tokenise(language, [getattr(row, language) for row in rows]) for language in sides)
        pairs.update(
            (" ".join(first), " ".join(second))
            for first, second in zip(read, said, strict=True)
            if 0 < len(first) <= longest and 0 < len(second) <= longest
        )
    train(settings, sorted(pairs), output)


@app.command()
def translate_captions(
    config: Config,
    transfer: Transfer,
    captions: Annotated[Path, typer.Option(help="Captions of a system that says pivot captions, JSON lines.")],
    translator: Annotated[Path, typer.Option(help="Folder of an external pivot-to-target translator.")],
    output: Annotated[Path, typer.Option(help="The same captions, their pivots translated by that one.")],
) -> None:
    """Translate a system's pivot captions again, by an external translator (a control: what its data alone gives)."""
    import json
    from dataclasses import asdict

    from cross2stra.configuration import read_profile
    from cross2stra.data.files import replacing
    from cross2stra.data.languages import join
    from cross2stra.evaluation.captions import read_captions
    from cross2stra.training.back_translator import BackTranslator

    target = read_profile(config).transfer(transfer).target
    rows = list(read_captions(captions).captions.values())
    if silent := [row.image_id for row in rows if row.pivot is None]:
        raise ValueError(
            f"{captions}: picture {silent[0]} has no pivot caption; give captions of a system that says one"
        )
    said = BackTranslator.load(translator).translate([row.pivot for row in rows if row.pivot is not None])
    with replacing(output) as temporary, temporary.open("w", encoding="utf-8") as file:
        for row, tokens in zip(rows, said, strict=True):
            own = {"text": join(target, tokens.split()), "tokens": tokens}
            file.write(json.dumps(asdict(row) | own, ensure_ascii=False) + "\n")
