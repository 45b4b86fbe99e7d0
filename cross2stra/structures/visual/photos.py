"""Anyone's photos: opened carefully, and read into scene graphs by what a model was trained to see."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageOps, UnidentifiedImageError

from cross2stra.configuration import Structures
from cross2stra.structures.graph import SceneGraph, empty_graph
from cross2stra.structures.visual.annotated import named
from cross2stra.structures.visual.boxes import graph_of_boxes
from cross2stra.structures.visual.extractor import SceneGraphExtractor
from cross2stra.structures.visual.fastestdet import FastestDet
from cross2stra.structures.visual.relations import RelationModel

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
MOST_PIXELS = 60_000_000
SMALLEST = 16


def open_photo(source: Path | bytes, name: str = "") -> Image.Image:
    """An upright RGB picture from a file or its bytes; `name` is what errors call it.

    Raises ValueError that says what is wrong: no picture of FORMATS, an animation, too large or too small, cut off.
    CMYK, grey and transparent pictures are converted; a camera's rotation (EXIF) is undone.
    """
    said = name or (str(source) if isinstance(source, Path) else "the picture")
    try:
        picture = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ValueError(f"{said}: more than {MOST_PIXELS // 10**6} megapixels; make it smaller") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{said}: not a picture ({', '.join(FORMATS)} are read)") from error
    except FileNotFoundError:
        raise
    except Exception as error:  # Pillow raises anything of a file that is damaged somewhere
        raise ValueError(f"{said}: broken or cut off ({error}); copy it again") from error
    with picture:
        if picture.width * picture.height > MOST_PIXELS:
            size = f"{picture.width} x {picture.height} pixels"
            raise ValueError(f"{said}: {size}, more than {MOST_PIXELS // 10**6} megapixels; make it smaller")
        if min(picture.size) < SMALLEST:
            raise ValueError(
                f"{said}: {picture.width} x {picture.height} pixels; at least {SMALLEST} each way are needed"
            )
        try:
            # The further pictures of a camera's MPO are previews, or the other eye's: the first is the photo.
            frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
            if frames == 1:
                picture.load()
                upright = ImageOps.exif_transpose(picture)
        except Exception as error:  # Pillow raises anything of a file that is damaged somewhere
            raise ValueError(f"{said}: broken or cut off ({error}); copy it again") from error
        if frames > 1:
            raise ValueError(f"{said}: an animation of {frames} pictures; give one of them")
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            upright = upright.convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            return Image.alpha_composite(white, upright).convert("RGB")
        return upright.convert("RGB")


class PhotoReader(Protocol):
    """Reads photos into scene graphs whose names are words of the pivot language."""

    def graphs(self, photos: Sequence[Image.Image]) -> list[SceneGraph]:
        """The scene graph of each photo; of one node where nothing is seen."""
        ...


class BoxReader:
    """Boxes by FastestDet, and what the `boxes` backend makes of boxes."""

    def __init__(self, structures: Structures, pivot: str, relations: Path, detector: Path) -> None:
        self.structures, self.language = structures, ("en", "zh").index(pivot)
        self.relations, self.detector = RelationModel.load(relations), FastestDet(detector)

    def graphs(self, photos: Sequence[Image.Image]) -> list[SceneGraph]:
        """See PhotoReader."""
        made = []
        for photo in photos:
            found = self.detector.boxes(photo)
            size = found.boxes[:, 2:] - found.boxes[:, :2]
            middle = found.boxes[:, :2] + size / 2
            rows = [
                (int(number), *(float(edge) for edge in (*centre, *extent)))
                for number, centre, extent in zip(found.classes, middle, size, strict=True)
            ]
            graph = graph_of_boxes(rows, photo.size, self.relations, self.structures, self.language)  # type: ignore[arg-type]
            made.append(graph if rows else empty_graph(photo.size))
        return made


class PixelReader:
    """The extractor that the `extracted` backend trained; ids are named by a folder with gold/names.json."""

    def __init__(self, structures: Structures, pivot: str, extractor: Path, names: Path) -> None:
        self.settings, self.pivot, self.names = structures.extractor, pivot, names
        self.extractor = SceneGraphExtractor.load(extractor)

    def graphs(self, photos: Sequence[Image.Image]) -> list[SceneGraph]:
        """See PhotoReader."""
        rows = self.extractor.read(photos, self.settings)
        graphs = (("", self.extractor.graph(*row, self.settings)) for row in rows)
        return [graph for _, graph in named(graphs, self.names / "gold" / "names.json", self.pivot)]
