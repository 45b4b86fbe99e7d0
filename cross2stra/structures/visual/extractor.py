"""Pixels to scene graphs: regions by the detector, labels, attributes and relations by the motif network (SGDet)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from cross2stra.configuration import Extractor as Limits
from cross2stra.data.files import read_json, replacing_folder, write_json
from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.visual.detectors import load_detector
from cross2stra.structures.visual.looking import BATCH, DetectorBackend
from cross2stra.structures.visual.motifs import Motifs
from cross2stra.structures.visual.motifs_data import Seen, all_pairs, pair_rows
from cross2stra.structures.visual.motifs_training import Read, read
from cross2stra.structures.visual.recall import ranked
from cross2stra.structures.visual.regions import opened


@dataclass(frozen=True)
class Names:
    """Names of classes, attributes and predicates, by their numbers: ids of what is shown, not words of a language."""

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    predicates: tuple[str, ...]


@dataclass(frozen=True)
class SceneGraphExtractor:
    """`motifs` knows classes, attributes and predicates by the numbers of `names`, as the detector does."""

    detector: DetectorBackend
    motifs: Motifs
    names: Names

    def read(self, pictures: Sequence[Image.Image], limits: Limits) -> Iterator[tuple[tuple[int, int], Seen, Read]]:
        """Size in pixels, regions, and what is read of them, of each picture in order."""
        look = self.detector.look(pictures)
        found = [regions.apart(limits.overlap) for regions in look.detect(limits.region)]
        opinions = [(regions.probabilities, regions.attributes) for regions in found]
        described = look.describe([regions.boxes for regions in found], opinions)
        for picture, seen in zip(pictures, described, strict=True):
            yield picture.size, seen, read(self.motifs, seen)

    def read_files(
        self, files: Sequence[Path], limits: Limits, unreadable: dict[Path, str] | None = None
    ) -> Iterator[tuple[tuple[int, int], Seen, Read]]:
        """The same of picture files. `unreadable`: see `opened`."""
        for _, pictures in opened(files, BATCH, "extract", unreadable):
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
        features = np.zeros((len(builder.labels), self.detector.feature_size), dtype=np.float16)
        features[nodes] = seen.features
        return builder.build(size, features)

    def save(self, folder: Path, scores: Mapping[str, float]) -> None:
        """Write detector/, motifs.safetensors, config.json and scores.json."""
        with replacing_folder(folder, "scores.json") as temporary:
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
        detector = load_detector(folder / "detector")
        size = detector.feature_size
        motifs = Motifs(table, len(names.attributes), size, size, config["width"])
        motifs.load_state_dict(load_file(folder / "motifs.safetensors"))
        return cls(detector, motifs.eval(), names)
