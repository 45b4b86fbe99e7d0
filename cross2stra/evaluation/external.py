"""Captions that another system made, in the form of our own: they are scored like any, nothing is trained for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cross2stra.data.files import parse_json, replacing
from cross2stra.data.records import Image
from cross2stra.data.streams import read_lines, read_text
from cross2stra.evaluation.captions import SCORED

_COCO = re.compile(r"^COCO_\w+_0*(\d+)$")


def read_external(path: Path) -> dict[str, str]:
    """Picture -> caption. Raises ValueError naming the file, and what was expected, for any other content.

    `.jsonl`: objects with image_id and text. `.json`: a list of objects with image_id and caption (COCO's results). `.txt`:
    COCO-CN's published results, whose `imgToEval` has the captions. Each may be gzipped. Spaces between Chinese words do
    not matter: scoring segments all captions alike.
    """
    try:
        if ".jsonl" in path.suffixes:
            lines = ((number, line) for number, line in read_lines(path) if line.strip())
            values = (parse_json(line, path, "mend it", number) for number, line in lines)
            rows = [(row["image_id"], row["text"]) for row in values]
        else:
            rows = list(_published(parse_json(read_text(path), path, "mend it")))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"{path}: not captions of {', '.join(_FORMS)} ({error!r})") from error
    found: dict[str, str] = {}
    for image, said in rows:
        name = picture_name(str(image))
        if name in found:
            raise ValueError(f"{path}: picture {name} has two captions; keep one")
        if not isinstance(said, str):
            raise ValueError(f"{path}: picture {name}: expected a caption, found {said!r}; mend it")
        found[name] = said
    return found


_FORMS = ("JSON lines with image_id, text", "a list of image_id, caption", "COCO-CN's imgToEval")


def _published(value: Any) -> Iterable[tuple[Any, str]]:
    if isinstance(value, list):
        return ((row["image_id"], row["caption"]) for row in value)
    first = (row["caption"][0] for row in value["imgToEval"].values())
    return ((row.get("file_name", row["image_id"]), row["caption"]) for row in first)


def picture_name(name: str) -> str:
    """A picture's name as ours: COCO's number without zeros, or a file name without its folder and ending."""
    stem = re.sub(r"\.(jpg|jpeg|png)$", "", name.rpartition("/")[2], flags=re.IGNORECASE)
    match = _COCO.match(stem)
    return match[1] if match else stem.lstrip("0") or "0" if stem.isdigit() else stem


def write_external(captions: dict[str, str], images: Iterable[Image], source: Path, output: Path) -> dict[str, int]:
    """Write captions of the pictures that are scored, JSON lines as our own -> how many of each split.

    Raises ValueError where some but not all pictures of a split have one, or no split is there: a system may not choose
    what it is scored on.
    """
    rows, counts = [], {}
    pictures = list(images)
    for split in SCORED:
        own = [image.image_id for image in pictures if image.split == split]
        said = [image_id for image_id in own if image_id in captions]
        if said and len(said) < len(own):
            lost = next(image_id for image_id in own if image_id not in captions)
            raise ValueError(
                f"{source}: {len(own) - len(said)} of {len(own)} pictures of {split} have no caption, such as {lost}"
            )
        counts[str(split)] = len(said)
        rows += [{"image_id": i, "split": str(split), "text": captions[i], "pivot": None} for i in said]
    if not rows:
        raise ValueError(
            f"{source}: none of its {len(captions)} pictures is a validation or test picture of this transfer"
        )
    with replacing(output) as temporary:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        temporary.write_text(text, encoding="utf-8")
    return counts
