"""Train the detector on annotated pictures, keep it in a folder, and find the regions of pictures with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from cross2stra.data.files import read_json, replacing_folder, write_json
from cross2stra.structures.optimisation import fit
from cross2stra.structures.visual.detector import Detections, Detector, Truth, colour_map
from cross2stra.structures.visual.looking import BATCH, Opinion, seen
from cross2stra.structures.visual.motifs_data import Seen, union_boxes
from cross2stra.structures.visual.regions import FEATURE_SIZE, RegionFeatures, opened


@dataclass(frozen=True)
class Budget:
    """How long a detector is trained, and on how many pictures at once."""

    updates: int = 800
    pictures: int = 8
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class TrainedDetector:
    """A detector with the names of its classes and attributes, and the backbone whose maps it reads."""

    detector: Detector
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    backbone: RegionFeatures

    def save(self, folder: Path) -> None:
        """Write model.safetensors and config.json; the backbone's weights come from its package."""
        with replacing_folder(folder, "config.json") as temporary:
            save_file(self.detector.state_dict(), temporary / "model.safetensors")
            names = {"classes": list(self.classes), "attributes": list(self.attributes)}
            write_json(temporary / "config.json", {**names, "resolution": self.backbone.resolution})

    @classmethod
    def load(cls, folder: Path) -> TrainedDetector:
        """Read what `save` wrote."""
        names = read_json(folder / "config.json")
        detector = Detector(len(names["classes"]), len(names["attributes"]))
        detector.load_state_dict(load_file(folder / "model.safetensors"))
        backbone = RegionFeatures(names["resolution"])
        return cls(detector.eval(), tuple(names["classes"]), tuple(names["attributes"]), backbone)

    @property
    def feature_size(self) -> int:
        return FEATURE_SIZE

    def look(self, pictures: Sequence[Image.Image]) -> _Look:
        """Pictures with the backbone's maps of them, which are all that is read."""
        raw = self.backbone.pixels(pictures)
        return _Look(self, raw, maps_of(self.backbone, raw))


@dataclass(frozen=True)
class _Look:
    """See `looking.Look`. `raw`, `maps`: what `pixels` and `maps_of` gave."""

    trained: TrainedDetector
    raw: np.ndarray
    maps: list[Tensor]

    def detect(self, threshold: float) -> list[Detections]:
        return self.trained.detector.detect(self.maps, threshold)

    def describe(self, boxes: Sequence[Tensor], opinions: Sequence[Opinion] | None = None) -> Iterator[Seen]:
        if opinions is None:
            counts = [len(own) for own in boxes]
            owners = torch.repeat_interleave(torch.arange(len(boxes)), torch.tensor(counts))
            found = self.trained.detector.opinions(self.maps, torch.cat([*boxes]), owners)
            opinions = list(zip(*(part.split(counts) for part in found), strict=True))
        own = [box.numpy() for box in boxes]
        both = [np.concatenate([box, union_boxes(box)]) for box in own]
        features = self.trained.backbone.features_of(self.raw, self.maps[:-1], both)
        for box, opinion, rows in zip(boxes, opinions, features, strict=True):
            yield seen(box, opinion, rows)


def maps_of(backbone: RegionFeatures, raw: np.ndarray) -> list[Tensor]:
    """What a detector reads of pictures that `pixels` gave: the backbone's maps, and colours."""
    return [*backbone.maps_of(raw), colour_map(raw)]


def train(
    files: Sequence[Path],
    truths: Sequence[Truth],
    classes: Sequence[str],
    attributes: Sequence[str],
    budget: Budget,
    seed: int,
    resolution: int = 160,
) -> TrainedDetector:
    """Train on pictures with their `truths`; those that show nothing are passed over.

    Raises ValueError where no picture shows anything.
    """
    shown = [number for number, truth in enumerate(truths) if len(truth.boxes)]
    if not shown:
        raise ValueError("the detector has no picture with a region to train on; make the annotations again")
    torch.manual_seed(seed)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    backbone = RegionFeatures(resolution)
    maps = _kept_maps(backbone, [files[number] for number in shown])
    detector = Detector(len(classes), len(attributes))

    def loss() -> Tensor:
        some = rng.choice(len(shown), min(budget.pictures, len(shown)), replace=False)
        batch = [torch.stack([maps[i][level] for i in some]).float() for level in range(len(maps[0]))]
        return sum(detector.losses(batch, [truths[shown[i]] for i in some], generator).values(), torch.zeros(()))

    fit(detector, budget.updates, budget.learning_rate, loss, "detector")
    return TrainedDetector(detector, tuple(classes), tuple(attributes), backbone)


def _kept_maps(backbone: RegionFeatures, files: Sequence[Path]) -> list[list[Tensor]]:
    """The backbone's maps of each picture, in half precision: it is not trained, so they are made once."""
    kept = []
    for _, pictures in opened(files, BATCH, "detector"):
        maps = maps_of(backbone, backbone.pixels(pictures))
        kept += [[level[number].half() for level in maps] for number in range(len(pictures))]
    return kept
