"""Verbs for who has a photo, or a model to give to someone who has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Experiments, System, Transfer, say

app = typer.Typer()


@app.command("export-model")
def export_model_verb(
    config: Config,
    experiments: Experiments,
    transfer: Transfer,
    system: System,
    seed: Annotated[int, typer.Option(help="Training seed of the model.")],
    model: Annotated[Path, typer.Option(help="Folder of the trained model.")],
    vocabulary: Annotated[Path, typer.Option(help="Vocabulary that it was trained with.")],
    output: Annotated[Path, typer.Option(help="The bundle, a zip.")],
    parser: Annotated[Path | None, typer.Option(help="Folder of the parser of pivot sentences.")] = None,
    parser_target: Annotated[
        Path | None, typer.Option(help="Folder of a parser of target sentences; only `serve` draws their trees.")
    ] = None,
    relations: Annotated[Path | None, typer.Option(help="Folder of the relation model, for boxes.")] = None,
    detector: Annotated[Path | None, typer.Option(help="FastestDet.onnx, for boxes.")] = None,
    extractor: Annotated[Path | None, typer.Option(help="Folder of the scene graph extractor.")] = None,
    names: Annotated[Path | None, typer.Option(help="names.json of the extractor's ids.")] = None,
) -> None:
    """Put a trained model into one file, with a card that names its data and checksums."""
    from cross2stra.cli.training import experiment_of
    from cross2stra.configuration import read_profile
    from cross2stra.data.sources import licences
    from cross2stra.systems import photos
    from cross2stra.systems.bundle import Card, write_bundle

    profile = read_profile(config)
    own = profile.transfer(transfer)
    card = Card(
        profile=profile.profile, transfer=transfer, pivot=own.pivot, target=own.target, system=system, seed=seed,
        experiment=experiment_of(experiments, system)[0], decoding=profile.decoding, structures=profile.structures,
        data=licences(profile),
    )  # fmt: skip
    parts = {
        photos.MODEL: model,
        photos.VOCABULARY: vocabulary,
        photos.PARSER: parser,
        photos.PARSER_TARGET: parser_target,
        f"{photos.VISUAL}/relations": relations,
        photos.DETECTOR: detector,
        f"{photos.VISUAL}/extractor": extractor,
        photos.NAMES: names,
    }
    whole = write_bundle(card, {place: path for place, path in parts.items() if path is not None}, output)
    restricted = "; not for commercial use" if whole.noncommercial else ""
    size = output.stat().st_size / 1e6
    say("export-model", f"{output}: {len(whole.files)} files, {size:.1f} MB{restricted}")


@app.command("import-model")
def import_model_verb(
    file: Annotated[Path, typer.Argument(help="A bundle, from export-model.")],
    output: Annotated[Path, typer.Option(help="Folder to unpack it to.")],
) -> None:
    """Check a bundle's checksums and unpack it."""
    from cross2stra.systems.bundle import read_bundle

    card = read_bundle(file, output)
    restricted = f"; not for commercial use: {', '.join(card.noncommercial)}" if card.noncommercial else ""
    said = f"{card.system}, {card.pivot} -> {card.target}, {len(card.files)} files in {output}{restricted}"
    say("import-model", said)


@app.command("caption")
def caption_verb(
    images: Annotated[list[Path], typer.Argument(help="Photos.")],
    model: Annotated[Path, typer.Option(help="Folder of a model, from import-model.")],
    lang: Annotated[str, typer.Option(help="Language that is wanted; the model's where it is not given.")] = "",
    structures: Annotated[
        bool, typer.Option(help="Also the scene graph and the pivot caption, as JSON lines.")
    ] = False,
) -> None:
    """Caption photos: one line each, the photo's name and its caption. A photo that cannot be read is named; others go on."""
    from cross2stra.structures.visual.photos import open_photo
    from cross2stra.systems.photos import PhotoCaptioner

    captioner = PhotoCaptioner(model)
    if lang and lang != captioner.card.target:
        raise ValueError(f"--lang {lang}: {model} captions in {captioner.card.target}; import a model for {lang}")
    broken = 0
    for path in images:
        try:
            (said,) = captioner.caption([open_photo(path)])
        except (OSError, ValueError) as error:
            broken += 1
            say("caption", str(error))
            continue
        if structures:
            row = {
                "image": str(path),
                "caption": said.target,
                "pivot": said.pivot,
                "objects": list(said.graph.node_labels),
                "triplets": said.graph.triplets(),
            }
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"{path}\t{said.target}")
    if broken:
        raise typer.Exit(1)


@app.command("serve")
def serve_verb(
    model: Annotated[Path, typer.Option(help="Folder of a model, from import-model.")],
    host: Annotated[
        str, typer.Option(help="Address to listen at; the default is reached from this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8000,
) -> None:
    """A web page that captions photos and shows how: regions, scene graph, trees, and what each word reads."""
    import uvicorn

    from cross2stra.systems.photos import PhotoCaptioner
    from cross2stra.web.application import application

    served = application(PhotoCaptioner(model))
    if host not in ("127.0.0.1", "localhost", "::1"):
        say("serve", f"{host}: whoever reaches this machine can send photos to it")
    say("serve", f"http://{f'[{host}]' if ':' in host else host}:{port}")
    uvicorn.run(served, host=host, port=port, log_level="warning", server_header=False, limit_concurrency=64)
