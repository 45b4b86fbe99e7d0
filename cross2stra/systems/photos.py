"""Caption anyone's photos with an unpacked bundle: photo -> scene graph -> pivot caption -> tree -> target caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from cross2stra.data.languages import join
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.syntax.parser import Parser
from cross2stra.structures.visual.photos import BoxReader, PhotoReader, PixelReader
from cross2stra.systems.bundle import Card, read_card
from cross2stra.systems.caption import Captioner
from cross2stra.systems.explanation import Attention, attention, bracketed
from cross2stra.training.pseudo import FlatTrees, TreeParser

MODEL, VOCABULARY, PARSER, VISUAL = "model", "vocabulary.json", "parser", "visual"
PARSER_TARGET = "parser_target"
DETECTOR, NAMES = "visual/FastestDet.onnx", "visual/gold/names.json"
"""Places in a bundle. PARSER_TARGET is optional: nothing needs it to caption, it draws the target caption's tree."""


@dataclass(frozen=True)
class PhotoCaption:
    """What is said of a photo, with what it was said from; `pivot` is empty for a system that says none."""

    graph: SceneGraph
    pivot: str
    target: str


@dataclass(frozen=True)
class Explained:
    """A photo's captions as words, with all that they were said from.

    `pivot` is None for a system that says none. `pivot_tree`, `target_tree`: bracketed, None where the system reads none,
    or the bundle has no parser of the language. `attention`: of the words over the nodes of `graph`.
    """

    graph: SceneGraph
    pivot: list[str] | None
    target: list[str]
    pivot_tree: str | None
    target_tree: str | None
    attention: Attention


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
        target = folder / PARSER_TARGET
        self.target_parser: TreeParser | None = Parser.load(target) if target.is_dir() else None

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

    def explain(self, photo: Image.Image) -> Explained:
        """Caption one photo that `open_photo` opened, and say from what."""
        (graph,) = self.reader.graphs([photo])
        (said,) = self.captioner.caption([graph])
        pivot_tree = target_tree = None
        parser = self.captioner.parser
        if said.pivot and parser is not None and not isinstance(parser, FlatTrees):
            pivot_tree = bracketed(parser, said.pivot)
        if said.target and self.target_parser is not None:
            target_tree = bracketed(self.target_parser, said.target)
        weights = attention(self.captioner, graph, said)
        return Explained(graph, said.pivot, said.target, pivot_tree, target_tree, weights)


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
