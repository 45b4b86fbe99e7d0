"""What a detector backend is: it looks at pictures once, and then says which regions it finds and what boxes show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cross2stra.structures.visual.detector import Detections
from cross2stra.structures.visual.motifs_data import Seen
from cross2stra.structures.visual.regions import opened

BATCH = 32
"""Pictures that are looked at together."""
Opinion = tuple[Tensor, Tensor]
"""Probabilities of a picture's regions: of their classes (N, C), and of their attributes (N, A)."""


class Look(Protocol):
    """B pictures that a detector has looked at. Boxes are xyxy relative to their picture."""

    def detect(self, threshold: float) -> list[Detections]:
        """Regions of each picture with a score above `threshold`, best first."""

    def describe(self, boxes: Sequence[Tensor], opinions: Sequence[Opinion] | None = None) -> Iterator[Seen]:
        """What each picture's boxes (N, 4) show; `opinions` where the detector has given them with these boxes."""


class DetectorBackend(Protocol):
    """A detector: the names of its classes and attributes by number, and the size of its region features."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def attributes(self) -> tuple[str, ...]: ...

    @property
    def feature_size(self) -> int: ...

    def look(self, pictures: Sequence[Image.Image]) -> Look: ...

    def save(self, folder: Path) -> None: ...


def detect_files(detector: DetectorBackend, files: Sequence[Path], threshold: float = 0.2) -> Iterator[Detections]:
    """Regions of each picture file, in order."""
    for _, pictures in opened(files, BATCH, "detect"):
        yield from detector.look(pictures).detect(threshold)


@torch.no_grad()
def describe_files(detector: DetectorBackend, files: Sequence[Path], boxes: Sequence[Tensor]) -> Iterator[Seen]:
    """What given boxes of each picture file show, with the detector's opinion of them."""
    for start, pictures in opened(files, BATCH, "describe"):
        yield from detector.look(pictures).describe(boxes[start : start + len(pictures)])


def seen(boxes: Tensor, opinion: Opinion, features: np.ndarray) -> Seen:
    """A picture's regions (N, 4) with features (N * N, F): those of the regions, then those of their pairs' unions."""
    labels, attributes = (probabilities.numpy().astype(np.float32) for probabilities in opinion)
    rows = features.astype(np.float32)
    own = boxes.numpy().astype(np.float32)
    return Seen(own, labels, rows[: len(own)], rows[len(own) :], attributes)
