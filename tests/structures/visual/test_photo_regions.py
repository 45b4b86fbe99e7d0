"""Photos with annotated regions: read, counted, and a detector trained and scored on their splits."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cross2stra.cli.visual import app
from cross2stra.configuration import read_profile
from cross2stra.structures.scores import read_rows
from cross2stra.structures.visual.detector_training import Budget
from cross2stra.structures.visual.photo_regions import TYPES, annotated_photos, score


@pytest.fixture
def data(tmp_path: Path) -> tuple[Path, Path]:
    """Annotations in a frame of 200 x 100, photos of half that size; one photo of the annotations is not there."""
    folder = tmp_path / "photos"
    folder.mkdir()
    draw = np.random.default_rng(1)
    lines = []
    for number, split in enumerate(("train", "train", "val", "test", "test", "train", "train", "test")):
        boxes = [{"entities": ["1"], "type": "people", "box": [21, 11, 100, 90]}, {"type": None, "box": [1, 1, 9, 9]}]
        row = {"image": f"p{number}", "split": split, "width": 200, "height": 100, "boxes": boxes, "sentences": []}
        if number == 7:
            del row["sentences"]
        if number == 5:
            row["boxes"] = boxes[1:]
        lines.append(json.dumps(row))
        if number != 6:
            pixels = draw.integers(0, 255, (50, 100, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"p{number}.jpg")
    entities = tmp_path / "entities.jsonl"
    entities.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return entities, folder


def test_boxes_are_relative_and_what_is_left_out_is_counted(data: tuple[Path, Path]) -> None:
    left_out: Counter[str] = Counter()
    photos = list(annotated_photos(*data, left_out))
    assert [photo.split for photo in photos] == ["train", "train", "val", "test", "test"]
    assert photos[0].truth.boxes.tolist() == [pytest.approx([0.1, 0.1, 0.5, 0.9])]
    assert [TYPES[number] for number in photos[0].truth.classes] == ["people"]
    assert left_out == {
        "boxes without a type": 6, "photos without a box": 1, "photos whose captions are held out": 1,
    }  # fmt: skip


def test_a_line_that_is_no_annotation_is_named(data: tuple[Path, Path]) -> None:
    entities, folder = data
    entities.write_text('{"image": "p0"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 1: expected image, split"):
        list(annotated_photos(entities, folder, Counter()))


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_scores_of_both_splits_are_written(data: tuple[Path, Path], tmp_path: Path) -> None:
    score(*data, Budget(updates=2, pictures=2), 1, tmp_path / "scores.csv")
    rows = {(corpus, metric): value for _, corpus, metric, value in read_rows(tmp_path / "scores.csv")}
    assert rows["Flickr8k photos test", "photos"] == 2
    assert rows["Flickr8k photos train", "training photos"] == 2
    assert 0 <= rows["Flickr8k photos test", "mAP@50"] == rows["Flickr8k photos test", "AP@50 people"] <= 100


def test_the_verb_trains_as_long_as_the_profile_says(
    data: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple] = []
    monkeypatch.setattr("cross2stra.structures.visual.photo_regions.score", lambda *values: given.append(values))
    config, (entities, photos), out = Path(__file__).parents[3] / "config" / "test.yaml", data, tmp_path / "scores.csv"
    asked = ["--config", config, "--entities", entities, "--photos", photos, "--output", out]
    done = CliRunner().invoke(app, ["score-detector", *map(str, asked)])
    assert done.exit_code == 0, done.output
    profile = read_profile(config)
    assert given == [(entities, photos, Budget(profile.structures.extractor.detector_updates), profile.seeds[0], out)]
