"""Builders of corpora: from a raw folder to the tables of a transfer. A new corpus is a function and a row here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cross2stra.configuration import Profile
from cross2stra.data.corpora import mini, paper, world
from cross2stra.data.corpora.material import Material, bilingual, paired, write
from cross2stra.data.records import Caption

REAL: dict[str, Callable[[Path], Material]] = {
    "coco_cn": mini.coco_cn,
    "coco": mini.coco_pictures,
    "flickr8kcn": mini.flickr8k_cn,
    "flickr8k": mini.flickr8k,
    "paper_aic": paper.aic,
    "paper_coco": paper.coco_pictures,
    "paper_coco_cn": paper.coco_cn,
}


def build(profile: Profile, transfer: str, raw: Path, output: Path) -> None:
    """Read the raw folder and write the tables of a transfer below `output`. Raises ValueError as `material` does."""
    write(material(profile, transfer, raw), output)


def bilingual_captions(profile: Profile, transfer: str, raw: Path) -> list[Caption]:
    """Captions of pictures that have them in both languages, for diagnosis. Raises ValueError as `material` does."""
    return bilingual(material(profile, transfer, raw))


def paired_captions(profile: Profile, transfer: str, raw: Path) -> list[Caption]:
    """Captions that pair pictures with the language they are not captioned in. Raises ValueError as `material` does."""
    return paired(material(profile, transfer, raw))


def material(profile: Profile, transfer: str, raw: Path) -> Material:
    """Read the raw folder for a transfer.

    Raises ValueError where the profile has no such transfer, no builder has the corpus' name, or the languages of the
    transfer are not the builder's.
    """
    wanted = profile.transfer(transfer)
    if wanted.corpus == "world":
        made = world.build(profile, transfer, raw)
    elif wanted.corpus in REAL:
        made = REAL[wanted.corpus](raw)
    else:
        raise ValueError(f"transfer {transfer}: no corpus {wanted.corpus!r}; there are world, {', '.join(REAL)}")
    if (made.pivot_language, made.target_language) != (wanted.pivot, wanted.target):
        found = f"{made.pivot_language} to {made.target_language}"
        raise ValueError(
            f"transfer {transfer}: corpus {wanted.corpus} is {found}, not {wanted.pivot} to {wanted.target}"
        )
    return made
