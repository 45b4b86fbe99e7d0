"""The drawn ids of the mini corpora, written once to `config/splits/` so that anyone can see and check them."""

from __future__ import annotations

from pathlib import Path

from cross2stra.data.corpora import mini
from cross2stra.data.files import replacing
from cross2stra.data.records import Split

DRAWN = {
    "en-zh_cococn": (mini.coco_cn, (Split.PIVOT_VALIDATION, Split.VALIDATION)),
    "zh-en_coco": (mini.coco_pictures, (Split.PIVOT_VALIDATION, Split.VALIDATION, Split.TEST)),
    "en-zh_flickr8kcn": (mini.flickr8k_cn, (Split.PIVOT_VALIDATION,)),
    "zh-en_flickr8k": (mini.flickr8k, (Split.PIVOT_VALIDATION,)),
}
"""Transfer -> its builder, and the splits that it draws by seed (the others are given by the sources)."""


def drawn_ids(raw: Path) -> dict[str, list[str]]:
    """File name -> ids of each drawn split, from the raw folder."""
    found = {}
    for transfer, (builder, splits) in DRAWN.items():
        material = builder(raw)
        for split in splits:
            found[f"{transfer}.{split}.txt"] = material.of(split)
    return found


def write_splits(raw: Path, folder: Path) -> None:
    """Write a file of ids, one a line, for each drawn split."""
    for name, ids in drawn_ids(raw).items():
        with replacing(folder / name) as temporary:
            temporary.write_text("\n".join(ids) + "\n", encoding="utf-8")
