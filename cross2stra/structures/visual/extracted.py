"""Visual scene graphs by an extractor that was trained on other pictures, with names in the pivot language."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cross2stra.configuration import Extractor as Settings
from cross2stra.data.records import Image
from cross2stra.structures.graph import SceneGraph, read_graphs
from cross2stra.structures.visual.annotated import named
from cross2stra.structures.visual.detectron2 import Detectron2Detector
from cross2stra.structures.visual.extractor import Names, SceneGraphExtractor
from cross2stra.structures.visual.extractor_training import frequency_of, names_of, scores, train, train_motifs
from cross2stra.structures.visual.visual_genome import visual_genome

_HELD_OUT = 10
"""One annotated picture in so many is not trained on, but scored."""


def train_extractor(settings: Settings, raw: Path, output: Path, seed: int) -> None:
    """Train on annotated pictures of a raw folder and write the extractor, with scores.json, to `output`.

    A world's annotated pictures are those that no caption is of; a detector of detectron2 goes with Visual Genome's as
    well. What the detector says of them is kept in a file beside `output` meanwhile. Raises ValueError where the folder
    has neither.
    """
    detector = Detectron2Detector.load(Path(settings.folder)) if settings.detector == "detectron2" else None
    pictures = _annotated(raw, detector)
    if len(pictures) < 2:
        raise ValueError(
            f"{raw}: {len(pictures)} annotated pictures to learn from, at least 2 are needed; give world.annotated_images "
            "more, or a detector whose classes.txt names Visual Genome's objects"
        )
    keys = list(pictures)
    held_out, trained = (
        [pictures[key] for number, key in enumerate(keys) if (number % _HELD_OUT == 0) == apart]
        for apart in (True, False)
    )
    files, graphs = (list(column) for column in zip(*trained, strict=True))
    working = output.parent
    if detector is None:
        extractor = train(files, graphs, settings, seed, working)
    else:
        names = Names(detector.classes, detector.attributes, names_of(graphs).predicates)
        extractor = train_motifs(detector, names, files, graphs, settings, seed, working)
    table = frequency_of(graphs, extractor.names)
    held_out_files, held_out_graphs = (list(column) for column in zip(*held_out, strict=True))
    extractor.save(output, scores(extractor, table, held_out_files, held_out_graphs, working))


def _annotated(raw: Path, detector: Detectron2Detector | None) -> dict[str, tuple[Path, SceneGraph]]:
    """Picture id -> file and annotated graph."""
    path = raw / "gold" / "annotated_graphs.parquet"
    if path.is_file():
        return {key: (raw / "pictures" / f"{key}.png", graph) for key, graph in read_graphs(path).items()}
    if detector is None:
        raise ValueError(f"{path} is not there; set world.annotated_images, and make the world again")
    left_out: Counter[str] = Counter()
    found = visual_genome(raw, detector.classes, detector.attributes, left_out)
    said = ", ".join(f"{count:,} {what}" for what, count in sorted(left_out.items()))
    print(f"[train-extractor] {len(found):,} pictures of Visual Genome; left out: {said}", file=sys.stderr, flush=True)
    return found


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
