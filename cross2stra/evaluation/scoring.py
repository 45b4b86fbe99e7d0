"""Scores of all systems' captions of one transfer and seed: the verb `score`."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterable, Sequence, Set
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from cross2stra.configuration import Transfer
from cross2stra.data.files import replacing_folder
from cross2stra.data.languages import lemma, tokenise
from cross2stra.evaluation import senses as sense_room
from cross2stra.evaluation.captions import SystemOutput, read_captions, read_references, read_sources, texts_of
from cross2stra.evaluation.coco_cn import Reference, variant_scores
from cross2stra.evaluation.meteor import Meteor
from cross2stra.evaluation.metrics import Segments, names, scores, statistics
from cross2stra.evaluation.statistics import PictureStatistics, write_statistics

SCORE_COLUMNS = ("transfer", "system", "seed", "split", "unit", "metric", "value")
LENGTH_COLUMNS = (
    "transfer", "system", "seed", "split", "unit", "pictures", "mean_length", "mean_reference_length", "distinct",
    "unreferenced", "empty",
)  # fmt: skip
VARIANT_COLUMNS = ("transfer", "system", "seed", "split", "unit", "references", "metric", "value")
SENSE_COLUMNS = ("transfer", "system", "seed", "split", "kind", "correct", "wrong", "missing")


UNITS = {"en": ("word", "lemma"), "zh": ("word", "char")}
"""Words, and what does not depend on inflection, or on a segmenter."""


def in_unit(unit: str, tokens: Sequence[str]) -> list[str]:
    """Normalised tokens as they are (`word`), their dictionary forms (`lemma`) or their characters (`char`)."""
    if unit == "word":
        return [*tokens]
    return [lemma(token) for token in tokens] if unit == "lemma" else [*chain.from_iterable(tokens)]


def score_transfer(
    name: str,
    transfer: Transfer,
    captions: Iterable[Path],
    references: Iterable[Path],
    senses: Path | None,
    scorer: Meteor,
    output: Path,
) -> None:
    """Score systems together, with one METEOR process, and write a folder of tables.

    scores.csv, statistics.parquet (by picture), lengths.csv, senses.csv, and variants.csv: scores against some of the
    references only, for splits whose references tell their sources. Hypotheses and references go through the same
    `tokenise`. Raises ValueError when a picture with references has no caption, or no file holds references.
    """
    began = time.monotonic()
    outputs = sorted((read_captions(path) for path in captions), key=lambda one: (one.system, one.seed))
    references = list(references)
    meant = read_references(references)
    if not meant:
        raise ValueError("no references: the files given with --references are empty; make the corpora again")
    sources = read_sources(references, meant)
    parts: list[PictureStatistics] = []
    lengths: list[list[Any]] = []
    variants: list[list[Any]] = []
    for split, by_image in meant.items():
        present = [one for one in outputs if one.of(split)]
        words, spoken = _tokenised(transfer.target, by_image, present, split)
        for unit in UNITS[transfer.target]:
            tokens = {image: [in_unit(unit, row) for row in rows] for image, rows in words.items()}
            said = {key: [in_unit(unit, row) for row in rows] for key, rows in spoken.items()}
            segments = _segments(tokens, split)
            referenced = [*chain.from_iterable(segments.references)]
            known = {*chain.from_iterable(referenced)}
            mean = float(np.mean([len(row) for row in referenced]))
            for one in present:
                rows = said[one.system, one.seed]
                table = statistics(segments, rows, scorer, with_chrf=unit == "char")
                key = (name, one.system, one.seed, split, unit)
                parts.append(PictureStatistics(*key, segments.images, table))
                lengths.append([*key, *_lengths(rows, mean, known)])
                if split in sources:
                    chosen = _with_sources(tokens, sources[split])
                    found = variant_scores(dict(zip(tokens, map(tuple, rows), strict=True)), chosen, scorer)
                    variants += [[*key, which, m, f"{v:.4f}"] for which, by in found.items() for m, v in by.items()]
            print(f"[score] {name} {split} {unit}: {len(present)} systems", file=sys.stderr, flush=True)
    with replacing_folder(output, "scores.csv") as folder:
        _write(folder / "scores.csv", SCORE_COLUMNS, _score_rows(parts))
        _write(folder / "lengths.csv", LENGTH_COLUMNS, lengths)
        _write(folder / "variants.csv", VARIANT_COLUMNS, variants)
        _write(folder / "senses.csv", SENSE_COLUMNS, _sense_rows(name, transfer, outputs, meant, senses))
        write_statistics(folder / "statistics.parquet", parts)
    print(
        f"[score] {name}: {len(parts)} parts in {time.monotonic() - began:.0f} s; METEOR saw a placeholder for "
        f"{scorer.placeholders} empty captions",
        file=sys.stderr,
        flush=True,
    )


def _tokenised(
    language: str, references: dict[str, list[str]], outputs: Sequence[SystemOutput], split: str
) -> tuple[dict[str, list[list[str]]], dict[tuple[str, int], list[list[str]]]]:
    """Tokens of each picture's references and of every system's captions, by one call of the segmenter."""
    flat = [text for texts in references.values() for text in texts]
    cut = len(flat)
    for one in outputs:
        flat += texts_of(one, references, split)
    tokens = tokenise(language, flat)
    rows, size = iter(tokens[:cut]), len(references)
    meant = {image: [next(rows) for _ in texts] for image, texts in references.items()}
    said = {(one.system, one.seed): tokens[cut + k * size : cut + (k + 1) * size] for k, one in enumerate(outputs)}
    return meant, said


def _segments(tokens: dict[str, list[list[str]]], split: str) -> Segments:
    """References without the empty ones. Raises ValueError for a picture that has no other."""
    kept = {image: tuple(tuple(row) for row in rows if row) for image, rows in tokens.items()}
    for image, rows in kept.items():
        if not rows:
            raise ValueError(f"picture {image} of split {split}: no reference is left after normalisation; remove it")
    return Segments(tuple(kept), tuple(kept.values()))


def _with_sources(tokens: dict[str, list[list[str]]], sources: dict[str, list[str]]) -> list[Reference]:
    return [
        Reference(image, source, tuple(row))
        for image, rows in tokens.items()
        for row, source in zip(rows, sources[image], strict=True)
        if row
    ]


def _lengths(rows: Sequence[Sequence[str]], mean_reference: float, known: Set[str]) -> list[Any]:
    """Values of LENGTH_COLUMNS; `known`: every word of the references."""
    said = [token for row in rows for token in row]
    unreferenced = 100 * sum(token not in known for token in said) / len(said) if said else np.nan
    mean, empty = len(said) / len(rows), sum(not row for row in rows)
    return [len(rows), f"{mean:.3f}", f"{mean_reference:.3f}", len(set(said)), f"{unreferenced:.3f}", empty]


def _score_rows(parts: Iterable[PictureStatistics]) -> Iterable[list[Any]]:
    for part in parts:
        found = scores(part.values)
        for metric in names(part.unit == "char"):
            yield [
                part.transfer, part.system, part.seed, part.split, part.unit, metric, f"{found[metric][0]:.4f}",
            ]  # fmt: skip


def _sense_rows(
    name: str,
    transfer: Transfer,
    outputs: Sequence[SystemOutput],
    references: dict[str, dict[str, list[str]]],
    path: Path | None,
) -> Iterable[list[Any]]:
    senses = sense_room.read_senses(path, transfer.pivot) if path else []
    if not senses:
        return
    for split, by_image in references.items():
        counted = {
            (one.system, one.seed): sense_room.count(senses, said, transfer.pivot, transfer.target)
            for one in outputs
            if (said := one.of(split))
        }
        for seed in sorted({one.seed for one in outputs}):
            counted[sense_room.MAJORITY, seed] = sense_room.majority(senses, by_image)
        for (system, seed), kinds in counted.items():
            for kind in sense_room.KINDS:
                if kind in kinds:
                    found = kinds[kind]
                    yield [name, system, seed, split, kind, found["correct"], found["wrong"], found["missing"]]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
