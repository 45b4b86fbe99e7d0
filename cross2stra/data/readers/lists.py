"""Captions one a line after a key (COCO-CN, iCap, Flickr8k-CN), lists of ids, sizes of pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cross2stra.data.files import parse_json
from cross2stra.data.readers.pictures import Captions, Picture, Sentence, accept, picture_id
from cross2stra.data.streams import Ledger, read_lines

CAPTION_LINE = re.compile(r"(?P<name>[^\s#]+)#(?:(?P<source>[A-Za-z]+)#)?(?P<number>\d+)\s(?P<text>.*)")
_ENDING = re.compile(r"\.(jpe?g|png)$", re.IGNORECASE)


def read_captions(path: Path, ledger: Ledger, language: str, folder: str = "", ending: str = "") -> Captions:
    """Lines such as `COCO_val2014_000000217153#0<TAB>text` or `667626_18933d713e.jpg#zhc#0 text`.

    The key ends at the first white space. A key that is not `name#number` or `name#source#number`, or whose name goes
    on after the picture's ending, is quarantined.
    """
    found = Captions()
    for number, line in read_lines(path, ledger):
        match = CAPTION_LINE.fullmatch(line)
        if match is None or "." in _ENDING.sub("", match["name"]):
            ledger.quarantine(path.name, number, "expected picture#number, white space, caption", line)
            continue
        image_id = picture_id(match["name"])
        kept = accept(path, ledger, number, language, Sentence(image_id, match["text"], match["source"] or ""))
        if kept:
            found.pictures.setdefault(image_id, Picture(f"{folder}/{image_id}{ending}" if folder else ""))
            found.sentences.append(kept)
    return found


def read_ids(path: Path, ledger: Ledger) -> list[str]:
    """Picture ids, one a line, in the order of the file; empty and repeated lines are quarantined."""
    found: dict[str, None] = {}
    for number, line in read_lines(path, ledger):
        name = line.strip()
        if not name or picture_id(name) in found:
            ledger.quarantine(path.name, number, "repeated picture" if name else "empty line", line)
            continue
        ledger.keep(path.name)
        found[picture_id(name)] = None
    return list(found)


def read_visual_genome_ids(path: Path) -> Iterator[tuple[str, str, str, int, int]]:
    """Rows (Visual Genome id, COCO id, Flickr id, width, height) of `vg_coco_map.tsv`."""
    names = ("vg_id", "coco_id", "flickr_id", "width", "height")
    places: list[int] = []
    for number, line in read_lines(path):
        cells = line.split("\t")
        try:
            if not places:
                places = [cells.index(name) for name in names]
                continue
            first, coco, flickr, width, height = (cells[place] for place in places)
            yield first, coco, flickr, int(width), int(height)
        except (IndexError, ValueError) as error:
            raise ValueError(f"{path}: line {number}: expected {' '.join(names)}; get it again") from error


def read_entity_sizes(path: Path) -> dict[str, tuple[int, int]]:
    """(width, height) in pixels of each picture of the Flickr30k Entities file; its captions are not read."""
    sizes = {}
    for number, line in read_lines(path):
        row = parse_json(line, path, "get it again", number)
        try:
            sizes[str(row["image"])] = int(row["width"]), int(row["height"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"{path}: line {number}: expected fields image, width, height; get it again") from error
    return sizes
