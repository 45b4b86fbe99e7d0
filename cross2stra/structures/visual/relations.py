"""Relations between boxes without pixels: a small network on the pair of classes and their geometry.

Trained on VG150 and VRD, on pairs whose classes are among COCO's 80, beside the table of label-pair frequencies that it
has to beat (as Zellers et al. 2018 found that table hard to beat).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from cross2stra.data.files import replacing_folder, write_json
from cross2stra.structures.visual.annotations import Annotation, Labels, vg150, vg150_labels, vrd, vrd_labels
from cross2stra.structures.visual.kept_out import KeptOut
from cross2stra.structures.visual.motifs_data import all_pairs
from cross2stra.structures.visual.names import CLASSES, PREDICATE_NUMBERS, PREDICATES, class_number
from cross2stra.structures.visual.recall import Relations, ranked, recalls, triplets

NONE = len(PREDICATES)
GEOMETRY = 12


def pair_geometry(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Offsets, sizes, overlap of two boxes relative to their union: (P, 4), (P, 4) -> (P, GEOMETRY)."""
    low, high = np.minimum(first[:, :2], second[:, :2]), np.maximum(first[:, 2:], second[:, 2:])
    extent = np.maximum(high - low, 1e-6)
    rows = []
    for box in (first, second):
        rows += [(box[:, :2] - low) / extent, (box[:, 2:] - low) / extent]
    shared = np.clip(np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2]), 0, None)
    areas = [np.maximum(np.prod(box[:, 2:] - box[:, :2], 1), 1e-9) for box in (first, second)]
    overlap = np.prod(shared, 1)
    rows.append(np.stack([overlap / area for area in areas], 1))
    rows.append(np.stack([np.log(areas[0] / areas[1]), np.log(extent[:, 0] / extent[:, 1])], 1))
    return np.concatenate(rows, 1).astype(np.float32)


class RelationModel(nn.Module):
    """Logits over the predicates and no relation, from classes (P,), (P,) and geometry (P, GEOMETRY)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.subject = nn.Embedding(len(CLASSES), width)
        self.object = nn.Embedding(len(CLASSES), width)
        self.layers = nn.Sequential(
            nn.Linear(2 * width + GEOMETRY, 2 * width),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(2 * width, len(PREDICATES) + 1),
        )

    def forward(self, subjects: Tensor, objects: Tensor, geometry: Tensor) -> Tensor:
        """-> (P, predicates + 1), the last one no relation."""
        return self.layers(torch.cat([self.subject(subjects), self.object(objects), geometry], 1))

    @torch.no_grad()
    def relations(self, classes: np.ndarray, boxes: np.ndarray, most: int) -> list[tuple[int, int, int]]:
        """The `most` most probable (subject, predicate, object), one for each pair of boxes."""
        pairs = all_pairs(len(classes))
        if not len(pairs):
            return []
        first, second = pairs.T
        logits = self(
            torch.from_numpy(classes[first]), torch.from_numpy(classes[second]),
            torch.from_numpy(pair_geometry(boxes[first], boxes[second])),
        ).softmax(-1)  # fmt: skip
        value, predicate = logits[:, :NONE].max(-1)
        value = value * (logits.argmax(-1) != NONE)
        found: list[tuple[int, int, int]] = []
        seen: set[frozenset[int]] = set()
        for row in torch.argsort(value, descending=True, stable=True).tolist():
            ends = frozenset((int(first[row]), int(second[row])))
            if len(found) == most or value[row] <= 0:
                break
            if ends not in seen:
                seen.add(ends)
                found.append((int(first[row]), int(predicate[row]), int(second[row])))
        return found

    @classmethod
    def load(cls, folder: Path) -> RelationModel:
        """Read what `train` wrote."""
        model = cls()
        model.load_state_dict(load_file(folder / "model.safetensors"))
        return model.eval()


def of_known_classes(pictures: Iterator[Annotation], labels: Labels) -> Iterator[Annotation]:
    """The same pictures with COCO's classes and PREDICATES only."""
    numbers = [class_number(name) for name in labels.classes]
    predicates = [PREDICATE_NUMBERS.get(name) for name in labels.predicates]
    for picture in pictures:
        kept = [i for i, own in enumerate(picture.classes) if numbers[own] is not None]
        place = {old: new for new, old in enumerate(kept)}
        relations = {
            (place[a], place[b]): known
            for (a, b), named in picture.relations.items()
            if a in place and b in place and (known := {n for p in named if (n := predicates[p]) is not None})
        }
        classes = np.asarray([numbers[picture.classes[i]] for i in kept], dtype=np.int64)
        yield replace(picture, classes=classes, boxes=picture.boxes[kept], relations=relations)


Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _rows(pictures: list[Annotation], rng: np.random.Generator | None) -> Rows:
    """Training rows (subjects, objects, geometry, predicates); with `rng`, as many unrelated pairs as related ones."""
    subjects, objects, first, second, labels = [], [], [], [], []

    def add(picture: Annotation, a: int, b: int, label: int) -> None:
        subjects.append(picture.classes[a])
        objects.append(picture.classes[b])
        first.append(picture.boxes[a])
        second.append(picture.boxes[b])
        labels.append(label)

    for picture in pictures:
        for (a, b), predicates in picture.relations.items():
            for predicate in sorted(predicates):
                add(picture, a, b, predicate)
        if rng is not None and len(picture.classes) > 1:
            for _ in range(len(picture.relations)):
                a, b = rng.choice(len(picture.classes), 2, replace=False)
                if (int(a), int(b)) not in picture.relations:
                    add(picture, int(a), int(b), NONE)
    geometry = pair_geometry(np.asarray(first).reshape(-1, 4), np.asarray(second).reshape(-1, 4))
    return np.asarray(subjects, np.int64), np.asarray(objects, np.int64), geometry, np.asarray(labels, np.int64)


