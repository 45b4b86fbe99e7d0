"""Backend of detected scene graphs: Faster R-CNN of detectron2 with MOTIFS. Its weights come from a local folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cross2stra.data.records import Image
from cross2stra.structures.graph import SceneGraph


def detected_graphs(images: Sequence[Image], raw: Path, pivot: str) -> list[tuple[str, SceneGraph]]:
    """Not built yet: raises ValueError that says which backends there are."""
    raise ValueError(
        "structures.visual `detectron2` has no detector in this version; use `annotated` (the world) or `boxes` (COCO boxes)"
    )
