"""What is scored: a system's captions and the references of a transfer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cross2stra.data.files import parse_json, read_json
from cross2stra.data.records import Caption, Split, read_records
from cross2stra.data.streams import read_lines

SCORED = (Split.VALIDATION, Split.TEST)


@dataclass(frozen=True)
class Hypothesis:
    """A system's caption of a picture; `pivot` is the predicted pivot caption (tokens joined by spaces), or None."""

    image_id: str
    split: str
    text: str
    pivot: str | None


@dataclass(frozen=True)
class SystemOutput:
    """The captions of one system and seed, by picture."""

    system: str
    seed: int
    path: Path
    captions: dict[str, Hypothesis]

    def of(self, split: str) -> dict[str, Hypothesis]:
        """The captions of one split, by picture; none where another system captioned the test pictures alone."""
        return {image_id: said for image_id, said in self.captions.items() if said.split == split}


def read_captions(path: str | Path) -> SystemOutput:
    """Read `.../{system}/{seed}.jsonl`. Raises ValueError naming the file and line of a bad row."""
    path = Path(path)
    if not path.stem.isdigit():
        raise ValueError(f"{path}: expected a name such as cross2stra/1.jsonl (system/seed.jsonl)")
    captions: dict[str, Hypothesis] = {}
    for number, line in read_lines(path):
        row = parse_json(line, path, "caption again", number)
        try:
            pivot = row.get("pivot")
            if not isinstance(row["text"], str) or not isinstance(pivot, str | None):
                raise TypeError(f"text is {row['text']!r}, pivot {pivot!r}")
            said = Hypothesis(str(row["image_id"]), str(row["split"]), row["text"], pivot)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path}: line {number}: expected JSON with image_id, split and text ({error!r}); caption again"
            ) from error
        if said.image_id in captions:
            raise ValueError(f"{path}: line {number}: picture {said.image_id} has a second caption; caption again")
        captions[said.image_id] = said
    return SystemOutput(path.parent.name, int(path.stem), path, captions)


def read_references(paths: Iterable[str | Path]) -> dict[str, dict[str, list[str]]]:
    """Reference sentences: split (val, test) -> picture -> sentences, in the order of the files."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in paths:
        for row in read_records(path, Caption):
            if row.split not in SCORED:
                raise ValueError(
                    f"{path}: field split: expected one of {[str(s) for s in SCORED]}, found {row.split!r}"
                )
            found.setdefault(row.split, {}).setdefault(row.image_id, []).append(row.text)
    return found


def read_sources(
    paths: Iterable[str | Path], references: dict[str, dict[str, list[str]]]
) -> dict[str, dict[str, list[str]]]:
    """Split -> picture -> the source of each reference, from `references.{split}_sources.json` beside the references.

    Only splits with two sources or more; none where there is no such file, or an empty one. Raises ValueError when a picture's sources
    are not as many as its references.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for path in map(Path, paths):
        beside = path.with_name(f"{path.stem}_sources.json")
        split = path.stem.rpartition(".")[2]
        if split not in references or not beside.exists():
            continue
        sources: dict[str, list[str]] = read_json(beside)
        if not sources:
            continue
        for image, texts in references[split].items():
            if len(sources.get(image, ())) != len(texts):
                raise ValueError(
                    f"{beside}: picture {image}: expected {len(texts)} sources, one for each reference, "
                    f"found {len(sources.get(image, ()))}; make the corpora again"
                )
        if len({name for names in sources.values() for name in names}) > 1:
            found[split] = sources
    return found


def texts_of(output: SystemOutput, references: dict[str, list[str]], split: str) -> list[str]:
    """The system's captions of the pictures that have references, in their order.

    Raises ValueError when a picture has no caption: a system may not choose what it is scored on.
    """
    missing = [image for image in references if image not in output.captions]
    if missing:
        raise ValueError(
            f"{output.path}: {len(missing)} of {len(references)} pictures of split {split} have no caption, "
            f"the first is {missing[0]}; caption again"
        )
    return [output.captions[image].text for image in references]
