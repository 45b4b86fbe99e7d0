"""The detector on real photos: Flickr8k's, with the boxes and coarse types of Flickr30k Entities (Plummer et al. 2015)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cross2stra.data.streams import read_lines
from cross2stra.structures.scores import Row, rows_of, write_rows
from cross2stra.structures.visual.detector import Truth
from cross2stra.structures.visual.detector_training import Budget, train
from cross2stra.structures.visual.looking import detect_files
from cross2stra.structures.visual.precision import average_precision

TYPES = ("people", "clothing", "bodyparts", "animals", "vehicles", "instruments", "scene", "other")
_RESOLUTION = 256
_LEAST_SCORE = 0.05


@dataclass(frozen=True)
class Photo:
    """A photo of a split, with its annotated regions."""

    file: Path
    split: str
    truth: Truth


def annotated_photos(entities: Path, folder: Path, left_out: Counter[str]) -> Iterator[Photo]:
    """The photos of `folder` that `entities` has boxes for; boxes relative to the picture.

    `left_out` counts boxes without a type, photos without a box, and those whose captions are held out. Raises ValueError naming the line that is no
    annotation.
    """
    for number, line in read_lines(entities):
        try:
            row = json.loads(line)
            key, split, size = row["image"], row["split"], (row["width"], row["height"])
            regions = [(box["type"], box["box"]) for box in row["boxes"]]
            captioned = "sentences" in row
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(
                f"{entities}: line {number}: expected image, split, width, height, boxes; get the file again"
            ) from error
        file = folder / f"{key}.jpg"
        if not file.exists():
            continue  # the boxes are of all 8,000 photos, the folder has fewer
        if not captioned:
            left_out["photos whose captions are held out"] += 1
            continue
        known = [(TYPES.index(name), box) for name, box in regions if name in TYPES]
        left_out["boxes without a type"] += len(regions) - len(known)
        if not known:
            left_out["photos without a box"] += 1
            continue
        corners = np.asarray([box for _, box in known], dtype=np.float32)
        corners[:, :2] -= 1  # pixels are counted from 1
        boxes = np.clip(corners / np.asarray([*size, *size], dtype=np.float32), 0, 1)
        classes = torch.tensor([number for number, _ in known])
        yield Photo(file, split, Truth(torch.from_numpy(boxes), classes, torch.zeros(len(known), 0)))


def score(entities: Path, folder: Path, budget: Budget, seed: int, output: Path) -> None:
    """Train on the training photos, detect in the test photos, and write the table of scores: mAP@50, AP by type.

    Validation photos are scored beside them; nothing is chosen by either.
    """
    left_out: Counter[str] = Counter()
    photos = list(annotated_photos(entities, folder, left_out))
    parts = {split: [photo for photo in photos if photo.split == split] for split in ("train", "val", "test")}
    for split, part in parts.items():
        if not part:
            raise ValueError(f"{folder}: no photo of split {split!r} in {entities}; get the folder again")
    own = parts["train"]
    truths = [photo.truth for photo in own]
    detector = train([photo.file for photo in own], truths, TYPES, (), budget, seed, _RESOLUTION)
    rows: list[Row] = []
    for split in ("val", "test"):
        files = [photo.file for photo in parts[split]]
        found = list(detect_files(detector, files, _LEAST_SCORE))
        precision = average_precision([photo.truth for photo in parts[split]], found)
        mean = float(np.mean(list(precision.values())))
        data = f"Flickr8k photos {split}"
        each = {f"AP@50 {TYPES[number]}": value for number, value in precision.items()}
        rows += rows_of("detector", data, {"mAP@50": mean, **each, "photos": len(files)})
        print(f"[detector] {data}: mAP@50 {mean:.1f}", file=sys.stderr, flush=True)
    counts = {"training photos": len(own), **{f"left out: {what}": n for what, n in sorted(left_out.items())}}
    rows += rows_of("detector", "Flickr8k photos train", counts)
    write_rows(output, rows)
