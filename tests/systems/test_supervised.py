"""The bound that reads paired captions, the controls' budgets, and what is translated of human pivots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cross2stra.configuration import STAGES, Experiment, read_experiments, read_profile
from cross2stra.data.files import write_json
from cross2stra.data.records import Caption, write_records
from cross2stra.data.vocabulary import SPECIALS
from cross2stra.structures.graph import GraphBuilder, write_graphs
from cross2stra.systems.caption import first_captions
from cross2stra.systems.method import Task
from cross2stra.systems.supervised import load_paired
from cross2stra.systems.train import plan_of

ROOT = Path(__file__).parents[2]
ROWS = read_experiments(ROOT / "config/experiments.yaml")


def written(folder: Path, captions: list[Caption]) -> Path:
    words = {"pivot": [*SPECIALS, "dog"], "target": [*SPECIALS, "狗", "跑"], "captioner_words": [5]}
    write_json(folder / "vocabulary.json", words)
    write_records(folder / "captions.parquet", Caption, captions)
    builder = GraphBuilder()
    builder.add_object("dog", (0, 0, 4, 4))
    write_graphs(folder / "visual_graphs.parquet", [(name, builder.build((8, 8))) for name in ("1", "2", "3")])
    return folder


def test_target_captions_stand_beside_their_pictures(tmp_path: Path) -> None:
    rows = [("2", "train", "狗 跑"), ("1", "train", "猫"), ("2", "train", "狗"), ("3", "test", "狗")]
    folder = written(tmp_path, [Caption(name, split, "zh", "", tokens) for name, split, tokens in rows])
    data = load_paired(folder, folder)
    assert data.captions.picture.tolist() == [1, 0, 1]  # of pictures 1 and 2: the tested one is not read
    assert [words.tolist() for words in data.captions.words] == [[5, 6], [3], [5]]
    assert len(data.pictures) == 2


def test_no_paired_caption_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no training picture has a target caption"):
        load_paired(written(tmp_path, []), tmp_path)


def task(system: str, stage: str) -> Task:
    profile = read_profile(ROOT / "config/test.yaml")
    nowhere = Path()
    return Task(profile, ROWS[system], ROWS["cross2stra"], "en-zh_aic", system, 1, stage, *4 * [nowhere])


def test_budgets_of_bounds_and_controls() -> None:
    late = plan_of(task("late_translation", "caption_translate")).updates
    early = plan_of(task("early_translation", "caption")).updates
    assert plan_of(task("late_translation_twice", "caption_translate")).updates == 2 * late
    assert plan_of(task("early_translation_twice", "caption")).updates == 2 * early
    assert plan_of(task("supervised_target", "caption")).updates == early


def test_rows_that_would_not_do_what_they_say_are_refused() -> None:
    with pytest.raises(ValueError, match="budget"):
        Experiment(title="x", group="bound", budget=2)
    with pytest.raises(ValueError, match="model_of"):
        Experiment(title="x", group="bound", pipeline="late", translator="external")


def test_the_first_caption_of_a_picture_is_translated() -> None:
    row = Caption("1", "test", "en", "", "a dog runs fast")
    rows = [replace(row, tokens=""), row, replace(row, tokens="a cat"), replace(row, image_id="2", tokens="a cat")]
    assert first_captions(rows, 3) == {"1": ["a", "dog", "runs"], "2": ["a", "cat"]}


def test_each_stage_goes_on_where_the_one_before_it_ended() -> None:
    updates = read_profile(ROOT / "config/test.yaml").training.updates
    before = [sum(updates[earlier] for earlier in STAGES[:index]) for index in range(len(STAGES))]
    assert [plan_of(task("cross2stra", stage)).before for stage in STAGES] == before
