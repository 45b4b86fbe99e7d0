"""Verbs of the room data: from raw files to filtered, tokenised text and its vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cross2stra.cli.options import Config, Transfer, say

if TYPE_CHECKING:
    from cross2stra.configuration import Profile
    from cross2stra.configuration import Transfer as Direction

app = typer.Typer()


def _read(config: Path, transfer: str) -> tuple[Profile, Direction]:
    """The profile and one of its transfers."""
    from cross2stra.configuration import read_profile

    profile = read_profile(config)
    return profile, profile.transfer(transfer)


@app.command()
def download(
    config: Config,
    name: Annotated[str, typer.Option(help="Row of the table of sources, for the profile's variant.")],
    output: Annotated[Path, typer.Option(help="Where the file goes.")],
) -> None:
    """Copy a raw file from the mirror or download it, and check its bytes and sha256."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.sources import obtain

    obtain(read_profile(config).sources, name, output)
    say("download", f"{name}: {output.stat().st_size} bytes")


@app.command()
def corpora(
    config: Config,
    transfer: Transfer,
    raw: Annotated[Path, typer.Option(help="Folder of the world, or of the downloaded files.")],
    output: Annotated[Path, typer.Option(help="Folder of the tables.")],
) -> None:
    """Read raw files into tables: pictures, captions, references, parallel text, quarantine, counts, statistics."""
    from cross2stra.data.corpora import build
    from cross2stra.data.files import read_json

    profile, _ = _read(config, transfer)
    build(profile, transfer, raw, output)
    counts = read_json(output / "counts.json")
    totals = {key: sum(row[key] for row in counts["files"].values()) for key in ("read", "kept", "quarantined")}
    excluded = sum(count for row in counts["excluded"].values() for count in row.values())
    say("corpora", f"{transfer}: " + ", ".join(f"{key} {n}" for key, n in totals.items()) + f", excluded {excluded}")


@app.command()
def bilingual(
    config: Config,
    transfer: Transfer,
    raw: Annotated[Path, typer.Option(help="Folder of the world, or of the downloaded files.")],
    output: Annotated[Path, typer.Option(help="Table of captions; empty where no picture has both languages.")],
) -> None:
    """Captions of pictures that are captioned in both languages, without test pictures: read by `diagnose` only."""
    from cross2stra.data.corpora import bilingual_captions
    from cross2stra.data.records import Caption, write_records
    from cross2stra.data.tokens import tokenised

    profile, _ = _read(config, transfer)
    rows = bilingual_captions(profile, transfer, raw)
    write_records(output, Caption, tokenised(rows))
    say("bilingual", f"{transfer}: {len(rows)} captions of {len({row.image_id for row in rows})} pictures")


@app.command()
def dictionary(
    config: Config,
    transfer: Transfer,
    captions: Annotated[Path, typer.Option(help="Pivot captions.")],
    parallel: Annotated[Path, typer.Option(help="Raw sentence pairs.")],
    output: Annotated[Path, typer.Option(help="Dictionary, JSON.")],
) -> None:
    """Build the caption dictionaries: the pivot's content words, and their translations."""
    from cross2stra.data.dictionary import build

    profile, wanted = _read(config, transfer)
    counts = build(captions, parallel, wanted.pivot, wanted.target, profile.filter.dictionary, output)
    say("dictionary", ", ".join(f"{key} {value}" for key, value in counts.items()))


@app.command(name="filter")
def filter_pairs(
    config: Config,
    transfer: Transfer,
    parallel: Annotated[Path, typer.Option(help="Raw sentence pairs.")],
    dictionary: Annotated[Path, typer.Option(help="Dictionary of both sides.")],
    output: Annotated[Path, typer.Option(help="Folder of the kept pairs and the report.")],
    truth: Annotated[Path | None, typer.Option(help="What is known of each raw pair, to measure the filter.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Processes that judge pairs side by side.")] = 1,
) -> None:
    """Keep the sentence pairs that could be captions, best first, and split them."""
    from cross2stra.data.filter import run

    profile, wanted = _read(config, transfer)
    report = run(parallel, dictionary, (wanted.pivot, wanted.target), profile.filter, output, truth, processes)
    say("filter", f"read {report['read']}, kept {report['kept']}" + (f", {report['truth']}" if truth else ""))


@app.command()
def tokenise(
    config: Config,
    transfer: Transfer,
    captions: Annotated[Path, typer.Option(help="Pivot captions.")],
    unpaired: Annotated[Path, typer.Option(help="Captions in the target language, of no known picture.")],
    parallel: Annotated[Path, typer.Option(help="Kept sentence pairs.")],
    output: Annotated[Path, typer.Option(help="Folder of captions, unpaired text and pairs.")],
) -> None:
    """Add tokens to captions, unpaired text and sentence pairs."""
    from cross2stra.data.tokens import tokenise_captions, tokenise_pairs

    _, wanted = _read(config, transfer)
    sentences = tokenise_captions(captions, wanted.pivot, output / "captions.parquet")
    alone = tokenise_captions(unpaired, wanted.target, output / "unpaired.parquet")
    pairs = tokenise_pairs(parallel, wanted.pivot, wanted.target, output / "pairs.parquet")
    say("tokenise", f"{sentences} captions, {pairs} pairs, {alone} unpaired target sentences")


@app.command()
def vocabulary(
    config: Config,
    text: Annotated[Path, typer.Option(help="Folder of captions, pairs and unpaired text.")],
    output: Annotated[Path, typer.Option(help="Vocabulary, JSON.")],
) -> None:
    """Count the words of training text and list those that the models know."""
    from cross2stra.configuration import read_profile
    from cross2stra.data.vocabulary import build

    options = read_profile(config).text
    made = build(text, options.min_count, options.max_words, output)
    sizes = f"{len(made.pivot)} pivot words, {len(made.captioner_words)} of them in captions, {len(made.target)} target words"
    say("vocabulary", sizes)
