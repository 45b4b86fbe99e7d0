"""Scene graphs of sentences that people wrote, by which parsers are judged: FACTUAL (English), our own (Chinese)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cross2stra.data.files import parse_json
from cross2stra.data.readers.lists import CAPTION_LINE
from cross2stra.data.readers.pictures import picture_id
from cross2stra.data.streams import Ledger, read_lines
from cross2stra.structures.graph import GraphBuilder, SceneGraph

_FACT = re.compile(r"\(\s*([^,]+?)\s+(?:,\s+([^,]+?)\s+,\s+([^,]+?)\s*)?\)(?=\s*(?:,|$))")
_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_ASPECT = str.maketrans("", "", " 着了过")


@dataclass(frozen=True)
class Written:
    """A sentence with its written graph. `picture`: a name that `data.exclusion` knows; `part`: development or test."""

    key: str
    picture: str
    text: str
    part: str
    graph: SceneGraph


def factual(path: Path, ledger: Ledger) -> Iterator[Written]:
    """Rows of FACTUAL (Li et al. 2023): image_id, region_id, caption, scene_graph with `( subject , predicate , object )`.

    `( dog , is , brown )` is an attribute, `( dog )` an object and no more. A row whose graph is written otherwise is quarantined. Even region numbers
    are development, odd ones test: a split of our own, since the file has none.
    """
    for number, row in _table(path):
        try:
            builder, text = GraphBuilder(), row["scene_graph"]
            objects: dict[str, int] = {}
            found = _FACT.findall(text)
            if not found or _FACT.sub("", text).strip(" ,"):
                raise ValueError("expected ( subject , predicate , object ) , …")
            for subject, predicate, target in found:
                owner = _object(builder, objects, subject)
                if predicate == "is":
                    builder.add_attribute(owner, target)
                elif predicate:
                    builder.add_relation(owner, predicate, _object(builder, objects, target))
            part = "test" if int(row["region_id"]) % 2 else "development"
            written = Written(row["region_id"], row["image_id"], row["caption"], part, builder.build())
        except (KeyError, TypeError, ValueError) as error:
            ledger.quarantine(path.name, number, str(error), str(row.get("scene_graph")))
            continue
        ledger.keep(path.name)
        yield written


def _table(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with the number of each, the first below the header being 2."""
    number = 1
    try:
        for number, row in enumerate(csv.DictReader(line for _, line in read_lines(path)), 2):
            yield number, row
    except csv.Error as error:
        raise ValueError(f"{path}: after row {number}: {error}; get the file again") from error


def _object(builder: GraphBuilder, objects: dict[str, int], label: str) -> int:
    if label not in objects:
        objects[label] = builder.add_object(label)
    return objects[label]


_SOURCES = {"flickr8kcn": "flickr8kzhc.caption.txt", "icap": "coco-cn_ext.icap2020.txt"}


def chinese_captions(raw: Path) -> dict[tuple[str, str, int], str]:
    """(source, picture, caption number) -> text, of the files in `raw` that the written graphs are of."""
    found = {}
    for source, name in _SOURCES.items():
        for _, line in read_lines(raw / name):
            if match := CAPTION_LINE.fullmatch(line):
                found[source, picture_id(match["name"]), int(match["number"])] = match["text"].strip()
    return found


def chinese(path: Path, captions: Mapping[tuple[str, str, int], str]) -> list[Written]:
    """The graphs of `config/annotations`, joined to their captions by (source, picture, caption number).

    Raises ValueError naming the line that is no graph, or whose caption is not among `captions`.
    """
    rows = []
    for number, line in read_lines(path):
        row = parse_json(line, path, "mend the line", number)
        try:
            text = captions[row["source"], row["image"], row["caption"]]
            builder = GraphBuilder()
            objects = [builder.add_object(label) for label in row["objects"]]
            for owner, label in row["attributes"]:
                builder.add_attribute(objects[owner], label)
            for subject, label, target in row["relations"]:
                builder.add_relation(objects[subject], label, None if target is None else objects[target])
            key = f"{row['source']}/{row['image']}#{row['caption']}"
            rows.append(Written(key, row["image"], text, row["part"], builder.build()))
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: line {number}: not a written graph of a known caption ({error!r})") from error
    return rows


def english_label(label: str, is_predicate: bool) -> str:
    """Stems (Snowball), numbers as digits: what two writers agree in who differ in number, tense and spelling of two."""
    stem = _stemmer()
    words = [_NUMBERS.get(word, word) for word in label.lower().split()]
    return " ".join(word if word.isdigit() else stem(word) for word in words)


@cache
def _stemmer():  # type: ignore[no-untyped-def]
    from nltk.stem.snowball import EnglishStemmer

    return cache(EnglishStemmer().stem)


def chinese_label(label: str, is_predicate: bool) -> str:
    """Without spaces and aspect particles; a predicate also without 在, unless it is nothing else."""
    plain = label.translate(_ASPECT) or label
    return plain.replace("在", "") or "在" if is_predicate else plain
