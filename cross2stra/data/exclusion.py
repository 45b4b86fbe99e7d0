"""The one function that keeps out of training whatever belongs to a picture that is validated or tested on.

Every trained thing passes it: parallel text, scene graph corpora, captions (docs/readings.md, "what may be seen when").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cross2stra.data.languages import text_key
from cross2stra.data.readers import coco, lists
from cross2stra.data.readers.pictures import picture_id
from cross2stra.data.streams import Ledger

Row = TypeVar("Row")
BARRED = frozenset({"zhm", "zhb"})
"""Translations of Flickr8k's captions, by people and by machine: never trained on, whatever their picture."""

_FLICKR8K = re.compile(r"(\d+)_[0-9a-f]+")


@dataclass(frozen=True)
class HeldOut:
    """What may not be trained on: picture keys and text keys, each with the rule that is counted when it applies."""

    pictures: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    barred: frozenset[str] = BARRED

    def rule(self, source: str, pictures: Iterable[str], texts: Iterable[str]) -> str:
        """The rule that bars a row from training; empty where none does."""
        if source in self.barred:
            return "barred source"
        for picture in pictures:
            for key in picture_keys(picture):
                if key in self.pictures:
                    return f"picture of {self.pictures[key]}"
        for text in texts:
            if text and (key := text_key(text)) in self.texts:
                return f"text of {self.texts[key]}"
        return ""


def picture_keys(picture: str) -> list[str]:
    """Names under which a picture is known across sources: COCO's number, Flickr's number, or its own name.

    `picture`: an image id ("412975", "1000268201_693b08cb0e"), "flickr:<number>", a file name, or another name.
    """
    if not picture:
        return []
    if picture.startswith("flickr:"):
        return [picture]
    name = picture_id(picture)
    if name.isdigit():
        return [f"coco:{int(name)}"]
    flickr = _FLICKR8K.fullmatch(name.removesuffix("_b").removesuffix("_o"))
    return [name, f"flickr:{flickr[1]}"] if flickr else [name]


def exclude(
    rows: Iterable[Row],
    held_out: HeldOut,
    counts: Counter[tuple[str, str]],
    source: Callable[[Row], str],
    pictures: Callable[[Row], Iterable[str]],
    texts: Callable[[Row], Iterable[str]],
) -> Iterator[Row]:
    """Yield the rows that may be trained on; `counts` gets (rule, source) of the others."""
    for row in rows:
        if rule := held_out.rule(source(row), pictures(row), texts(row)):
            counts[rule, source(row)] += 1
        else:
            yield row


def nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts as rule -> source -> rows, for JSON."""
    found: dict[str, dict[str, int]] = {}
    for (rule, source), count in sorted(counts.items()):
        found.setdefault(rule, {})[source] = count
    return found


def held_out_of(
    pictures: Mapping[str, str], texts: Iterable[tuple[str, str]], same: Mapping[str, Iterable[str]] | None = None
) -> HeldOut:
    """HeldOut from image id -> rule and (text, rule); `same`: other names of an image id (its Flickr number)."""
    keys: dict[str, str] = {}
    for picture, rule in pictures.items():
        for name in (picture, *(same or {}).get(picture, ())):
            for key in picture_keys(name):
                keys.setdefault(key, rule)
    found: dict[str, str] = {}
    for text, rule in texts:
        found.setdefault(text_key(text), rule)
    found.pop("", None)
    return HeldOut(keys, found)


def flickr_numbers(raw: Path) -> dict[str, list[str]]:
    """COCO id -> "flickr:<number>" of the pictures that Visual Genome knows; empty where its table is absent."""
    path, found = raw / "vg_coco_map.tsv", dict[str, list[str]]()
    if path.exists():
        for _, coco_id, flickr_id, _, _ in lists.read_visual_genome_ids(path):
            found.setdefault(coco_id, []).append(f"flickr:{flickr_id}")
    return found


def visual_genome_pictures(raw: Path) -> dict[str, list[str]]:
    """Visual Genome id -> names of the same picture elsewhere (COCO's and Flickr's numbers)."""
    rows = lists.read_visual_genome_ids(raw / "vg_coco_map.tsv")
    return {vg: [coco_id, f"flickr:{flickr}"] for vg, coco_id, flickr, _, _ in rows}


def held_out_of_structures(raw: Path) -> HeldOut:
    """What extractors of structures may not be trained on: every picture that has captions in a mini corpus.

    More than the tested ones (COCO-CN test, val2017, Flickr8k test), because no picture's structure may come from an
    extractor that was trained on it (docs/readings.md, 8). `raw`: the folder of downloaded files; absent sources are passed
    over. FACTUAL, VG150 and VRD rows go through `exclude` with the names of `visual_genome_pictures`, or VRD's file
    name (which begins with Flickr's number).
    """
    ledger, pictures, texts = Ledger(), dict[str, str](), list[tuple[str, str]]()
    tests = {"COCO-CN test": ("merged_captions_coco-cn_test.json", "zh"), "val2017": ("captions_val2017.json", "en")}
    for rule, (name, language) in tests.items():
        if (raw / name).exists():
            found = coco.read_captions(raw / name, ledger, language)
            pictures |= dict.fromkeys(found.pictures, rule) | pictures
            texts += [(sentence.text, rule) for sentence in found.sentences]
    listed = {"iCap": ("coco-cn_ext.icap2020.txt", "zh"), "Flickr8k": ("flickr8kenc.caption.txt", "en")}
    for rule, (name, language) in listed.items():
        if (raw / name).exists():
            pictures |= dict.fromkeys(lists.read_captions(raw / name, ledger, language).pictures, rule) | pictures
    for name in ("flickr8ktrain.txt", "flickr8kval.txt", "flickr8ktest.txt"):
        if (raw / name).exists():
            rule = "Flickr8k test" if "test" in name else "Flickr8k"
            pictures |= dict.fromkeys(lists.read_ids(raw / name, ledger), rule)
    return held_out_of(pictures, texts, flickr_numbers(raw))
