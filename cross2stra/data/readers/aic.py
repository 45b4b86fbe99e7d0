"""AIC-ICC's JSON: [{url, image_id: "x.jpg", caption: [5 sentences]}]."""

from __future__ import annotations

from pathlib import Path

from cross2stra.data.readers.pictures import (
    KEY,
    Captions,
    Picture,
    Sentence,
    accept,
    objects,
    picture_id,
    text_of,
)
from cross2stra.data.streams import Ledger, read_json_file


def read_captions(path: Path, ledger: Ledger, language: str = "zh", folder: str = "", ending: str = "") -> Captions:
    """Captions and pictures. `folder`: where the pictures lie; `ending` replaces that of `image_id` (".png")."""
    found = Captions()
    for index, row in objects(path, ledger, read_json_file(path), image_id=KEY, caption=list):
        image_id = picture_id(str(row["image_id"]))
        if image_id in found.pictures:
            ledger.quarantine(path.name, index, "picture given twice", str(row["image_id"]))
            continue
        name = image_id + ending if ending else str(row["image_id"])
        found.pictures[image_id] = Picture(f"{folder}/{name}" if folder else "")
        ledger.keep(path.name)
        for text in row["caption"]:
            if kept := accept(path, ledger, index, language, Sentence(image_id, text_of(text))):
                found.sentences.append(kept)
    return found
