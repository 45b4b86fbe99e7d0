"""Pixels to scene graphs: regions by the detector, labels, attributes and relations by the motif network (SGDet)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from cross2stra.configuration import Extractor as Limits
from cross2stra.data.files import read_json, replacing, write_json
from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.visual.detector_training import TrainedDetector, maps_of
from cross2stra.structures.visual.motifs import Motifs
from cross2stra.structures.visual.motifs_data import Seen, all_pairs, pair_rows
from cross2stra.structures.visual.motifs_training import Read, read
from cross2stra.structures.visual.recall import ranked
from cross2stra.structures.visual.regions import FEATURE_SIZE, opened

_BATCH = 32


@dataclass(frozen=True)
class Names:
    """Names of classes, attributes and predicates, by their numbers: ids of what is shown, not words of a language."""

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    predicates: tuple[str, ...]


@dataclass(frozen=True)
class SceneGraphExtractor:
    """`motifs` knows classes, attributes and predicates by the numbers of `names`, as the detector does."""

    detector: TrainedDetector
    motifs: Motifs
    names: Names

    def read(self, pictures: Sequence[Image.Image], limits: Limits) -> Iterator[tuple[tuple[int, int], Seen, Read]]:
        """Size in pixels, regions, and what is read of them, of each picture in order."""
        raw = self.detector.backbone.pixels(pictures)
        maps = maps_of(self.detector.backbone, raw)
        detected = self.detector.detector.detect(maps, limits.region)
        found = [regions.apart(limits.overlap) for regions in detected]
        boxes = [regions.boxes.numpy() for regions in found]
        opinions = [(regions.probabilities.numpy(), regions.attributes.numpy()) for regions in found]
        for picture, seen in zip(pictures, see(self.detector, raw, maps, boxes, opinions), strict=True):
            yield picture.size, seen, read(self.motifs, seen)

    def read_files(
        self, files: Sequence[Path], limits: Limits, unreadable: dict[Path, str] | None = None
    ) -> Iterator[tuple[tuple[int, int], Seen, Read]]:
        """The same of picture files. `unreadable`: see `opened`."""
        for _, pictures in opened(files, _BATCH, "extract", unreadable):
            yield from self.read(pictures, limits)

    def graphs(
        self, files: Sequence[Path], limits: Limits, unreadable: dict[Path, str] | None = None
    ) -> Iterator[SceneGraph]:
        """The scene graph of each picture file, labels by `names`; one without a region where nothing is seen."""
        for size, seen, own in self.read_files(files, limits, unreadable):
            yield self.graph(size, seen, own, limits)

    def graph(self, size: tuple[int, int], seen: Seen, own: Read, limits: Limits) -> SceneGraph:
        """What is probable enough, as a graph; object nodes have the features of their regions."""
        builder = GraphBuilder()
        boxes = seen.boxes * np.asarray([*size, *size])
        nodes = [
            builder.add_object(self.names.classes[number], box.tolist())
            for number, box in zip(own.classes.tolist(), boxes, strict=True)
        ]
        for region, attribute in np.argwhere(own.attributes > limits.attribute).tolist():
            builder.add_attribute(nodes[region], self.names.attributes[attribute])
        pairs, most = all_pairs(len(nodes)), round(limits.relations * len(nodes))
        told: set[frozenset[int]] = set()
        best = ranked(pairs, own.predicates, len(pairs), constrained=True)
        probabilities = own.predicates[pair_rows(best[:, [0, 2]], len(nodes)), best[:, 1]]
        for (subject, predicate, target), probability in zip(best.tolist(), probabilities.tolist(), strict=True):
            if len(told) == most or probability < limits.relation:
                break
            if frozenset((subject, target)) not in told:
                told.add(frozenset((subject, target)))
                builder.add_relation(nodes[subject], self.names.predicates[predicate], nodes[target])
        features = np.zeros((len(builder.labels), FEATURE_SIZE), dtype=np.float16)
        features[nodes] = seen.features
        return builder.build(size, features)

    def save(self, folder: Path, scores: Mapping[str, float]) -> None:
        """Write detector/, motifs.safetensors, config.json and scores.json."""
        with replacing(folder) as temporary:
            temporary.mkdir()
            self.detector.save(temporary / "detector")
            save_file(
                {k: t.contiguous() for k, t in self.motifs.state_dict().items()}, temporary / "motifs.safetensors"
            )
            names = {kind: list(getattr(self.names, kind)) for kind in ("classes", "attributes", "predicates")}
            write_json(temporary / "scores.json", {name: round(value, 2) for name, value in scores.items()})
            write_json(temporary / "config.json", {**names, "width": self.motifs.classifier.in_features})

    @classmethod
    def load(cls, folder: Path) -> SceneGraphExtractor:
        """Read what `save` wrote."""
        config = read_json(folder / "config.json")
        names = Names(*(tuple(config[kind]) for kind in ("classes", "attributes", "predicates")))
        table = torch.zeros(len(names.classes), len(names.classes), len(names.predicates) + 1)
        motifs = Motifs(table, len(names.attributes), FEATURE_SIZE, FEATURE_SIZE, config["width"])
        motifs.load_state_dict(load_file(folder / "motifs.safetensors"))
        return cls(TrainedDetector.load(folder / "detector"), motifs.eval(), names)


def see(
    detector: TrainedDetector,
    raw: np.ndarray,
    maps: Sequence[Tensor],
    boxes: Sequence[np.ndarray],
    opinions: Sequence[tuple[np.ndarray, np.ndarray]],
) -> Iterator[Seen]:
    """Regions of pictures with their features and those of their pairs' union boxes.

    `raw`, `maps`: what `pixels` and `maps_of` gave; of each picture `boxes` (N, 4) relative, and `opinions`: the
    probabilities of classes (N, C) and attributes (N, A).
    """
    both = []
    for own in boxes:
        first, second = all_pairs(len(own)).T
        low, high = np.minimum(own[first, :2], own[second, :2]), np.maximum(own[first, 2:], own[second, 2:])
        both.append(np.concatenate([own, np.concatenate([low, high], 1)]))
    features = detector.backbone.features_of(raw, maps[:-1], both)
    for own, (labels, attributes), rows in zip(boxes, opinions, features, strict=True):
        rows = rows.astype(np.float32)
        regions, unions = rows[: len(own)], rows[len(own) :]
        yield Seen(own.astype(np.float32), labels.astype(np.float32), regions, unions, attributes.astype(np.float32))
