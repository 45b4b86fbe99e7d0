"""Figures and the page: complete, self-contained, the same twice, and honest about what is missing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.figures import write_figures
from cross2stra.reporting.gallery import draw_pictures, sense_accuracy, wrap
from cross2stra.reporting.overview import json_tables
from cross2stra.reporting.results import pictures, senses
from cross2stra.reporting.site import write_site
from cross2stra.reporting.style import save
from cross2stra.reporting.tables import write_tables


def test_the_page_holds_everything(
    profile: Profile, experiments: dict[str, Experiment], results: Path, tmp_path: Path
) -> None:
    write_tables(profile, experiments, results / "scores.csv", results / "tables", results)
    names = write_figures(profile, experiments, results, results / "figures")
    assert names == [
        "figure2", "figure3", "figure4", "figure7_en-zh_aic", "figure8", "figure_losses_en-zh_aic",
        "figure_alignment_en-zh_aic", "figure_senses",
    ]  # fmt: skip
    for name in names:
        assert all((results / "figures" / f"{name}.{kind}").stat().st_size > 1000 for kind in ("pdf", "svg", "png"))
    config = tmp_path / "tiny.yaml"
    config.write_text("profile: tiny\n")
    write_site(profile, config, experiments, results / "tables", results / "figures", results, results / "site")
    page = (results / "site/index.html").read_text(encoding="utf-8")
    outside = re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*|https?://(?!www\.w3\.org)[^\s"']*|@import""", page)
    figures = [f'{kind}="figures/{name}.svg' for name in names for kind in ("href", "src")]
    assert outside == [*figures, 'href="pictures/en-zh_aic.html']
    assert all((results / "site" / "figures" / f"{name}.svg").is_file() for name in names)
    assert (results / "site/pictures/en-zh_aic.html").is_file()
    assert page.count("data:image/png;base64,") == 4
    assert page.count('id="table') == 6  # five tables and their section
    for text in ("一只&lt;蝙蝠&gt;cross2stra", "参考句子a", "Two &lt; three.", "1,190", "75.0", "digest", "w/o SG"):
        assert text in page, text
    assert "<蝙蝠>" not in page


def test_an_empty_folder_gives_a_page_that_says_so(
    profile: Profile, experiments: dict[str, Experiment], tmp_path: Path
) -> None:
    results = tmp_path / "nothing"
    assert write_figures(profile, experiments, results, results / "figures") == [
        "figure2",
        "figure3",
        "figure4",
        "figure8",
    ]
    missing = json.loads((results / "figures/figures.json").read_text())["missing"]
    assert len(missing) >= 4
    assert "no training log" in " ".join(missing)
    config = tmp_path / "tiny.yaml"
    write_site(profile, config, experiments, results / "tables", results / "figures", results, results / "site")
    page = (results / "site/index.html").read_text()
    for sentence in ("No scores.csv is among", "No table was made", "run the verb <code>tables</code>"):
        assert sentence in page, sentence
    assert "LateTranslation on en-zh_aic, seed 1, 2: no captions among these results." in page


def test_figures_are_the_same_twice(results: Path, tmp_path: Path) -> None:
    chosen = pictures(results, "en-zh_aic", ["cross2stra", "no_sg"], 1, 2)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save(draw_pictures(chosen, {"cross2stra": "Cross2StrA", "no_sg": "w/o SG"}), tmp_path / name, "figure7")
    for kind in ("pdf", "svg", "png"):
        one, two = (tmp_path / name / f"figure7.{kind}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), kind


def test_pictures_do_not_depend_on_the_order_of_systems(results: Path) -> None:
    one = pictures(results, "en-zh_aic", ["cross2stra", "no_sg"], 1, 2)
    two = pictures(results, "en-zh_aic", ["no_sg", "late_translation"], 1, 2)
    assert [picture.image_id for picture in one] == [picture.image_id for picture in two]
    assert one[0].path is not None
    assert one[0].path.is_file()
    assert one[0].pivots["cross2stra"] == "a bat"


def test_sense_accuracy_counts_silence_as_wrong(profile: Profile, results: Path) -> None:
    frame = senses(profile, results)
    frame["missing"] = 1
    assert set(sense_accuracy(frame)["accuracy"]) == {60.0}


def test_words_are_cued_whether_or_not_a_pivot_caption_says_it() -> None:
    columns = ["transfer", "system", "seed", "split", "kind", "correct", "wrong", "missing"]
    rows = [
        ("t", "a", 1, "test", "cued", 5, 5, 10),
        ("t", "b", 1, "test", "cued", 1, 1, 2),
        ("t", "b", 1, "test", "stated", 8, 4, 4),
    ]
    found = sense_accuracy(pd.DataFrame(rows, columns=columns)).set_index(["system", "kind"])["accuracy"].to_dict()
    assert found == {("a", "cued"): 25.0, ("b", "cued"): 45.0, ("b", "stated"): 50.0}


def test_wrapping_counts_chinese_letters_twice() -> None:
    assert wrap("一二三四五", 6) == ["一二三", "四五"]
    assert wrap("a brown bat on it", 8) == ["a brown", "bat on", "it"]


def test_json_becomes_one_table_for_each_object() -> None:
    found = dict(json_tables("f", {"read": 1200, "by": {"a": {"kept": 1}, "b": {"kept": 2, "left": 0.5}}, "none": {}}))
    assert found["f"] == [["", ""], ["read", "1,200"]]
    assert found["f · by"] == [["", "kept", "left"], ["a", "1", ""], ["b", "2", "0.5"]]
