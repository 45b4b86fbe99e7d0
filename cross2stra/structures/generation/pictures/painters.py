"""Who draws pictures of imagined scenes, and the folder that they are kept in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from PIL import Image as Pillow

from cross2stra.configuration import Generator as Settings
from cross2stra.data.files import replacing_folder
from cross2stra.data.records import Image, write_records
from cross2stra.structures.graph import SceneGraph


class Painter(Protocol):
    """What turns scene graphs with boxes into pictures, the same ones for the same seeds."""

    def draw(self, graphs: Sequence[SceneGraph], seeds: Sequence[int]) -> Iterator[Pillow.Image]: ...


def painter(settings: Settings, folder: Path | None) -> Painter:
    """The painter `generator.pictures`: the learned one of `folder`, or a published one of `generator.folder`.

    Raises ValueError where none is named, or its folder is missing.
    """
    if settings.pictures == "gligen":
        from cross2stra.structures.generation.pictures.gligen import Gligen

        return Gligen.load(Path(settings.folder))
    if settings.pictures == "learned" and folder is not None:
        from cross2stra.structures.generation.pictures.network import PictureGenerator

        return PictureGenerator.load(folder)
    raise ValueError(
        f"generator.pictures is {settings.pictures!r}: expected `gligen`, or `learned` with --pictures (verb train-pictures)"
    )


def draw(painter: Painter, scenes: Sequence[tuple[int, tuple[str, SceneGraph]]], output: Path) -> None:
    """Write a PNG of each (number, (key, scene)) into the folder `output`, and the table images.parquet, split `drawn`.

    A picture's file and seed are its scene's number among all scenes, whatever part of them is drawn here.
    """
    with replacing_folder(output, "images.parquet") as temporary:
        rows = []
        drawn = painter.draw([scene for _, (_, scene) in scenes], [number for number, _ in scenes])
        for (number, (key, _)), picture in zip(scenes, drawn, strict=True):
            name = f"{number:07}.png"
            picture.save(temporary / name)
            rows.append(Image(key, "drawn", name, *picture.size))
        write_records(temporary / "images.parquet", Image, rows)
