"""What all readers of captions give: pictures by id, and sentences about them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cross2stra.data.languages import has_script
from cross2stra.data.records import normalise
from cross2stra.data.streams import Ledger, read_text

_COCO = re.compile(r"(?:COCO_\w+?_)?(\d{12})$")


@dataclass(frozen=True)
class Picture:
    """A picture of a source: its file below the raw folder (empty: no pixels) and its size in pixels, 0 if unknown."""

    file: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Sentence:
    """A caption, normalised. `source` names its origin where a file mixes several; `split` where the file gives one."""

    image_id: str
    text: str
    source: str = ""
    split: str = ""


@dataclass
class Captions:
    """The content of caption files."""

    pictures: dict[str, Picture] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)

    def by_picture(self) -> dict[str, list[Sentence]]:
        """Sentences of each picture, in the order of the file."""
        found: dict[str, list[Sentence]] = {}
        for sentence in self.sentences:
            found.setdefault(sentence.image_id, []).append(sentence)
        return found


def picture_id(name: str) -> str:
    """The id of a picture from its file name: COCO's number without zeros, else the name without folder and ending."""
    stem = Path(name).name
    stem = stem.rsplit(".", 1)[0] if "." in stem else stem
    coco = _COCO.fullmatch(stem)
    return str(int(coco[1])) if coco else stem


def objects(path: Path, ledger: Ledger, rows: Any, *required: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The dictionaries of a JSON list that have the required fields, with their index; the rest is quarantined."""
    if not isinstance(rows, list):
        raise ValueError(f"{path}: expected a list of records, found {type(rows).__name__}; get the file again")
    for index, row in enumerate(rows):
        missing = [name for name in required if not isinstance(row, dict) or row.get(name) is None]
        if missing:
            ledger.quarantine(path.name, index, f"record without {', '.join(missing)}", json.dumps(row)[:200])
        else:
            yield index, row


def read_json_file(path: Path) -> Any:
    """The value of a JSON file, gzipped or not. Raises ValueError naming the file and line where it is not JSON."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: line {error.lineno}: not valid JSON ({error.msg}); get the file again") from error


def accept(path: Path, ledger: Ledger, index: int, language: str, sentence: Sentence) -> Sentence | None:
    """The sentence, counted as kept; None where it is empty or not in its language, and then it is quarantined."""
    text = normalise(sentence.text)
    if not text:
        ledger.quarantine(path.name, index, "empty caption", sentence.image_id)
    elif not has_script(language, text):
        ledger.quarantine(path.name, index, f"caption has no script of {language}", text)
    else:
        ledger.keep(path.name)
        return Sentence(sentence.image_id, text, sentence.source, sentence.split)
    return None
