"""Caption anyone's photos with an unpacked bundle: photo -> scene graph -> pivot caption -> tree -> target caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from cross2stra.data.languages import join
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.visual.photos import BoxReader, PhotoReader, PixelReader
from cross2stra.systems.bundle import Card, read_card
from cross2stra.systems.caption import Captioner

MODEL, VOCABULARY, PARSER, VISUAL = "model", "vocabulary.json", "parser", "visual"
DETECTOR, NAMES = "visual/FastestDet.onnx", "visual/gold/names.json"
"""Places in a bundle."""


@dataclass(frozen=True)
class PhotoCaption:
    """What is said of a photo, with what it was said from; `pivot` is empty for a system that says none."""

    graph: SceneGraph
    pivot: str
    target: str


class PhotoCaptioner:
    """A bundle, unpacked in `folder`, ready to caption. Raises ValueError where it cannot see photos."""

    def __init__(self, folder: Path) -> None:
        self.card = read_card(folder)
        parser = folder / PARSER
        self.captioner = Captioner(
            folder / MODEL,
            self.card.experiment,
            Vocabulary.load(folder / VOCABULARY),
            self.card.decoding,
            parser if parser.is_dir() else None,
        )
        self.reader = reader(self.card, folder)

    def caption(self, photos: Sequence[Image.Image]) -> list[PhotoCaption]:
        """Caption photos that `open_photo` opened."""
        graphs = self.reader.graphs(photos)
        return [
            PhotoCaption(
                graph,
                join(self.card.pivot, said.pivot) if said.pivot is not None else "",
                join(self.card.target, said.target),
            )
            for graph, said in zip(graphs, self.captioner.caption(graphs), strict=True)
        ]


def reader(card: Card, folder: Path) -> PhotoReader:
    """What makes a scene graph of a photo for this model."""
    structures = card.structures
    if structures.visual == "boxes":
        return BoxReader(structures, card.pivot, folder / VISUAL / "relations", folder / DETECTOR)
    if structures.visual == "extracted":
        return PixelReader(structures, card.pivot, folder / VISUAL / "extractor", folder / VISUAL)
    raise ValueError(
        f"this model was trained on {structures.visual!r} scene graphs, and nothing reads those from a photo; "
        "train one with structures.visual `extracted` or `boxes`"
    )
