"""The paper's corpora (Appendix B.1): MSCOCO in Karpathy's split, AIC-ICC, COCO-CN, UM-Corpus and WMT19.

The captions of a target corpus' own training part are unpaired text: their words, without their pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cross2stra.data.chance import draw
from cross2stra.data.corpora.material import Material
from cross2stra.data.exclusion import flickr_numbers
from cross2stra.data.readers import aic as aic_reader
from cross2stra.data.readers import coco, lists
from cross2stra.data.readers.parallel import read_aligned, read_alternating, read_columns
from cross2stra.data.readers.pictures import Captions
from cross2stra.data.records import ParallelSentence, Split
from cross2stra.data.streams import Ledger

_AIC_FOLDERS = {"train": "caption_train_images_20170902", "val": "caption_validation_images_20170910"}
"""Folders of the pictures in AIC-ICC's archives."""
AIC_TEST = 5000
"""Pictures of AIC-ICC's official validation set that are tested on (drawn by the written seed)."""


def parallel(raw: Path, ledger: Ledger) -> Iterator[ParallelSentence]:
    """UM-Corpus, then WMT19's News Commentary and CWMT."""
    yield from read_alternating(raw / "um_corpus.txt", ledger, "um_corpus")
    yield from read_columns(raw / "news-commentary-v14.en-zh.tsv", ledger, "news_commentary")
    yield from read_aligned(raw / "wmt19_cwmt.en", raw / "wmt19_cwmt.zh", ledger, "cwmt")


def aic(raw: Path) -> Material:
    """MSCOCO's English captions -> Chinese on AIC-ICC."""
    ledger = Ledger()
    english = coco.read_karpathy(raw / "dataset_coco.json", ledger)
    train, official = (_aic(raw, part, ledger) for part in ("train", "val"))
    made = Material("en", "zh", ("MSCOCO", "AIC-ICC"), ledger)
    made.pivot, made.target = english.by_picture(), official.by_picture()
    made.pictures = {**english.pictures, **official.pictures}
    _take_karpathy(made, english, {"train": Split.TRAIN, "val": Split.PIVOT_VALIDATION})
    tests = draw(official.pictures, AIC_TEST, "aic/test")
    made.take(Split.TEST, tests)
    made.take(Split.VALIDATION, official.pictures.keys() - set(tests))
    made.unpaired = train.by_picture()
    return _finish(made, raw)


def coco_pictures(raw: Path) -> Material:
    """AIC-ICC's Chinese captions -> English on MSCOCO in Karpathy's split."""
    ledger = Ledger()
    english = coco.read_karpathy(raw / "dataset_coco.json", ledger)
    train, official = (_aic(raw, part, ledger) for part in ("train", "val"))
    made = Material("zh", "en", ("AIC-ICC", "MSCOCO"), ledger)
    made.pivot, made.target = {**train.by_picture(), **official.by_picture()}, english.by_picture()
    made.pictures = {**train.pictures, **official.pictures, **english.pictures}
    made.take(Split.TRAIN, train.pictures)
    made.take(Split.PIVOT_VALIDATION, official.pictures.keys() - set(draw(official.pictures, AIC_TEST, "aic/test")))
    _take_karpathy(made, english, {"val": Split.VALIDATION, "test": Split.TEST})
    made.unpaired = {image_id: rows for image_id, rows in made.target.items() if rows[0].split == "train"}
    return _finish(made, raw)


def coco_cn(raw: Path) -> Material:
    """MSCOCO's English captions -> Chinese on COCO-CN; its validation and test pictures leave MSCOCO's training part."""
    ledger = Ledger()
    english = coco.read_karpathy(raw / "dataset_coco.json", ledger)
    chinese = lists.read_captions(raw / "coco_cn_captions.txt", ledger, "zh")
    official = {part: lists.read_ids(raw / f"coco_cn_{part}.txt", ledger) for part in ("train", "val", "test")}
    made = Material("en", "zh", ("MSCOCO", "COCO-CN"), ledger)
    made.pivot, made.target = english.by_picture(), chinese.by_picture()
    made.pictures = {**chinese.pictures, **english.pictures}
    made.take(Split.TEST, official["test"])
    made.take(Split.VALIDATION, official["val"])
    _take_karpathy(made, english, {"train": Split.TRAIN, "val": Split.PIVOT_VALIDATION})
    made.unpaired = {image_id: made.target.get(image_id, []) for image_id in official["train"]}
    return _finish(made, raw)


def _aic(raw: Path, part: str, ledger: Ledger) -> Captions:
    return aic_reader.read_captions(
        raw / f"aic_{part}.json", ledger, "zh", f"aic_{part}_images.zip/{_AIC_FOLDERS[part]}"
    )


def _take_karpathy(made: Material, english: Captions, wanted: dict[str, Split]) -> None:
    """Give the pictures of Karpathy's parts their splits, but for those that have one already."""
    for image_id, part in {row.image_id: row.split for row in english.sentences}.items():
        if part in wanted and image_id not in made.splits:
            made.take(wanted[part], [image_id])


def _finish(made: Material, raw: Path) -> Material:
    made.same = flickr_numbers(raw)
    made.parallel = lambda: parallel(raw, made.ledger)
    return made
