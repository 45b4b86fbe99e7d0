"""Read what a profile's results folder holds; every reader returns something empty when its files are not there."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cross2stra.configuration import Profile
from cross2stra.data.archives import is_there
from cross2stra.data.chance import order
from cross2stra.data.files import finished, read_json
from cross2stra.data.languages import has_script, join
from cross2stra.data.records import Image, Split, read_records
from cross2stra.evaluation.captions import read_captions, read_references
from cross2stra.evaluation.metrics import COLUMNS
from cross2stra.evaluation.statistics import read_statistics
from cross2stra.reporting.recorded import in_use
from cross2stra.structures.graph import SceneGraph, read_graphs

LOG_COLUMNS = ["transfer", "system", "seed", "stage", "step", "name", "value"]
SENSE_COLUMNS = ["transfer", "system", "seed", "split", "kind", "correct", "wrong", "missing"]


@dataclass
class Picture:
    """A test picture with every system's caption (first seed) and the references.

    `glosses`: English word by word of Chinese captions, by system (`reporting.glosses`).
    """

    image_id: str
    path: Path | None
    captions: dict[str, str] = field(default_factory=dict)
    pivots: dict[str, str] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)
    glosses: dict[str, str] = field(default_factory=dict)
    graph: SceneGraph | None = None


def read_csv(path: Path, columns: Sequence[str], separator: str = ",") -> pd.DataFrame:
    """Read a table of values. Raises ValueError naming the file and the columns it lacks."""
    try:
        frame = pd.read_csv(path, sep=separator)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path}: not a CSV table ({error}); make the file again") from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(f"{path}: expected the columns {missing}, found {list(frame.columns)}; make the file again")
    return frame


def of_runs(profile: Profile, results: Path, pattern: str) -> list[Path]:
    """The files below `results` by a pattern with {transfer} and {seed}, of the transfers and seeds that the profile has.

    What a run with more of them has left there is no part of the profile's tables and figures.
    """
    return sorted(path for t, s in profile.runs for path in finished(results, pattern.format(transfer=t, seed=s)))


def of_stages(profile: Profile, results: Path, name: str) -> list[Path]:
    """The files `name` of all trained stages: of a record where its captions are in use, else made here."""
    found = {}
    for room in (results / "checkpoints", results / "recorded"):
        for path in of_runs(profile, room, f"{{transfer}}/*/{{seed}}/*/{name}"):  # any system, any stage
            if room.name == "checkpoints" or in_use(results, path.parents[1]):
                found[path.relative_to(room)] = path
    return [*found.values()]


def training_logs(profile: Profile, results: Path) -> pd.DataFrame:
    """All training logs, columns LOG_COLUMNS, sorted; empty when there are none."""
    frames = [read_csv(path, LOG_COLUMNS)[LOG_COLUMNS] for path in of_stages(profile, results, "log.csv")]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=LOG_COLUMNS)
    return pd.concat(frames, ignore_index=True).drop_duplicates().sort_values(LOG_COLUMNS[:-1], kind="stable")


def senses(profile: Profile, results: Path) -> pd.DataFrame:
    """Sense accuracy, all `senses.csv` below `scores/` together; empty when there are none."""
    return score_rows(profile, results, "senses.csv", SENSE_COLUMNS)


def score_rows(profile: Profile, results: Path, name: str, columns: list[str]) -> pd.DataFrame:
    """The rows of all files `name` below `scores/`; empty, with `columns`, when there are none."""
    frames = [read_csv(path, columns) for path in of_runs(profile, results, f"scores/{{transfer}}/{{seed}}/{name}")]
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def accounts(profile: Profile, results: Path) -> dict[str, Any]:
    """Relative path -> the account of each stage of each system: updates, seconds, parameters, and what judges are worth."""
    return {str(path.relative_to(results)): read_json(path) for path in of_stages(profile, results, "metrics.json")}


def documents(results: Path) -> dict[str, Any]:
    """Relative path -> contents of the JSON files with counts and scores; not of models or dictionaries."""
    patterns = [
        "raw/world/gold/statement.json",
        "corpora/*/counts.json",
        "text/*/filter.json",
        *(f"{room}/**/{name}.json" for room in ("structures", "external") for name in ("scores", "report", "metrics")),
        "structures/*/*.counts.json",
    ]
    return {str(path.relative_to(results)): read_json(path) for path in finished(results, *patterns)}


def small_tables(results: Path) -> dict[str, list[list[str]]]:
    """Relative path -> rows, the header first, of further CSV files: extractors' scores, examples of the filter."""
    found = {}
    for path in sorted(finished(results, "structures/**/*.csv", "text/*/filter_examples.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[str(path.relative_to(results))] = list(csv.reader(file))
    return found


def picture_scores(results: Path, transfer: str, seed: int) -> dict[tuple[str, str], float]:
    """(system, image_id) -> CIDEr-D of its caption by words, times 100, on test; empty where nothing was scored."""
    path = results / "scores" / transfer / str(seed) / "statistics.parquet"
    if not path.is_file():
        return {}
    place = COLUMNS.index("cider_d")
    return {
        (part.system, image_id): round(100 * value, 1)
        for part in read_statistics([path])
        if part.unit == "word"
        for image_id, value in zip(part.images, part.values[:, place].tolist(), strict=True)
    }


def pictures(
    results: Path, transfer: str, systems: Sequence[str], seed: int, count: int | None = None
) -> list[Picture]:
    """`count` test pictures (or all) that every present system captioned, in order of a hash of their ids: nobody
    chose them."""
    captions = {}
    for system in systems:
        path = results / "captions" / transfer / system / f"{seed}.jsonl"
        if path.is_file():
            captions[system] = read_captions(path).of("test")
    if not captions:
        return []
    shared = set.intersection(*(set(found) for found in captions.values()))
    drawn = sorted(shared, key=lambda image_id: order(image_id, "figure 7"))[:count]
    path = results / "corpora" / transfer / "references.test.parquet"
    references = read_references([path])[Split.TEST] if path.is_file() else {}
    places = places_of(results, transfer, set(drawn))
    graphs = graphs_of(results, transfer, set(drawn) - set(places))
    return [
        Picture(
            image_id,
            places.get(image_id),
            {system: found[image_id].text for system, found in captions.items()},
            {system: _written(pivot) for system, found in captions.items() if (pivot := found[image_id].pivot)},
            references.get(image_id, []),
            graph=graphs.get(image_id),
        )
        for image_id in drawn
    ]


def _written(tokens: str) -> str:
    """A predicted sentence as it is written: Chinese without spaces between words."""
    return join("zh", tokens.split()) if has_script("zh", tokens) else tokens


def graphs_of(results: Path, transfer: str, wanted: set[str]) -> dict[str, SceneGraph]:
    """Visual scene graphs of pictures that have no file, whose boxes stand for them."""
    path = results / "structures" / transfer / "visual_graphs.parquet"
    return read_graphs(path, wanted, features=False) if wanted and path.is_file() else {}


def places_of(results: Path, transfer: str, wanted: set[str]) -> dict[str, Path]:
    """image_id -> picture file, or member of a zip, for pictures whose file is there."""
    path = results / "corpora" / transfer / "images.parquet"
    found: dict[str, Path] = {}
    if not path.is_file():
        return found
    roots = [results / "raw" / "world", results / "raw", results / "raw" / "files", results]
    for image in read_records(path, Image):
        if image.image_id in wanted and image.path:
            places = (root / image.path for root in roots)
            chosen = next((place for place in places if is_there(place)), None)
            if chosen is not None:
                found[image.image_id] = chosen
    return found
