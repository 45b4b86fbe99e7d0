"""A trained model as one file that captions photos anywhere: weights, vocabulary, parser, what sees, and a card.

A bundle is a zip of safetensors, JSON, one ONNX network and a README; no code and no pickle. Its card names every file
with its sha256, and all data that the profile reads with their licences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Literal

import jinja2
from pydantic import BaseModel, ConfigDict

from cross2stra.configuration import Decoding, Experiment, Structures
from cross2stra.data.archives import unpack_archive, write_archive
from cross2stra.data.files import checked, parse_json, replacing_folder

CARD = "card.json"
_SUFFIXES = (".safetensors", ".json", ".onnx")
_README = jinja2.Template(
    """# {{ card.system }}: {{ card.pivot }} -> {{ card.target }}, trained on {{ card.profile }} ({{ card.transfer }}, seed {{ card.seed }})

A photo becomes a scene graph ({{ card.structures.visual }}), that a {{ card.pivot }} caption, that with its constituency tree a
{{ card.target }} caption: Cross2StrA (ACL 2023). `cross2stra import-model` checks and unpacks the file,
`cross2stra caption PHOTO --model FOLDER` captions photos, `cross2stra serve --model FOLDER` does so on a page.

It was trained on one kind of pictures and says of every photo what it learnt to say of those: it names things that are
not there, and people it does not know. Do not rely on it where a wrong caption does harm.

## Data that this profile reads, to train, to keep apart and to test
{% for name, licence in card.data %}- {{ name }}: {{ licence }}
{% else %}- the generated picture world of this project: no restriction
{% endfor %}{% if card.noncommercial %}
**Not for commercial use**: {{ card.noncommercial | join(', ') }}.
{% endif %}
## Files
{% for name, digest in card.files.items() %}- {{ name }} `{{ digest[:16] }}`
{% endfor %}""",
    keep_trailing_newline=True,
)


class Card(BaseModel):
    """What a bundle is: where it comes from, how it captions, its files (place -> sha256), its data (name, licence)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    profile: str
    transfer: str
    pivot: str
    target: str
    system: str
    seed: int
    experiment: Experiment
    decoding: Decoding
    structures: Structures
    data: list[tuple[str, str]] = []
    files: dict[str, str] = {}

    @property
    def noncommercial(self) -> list[str]:
        """Data whose licence does not allow, or does not clearly allow, commercial use."""
        return [name for name, licence in self.data if is_restricted(licence)]


def is_restricted(licence: str) -> bool:
    """Whether a licence forbids commercial use, or there is none."""
    plain = licence.lower()
    return (
        any(word in plain for word in ("non-commercial", "noncommercial", "-nc", "no licence", "research")) or not plain
    )


def write_bundle(card: Card, parts: Mapping[str, Path], output: Path) -> Card:
    """Write a bundle of `parts`, place in the bundle -> file or folder; -> the card with the files' digests.

    Of a folder, the safetensors and JSON files are taken, without optimizer states. Raises ValueError where there is none.
    """
    files: dict[str, Path] = {}
    for place, source in parts.items():
        found = {place: source} if source.is_file() else _inside(place, source)
        if not found:
            raise ValueError(f"{source}: nothing to put into a bundle; train it first")
        files |= found
    digests = {name: _digest(path) for name, path in sorted(files.items())}
    whole = card.model_copy(update={"files": digests})
    described = {CARD: whole.model_dump_json(indent=1) + "\n", "README.md": _README.render(card=whole)}
    texts = ((name, text.encode()) for name, text in described.items())
    write_archive(output, chain(texts, ((name, path.read_bytes()) for name, path in sorted(files.items()))))
    return whole


def _inside(place: str, folder: Path) -> dict[str, Path]:
    return {
        f"{place}/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.suffix in _SUFFIXES and path.name not in ("optimizer.safetensors", "metrics.json")
    }


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_bundle(file: Path, folder: Path) -> Card:
    """Check a bundle and unpack it to `folder`, which appears whole or not at all -> its card.

    Raises ValueError that says what is wrong: no bundle, a file that the card does not name, another digest, a name that
    points out of the folder, another suffix than a bundle's.
    """
    with replacing_folder(folder, CARD) as temporary:
        unpack_archive(file, temporary, (*_SUFFIXES, ".md"))
        if not (temporary / CARD).is_file():
            raise ValueError(f"{file}: has no {CARD}; expected a file that `cross2stra export-model` wrote")
        card = _card(f"{file}: {CARD}", (temporary / CARD).read_bytes())
        names = {path.relative_to(temporary).as_posix() for path in temporary.rglob("*") if path.is_file()}
        if extra := (names - {CARD, "README.md"}) ^ set(card.files):
            raise ValueError(f"{file}: its files are not those that {CARD} names ({', '.join(sorted(extra)[:3])})")
        for name, digest in card.files.items():
            if _digest(temporary / name) != digest:
                raise ValueError(f"{file}: {name} has another sha256 than {CARD} says; get the file again")
    return card


def read_card(folder: Path) -> Card:
    """The card of an unpacked bundle. Raises ValueError where there is none."""
    path = folder / CARD
    if not path.is_file():
        raise ValueError(f"{folder}: has no {CARD}; unpack a bundle with `cross2stra import-model`")
    return _card(str(path), path.read_bytes())


def _card(name: str, content: bytes) -> Card:
    advice = "expected the card of a bundle, of this version; take the version that exported it, or export again"
    return checked(Card, parse_json(content, name, advice), name, advice)
