"""What every builder of a corpus gives, and the one place that writes it to tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from cross2stra.data.chance import SEED, draw
from cross2stra.data.exclusion import HeldOut, exclude, held_out_of, nested
from cross2stra.data.files import write_json
from cross2stra.data.readers.pictures import Picture, Sentence
from cross2stra.data.records import Caption, Image, ParallelSentence, Quarantined, Split, write_records
from cross2stra.data.streams import Ledger, write_stream

BILINGUAL = 200
"""Most pictures with captions in both languages that the diagnosis reads."""

Told = TypeVar("Told", Caption, Sentence)
PIVOT_SPLITS = (Split.TRAIN, Split.PIVOT_VALIDATION)


@dataclass
class Material:
    """A transfer's raw material: which picture is for what, its captions on each side, and the parallel text.

    `splits`: image id -> split; `pivot`, `target`: image id -> captions; `names`: dataset name of (pivot, target) side.
    `unpaired`: image id -> captions in the target language whose words, without their pictures, anyone may learn from.
    `same`: other names of a picture (for exclusion); `barred_texts`: further (text, rule) that may not be trained on.
    """

    pivot_language: str
    target_language: str
    names: tuple[str, str]
    ledger: Ledger
    pictures: dict[str, Picture] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    pivot: dict[str, list[Sentence]] = field(default_factory=dict)
    target: dict[str, list[Sentence]] = field(default_factory=dict)
    unpaired: dict[str, list[Sentence]] = field(default_factory=dict)
    parallel: Callable[[], Iterator[ParallelSentence]] = lambda: iter(())
    same: dict[str, list[str]] = field(default_factory=dict)
    barred_texts: list[tuple[str, str]] = field(default_factory=list)

    def take(self, split: Split, ids: Iterable[str]) -> None:
        """Give pictures a split. Raises ValueError where one has another split already."""
        for image_id in ids:
            if self.splits.setdefault(image_id, split) != split:
                raise ValueError(f"picture {image_id} is both {self.splits[image_id]} and {split}; mend the builder")

    def of(self, split: Split) -> list[str]:
        """Ids of a split, sorted."""
        return sorted(image_id for image_id, own in self.splits.items() if own == split)

    def captions(self, side: str, *splits: Split) -> list[Caption]:
        """Caption rows of the given splits."""
        sentences, language = (
            (self.pivot, self.pivot_language) if side == "pivot" else (self.target, self.target_language)
        )
        return [
            Caption(image_id, str(split), language, sentence.text)
            for split in splits
            for image_id in self.of(split)
            for sentence in sentences.get(image_id, ())
        ]

    def held_out(self) -> HeldOut:
        """What the parallel text may not have: pictures of this transfer, and texts said about them.

        Also those of training pictures: such a pair would join a training picture to a target-language caption.
        """
        rules = {image_id: str(split) for image_id, split in self.splits.items()}
        texts = [
            (sentence.text, rules[image_id])
            for side in (self.target, self.pivot)
            for image_id, sentences in side.items()
            if image_id in rules
            for sentence in sentences
        ]
        return held_out_of(rules, [*texts, *self.barred_texts], self.same)


@dataclass(frozen=True)
class Statistic:
    """A row of Table 5. `pictures`: how many captions each has, by id; in another transfer it can be of another split."""

    dataset: str
    language: str
    split: str
    images: int
    captions: int
    pictures: dict[str, int]


def write(material: Material, output: Path) -> None:
    """Write images, captions, unpaired text, references, parallel text, quarantine, counts, statistics of a transfer."""
    images = [
        Image(image_id, str(split), picture.file, picture.width, picture.height)
        for image_id, split in sorted(material.splits.items())
        for picture in (material.pictures.get(image_id, Picture()),)
    ]
    excluded: Counter[tuple[str, str]] = Counter()
    held_out = material.held_out()
    tested = {key: rule for key, rule in held_out.pictures.items() if rule not in PIVOT_SPLITS}

    def not_tested(rows: Iterable[Told], name: str) -> Iterator[Told]:
        return exclude(
            rows,
            HeldOut(tested),  # another picture may well have the same words said about it
            excluded,
            lambda row: name,
            lambda row: [row.image_id, *material.same.get(row.image_id, ())],
            lambda row: (),
        )

    captions = not_tested(material.captions("pivot", *PIVOT_SPLITS), "captions")
    write_records(output / "images.parquet", Image, images)
    write_records(output / "captions.parquet", Caption, list(captions))
    unpaired = not_tested((row for rows in material.unpaired.values() for row in rows), "unpaired captions")
    # In the order of their words, which says nothing of pictures.
    texts = sorted(row.text for row in unpaired)
    rows = [Caption("", str(Split.TRAIN), material.target_language, text) for text in texts]
    write_records(output / "unpaired.parquet", Caption, rows)
    for split in (Split.VALIDATION, Split.TEST):
        references = material.captions("target", split)
        if material.of(split) and not references:
            raise ValueError(
                f"no caption of split {split} in {material.target_language!r} is left; {material.ledger.counts()}"
            )
        write_records(output / f"references.{split}.parquet", Caption, references)
        sources = {
            image_id: [row.source for row in material.target.get(image_id, ())] for image_id in material.of(split)
        }
        told = any(name for names in sources.values() for name in names)
        write_json(output / f"references.{split}_sources.json", sources if told else {})
    kept = write_stream(
        output / "parallel_raw.parquet",
        ParallelSentence,
        exclude(
            material.parallel(),
            held_out,
            excluded,
            lambda row: row.source,
            lambda row: [row.picture],
            lambda row: (row.en, row.zh),
        ),
    )
    write_records(output / "quarantine.parquet", Quarantined, material.ledger.quarantined)
    counts = {"files": material.ledger.counts(), "excluded": nested(excluded), "parallel_kept": kept, "seed": SEED}
    write_json(output / "counts.json", counts)
    write_json(output / "statistics.json", [asdict(row) for row in statistics(material)])


def bilingual(material: Material) -> list[Caption]:
    """Pivot, then target captions of at most BILINGUAL pictures that have both, drawn by SEED; none of test.

    They bound what a perfect captioner would reach through a translator. Nothing that trains may see them joined, so
    they are in none of the tables of `write`.
    """
    splits = (*PIVOT_SPLITS, Split.VALIDATION)
    pivot, target = (material.captions(side, *splits) for side in ("pivot", "target"))
    both = {row.image_id for row in pivot} & {row.image_id for row in target}
    drawn = set(draw(both, min(len(both), BILINGUAL), "bilingual"))
    return [row for row in (*pivot, *target) if row.image_id in drawn]


def paired(material: Material) -> list[Caption]:
    """Target captions of training pictures, then pivot captions of those that validate and test: what bounds read.

    No method of the comparison has them, so they are in none of the tables of `write`.
    """
    return [*material.captions("target", Split.TRAIN), *material.captions("pivot", Split.VALIDATION, Split.TEST)]


def statistics(material: Material) -> list[Statistic]:
    """Rows of Table 5. What is unpaired text is the target dataset's training part."""
    names, languages = material.names, (material.pivot_language, material.target_language)
    parts = [(1, Split.TRAIN, material.unpaired)]
    for side, sentences, splits in (
        (0, material.pivot, PIVOT_SPLITS),
        (1, material.target, (Split.VALIDATION, Split.TEST, Split.UNLABELLED)),
    ):
        parts += [(side, split, {i: sentences.get(i, []) for i in material.of(split)}) for split in splits]
    return [
        Statistic(names[side], languages[side], str(split), len(counted), sum(counted.values()), counted)
        for side, split, told in parts
        if (counted := {image: len(sentences) for image, sentences in sorted(told.items())})
    ]
