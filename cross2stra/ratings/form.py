"""Forms of the human study: one file a rater that works offline, and the key that says which system wrote what."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import numpy as np

from cross2stra.data.files import replacing_folder
from cross2stra.data.letters import with_letters
from cross2stra.ratings.questions import QUESTIONS

KEY = "key.csv"
KEY_COLUMNS = ("form", "item", "image_id", "system", "text")


@dataclass(frozen=True)
class Item:
    """One caption to rate; `item` tells nothing of its system."""

    item: str
    image_id: str
    system: str
    text: str


def draw_items(captions: Mapping[str, Mapping[str, str]], count: int, seed: int) -> list[Item]:
    """Captions of `count` pictures, drawn by `seed` from those that every system captioned: system -> picture -> caption.

    The systems of a picture are shuffled before they are numbered. Raises ValueError where there are fewer pictures.
    """
    shared = sorted(set.intersection(*(set(said) for said in captions.values()))) if captions else []
    if len(shared) < count:
        raise ValueError(
            f"{len(shared)} pictures have a caption of every system, {count} were asked for; caption first"
        )
    rng = np.random.default_rng([seed, 8])
    items = []
    for number, place in enumerate(rng.permutation(len(shared))[:count]):
        for slot, system in enumerate(rng.permutation(sorted(captions))):
            text = captions[str(system)][shared[place]]
            items.append(Item(f"{number + 1:03d}-{slot + 1}", shared[place], str(system), text))
    return items


def form_of(items: Sequence[Item]) -> str:
    """The name of a form: a digest of what is rated, which every export carries."""
    text = json.dumps([[item.item, item.image_id, item.text] for item in items], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def order_of(items: Sequence[Item], rater: int, seed: int) -> list[Item]:
    """The items as a rater sees them: pictures in an order of its own, and the captions of a picture too."""
    rng = np.random.default_rng([seed, 9, rater])
    pictures = list(dict.fromkeys(item.image_id for item in items))
    ordered = []
    for place in rng.permutation(len(pictures)):
        own = [item for item in items if item.image_id == pictures[place]]
        ordered += [own[index] for index in rng.permutation(len(own))]
    return ordered


def write_forms(
    items: Sequence[Item],
    addresses: Mapping[str, str],
    language: str,
    output: Path,
    seed: int,
    raters: int,
) -> None:
    """Write `rater-NN.html` for each rater and `key.csv`, which raters do not get.

    `addresses`: image_id -> data address of the picture. `language`: of the captions. Raises ValueError for a picture that
    has none.
    """
    lost = [item.image_id for item in items if not addresses.get(item.image_id)]
    if lost:
        raise ValueError(f"picture {lost[0]}: no file to show, nor of {len(set(lost)) - 1} more; give the raw folder")
    name = form_of(items)
    template = jinja2.Environment(
        loader=jinja2.PackageLoader("cross2stra.ratings", "."), autoescape=True, undefined=jinja2.StrictUndefined
    ).get_template("form.html")
    with replacing_folder(output, "rater-01.html") as folder:
        with (folder / KEY).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(KEY_COLUMNS)
            writer.writerows((name, item.item, item.image_id, item.system, item.text) for item in items)
        for rater in range(1, raters + 1):
            ordered = order_of(items, rater, seed)
            pictures = list(dict.fromkeys(item.image_id for item in ordered))
            document = {
                "form": name,
                "rater": f"{rater:02d}",
                "language": language,
                "pictures": [addresses[image_id] for image_id in pictures],
                "items": [[item.item, pictures.index(item.image_id), item.text] for item in ordered],
                "questions": [
                    {"name": q.name, "title": q.title, "asked": q.asked, "scale": q.scale, "error": q.error}
                    for q in QUESTIONS
                ],
            }
            page = template.render(document=document, rater=f"{rater:02d}")
            (folder / f"rater-{rater:02d}.html").write_text(with_letters(page), encoding="utf-8")
