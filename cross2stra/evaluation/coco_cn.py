"""COCO-CN's published systems as an oracle of the metrics, and the choices of references that COCO-CN allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cross2stra.data.files import shaped
from cross2stra.data.streams import read_json_file
from cross2stra.evaluation.meteor import Meteor
from cross2stra.evaluation.metrics import METRICS, Segments, scores, statistics

PUBLISHED = {
    "BLEU-1": "Bleu_1", "BLEU-2": "Bleu_2", "BLEU-3": "Bleu_3", "BLEU-4": "Bleu_4", "METEOR": "METEOR",
    "ROUGE-L": "ROUGE_L", "CIDEr-D": "CIDEr",
}  # fmt: skip
"""Our metric -> its name in the published files, which hold shares (CIDEr of 1 is 100 points)."""


@dataclass(frozen=True)
class Reference:
    """A reference sentence: `source` is `cn` (written to the picture) or `zhm` (a human translation)."""

    image: str
    source: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Oracle:
    """A metric of a published system: theirs and ours in points."""

    system: str
    metric: str
    published: float
    ours: float

    @property
    def difference(self) -> float:
        """Ours less theirs, in points."""
        return self.ours - self.published


def read_merged(folder: Path) -> list[Reference]:
    """The merged test references, tokens as given. Raises ValueError naming the file when it is absent."""
    path = _file(folder, "merged_captions_coco-cn_test.json")
    with shaped(path, "COCO-CN's merged captions"):
        return [
            Reference(str(row["image_id"]), str(row["source"]), tuple(row["caption"].split()))
            for row in read_json_file(path)["annotations"]
        ]


def all_references(references: Sequence[Reference]) -> dict[str, list[tuple[str, ...]]]:
    """Picture -> all its references."""
    return _by_picture(references)


def of_source(references: Sequence[Reference], source: str) -> dict[str, list[tuple[str, ...]]]:
    """Picture -> its references of one source, `cn` or `zhm`; pictures without one are left out."""
    chosen = [reference for reference in references if reference.source == source]
    if not chosen:
        raise ValueError(f"no reference of source {source!r}; there are {sorted({r.source for r in references})}")
    return _by_picture(chosen)


def single_draws(references: Sequence[Reference], draws: int, seed: int) -> Iterator[dict[str, list[tuple[str, ...]]]]:
    """`draws` times: picture -> one reference, drawn by seed; a score is then the mean over draws."""
    generator = np.random.default_rng(seed)
    pictures = _by_picture(references)
    for _ in range(draws):
        yield {image: [rows[int(generator.integers(len(rows)))]] for image, rows in pictures.items()}


def variant_scores(
    captions: dict[str, tuple[str, ...]], references: Sequence[Reference], scorer: Meteor, draws: int = 5, seed: int = 1
) -> dict[str, dict[str, float]]:
    """Choice of references -> metric -> points: `all`, each source alone (`cn`, `zhm`), `one` (mean over draws)."""
    found = {"all": _score(captions, all_references(references), scorer)}
    for source in sorted({reference.source for reference in references}):
        found[source] = _score(captions, of_source(references, source), scorer)
    singles = [_score(captions, chosen, scorer) for chosen in single_draws(references, draws, seed)]
    found["one"] = {metric: float(np.mean([one[metric] for one in singles])) for metric in METRICS}
    return found


def systems(folder: Path) -> dict[str, tuple[dict[str, tuple[str, ...]], dict[str, float]]]:
    """Published system -> its captions (tokens by picture) and its scores in points."""
    found = {}
    for path in sorted((folder / "systems").glob("result_*.txt*")):
        name = path.name.removeprefix("result_").split(".")[0]
        with shaped(path, "a published result of COCO-CN"):
            rows = read_json_file(path)
            said = {str(image): row["caption"][0]["caption"] for image, row in rows["imgToEval"].items()}
            captions = {image: tuple(caption.split()) for image, caption in said.items()}
            found[name] = (captions, {ours: 100.0 * rows["overall"][theirs] for ours, theirs in PUBLISHED.items()})
    if not found:
        raise ValueError(f"{folder / 'systems'}: expected result_<system>.txt.gz; give the folder of COCO-CN's results")
    return found


def oracle(folder: Path, scorer: Meteor) -> list[Oracle]:
    """Score the published outputs, tokens as given, against all merged references."""
    references = all_references(read_merged(folder))
    rows = []
    for name, (captions, published) in systems(folder).items():
        ours = _score(captions, references, scorer)
        rows += [Oracle(name, metric, published[metric], ours[metric]) for metric in METRICS]
    return rows


def _score(
    captions: dict[str, tuple[str, ...]], references: dict[str, list[tuple[str, ...]]], scorer: Meteor
) -> dict[str, float]:
    images = tuple(image for image in captions if image in references)
    if not images:
        raise ValueError("no picture has both a caption and a reference; check that both name pictures alike")
    segments = Segments(images, tuple(tuple(references[image]) for image in images))
    found = scores(statistics(segments, [captions[image] for image in images], scorer))
    return {metric: float(found[metric][0]) for metric in METRICS}


def _by_picture(references: Sequence[Reference]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for reference in references:
        found.setdefault(reference.image, []).append(reference.tokens)
    return found


def _file(folder: Path, name: str) -> Path:
    """A file of the folder, plain or gzipped."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            return path
    raise ValueError(f"{folder / name}(.gz): no such file; give the folder of COCO-CN's results with --folder")
