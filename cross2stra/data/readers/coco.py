"""MSCOCO's captions: its own JSON, the same with origins (COCO-CN's merged test captions), and Karpathy's split."""

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
    pixels,
    text_of,
)
from cross2stra.data.streams import Ledger, read_json_file


def read_captions(path: Path, ledger: Ledger, language: str, folder: str = "") -> Captions:
    """MSCOCO's JSON: `images` [{id, file_name, width, height}], `annotations` [{image_id, caption, source?}].

    `images[].id` is an index of the file; a picture's id comes from its file name. `folder`: where the pictures lie
    below the raw folder, empty without pixels. Raises ValueError where the file has no images or annotations.
    """
    value = read_json_file(path)
    if not isinstance(value, dict) or not {"images", "annotations"} <= value.keys():
        raise ValueError(f"{path}: expected fields images and annotations of MSCOCO's JSON; get the file again")
    found, ids = Captions(), {}
    for index, row in objects(path, ledger, value["images"], id=KEY, file_name=str):
        ids[row["id"]] = picture_id(row["file_name"])
        if ids[row["id"]] in found.pictures:
            ledger.quarantine(path.name, index, "picture given twice", row["file_name"])
            continue
        file = f"{folder}/{row['file_name']}" if folder else ""
        found.pictures[ids[row["id"]]] = Picture(file, pixels(row.get("width")), pixels(row.get("height")))
        ledger.keep(path.name)
    for index, row in objects(path, ledger, value["annotations"], image_id=KEY, caption=str):
        if row["image_id"] not in ids:
            ledger.quarantine(path.name, index, "caption of a picture that the file does not have", row["caption"])
            continue
        sentence = Sentence(ids[row["image_id"]], row["caption"], text_of(row.get("source")))
        if kept := accept(path, ledger, index, language, sentence):
            found.sentences.append(kept)
    return found


def read_karpathy(path: Path, ledger: Ledger, language: str = "en") -> Captions:
    """Karpathy's `dataset_coco.json`: images [{filename, filepath, split, sentences: [{raw}]}]; restval is train.

    Pictures lie in MSCOCO's archives as they come, coco_{filepath}.zip.
    """
    value = read_json_file(path)
    if not isinstance(value, dict) or "images" not in value:
        raise ValueError(f"{path}: expected the field images of Karpathy's JSON; get the file again")
    found = Captions()
    for index, row in objects(path, ledger, value["images"], filename=str, split=str, sentences=list):
        image_id = picture_id(row["filename"])
        split = "train" if row["split"] == "restval" else row["split"]
        if image_id in found.pictures:
            ledger.quarantine(path.name, index, "picture given twice", row["filename"])
            continue
        if split not in ("train", "val", "test"):
            ledger.quarantine(path.name, index, f"no split of Karpathy's: {split}", row["filename"])
            continue
        folder = text_of(row.get("filepath"))
        found.pictures[image_id] = Picture(
            f"coco_{folder}.zip/{folder}/{row['filename']}" if folder else row["filename"]
        )
        ledger.keep(path.name)
        for sentence in row["sentences"]:
            raw = text_of(sentence.get("raw")) if isinstance(sentence, dict) else ""
            if kept := accept(path, ledger, index, language, Sentence(image_id, raw, "", split)):
                found.sentences.append(kept)
    return found
