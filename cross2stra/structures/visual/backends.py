"""Which backend makes the visual scene graphs of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cross2stra.configuration import Structures
from cross2stra.data.records import Image
from cross2stra.structures.graph import SceneGraph, empty_graph


def graphs(
    structures: Structures,
    images: Sequence[Image],
    raw: Path,
    pivot: str,
    relations: Path | None = None,
    extractor: Path | None = None,
    unreadable: dict[Path, str] | None = None,
) -> list[tuple[str, SceneGraph]]:
    """(image id, visual scene graph) of each picture by the backend `structures.visual`.

    `unreadable`, where it is given, gets the picture files that cannot be read, with the reason; their graphs are empty.
    """
    rows = _graphs(structures, images, raw, pivot, relations, extractor, unreadable)
    if not unreadable:
        return rows
    return [
        (key, empty_graph((image.width, image.height)) if raw / image.path in unreadable else graph)
        for image, (key, graph) in zip(images, rows, strict=True)
    ]


def _graphs(
    structures: Structures,
    images: Sequence[Image],
    raw: Path,
    pivot: str,
    relations: Path | None,
    extractor: Path | None,
    unreadable: dict[Path, str] | None,
) -> list[tuple[str, SceneGraph]]:
    if structures.visual == "annotated":
        from cross2stra.structures.visual.annotated import annotated_graphs

        return annotated_graphs(images, raw, pivot, structures.region_features == "efficientnet", unreadable)
    if structures.visual == "extracted":
        from cross2stra.structures.visual.extracted import extracted_graphs

        if extractor is None:
            raise ValueError(
                "structures.visual `extracted` needs an extractor; pass --extractor (verb train-extractor)"
            )
        return extracted_graphs(structures.extractor, images, raw, pivot, extractor, unreadable)
    from cross2stra.structures.visual.boxes import box_graphs

    if relations is None:
        raise ValueError("structures.visual `boxes` needs a relation model; pass --relations (verb train-relations)")
    return box_graphs(structures, images, raw, pivot, relations)
