"""Where a pivoting system loses its score: each step of the road by itself, on no test data.

The captioner on pictures whose pivot captions are known; the translator on held-out sentence pairs; and, where pictures
have captions in both languages, the translator on human pivot captions: what a perfect captioner would reach. The
first two are of validation data, the third of training pictures too, whose pivot captions are trained on.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cross2stra.configuration import Transfer
from cross2stra.data.files import replacing_folder
from cross2stra.data.languages import join, tokenise
from cross2stra.data.records import Caption, SentencePair, Split, read_records
from cross2stra.data.streams import chunks
from cross2stra.evaluation.meteor import Meteor
from cross2stra.evaluation.metrics import METRICS, Segments, scores, statistics
from cross2stra.structures.graph import SceneGraph, read_graphs_of
from cross2stra.systems.caption import Captioned, Captioner
from cross2stra.training.corpus import is_short
from cross2stra.training.examples import Scene, encode_scene

COLUMNS = ("transfer", "system", "seed", "step", "items", "metric", "value")


@dataclass(frozen=True)
class Item:
    """What was read (a pivot sentence; empty: a picture alone), what was said of it, and the references."""

    id: str
    read: str
    said: str
    meant: list[str]


@dataclass(frozen=True)
class Step:
    """One step of the road: caption, translation or human; `language` is that of what is said."""

    name: str
    language: str
    items: list[Item]


class Road:
    """The steps of one trained system, on the files of a transfer."""

    def __init__(self, captioner: Captioner, transfer: Transfer, text: Path, structures: Path, max_tokens: int) -> None:
        self.captioner, self.transfer, self.text, self.max_tokens = captioner, transfer, text, max_tokens
        self.structures, self.pictures = structures, dict[str, SceneGraph]()

    def steps(self, bilingual: Sequence[Caption]) -> Iterator[Step]:
        """Every step that has data; `bilingual`: tokenised captions, in both languages, of the same pictures."""
        read = read_records(self.text / "captions.parquet", Caption)
        captions = [row for row in read if row.split == Split.PIVOT_VALIDATION]
        wanted = {row.image_id for row in (*captions, *bilingual)}
        self.pictures = read_graphs_of(self.structures / "visual_graphs.parquet", wanted)
        yield self.caption(captions)
        yield self.translation()
        if bilingual:
            meant = _by_picture(row for row in bilingual if row.language == self.transfer.target)
            yield self.human([row for row in bilingual if row.language == self.transfer.pivot and row.tokens], meant)

    def caption(self, captions: Iterable[Caption]) -> Step:
        """Pivot captions of pictures."""
        meant = _by_picture(captions)
        said = zip(meant.items(), self._captioned(meant), strict=True)
        items = [Item(name, "", join(self.transfer.pivot, row.pivot or []), texts) for (name, texts), row in said]
        return Step("caption", self.transfer.pivot, items)

    def translation(self) -> Step:
        """Held-out sentence pairs, each with its pivot sentence's own scene graph; longer ones are left out."""
        pairs = read_records(self.text / "pairs.parquet", SentencePair)
        rows = [row for row in pairs if row.split == Split.VALIDATION and is_short(row, self.max_tokens)]
        graphs = read_graphs_of(self.structures / "language_graphs.parquet", {row.pivot_tokens for row in rows})
        scenes = [encode_scene(graphs[row.pivot_tokens], self.captioner.index, 0) for row in rows]
        said = self._translated([row.pivot_tokens for row in rows], scenes, visual=False)
        items = [Item(row.id, row.pivot, text, [row.target]) for row, text in zip(rows, said, strict=True)]
        return Step("translation", self.transfer.target, items)

    def human(self, captions: Sequence[Caption], meant: dict[str, list[str]]) -> Step:
        """Human pivot captions of pictures, translated beside the picture's scene graph, as the system's own are."""
        scenes = [self._scene(row.image_id) for row in captions]
        said = self._translated([row.tokens for row in captions], scenes, visual=True)
        items = [
            Item(f"{row.image_id}#{number}", row.text, text, meant[row.image_id])
            for number, (row, text) in enumerate(zip(captions, said, strict=True))
        ]
        return Step("human", self.transfer.target, items)

    def _scene(self, image_id: str) -> Scene:
        return encode_scene(self.pictures[image_id], self.captioner.index, self.captioner.model.shape.feature_size)

    def _captioned(self, image_ids: Iterable[str]) -> list[Captioned]:
        graphs = [self.pictures[image_id] for image_id in image_ids]
        size = self.captioner.decoding.batch
        return [row for some in chunks(graphs, size) for row in self.captioner.caption(some)]

    def _translated(self, pivots: Sequence[str], scenes: Sequence[Scene], visual: bool) -> list[str]:
        """Target text of tokenised pivot sentences, cut at `max_tokens`, with their scenes."""
        said, residual = list[str](), self.captioner.model.shape.residual
        for some in chunks(zip(pivots, scenes, strict=True), self.captioner.decoding.batch):
            trees = self.captioner.trees([tokens.split()[: self.max_tokens] for tokens, _ in some])
            h = self.captioner.states([scene for _, scene in some], visual) if residual else None
            said += [join(self.transfer.target, words) for words in self.captioner.translate(trees, h)]
        return said


def score(step: Step, scorer: Meteor) -> dict[str, float]:
    """Metrics of a step in points, by words; both sides are normalised alike, references that this empties left out."""
    flat = [item.said for item in step.items] + [text for item in step.items for text in item.meant]
    cut = iter(map(tuple, tokenise(step.language, flat)))
    said = [next(cut) for _ in step.items]
    meant = [tuple(words for words in [next(cut) for _ in item.meant] if words) for item in step.items]
    kept = [row for row, references in enumerate(meant) if references]
    segments = Segments(tuple(step.items[row].id for row in kept), tuple(meant[row] for row in kept))
    found = scores(statistics(segments, [said[row] for row in kept], scorer))
    return {metric: float(found[metric][0]) for metric in METRICS}


def write_diagnosis(steps: Iterable[Step], transfer: str, system: str, seed: int, scorer: Meteor, output: Path) -> None:
    """Write a folder: `scores.csv`, and `said.jsonl` with every item of every step."""
    with (
        replacing_folder(output, "said.jsonl") as folder,
        (folder / "scores.csv").open("w", encoding="utf-8", newline="") as table,
        (folder / "said.jsonl").open("w", encoding="utf-8") as lines,
    ):
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)
        for step in steps:
            for item in step.items:
                lines.write(json.dumps({"step": step.name} | asdict(item), ensure_ascii=False) + "\n")
            if not step.items:
                continue
            found = score(step, scorer)
            for metric, value in found.items():
                writer.writerow([transfer, system, seed, step.name, len(step.items), metric, f"{value:.4f}"])
            said = f"BLEU-4 {found['BLEU-4']:.1f}, CIDEr-D {found['CIDEr-D']:.1f}"
            print(f"[diagnose] {step.name}: {len(step.items)} items, {said}", file=sys.stderr, flush=True)


def _by_picture(captions: Iterable[Caption]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in captions:
        found.setdefault(row.image_id, []).append(row.text)
    return found
