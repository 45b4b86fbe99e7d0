"""What of a configuration a rule, a record or a run was made with, as short digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cross2stra.configuration import Experiment, Profile, Section, Transfer
from cross2stra.configuration.rows import ancestors

ELSEWHERE = ("mirror", "shards")
"""Keys that say where files are and how many jobs share work: what is made does not come from them."""


def digest(*sections: Section) -> str:
    """A short digest of sections; rules carry it as a parameter, so that a changed key runs them again.

    A key at its default does not count, nor does a section of such keys: new ones make nobody train again. Nor do those of
    ELSEWHERE, which are a machine's.
    """
    text = json.dumps(
        [_said(section.model_dump(mode="json", exclude_defaults=True)) for section in sections], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _said(section: dict[str, Any]) -> dict[str, Any]:
    """Without keys of ELSEWHERE, and without sections that say nothing."""
    kept = {key: _said(value) if isinstance(value, dict) else value for key, value in section.items()}
    return {key: value for key, value in kept.items() if value != {} and key not in ELSEWHERE}


def fingerprint(*paths: str | Path) -> str:
    """SHA-256 of files, one after the other: whether a verb reads what the run that called it has read."""
    return hashlib.sha256(b"".join(Path(path).read_bytes() for path in paths)).hexdigest()


def keys_of(section: Section, *keys: str) -> Section:
    """The section as if it said these keys alone, for the digest of a rule that reads no other of it."""
    return type(section).model_validate({key: getattr(section, key) for key in keys})


def as_trained(experiment: Experiment) -> Experiment:
    """A row as training reads it: without its place in the tables."""
    return experiment.model_copy(update={"title": "", "group": "pivoting", "tables": []})


def as_read(transfer: Transfer) -> Transfer:
    """A transfer as its rules read it: a further seed changes nothing for the others."""
    return transfer.model_copy(update={"seeds": []})


MAKE_CAPTIONS = (
    "sources", "world", "filter", "text", "structures", "generator", "pictures", "back_translator", "model", "training",
    "decoding",
)  # fmt: skip
"""Sections of a profile that captions come from."""


def captions_digest(profile: Profile, experiments: Mapping[str, Experiment], transfer: str, system: str) -> str:
    """Digest of all that the captions of a system on a transfer are made with: what a recorded run must share.

    Extractors and parsers are trained with the profile's first seed; another one than 1 follows the digest.
    """
    rows = [as_trained(experiments[name]) for name in (system, *ancestors(experiments, system))]
    names = [name for name in (transfer, profile.transfers[transfer].models_of) if name]
    sections = [*MAKE_CAPTIONS, *(["compared"] if any(row.method for row in rows) else [])]
    read = [as_read(profile.transfers[name]) for name in names]
    made = digest(*(getattr(profile, section) for section in sections), *read, *rows)
    return made if profile.seeds[0] == 1 else f"{made}-{profile.seeds[0]}"
