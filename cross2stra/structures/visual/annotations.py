"""Pictures whose regions and relations people annotated: VRD and Visual Genome's VG150 split, one type for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cross2stra.data.files import shaped
from cross2stra.data.streams import read_json_file

VRD_PREDICATES = (
    "on", "wear", "has", "next to", "sleep next to", "sit next to", "stand next to", "park next", "walk next to",
    "above", "behind", "stand behind", "sit behind", "park behind", "in the front of", "under", "stand under",
    "sit under", "near", "walk to", "walk", "walk past", "in", "below", "beside", "walk beside", "over", "hold",
    "by", "beneath", "with", "on the top of", "on the left of", "on the right of", "sit on", "ride", "carry",
    "look", "stand on", "use", "at", "attach to", "cover", "touch", "watch", "against", "inside", "adjacent to",
    "across", "contain", "drive", "drive on", "taller than", "eat", "park on", "lying on", "pull", "talk",
    "lean on", "fly", "face", "play with", "sleep on", "outside of", "rest on", "follow", "hit", "feed", "kick",
    "skate on",
)  # fmt: skip
"""VRD's predicates by the numbers of its annotations. The predicates.json beside some copies has the same names in
another order and is not read: by it a person is "above" a shirt, and "parks next" to a skateboard."""


@dataclass(frozen=True)
class Labels:
    """Names of a corpus: classes of regions and predicates, by their numbers."""

    classes: tuple[str, ...]
    predicates: tuple[str, ...]


@dataclass(frozen=True)
class Annotation:
    """A picture: `classes` (N,), `boxes` (N, 4) xyxy in pixels, `relations` {(subject, object): predicates}.

    `size` is the width and height in pixels; where a corpus does not say, the extent of its boxes.
    """

    key: str
    size: tuple[float, float]
    classes: np.ndarray
    boxes: np.ndarray
    relations: dict[tuple[int, int], set[int]]


def _annotation(
    key: str,
    classes: list[int],
    boxes: list[list[float]],
    relations: dict[tuple[int, int], set[int]],
    size: tuple[float, float] | None = None,
) -> Annotation:
    corners = np.asarray(boxes, dtype=np.float32).reshape(-1, 4)
    extent = size or tuple(float(edge) for edge in corners[:, 2:].max(0, initial=1))
    return Annotation(key, (extent[0], extent[1]), np.asarray(classes, dtype=np.int64), corners, relations)


def vg150_labels(raw: Path) -> Labels:
    """VG150's 150 classes and 50 predicates."""
    return Labels(
        tuple(read_json_file(raw / "vg150_objects.json")), tuple(read_json_file(raw / "vg150_predicates.json"))
    )


def vg150(raw: Path) -> Iterator[Annotation]:
    """Pictures of VG150's test part; the key is Visual Genome's number. Empty entries are passed over."""
    path = raw / "vg150_annotations.json"
    with shaped(path, "VG150's annotations"):
        for file, annotation in read_json_file(path):
            if not file or not annotation:
                continue
            relations: dict[tuple[int, int], set[int]] = {}
            for row in annotation["rels"]:
                if row["sub"] != row["obj"]:
                    relations.setdefault((row["sub"], row["obj"]), set()).update(row["pred"])
            regions = annotation["objs"]
            yield _annotation(Path(file).stem, [r["cls"] for r in regions], [r["bbox"] for r in regions], relations)


def vrd_labels(raw: Path) -> Labels:
    """VRD's 100 classes and 70 predicates."""
    return Labels(tuple(read_json_file(raw / "vrd_objects.json")), VRD_PREDICATES)


def vrd(raw: Path, part: str) -> Iterator[Annotation]:
    """Pictures of VRD; the key is the file name. A region that several relations name alike is one."""
    sizes = read_json_file(raw / f"vrd_{part}_image_metadata.json")
    path = raw / f"vrd_annotations_{part}.json"
    with shaped(path, "VRD's annotations"):
        for file, rows in read_json_file(path).items():
            regions: dict[tuple[int, ...], int] = {}
            relations: dict[tuple[int, int], set[int]] = {}
            for row in rows:
                subject, target = (_vrd_region(regions, row[end]) for end in ("subject", "object"))
                if subject != target:
                    relations.setdefault((subject, target), set()).add(row["predicate"])
            size = (sizes[file]["width"], sizes[file]["height"]) if file in sizes else None
            yield _annotation(file, [r[0] for r in regions], [list(r[1:]) for r in regions], relations, size)


def vrd_unlabelled(raw: Path) -> Iterator[Annotation]:
    """The pictures of VRD's test part whose relations are held out: their regions."""
    path = raw / "vrd_unlabelled_test_boxes.json"
    with shaped(path, "VRD's boxes"):
        for file, rows in read_json_file(path).items():
            regions: dict[tuple[int, ...], int] = {}
            for row in rows:
                _vrd_region(regions, row)
            yield _annotation(file, [r[0] for r in regions], [list(r[1:]) for r in regions], {})


def _vrd_region(regions: dict[tuple[int, ...], int], row: dict) -> int:
    top, bottom, left, right = row["bbox"]  # VRD's order
    return regions.setdefault((row["category"], left, top, right, bottom), len(regions))
