"""Every test picture with every system's caption, on a page that can be searched, filtered and sorted.

Pictures are files beside the page; the rest is in it, and a short script shows what a reader asks for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from markupsafe import Markup

from cross2stra.configuration import Profile
from cross2stra.data.languages import tokenise
from cross2stra.data.letters import with_letters
from cross2stra.reporting.glosses import explain
from cross2stra.reporting.layout import arrow
from cross2stra.reporting.results import Picture, picture_scores, pictures
from cross2stra.reporting.scene import image_of
from cross2stra.reporting.tables import environment

THUMBNAIL = 224
"""Pixels of the longer side."""


@dataclass(frozen=True)
class Explored:
    """A page that was written: its file name, its title, and how many pictures it has."""

    name: str
    title: str
    pictures: int


def write_explorers(profile: Profile, titles: Mapping[str, str], results: Path, folder: Path) -> list[Explored]:
    """Write `folder`/{transfer}.html and its pictures for every transfer that has captions of the first seed."""
    written = []
    for transfer in profile.transfers:
        found = pictures(results, transfer, list(titles), profile.seeds[0])
        if not found:
            continue
        said = [system for system in titles if system in found[0].captions]
        explain(found, profile, results, transfer)
        scores = picture_scores(results, transfer, profile.seeds[0])
        direction = profile.transfers[transfer]
        rows = rows_of(found, said, direction.target, scores)
        (folder / transfer).mkdir(parents=True)
        for picture, row in zip(found, rows, strict=True):
            row["picture"] = _thumbnail(picture, folder, transfer)
        data = {
            "systems": [[system, titles[system]] for system in said],
            "languages": {"pivot": direction.pivot, "target": direction.target},
            "rows": rows,
        }
        # A caption may hold `</script>`: inside of a string of JSON `<` can be written so.
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        title = arrow(profile, transfer)
        page = environment().get_template("explorer.html").render(profile=profile, title=title, data=Markup(text))
        (folder / f"{transfer}.html").write_text(with_letters(page) + "\n", encoding="utf-8")
        written.append(Explored(f"{transfer}.html", title, len(rows)))
    return written


def rows_of(
    found: Sequence[Picture], systems: Sequence[str], language: str, scores: Mapping[tuple[str, str], float]
) -> list[dict[str, Any]]:
    """One object for each picture: id, references, and by system caption, pivot, gloss and CIDEr-D (null: not scored);
    `apart`: share of words that two systems' captions do not have in common, mean over pairs of systems."""
    words = iter(tokenise(language, [picture.captions[system] for picture in found for system in systems]))
    return [
        {
            "id": picture.image_id,
            "references": picture.references,
            "captions": [picture.captions[system] for system in systems],
            "pivots": [picture.pivots.get(system, "") for system in systems],
            "glosses": [picture.glosses.get(system, "") for system in systems],
            "scores": [scores.get((system, picture.image_id)) for system in systems],
            "apart": round(_apart([set(next(words)) for _ in systems]), 4),
        }
        for picture in found
    ]


def _apart(captions: Sequence[set[str]]) -> float:
    pairs = list(combinations(captions, 2))
    return sum(1 - len(a & b) / max(len(a | b), 1) for a, b in pairs) / max(len(pairs), 1)


def _thumbnail(picture: Picture, folder: Path, transfer: str) -> str:
    image = image_of(picture)
    if image is None:
        return ""
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    name = hashlib.sha256(picture.image_id.encode()).hexdigest()[:16]  # an id of any corpus is a file name so
    place = f"{transfer}/{name}.webp"
    image.save(folder / place, "WEBP", quality=80)
    return place
