"""Figures and the page from a made-up results folder; boxes stand for pictures that have no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import read_json
from cross2stra.reporting.figures import write_figures
from cross2stra.reporting.filter_figure import draw_filter
from cross2stra.reporting.results import Picture, pictures
from cross2stra.reporting.scene import draw_boxes, image_of
from cross2stra.reporting.scores import collect_stage_scores
from cross2stra.reporting.site import write_site
from cross2stra.reporting.tables import write_tables
from cross2stra.structures.graph import GraphBuilder

ROOT = Path(__file__).parents[2]


def test_a_picture_without_a_file_is_drawn_from_its_boxes(one_seed: Path) -> None:
    shown = pictures(one_seed, "en-zh_cococn", ["cross2stra"], 1, 2)
    image = image_of(shown[0])
    assert image is not None
    assert image.size == (480, 288)
    assert len(set(image.get_flattened_data() if hasattr(image, "get_flattened_data") else image.getdata())) > 3
    filed = image_of(pictures(one_seed, "en-zh_aic", ["cross2stra"], 1, 1)[0])
    assert filed is not None
    assert filed.size == (96, 80)
    assert image_of(Picture("x", None)) is None


def test_a_graph_without_objects_can_be_drawn() -> None:
    assert draw_boxes(GraphBuilder().build((100, 50))).size == (480, 240)


def test_filter_figure() -> None:
    assert draw_filter({}) is None
    report = {"reasons": {"length": 1}, "histogram": {"bins": 2, "pivot": [1, 2]}, "options": {"coverage": 0.6}}
    assert draw_filter(report) is not None


def test_stage_scores_are_those_of_validation_words(tmp_path: Path) -> None:
    folders = []
    for stage, value in (("align", 20), ("joint", 30)):
        folder = tmp_path / stage
        folder.mkdir()
        rows = [f"t,s,1,{split},{unit},CIDEr-D,{value}" for split in ("val", "test") for unit in ("word", "char")]
        (folder / "scores.csv").write_text("\n".join(["transfer,system,seed,split,unit,metric,value", *rows]) + "\n")
        folders.append(folder)
    assert collect_stage_scores(folders, ["align", "joint"], tmp_path / "out.csv") == 2
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "transfer,system,seed,stage,metric,value", "t,s,1,align,CIDEr-D,20", "t,s,1,joint,CIDEr-D,30",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="2 score folders but 1 stages"):
        collect_stage_scores(folders, ["align"], tmp_path / "out.csv")
    assert collect_stage_scores([], [], tmp_path / "none.csv") == 0


def test_the_whole_page(profile: Profile, experiments: dict[str, Experiment], one_seed: Path, tmp_path: Path) -> None:
    write_tables(profile, experiments, one_seed / "scores.csv", tmp_path / "tables", one_seed)
    names = write_figures(profile, experiments, one_seed, tmp_path / "figures", one_seed / "stage_scores.csv")
    assert names == [
        "figure2", "figure3", "figure4", "figure7_en-zh_aic", "figure7_en-zh_cococn", "figure8",
        "figure_losses_en-zh_aic", "figure_alignment_en-zh_aic",
        "figure_senses", "figure_stages_en-zh_aic", "figure_filter_en-zh_aic",
    ]  # fmt: skip
    for name in names:
        for suffix in ("pdf", "svg", "png"):
            assert (tmp_path / "figures" / f"{name}.{suffix}").stat().st_size > 1000
    write_site(
        profile,
        ROOT / "config/demo.yaml",
        experiments,
        tmp_path / "tables",
        tmp_path / "figures",
        one_seed,
        tmp_path / "s",
    )
    page = (tmp_path / "s/index.html").read_text("utf-8")
    for said in (
        "Table 1",
        "Differences",
        "The same captions by characters",
        "stage align, seed 1: scene nodes",
        "The council &lt;adopted&gt;",
    ):
        assert said in page, said
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert 'src="figures/figure2.svg"' in page
    missing = read_json(tmp_path / "figures/figures.json")["missing"]
    assert any("en-zh_cococn" in sentence for sentence in missing)
