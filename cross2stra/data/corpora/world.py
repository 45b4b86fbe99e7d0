"""The generated picture world, read from its raw formats by the same readers as real data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cross2stra.configuration import Profile
from cross2stra.data.chance import draw
from cross2stra.data.corpora.material import Material
from cross2stra.data.readers import aic, coco, lists
from cross2stra.data.readers.parallel import read_aligned, read_alternating
from cross2stra.data.readers.pictures import Captions
from cross2stra.data.records import ParallelSentence, Split
from cross2stra.data.streams import Ledger

_PICTURES = "pictures"
_NAMES = {"en": "MSCOCO", "zh": "AIC-ICC"}
_TEST_IDS = {"en": "coco_test_ids.txt", "zh": "aic_test_ids.txt"}


def build(profile: Profile, transfer: str, raw: Path) -> Material:
    """A transfer of the world; one that is captioned by another's models has no training part.

    The pivot's validation pictures are drawn from the official validation file; the rest of it validates the other
    direction, without the test pictures (listed in a file, as the paper's 5,000 of AIC-ICC). A transfer whose name
    ends in `_cococn` is tested on COCO-CN's pictures.
    """
    wanted, ledger = profile.transfers[transfer], Ledger()
    made = Material(wanted.pivot, wanted.target, (_NAMES[wanted.pivot], _NAMES[wanted.target]), ledger)
    if transfer.endswith("_cococn"):
        made.names = made.names[0], "COCO-CN"
        for split in (Split.VALIDATION, Split.TEST):
            listed = lists.read_captions(raw / f"coco_cn_{split}.txt", ledger, wanted.target, _PICTURES, ".png")
            _add(made, "target", listed)
            made.take(split, listed.pictures)
    else:
        official = _read(raw, "val", wanted.target, ledger)
        tests = set(lists.read_ids(raw / _TEST_IDS[wanted.target], ledger))
        _add(made, "target", official)
        made.take(Split.TEST, tests)
        others = official.pictures.keys() - tests
        reserved = draw(others, profile.world.pivot_validation_images, f"world/{wanted.target}/pivot_validation")
        made.take(Split.VALIDATION, others - set(reserved))
    if wanted.models_of:
        return made
    train, official = (_read(raw, part, wanted.pivot, ledger) for part in ("train", "val"))
    others = official.pictures.keys() - set(lists.read_ids(raw / _TEST_IDS[wanted.pivot], ledger))
    _add(made, "pivot", train)
    _add(made, "pivot", official)
    made.take(Split.TRAIN, train.pictures)
    validation = draw(others, profile.world.pivot_validation_images, f"world/{wanted.pivot}/pivot_validation")
    made.take(Split.PIVOT_VALIDATION, validation)
    made.parallel = lambda: parallel(raw, ledger)
    return made


def parallel(raw: Path, ledger: Ledger) -> Iterator[ParallelSentence]:
    """The raw parallel text: UM-Corpus' alternating lines, then WMT19's aligned files."""
    yield from read_alternating(raw / "um_corpus.txt", ledger, "um_corpus")
    yield from read_aligned(raw / "wmt19.en", raw / "wmt19.zh", ledger, "wmt19")


def _read(raw: Path, part: str, language: str, ledger: Ledger) -> Captions:
    if language == "en":
        return coco.read_captions(raw / f"captions_en_{part}.json", ledger, language, _PICTURES)
    return aic.read_captions(raw / f"aic_{part}.json", ledger, language, _PICTURES)


def _add(made: Material, side: str, captions: Captions) -> None:
    made.pictures.update(captions.pictures)
    (made.pivot if side == "pivot" else made.target).update(captions.by_picture())