def train(raw: Path, output: Path, updates: int = 3000, seed: int = 1) -> None:
    """Train on VG150 and VRD train without held-out pictures; scores.json has PredCls R@50 on VRD test beside the table."""
    tests = list(of_known_classes(vrd(raw, "test"), vrd_labels(raw)))
    excluded: Counter[tuple[str, str]] = Counter()
    kept_out = KeptOut(raw)
    pictures = [
        *kept_out.usable(of_known_classes(vrd(raw, "train"), vrd_labels(raw)), "vrd", excluded),
        *kept_out.usable(of_known_classes(vg150(raw), vg150_labels(raw)), "vg150", excluded),
    ]
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    subjects, objects, geometry, labels = (torch.from_numpy(x) for x in _rows(pictures, rng))
    model = RelationModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    for step in range(updates):
        some = torch.from_numpy(rng.integers(len(labels), size=256))
        loss = functional.cross_entropy(model(subjects[some], objects[some], geometry[some]), labels[some])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if (step + 1) % 1000 == 0:
            print(f"[relations] step {step + 1}/{updates} loss {float(loss.detach()):.3f}", file=sys.stderr, flush=True)
    model.eval()
    table = Counter(zip(*(x.tolist() for x in (subjects, objects, labels)), strict=True))
    scores = {
        "pictures": len(pictures),
        "relations": int((labels != NONE).sum()),
        "excluded": {f"{rule}, {source}": count for (rule, source), count in sorted(excluded.items())},
        "predcls_recall_50_vrd_test": round(_recall(tests, model.__call__), 2),
        "predcls_recall_50_vrd_test_frequency": round(_recall(tests, _frequency(table)), 2),
    }
    with replacing_folder(output, "scores.json") as temporary:
        save_file(model.state_dict(), temporary / "model.safetensors")
        write_json(temporary / "scores.json", scores)


def _frequency(table: Counter[tuple[int, int, int]]):  # type: ignore[no-untyped-def]
    def scores(subjects: Tensor, objects: Tensor, geometry: Tensor) -> Tensor:
        rows = [
            [table[s, o, p] + 1e-3 for p in range(NONE + 1)]
            for s, o in zip(subjects.tolist(), objects.tolist(), strict=True)
        ]
        return torch.tensor(rows).log()

    return scores


@torch.no_grad()
def _recall(pictures: list[Annotation], scores) -> float:  # type: ignore[no-untyped-def]
    """PredCls R@50 in points, with the graph constraint: boxes and labels are given."""

    def read(picture: Annotation) -> Relations:
        pairs = all_pairs(len(picture.classes))
        first, second = pairs.T
        geometry = torch.from_numpy(pair_geometry(picture.boxes[first], picture.boxes[second]))
        classes = (torch.from_numpy(picture.classes[ends]) for ends in (first, second))
        likely = scores(*classes, geometry).softmax(-1)[:, :NONE].numpy()
        return Relations(picture.classes, picture.boxes, ranked(pairs, likely, 50, constrained=True))

    def annotated(picture: Annotation) -> Relations:
        return Relations(picture.classes, picture.boxes, triplets(picture.relations))

    return recalls((annotated(picture), read(picture)) for picture in pictures if picture.relations)["R@50"]
