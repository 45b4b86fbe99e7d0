"""Boxes of COCO's classes in any photo, by the published one-stage detector FastestDet (ONNX, BSD-3-Clause).

What it finds stands in for annotated boxes: the same 80 classes by the same numbers. It is small and weak (about 25 AP at
half overlap, says its author).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cross2stra.structures.visual.operators import suppress
from cross2stra.structures.visual.regions import opened

EDGE = 352
"""Pixels, across and down, of the picture that the network reads."""
_BATCH = 16
_SAME = 0.6
"""Overlap from which two boxes are of one thing, whatever their classes."""


@dataclass(frozen=True)
class Boxes:
    """What is found in a picture, best first: `classes` (N,), `boxes` (N, 4) xyxy relative to it, `scores` (N,)."""

    classes: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray


class FastestDet:
    """`path`: FastestDet.onnx. Raises ValueError where the file is another network."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        (read,), (given,) = self.session.get_inputs(), self.session.get_outputs()
        if read.shape[1:] != [3, EDGE, EDGE] or given.shape[1] != 85:
            raise ValueError(
                f"{path}: reads {read.shape} and gives {given.shape}; expected FastestDet.onnx of sources.csv"
            )
        self.name = read.name

    def detect(self, files: Sequence[Path], threshold: float = 0.5, overlap: float = 0.45) -> Iterator[Boxes]:
        """Boxes of each picture file, in order."""
        for _, pictures in opened(files, _BATCH, "fastestdet"):
            for picture in pictures:
                yield self.boxes(picture, threshold, overlap)

    def boxes(self, picture: Image.Image, threshold: float = 0.5, overlap: float = 0.45) -> Boxes:
        """Boxes that score at least `threshold`; of two of a class that overlap by more than `overlap`, the better one."""
        small = np.asarray(picture.convert("RGB").resize((EDGE, EDGE), Image.Resampling.BILINEAR), dtype=np.float32)
        colours_first = np.ascontiguousarray(small[:, :, ::-1].transpose(2, 0, 1))[None] / 255  # BGR
        (cells,) = self.session.run(None, {self.name: colours_first})
        return decode(cells[0], threshold, overlap)


def decode(cells: np.ndarray, threshold: float, overlap: float) -> Boxes:
    """The network's output (85, H, W) -> boxes.

    A cell has an objectness, a middle (tanh, in cells from its corner), a size (sigmoid, of the picture) and 80 classes;
    its score is objectness^0.6 x class^0.4.
    """
    _, height, width = cells.shape
    classes = cells[5:].argmax(0)
    score = np.maximum(cells[0], 0) ** 0.6 * np.maximum(cells[5:].max(0), 0) ** 0.4
    row, column = np.nonzero(score >= threshold)
    own = cells[:, row, column]
    middle = np.stack([(column + np.tanh(own[1])) / width, (row + np.tanh(own[2])) / height], 1)
    half = np.stack([_sigmoid(own[3]), _sigmoid(own[4])], 1) / 2
    boxes = np.concatenate([middle - half, middle + half], 1).clip(0, 1).astype(np.float32)
    found, scores = classes[row, column], score[row, column].astype(np.float32)
    apart = suppress(torch.from_numpy(boxes), torch.from_numpy(scores), overlap, torch.from_numpy(found))
    # One thing is often found as several animals: of any two boxes that nearly agree the better one stays.
    kept = apart[suppress(torch.from_numpy(boxes)[apart], torch.from_numpy(scores)[apart], _SAME)].numpy()
    return Boxes(found[kept], boxes[kept], scores[kept])


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))
