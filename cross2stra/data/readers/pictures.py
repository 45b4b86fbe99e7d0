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
from cross2stra.data.streams import Ledger

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


KEY = (int, str)
"""What names a picture in a JSON file."""


def objects(
    path: Path, ledger: Ledger, rows: Any, **required: type | tuple[type, ...]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The dictionaries of a JSON list whose required fields are of these types, with their index.

    The rest is quarantined, as is text that no file can hold (half of a surrogate pair). Raises ValueError where `rows` is
    no list.
    """
    if not isinstance(rows, list):
        raise ValueError(f"{path}: expected a list of records, found {type(rows).__name__}; get the file again")
    for index, row in enumerate(rows):
        fields = row if isinstance(row, dict) else {}
        missing = [name for name in required if fields.get(name) is None]
        wrong = [name for name, kind in required.items() if not _is(fields.get(name), kind)]
        if wrong:
            found = ", ".join(f"{name}: {type(fields[name]).__name__}" for name in wrong if name not in missing)
            reason = f"record without {', '.join(missing)}" if missing else f"fields of another type: {found}"
            ledger.quarantine(path.name, index, reason, json.dumps(row)[:200])
        else:
            yield index, row


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and not (isinstance(value, str) and _halved(value))


def _halved(text: str) -> bool:
    """Whether a text has half of a surrogate pair, which JSON may and UTF-8 may not."""
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)


def text_of(value: Any) -> str:
    """A text of a JSON file; empty for what is none."""
    return value if isinstance(value, str) else ""


def pixels(value: Any) -> int:
    """A side of a picture; 0 (unknown) for what is no plausible number of pixels."""
    return int(value) if isinstance(value, int | float) and 0 < value < 1_000_000 else 0


def accept(path: Path, ledger: Ledger, index: int, language: str, sentence: Sentence) -> Sentence | None:
    """The sentence, counted as kept; None where it is empty or not in its language, and then it is quarantined."""
    text = normalise(sentence.text)
    if _halved(text):
        ledger.quarantine(path.name, index, "caption with half of a surrogate pair", repr(text))
    elif not text:
        ledger.quarantine(path.name, index, "empty caption", sentence.image_id)
    elif not has_script(language, text):
        ledger.quarantine(path.name, index, f"caption has no script of {language}", text)
    else:
        ledger.keep(path.name)
        return Sentence(sentence.image_id, text, sentence.source, sentence.split)
    return None
