"""Train the detector, then the motif network on what it sees of the same pictures, from annotated scene graphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cross2stra.configuration import Extractor as Settings
from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.structures.visual import detector_training, motifs_training
from cross2stra.structures.visual.detector import Truth
from cross2stra.structures.visual.extractor import Names, SceneGraphExtractor
from cross2stra.structures.visual.looking import DetectorBackend, describe_files, detect_files
from cross2stra.structures.visual.mapped import mapped
from cross2stra.structures.visual.motifs_data import Example, frequency
from cross2stra.structures.visual.motifs_training import Read, evaluate, read, read_frequency
from cross2stra.structures.visual.precision import average_precision


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
    for owner, attribute in graph.edges_of("attribute"):
        if owner in place and (number := number_of[attribute]) is not None:
            attributes[place[owner], number] = 1
    relations: dict[tuple[int, int], set[int]] = {}
    for subject, relation, target in graph.relations():
        predicate = number_of[relation]
        if subject in place and target in place and subject != target and predicate is not None:
            relations.setdefault((place[subject], place[target]), set()).add(predicate)
    assert graph.boxes is not None
    boxes = torch.from_numpy(graph.boxes[objects] / np.asarray([*graph.size, *graph.size], dtype=np.float32))
    classes = torch.tensor([number_of[node] for node in objects], dtype=torch.long)
    return Truth(boxes.float(), classes, torch.from_numpy(attributes)), relations


def train(
    files: Sequence[Path],
    graphs: Sequence[SceneGraph],
    settings: Settings,
    seed: int,
    working: Path,
) -> SceneGraphExtractor:
    """An extractor of annotated pictures' scene graphs (boxes in pixels, labels as they are to be said).

    `working`: folder that holds, until the process ends, what the detector says of the pictures (`mapped`).
    """
    names = names_of(graphs)
    truths = [truth_of(graph, names)[0] for graph in graphs]
    budget = detector_training.Budget(settings.detector_updates)
    detector = detector_training.train(files, truths, names.classes, names.attributes, budget, seed)
    return train_motifs(detector, names, files, graphs, settings, seed, working)


def train_motifs(
    detector: DetectorBackend,
    names: Names,
    files: Sequence[Path],
    graphs: Sequence[SceneGraph],
    settings: Settings,
    seed: int,
    working: Path,
) -> SceneGraphExtractor:
    """An extractor with this detector, whose numbers of classes and attributes are those of `names`. `working`: see `train`."""
    truths, relations = zip(*(truth_of(graph, names) for graph in graphs), strict=True)
    budget = motifs_training.Budget(settings.motifs_updates)
    table = frequency_of(graphs, names)
    motifs = motifs_training.train(_examples(detector, files, truths, relations, working), table, budget, seed)
    return SceneGraphExtractor(detector, motifs, names)


def _examples(
    detector: DetectorBackend,
    files: Sequence[Path],
    truths: Sequence[Truth],
    relations: Sequence[dict[tuple[int, int], set[int]]],
    working: Path,
) -> list[Example]:
    """The annotated boxes with the detector's opinion of what they show: what relations are learnt from."""
    described = mapped(describe_files(detector, files, [truth.boxes for truth in truths]), working)
    return [
        Example(seen, truth.classes.numpy(), truth.attributes.numpy(), named)
        for seen, truth, named in zip(described, truths, relations, strict=True)
    ]


def frequency_of(graphs: Iterable[SceneGraph], names: Names) -> Tensor:
    """How often each predicate joins two classes in annotated graphs: see `motifs_data.frequency`."""
    pictures = (truth_of(graph, names) for graph in graphs)
    rows = ((truth.classes.numpy(), relations) for truth, relations in pictures)
    return frequency(rows, len(names.classes), len(names.predicates))


def scores(
    extractor: SceneGraphExtractor, table: Tensor, files: Sequence[Path], graphs: Sequence[SceneGraph], working: Path
) -> dict[str, float]:
    """On held-out annotated pictures: mAP@50 of the detector, and recalls of relations.

    Boxes and labels given (PredCls), boxes given (SGCls), neither, with all regions and relations read (SGDet). Beside
    PredCls what the `table` of frequencies alone gives. `working`: see `train`.
    """
    names, motifs = extractor.names, extractor.motifs
    truths, relations = zip(*(truth_of(graph, names) for graph in graphs), strict=True)
    precision = average_precision(truths, list(detect_files(extractor.detector, files, threshold=0.05)))
    gold = _examples(extractor.detector, files, truths, relations, working)
    kinds = np.eye(len(names.classes), dtype=np.float32)
    found = extractor.read_files(files, Settings(region=0.1, overlap=0.6))
    readings: dict[str, Iterable[tuple[np.ndarray, Read]]] = {
        "PredCls": ((e.seen.boxes, read(motifs, replace(e.seen, labels=kinds[e.classes]), e.classes)) for e in gold),
        "frequency PredCls": ((e.seen.boxes, read_frequency(table, e.classes)) for e in gold),
        "SGCls": ((e.seen.boxes, read(motifs, e.seen)) for e in gold),
        "SGDet": ((seen.boxes, own) for _, seen, own in found),
    }
    recalls = {
        f"{mode} {name}": value
        for mode, rows in readings.items()
        for name, value in evaluate(gold, list(rows)).items()
        if "@" in name
    }
    return {"mAP@50": float(np.mean(list(precision.values()))), **recalls, "pictures": len(files)}
