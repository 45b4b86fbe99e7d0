"""Table 4 and Figure 8: silent without ratings; with a tiny fixture of answers (no person's), their means and verdicts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from cross2stra.configuration import Experiment, Profile
from cross2stra.ratings.answers import read_key, write_answers
from cross2stra.ratings.form import KEY_COLUMNS
from cross2stra.ratings.questions import NAMES, rated
from cross2stra.reporting.layout import titles_of
from cross2stra.reporting.ratings import draw_errors, make_forms, table4
from cross2stra.reporting.site import write_site


@pytest.fixture
def tiny_fixture(tmp_path: Path) -> Path:
    """Two raters, twelve pictures: Cross2StrA gets 8 (errors 2), w/o SG 5 (errors 5); no caption is there any more."""
    rows = []
    for rater in ("01", "02"):
        for picture in range(12):
            for system, quality, error in (("cross2stra", 8, 2), ("no_sg", 5, 5)):
                for name in NAMES:
                    value = error if name in ("wording", "word_order", "syntax") else quality
                    rows.append((rater, f"{picture}-{system}", f"p{picture}", system, name, value + (rater == "02")))
    answers = pd.DataFrame(rows, columns=["rater", "item", "image_id", "system", "question", "value"])
    key = answers[["item", "image_id", "system"]].drop_duplicates().assign(form="abc", text="描述")[list(KEY_COLUMNS)]
    write_answers(key, answers, 3, tmp_path / "ratings" / "answers", 100, 1)
    return tmp_path


def test_without_ratings_there_are_the_papers_numbers_alone(
    tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    table = table4(profile, experiments, tmp_path)
    assert {line.source for block in table.blocks for line in block.lines} == {"paper"}
    assert "No ratings were collected" in table.notes[0]
    assert "ratings/form/ of these results has a form for each rater" in table.notes[0]
    said = [
        text.get_text() for axis in draw_errors(titles_of(profile, experiments), tmp_path).axes for text in axis.texts
    ]
    assert said == ["no ratings collected"] * 3


def test_a_profile_without_the_transfer_that_is_rated_says_that_it_has_no_forms(
    tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    elsewhere = profile.model_copy(update={"ratings": profile.ratings.model_copy(update={"transfer": "zh-en_coco"})})
    assert rated(elsewhere) == []
    note = table4(elsewhere, experiments, tmp_path).notes[0]
    assert "ratings/form/" not in note
    assert "none of Table 4's systems on zh-en_coco; name another transfer in `ratings.transfer`" in note


def test_with_ratings_means_and_verdicts_stand_beside_the_paper(
    tiny_fixture: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    table = table4(profile, experiments, tiny_fixture)
    lines = {line.system: line for block in table.blocks for line in block.lines if line.source == "ours"}
    assert [cell.text for cell in lines["cross2stra"].cells] == ["8.50"] * 3
    assert [cell.text for cell in lines["no_sg"].cells] == ["5.50"] * 3
    assert "relevancy worse" in lines["no_sg"].remark
    assert "wording worse" in lines["no_sg"].remark  # more errors are worse
    assert "names where a system is worse or better than Cross2StrA" in table.notes[2]
    assert "3 questions were left open" in table.notes[0]
    assert "24 of the 24 captions that were rated are not those of these results." in table.notes
    figure = draw_errors(titles_of(profile, experiments), tiny_fixture)
    assert figure is not None
    assert [len(axis.patches) for axis in figure.axes] == [2, 2, 2]
    assert [patch.get_width() for patch in figure.axes[0].patches] == [2.5, 5.5]


def test_a_question_that_nobody_answered_has_no_number(
    tiny_fixture: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    folder = tiny_fixture / "ratings" / "answers"
    answers = pd.read_csv(folder / "answers.csv", dtype={"rater": str})
    skipped = (answers["system"] == "no_sg") & (answers["question"] == NAMES[0])
    write_answers(read_key(folder / "key.csv"), answers[~skipped], 27, folder, 100, 1)
    table = table4(profile, experiments, tiny_fixture)
    (line,) = [one for block in table.blocks for one in block.lines if (one.system, one.source) == ("no_sg", "ours")]
    assert [cell.text for cell in line.cells] == ["–", "5.50", "5.50"]


def test_forms_are_made_of_results_and_linked(
    three_seeds: Path, profile: Profile, experiments: dict[str, Experiment], tmp_path: Path
) -> None:
    few = profile.model_copy(update={"ratings": profile.ratings.model_copy(update={"pictures": 5, "raters": 2})})
    make_forms(few, three_seeds, tmp_path / "form")
    assert {path.name for path in (tmp_path / "form").iterdir()} == {"key.csv", "rater-01.html", "rater-02.html"}
    key = pd.read_csv(tmp_path / "form" / "key.csv")
    assert key.groupby("image_id").size().nunique() == 1
    assert key["image_id"].nunique() == 5
    results = tmp_path / "results"
    shutil.copytree(tmp_path / "form", results / "ratings" / "form")
    shutil.copytree(three_seeds / "captions", results / "captions")
    answers = key.assign(rater="01", question=NAMES[0], value=5).drop(columns=["form", "text"])
    write_answers(read_key(tmp_path / "form" / "key.csv"), answers, 0, results / "ratings" / "answers", 20, 1)
    assert not [note for note in table4(few, experiments, results).notes if "not those of these results" in note]
    shutil.rmtree(results / "ratings" / "answers")
    config = tmp_path / "demo.yaml"
    config.write_text("profile: demo\n", "utf-8")
    write_site(few, config, experiments, results / "tables", results / "figures", results, results / "site")
    assert {path.name for path in (results / "site" / "ratings").iterdir()} == {"rater-01.html", "rater-02.html"}
    assert '<a href="ratings/rater-02.html">02</a>' in (results / "site" / "index.html").read_text("utf-8")
