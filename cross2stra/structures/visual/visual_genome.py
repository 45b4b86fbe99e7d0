"""Visual Genome's scene graphs (Krishna et al. 2017), in the labels that a detector knows: what MOTIFS is trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cross2stra.data.archives import whole_archive
from cross2stra.data.files import shaped
from cross2stra.data.readers import coco, lists
from cross2stra.data.readers.pictures import KEY, objects
from cross2stra.data.streams import Ledger, read_json_file
from cross2stra.structures.graph import GraphBuilder, SceneGraph

SCENE_GRAPHS, IMAGE_DATA = "visual_genome_scene_graphs.json", "visual_genome_image_data.json"
ARCHIVES = ("visual_genome_images.zip", "visual_genome_images2.zip")
PREDICATES = 50
"""The most frequent predicates are kept, as many as VG150 has (Xu et al. 2017)."""


def visual_genome(
    raw: Path, classes: Sequence[str], attributes: Sequence[str], left_out: Counter[str], predicates: int = PREDICATES
) -> dict[str, tuple[Path, SceneGraph]]:
    """Picture id -> file (a member of an archive) and scene graph, of the pictures that no caption is of.

    So that what is learnt from them never reads a picture that it was trained on (docs/readings.md, 8). A class may have several
    names, with commas between. Objects and attributes that no class names, rare predicates and pictures are counted in
    `left_out`. Raises ValueError where a file is missing.
    """
    for name in (SCENE_GRAPHS, IMAGE_DATA, *ARCHIVES):
        if not (raw / name).is_file():
            raise ValueError(f"{raw / name} is not there; it is a row of config/sources.csv, download it first")
    files = {Path(member).stem: raw / name / member for name in ARCHIVES for member in _members(raw / name)}
    ledger = Ledger()
    barred = captioned(raw, ledger)
    sizes: dict[str, tuple[int, int]] = {}
    listed = read_json_file(raw / IMAGE_DATA)
    for _, row in objects(raw / IMAGE_DATA, ledger, listed, image_id=KEY, width=int, height=int):
        if str(row.get("coco_id")) in barred:
            left_out["pictures with captions"] += 1
        else:
            sizes[str(row["image_id"])] = (row["width"], row["height"])
    rows = {}
    path = raw / SCENE_GRAPHS
    for _, row in objects(path, ledger, read_json_file(path), image_id=KEY, objects=list, relationships=list):
        key = str(row["image_id"])
        if key in sizes and key in files:
            rows[key] = row
        elif key in sizes:
            left_out["pictures without a file"] += 1
    left_out["records that are none"] = len(ledger.quarantined)
    with shaped(path, "Visual Genome's scene graphs"):
        said = Counter(_name(relation["predicate"]) for row in rows.values() for relation in row["relationships"])
        known = {name for name, _ in sorted(said.items(), key=lambda item: (-item[1], item[0]))[:predicates]}
        named = (_by_name(classes), _by_name(attributes), known)
        found = {key: (files[key], _graph(row, sizes[key], *named, left_out)) for key, row in rows.items()}
    return {key: (file, graph) for key, (file, graph) in found.items() if len(graph)}


def captioned(raw: Path, ledger: Ledger) -> set[str]:
    """MSCOCO's numbers of the pictures of the caption corpora: Karpathy's split, and COCO-CN's where it is."""
    found = set(coco.read_karpathy(raw / "dataset_coco.json", ledger).pictures)
    for part in ("train", "val", "test"):
        path = raw / f"coco_cn_{part}.txt"
        found |= set(lists.read_ids(path, ledger)) if path.is_file() else set()
    return found


def _graph(
    row: dict[str, Any],
    size: tuple[int, int],
    classes: dict[str, str],
    attributes: dict[str, str],
    predicates: set[str],
    left_out: Counter[str],
) -> SceneGraph:
    builder = GraphBuilder()
    nodes: dict[int, int] = {}
    for one in row["objects"]:
        label = next((classes[name] for name in map(_name, one["names"]) if name in classes), None)
        if label is None:
            left_out["objects of other classes"] += 1
            continue
        x, y = max(0, one["x"]), max(0, one["y"])
        corner = min(size[0], one["x"] + one["w"]), min(size[1], one["y"] + one["h"])
        nodes[one["object_id"]] = builder.add_object(label, (x, y, *corner))
        for attribute in map(_name, one.get("attributes", ())):
            if attribute in attributes:
                builder.add_attribute(nodes[one["object_id"]], attributes[attribute])
            else:
                left_out["other attributes"] += 1
    for relation in row["relationships"]:
        ends = nodes.get(relation["subject_id"]), nodes.get(relation["object_id"])
        predicate = _name(relation["predicate"])
        if predicate not in predicates:
            left_out["relations with rare predicates"] += 1
        elif ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
            builder.add_relation(ends[0], predicate, ends[1])
    return builder.build(size)


def _by_name(labels: Iterable[str]) -> dict[str, str]:
    return {_name(name): label for label in labels for name in label.split(",")}


def _name(text: str) -> str:
    return " ".join(text.lower().split())


def _members(path: Path) -> list[str]:
    with whole_archive(path) as archive:
        return [name for name in archive.namelist() if name.endswith(".jpg")]
