"""Visual scene graphs by an extractor that was trained on other pictures, with names in the pivot language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cross2stra.configuration import Extractor as Settings
from cross2stra.data.records import Image
from cross2stra.structures.graph import SceneGraph, read_graphs
from cross2stra.structures.visual.annotated import named
from cross2stra.structures.visual.detectron2 import Detectron2Detector
from cross2stra.structures.visual.extractor import Names, SceneGraphExtractor
from cross2stra.structures.visual.extractor_training import frequency_of, names_of, scores, train, train_motifs

_HELD_OUT = 10
"""One annotated picture in so many is not trained on, but scored."""


def train_extractor(settings: Settings, raw: Path, output: Path, seed: int) -> None:
    """Train on the annotated pictures of a world's raw folder and write the extractor, with scores.json, to `output`.

    Raises ValueError where the folder has none.
    """
    path = raw / "gold" / "annotated_graphs.parquet"
    if not path.is_file():
        raise ValueError(f"{path} is not there; set world.annotated_images, and make the world again")
    graphs = read_graphs(path)
    held_out = [key for number, key in enumerate(graphs) if number % _HELD_OUT == 0]
    trained = [key for key in graphs if key not in set(held_out)]
    files = {key: raw / "pictures" / f"{key}.png" for key in graphs}
    pictures, annotated = [files[key] for key in trained], [graphs[key] for key in trained]
    if settings.detector == "detectron2":
        detector = Detectron2Detector.load(Path(settings.folder))
        names = Names(detector.classes, detector.attributes, names_of(annotated).predicates)
        extractor = train_motifs(detector, names, pictures, annotated, settings, seed)
    else:
        extractor = train(pictures, annotated, settings, seed)
    table = frequency_of([graphs[key] for key in trained], extractor.names)
    found = scores(extractor, table, [files[key] for key in held_out], [graphs[key] for key in held_out])
    extractor.save(output, found)


def extracted_graphs(
    settings: Settings,
    images: Sequence[Image],
    raw: Path,
    pivot: str,
    extractor: Path,
    unreadable: dict[Path, str] | None = None,
) -> list[tuple[str, SceneGraph]]:
    """(image id, graph) of each picture, from its pixels. `unreadable`: see `regions.opened`."""
    reader = SceneGraphExtractor.load(extractor)
    graphs = reader.graphs([raw / image.path for image in images], settings, unreadable)
    names = raw / "gold" / "names.json" if settings.detector == "trained" else Path(settings.folder) / "names.json"
    return named(zip((image.image_id for image in images), graphs, strict=True), names, pivot)
