"""Train the detector, then the motif network on what it sees of the same pictures, from annotated scene graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from cross2stra.configuration import Extractor as Settings
from cross2stra.structures.graph import EDGE_LABELS, NodeKind, SceneGraph
from cross2stra.structures.visual import detector_training, motifs_training
from cross2stra.structures.visual.detector import Truth
from cross2stra.structures.visual.detector_training import TrainedDetector, maps_of
from cross2stra.structures.visual.extractor import Names, SceneGraphExtractor, see
from cross2stra.structures.visual.motifs_data import Example, Seen, frequency
from cross2stra.structures.visual.motifs_training import Read, evaluate
from cross2stra.structures.visual.precision import average_precision
from cross2stra.structures.visual.regions import opened

_BATCH = 32


def names_of(graphs: Sequence[SceneGraph]) -> Names:
    """The labels that occur in annotated graphs, by kind, sorted."""
    found: tuple[set[str], ...] = (set(), set(), set())
    for graph in graphs:
        for label, kind in zip(graph.node_labels, graph.node_kinds, strict=True):
            found[kind].add(label)
    classes, attributes, predicates = (tuple(sorted(labels)) for labels in found)
    return Names(classes, attributes, predicates)


def truth_of(graph: SceneGraph, names: Names) -> tuple[Truth, dict[tuple[int, int], set[int]]]:
    """Regions with classes and attributes, and relations {(subject, object): predicates}; labels not in `names` are left
    out, as are relations without an object."""
    numbers = [{name: i for i, name in enumerate(kind)} for kind in (names.classes, names.attributes, names.predicates)]
    number_of = [numbers[kind].get(label) for label, kind in zip(graph.node_labels, graph.node_kinds, strict=True)]
    objects = [i for i, kind in enumerate(graph.node_kinds) if kind == NodeKind.OBJECT and number_of[i] is not None]
    place = {node: row for row, node in enumerate(objects)}
    attributes = np.zeros((len(objects), len(names.attributes)), dtype=np.float32)
    subject_of: dict[int, int] = {}
    relations: dict[tuple[int, int], set[int]] = {}
    edges = list(zip(*graph.edges.tolist(), (EDGE_LABELS[label] for label in graph.edge_labels), strict=True))
    for source, destination, label in edges:
        if label == "attribute" and source in place and (number := number_of[destination]) is not None:
            attributes[place[source], number] = 1
        elif label == "subject" and source in place:
            subject_of[destination] = place[source]
    for source, destination, label in edges:
        if label == "object" and source in subject_of and destination in place:
            predicate = number_of[source]
            if predicate is not None and subject_of[source] != place[destination]:
                relations.setdefault((subject_of[source], place[destination]), set()).add(predicate)
    assert graph.boxes is not None
    boxes = torch.from_numpy(graph.boxes[objects] / np.asarray([*graph.size, *graph.size], dtype=np.float32))
    classes = torch.tensor([number_of[node] for node in objects], dtype=torch.long)
    return Truth(boxes.float(), classes, torch.from_numpy(attributes)), relations


def train(
    files: Sequence[Path],
    graphs: Sequence[SceneGraph],
    settings: Settings,
    seed: int,
) -> SceneGraphExtractor:
    """An extractor of annotated pictures' scene graphs (boxes in pixels, labels as they are to be said)."""
    names = names_of(graphs)
    truths, relations = zip(*(truth_of(graph, names) for graph in graphs), strict=True)
    budget = detector_training.Budget(settings.detector_updates)
    detector = detector_training.train(files, truths, names.classes, names.attributes, budget, seed)
    examples = [
        Example(seen, truth.classes.numpy(), truth.attributes.numpy(), named)
        for seen, truth, named in zip(_seen(detector, files, truths), truths, relations, strict=True)
    ]
    table = frequency(examples, len(names.classes), len(names.predicates))
    motifs = motifs_training.train(examples, table, motifs_training.Budget(settings.motifs_updates), seed)
    return SceneGraphExtractor(detector, motifs, names)


@torch.no_grad()
def _seen(detector: TrainedDetector, files: Sequence[Path], truths: Sequence[Truth]) -> Iterator[Seen]:
    """The annotated boxes with the detector's opinion of their classes: what relations are learnt from."""
    for start, pictures in opened(files, _BATCH, "motifs"):
        raw = detector.backbone.pixels(pictures)
        own = truths[start : start + len(pictures)]
        maps = maps_of(detector.backbone, raw)
        boxes = torch.cat([truth.boxes for truth in own])
        owner = torch.repeat_interleave(torch.arange(len(own)), torch.tensor([len(truth.boxes) for truth in own]))
        classes, attributes = detector.detector.opinions(maps, boxes, owner)
        opinions = [(classes[owner == n].numpy(), attributes[owner == n].numpy()) for n in range(len(own))]
        yield from see(detector, raw, maps, [truth.boxes.numpy() for truth in own], opinions)


def scores(extractor: SceneGraphExtractor, files: Sequence[Path], graphs: Sequence[SceneGraph]) -> dict[str, float]:
    """On held-out annotated pictures: mAP@50 of the detector, and recalls of SGDet, with all regions and relations read."""
    names = extractor.names
    truths, relations = zip(*(truth_of(graph, names) for graph in graphs), strict=True)
    precision = average_precision(truths, list(extractor.detector.detect(files, threshold=0.05)))
    read_of: list[tuple[np.ndarray, Read]] = []
    gold = []
    everything = extractor.read_files(files, Settings(region=0.1, overlap=0.6))
    for (_, seen, own), truth, named in zip(everything, truths, relations, strict=True):
        read_of.append((seen.boxes, own))
        plain = Example(
            replace(seen, boxes=truth.boxes.numpy()), truth.classes.numpy(), truth.attributes.numpy(), named
        )
        gold.append(plain)
    recalls = {f"SGDet {name}": value for name, value in evaluate(gold, read_of).items() if "@" in name}
    return {"mAP@50": float(np.mean(list(precision.values()))), **recalls, "pictures": len(files)}
