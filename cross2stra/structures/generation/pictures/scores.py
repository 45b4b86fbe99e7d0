"""How good generated pictures are: overlap of layouts, pixels, and the Fréchet distance of EfficientNet features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cross2stra.structures.generation.pictures.batches import batched, relative_boxes
from cross2stra.structures.generation.pictures.network import PictureGenerator
from cross2stra.structures.graph import NodeKind, SceneGraph
from cross2stra.structures.visual.operators import overlap
from cross2stra.structures.visual.regions import PROJECTED, RegionFeatures

_FILLS = 0.95
"""An object with so much of the picture is its place: its box says nothing of a layout."""


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Distance of two normal distributions with the means and covariances of samples (n, F), (m, F), n, m > 1.

    |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)) (Dowson and Landau 1982; Heusel et al. 2017, section 3).
    """
    means = first.mean(0), second.mean(0)
    a, b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (first, second))
    # C C' has the eigenvalues of the symmetric R C' R with R R = C, whose root needs no complex numbers.
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ b @ root), 0, None)).sum()
    return float(((means[0] - means[1]) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * shared)


def picture_features(pictures: np.ndarray, backbone: RegionFeatures) -> np.ndarray:
    """(n, S, S, 3) uint8 -> (n, PROJECTED): the feature maps' averages over the whole picture."""
    whole = np.asarray([[0, 0, 1, 1]], dtype=np.float32)
    rows = []
    for start in range(0, len(pictures), 32):
        some = [Image.fromarray(pixels) for pixels in pictures[start : start + 32]]
        rows += [row[0, :PROJECTED] for row in backbone.features(some, [whole] * len(some))]
    return np.stack(rows).astype(np.float64)


@torch.no_grad()
def layout_overlap(
    model: PictureGenerator, graphs: Sequence[SceneGraph], trained: Sequence[SceneGraph]
) -> tuple[float, float]:
    """Mean intersection over union of objects' boxes with the annotated ones: of the regressor's, of each class' mean box.

    Objects that fill the picture do not count.
    """
    boxes: dict[str, list[np.ndarray]] = defaultdict(list)
    for graph in trained:
        for label, kind, box in zip(graph.node_labels, graph.node_kinds, relative_boxes(graph), strict=True):
            if kind == NodeKind.OBJECT:
                boxes[label].append(box)
    usual = np.mean([box for rows in boxes.values() for box in rows], 0)
    ours, means = [], []
    for graph in graphs:
        batch = batched([graph], model.labels)
        guessed = model.boxes(model.encode(batch))
        objects = [label for label, kind in zip(graph.node_labels, graph.node_kinds, strict=True) if kind == 0]
        mean = torch.from_numpy(np.stack([np.mean(boxes.get(label, [usual]), 0) for label in objects]))
        annotated = batch.boxes[~batch.whole]
        counted = (annotated[:, 2:] - annotated[:, :2]).prod(-1) < _FILLS
        ours += overlap(guessed[~batch.whole], annotated).diagonal()[counted].tolist()
        means += overlap(mean.float(), annotated).diagonal()[counted].tolist()
    return float(np.mean(ours)), float(np.mean(means))


def scores(
    model: PictureGenerator,
    graphs: Sequence[SceneGraph],
    pictures: Tensor,
    trained: Sequence[SceneGraph],
    trained_pictures: Tensor,
) -> dict[str, float]:
    """Scores on held-out graphs and pictures (n, 3, S, S) uint8, each beside what it is to be read against.

    Fréchet distances are to the training pictures; that of the held-out ones themselves is the floor, with as many of
    them, since the distance grows as samples get fewer. Pixels are 0 to 1.
    """
    backbone = RegionFeatures()
    real, seen = (x.permute(0, 2, 3, 1).numpy() for x in (pictures, trained_pictures))
    given, own = (np.stack([*map(np.asarray, model.draw(graphs, range(len(graphs)), own))]) for own in (False, True))
    ours, class_mean = layout_overlap(model, graphs, trained)
    wanted = picture_features(seen, backbone)

    def error(made: np.ndarray) -> float:
        return float(np.abs(made.astype(np.float32) - real).mean() / 255)

    def distance(made: np.ndarray) -> float:
        return frechet_distance(wanted, picture_features(made, backbone))

    return {
        "pictures": len(graphs),
        "layout IoU": ours,
        "layout IoU of the class' mean box": class_mean,
        "pixel L1": error(given),
        "pixel L1 with own boxes": error(own),
        "pixel L1 of the mean picture": error(seen.mean(0, keepdims=True)),
        "Fréchet distance of EfficientNet features": distance(given),
        "Fréchet distance of EfficientNet features with own boxes": distance(own),
        "Fréchet distance of EfficientNet features, real pictures": distance(real),
    }
