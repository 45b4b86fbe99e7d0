"""Average precision of detections at half overlap, as COCO's evaluation computes it (pycocotools)."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import numpy as np

from cross2stra.structures.visual.detector import Detections, Truth

_MOST = 100


def average_precision(truths: Sequence[Truth], found: Sequence[Detections]) -> dict[int, float]:
    """Class -> AP at an overlap of 0.5, in points, of the classes that `truths` show. mAP@50 is their mean.

    Raises ValueError where they show none.
    """
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    annotations: list[dict] = []
    results: list[dict] = []
    for picture, (truth, detections) in enumerate(zip(truths, found, strict=True)):
        for box, number in zip(_corner_and_size(truth.boxes.numpy()), truth.classes.tolist(), strict=True):
            row = {"id": len(annotations) + 1, "image_id": picture, "category_id": number, "bbox": box, "iscrowd": 0}
            annotations.append({**row, "area": box[2] * box[3]})
        rows = zip(
            _corner_and_size(detections.boxes.numpy()), detections.classes.tolist(), detections.scores.tolist(),
            strict=True,
        )  # fmt: skip
        results += [{"image_id": picture, "category_id": n, "bbox": box, "score": score} for box, n, score in rows]
    if not annotations:
        raise ValueError("no picture shows a region; make the annotations again")
    classes = sorted({row["category_id"] for row in annotations})
    known = [row for row in results if row["category_id"] in set(classes)]
    if not known:
        return dict.fromkeys(classes, 0.0)
    with contextlib.redirect_stdout(io.StringIO()):
        gold = COCO()
        gold.dataset = {
            "images": [{"id": picture} for picture in range(len(truths))],
            "annotations": annotations,
            "categories": [{"id": number} for number in classes],
        }
        gold.createIndex()
        evaluation = COCOeval(gold, gold.loadRes(known), "bbox")
        evaluation.params.iouThrs = np.asarray([0.5])
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [_MOST]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][0, :, :, 0, 0]  # (recall steps, classes)
    return {number: 100 * float(precision[:, row].mean()) for row, number in enumerate(classes)}


def _corner_and_size(boxes: np.ndarray) -> list[list[float]]:
    """Relative xyxy -> x, y, width, height in thousandths of the picture."""
    return (1000 * np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)).astype(float).tolist()
