"""Corpora of real data that fit a workstation: MSCOCO val2017, iCap, COCO-CN test, Flickr8k in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cross2stra.data.chance import draw
from cross2stra.data.corpora.material import Material
from cross2stra.data.exclusion import flickr_numbers
from cross2stra.data.readers import coco, lists
from cross2stra.data.readers.parallel import read_aligned, read_columns
from cross2stra.data.readers.pictures import Captions, Picture
from cross2stra.data.records import ParallelSentence, Split
from cross2stra.data.streams import Ledger


def parallel(raw: Path, ledger: Ledger) -> Iterator[ParallelSentence]:
    """3AM, its validation and test parts first (the filter keeps them apart from training), then Tatoeba."""
    for part in ("val", "test", "train"):
        files = raw / f"3am_{part}.en", raw / f"3am_{part}.zh"
        yield from read_aligned(*files, ledger, f"3am-{part}", raw / f"3am_images-{part}.txt")
    yield from read_columns(raw / "tatoeba_cmn.txt", ledger, "tatoeba")


def coco_cn(raw: Path) -> Material:
    """English captions of val2017 -> Chinese on COCO-CN test; iCap pictures outside val2017 validate end to end."""
    ledger = Ledger()
    english, labelled = _val2017(raw, ledger)
    icap = lists.read_captions(raw / "coco-cn_ext.icap2020.txt", ledger, "zh")
    tests = coco.read_captions(raw / "merged_captions_coco-cn_test.json", ledger, "zh")
    made = Material("en", "zh", ("MSCOCO val2017", "COCO-CN test, iCap"), ledger)
    made.pivot, made.target = english.by_picture(), {**icap.by_picture(), **tests.by_picture()}
    made.pictures = {**icap.pictures, **tests.pictures, **english.pictures}
    made.take(Split.TEST, tests.pictures)
    made.take(Split.VALIDATION, draw(icap.pictures.keys() - english.pictures.keys(), 500, "en-zh_cococn/val"))
    usable = labelled - tests.pictures.keys()
    made.take(Split.PIVOT_VALIDATION, draw(usable, 450, "en-zh_cococn/pivot_validation"))
    made.take(Split.TRAIN, usable - set(made.of(Split.PIVOT_VALIDATION)))
    return _with_parallel(made, raw)


def coco_pictures(raw: Path) -> Material:
    """Chinese captions of iCap -> English on val2017: 500 pictures validate, 1,000 others test, 500 are unlabelled."""
    ledger = Ledger()
    english, labelled = _val2017(raw, ledger)
    icap = lists.read_captions(raw / "coco-cn_ext.icap2020.txt", ledger, "zh")
    made = Material("zh", "en", ("iCap", "MSCOCO val2017"), ledger)
    made.pivot, made.target = icap.by_picture(), english.by_picture()
    made.pictures = {**icap.pictures, **english.pictures}
    made.take(Split.UNLABELLED, english.pictures.keys() - labelled)
    made.take(Split.VALIDATION, draw(labelled, 500, "zh-en_coco/val"))
    made.take(Split.TEST, draw(labelled - set(made.of(Split.VALIDATION)), 1000, "zh-en_coco/test"))
    usable = icap.pictures.keys() - english.pictures.keys()
    made.take(Split.PIVOT_VALIDATION, draw(usable, 400, "zh-en_coco/pivot_validation"))
    made.take(Split.TRAIN, usable - set(made.of(Split.PIVOT_VALIDATION)))
    return _with_parallel(made, raw)


def flickr8k_cn(raw: Path) -> Material:
    """English captions of Flickr8k -> Chinese of Flickr8k-CN."""
    return _flickr8k(raw, "en", "zh")


def flickr8k(raw: Path) -> Material:
    """Chinese captions of Flickr8k-CN -> English of Flickr8k."""
    return _flickr8k(raw, "zh", "en")


_FLICKR8K = {"en": ("flickr8kenc.caption.txt", "Flickr8k"), "zh": ("flickr8kzhc.caption.txt", "Flickr8k-CN")}


def _flickr8k(raw: Path, pivot: str, target: str) -> Material:
    ledger = Ledger()
    found = {language: lists.read_captions(raw / name, ledger, language) for language, (name, _) in _FLICKR8K.items()}
    official = {part: lists.read_ids(raw / f"flickr8k{part}.txt", ledger) for part in ("train", "val", "test")}
    unlabelled = set(lists.read_ids(raw / "flickr8k_unlabelled_ids.txt", ledger))
    sizes = lists.read_entity_sizes(raw / "flickr30k_entities.jsonl")
    made = Material(pivot, target, (_FLICKR8K[pivot][1], _FLICKR8K[target][1]), ledger)
    made.pivot, made.target = found[pivot].by_picture(), found[target].by_picture()
    made.pictures = {
        image_id: Picture("", *sizes.get(image_id, (0, 0))) for ids in official.values() for image_id in ids
    }
    # The pivot side of validated and tested pictures is read by the exclusion of texts, and by bounds (`paired`).
    made.take(Split.UNLABELLED, unlabelled)
    made.take(Split.TEST, set(official["test"]) - unlabelled)
    made.take(Split.VALIDATION, official["val"])
    apart = draw(official["train"], 300, f"{pivot}-{target}_flickr8k/pivot_validation")
    made.take(Split.PIVOT_VALIDATION, apart)
    made.take(Split.TRAIN, set(official["train"]) - set(apart))
    for side in (made.pivot, made.target):
        for image_id in unlabelled:  # the upstream files have their captions
            side.pop(image_id, None)
    made.parallel = lambda: parallel(raw, ledger)
    return made


def _val2017(raw: Path, ledger: Ledger) -> tuple[Captions, set[str]]:
    """Pictures and captions of val2017, and the pictures whose captions may be read.

    The unlabelled ones stay without captions, also where the file has them (upstream's does).
    """
    found = coco.read_captions(raw / "captions_val2017.json", ledger, "en")
    unlabelled = set(lists.read_ids(raw / "unlabelled_val2017_ids.txt", ledger))
    found.sentences = [row for row in found.sentences if row.image_id not in unlabelled]
    return found, {row.image_id for row in found.sentences}


def _with_parallel(made: Material, raw: Path) -> Material:
    """Add what the COCO corpora share: sizes and other names of pictures, the parallel text."""
    made.same = flickr_numbers(raw)
    for _, image_id, _, width, height in lists.read_visual_genome_ids(raw / "vg_coco_map.tsv"):
        known = made.pictures.get(image_id)
        if known is not None and not known.width:  # Visual Genome's own size: the aspect is COCO's
            made.pictures[image_id] = Picture(known.file, width, height)
    made.parallel = lambda: parallel(raw, made.ledger)
    return made
