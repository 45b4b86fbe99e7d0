"""What a detector says of many pictures, in a mapped file: features of all pairs of regions would fill any memory."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cross2stra.structures.visual.motifs_data import Seen


def mapped(pictures: Iterable[Seen], folder: Path) -> list[Seen]:
    """The same pictures, in order and bit for bit, whose float32 numbers lie in a file of `folder`; boxes stay in memory.

    A picture of N regions takes 4 bytes for each of N labels, features and attributes and N (N - 1) unions. The file has
    no name, so that it goes with the process, however that ends. The arrays are not to be written to.
    """
    boxes: list[np.ndarray] = []
    shapes: list[list[tuple[int, ...]]] = []
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        for picture in pictures:
            arrays = (picture.labels, picture.features, picture.unions, picture.attributes)
            boxes.append(picture.boxes)
            shapes.append([array.shape for array in arrays])
            for array in arrays:
                file.write(np.asarray(array, dtype=np.float32).tobytes())
        file.flush()
        values = np.asarray(np.memmap(file, np.float32, "r")) if file.tell() else np.zeros(0, np.float32)
    sizes = [math.prod(shape) for own in shapes for shape in own]
    parts = iter(np.split(values, np.cumsum(sizes)[:-1]) if sizes else ())
    return [Seen(own, *(next(parts).reshape(shape) for shape in four)) for own, four in zip(boxes, shapes, strict=True)]
