"""Intervals, verdicts, and the tables that the paper does not have, on a made-up results folder."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pandas as pd
import PIL.Image
import pytest

from cross2stra.configuration import Experiment, Profile, read_profile
from cross2stra.data.files import write_json
from cross2stra.data.records import Image, write_records
from cross2stra.reporting.details import differences_table, unit_table
from cross2stra.reporting.intervals import bootstraps
from cross2stra.reporting.layout import titles_of
from cross2stra.reporting.provenance import absences
from cross2stra.reporting.results import LOG_COLUMNS, Picture, accounts, places_of, training_logs
from cross2stra.reporting.scene import image_of
from cross2stra.reporting.scores import COLUMNS
from cross2stra.reporting.tables import write_tables

ROOT = Path(__file__).parents[2]
Systems = dict[str, Experiment]


@pytest.fixture(scope="module")
def tables(profile: Profile, experiments: Systems, three_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "tables"
    write_tables(profile, experiments, three_seeds / "scores.csv", folder, three_seeds)
    return folder


@pytest.fixture(scope="module")
def one(profile: Profile, experiments: Systems, one_seed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "tables"
    write_tables(profile, experiments, one_seed / "scores.csv", folder, one_seed)
    return folder


def test_one_seed_has_an_interval_over_pictures_and_says_so(one: Path) -> None:
    rows = pd.read_csv(one / "table1.csv")
    ours = rows[(rows["source"] == "ours") & (rows["system"] == "cross2stra") & (rows["transfer"] == "en-zh_aic")]
    assert set(ours["interval_over"]) == {"pictures"}
    assert (ours["half_width"] > 0).all()
    text = (one / "table1.md").read_text("utf-8")
    assert "one seed; gold structures" in text
    assert "with one seed, of the 95 % bootstrap interval over pictures" in text


def test_seeds_have_a_t_interval(tables: Path) -> None:
    rows = pd.read_csv(tables / "table1.csv")
    ours = rows[(rows["source"] == "ours") & (rows["metric"] == "CIDEr-D")]
    assert set(ours["interval_over"]) == {"seeds"}
    every = pd.read_csv(tables / "intervals.csv").set_index(["transfer", "system", "unit", "metric"])
    row = every.loc[("en-zh_aic", "cross2stra", "word", "CIDEr-D")]
    half = float(ours[ours["system"] == "cross2stra"]["half_width"].iloc[0])
    assert (row["high_over_seeds"] - row["low_over_seeds"]) / 2 == pytest.approx(half, rel=1e-3)
    assert row["low_over_pictures"] < row["value"] < row["high_over_pictures"]


def test_seeds_that_the_profile_no_longer_has_are_in_no_table(
    profile: Profile, experiments: Systems, three_seeds: Path, tmp_path: Path
) -> None:
    scores = pd.read_csv(three_seeds / "scores.csv")
    scores[scores["seed"] == 1].to_csv(tmp_path / "scores.csv", index=False)
    fewer = profile.model_copy(update={"seeds": [1]})
    write_tables(fewer, experiments, tmp_path / "scores.csv", tmp_path / "tables", three_seeds)
    rows = pd.read_csv(tmp_path / "tables/table_differences.csv")
    assert set(rows["seeds"]) == {1}
    found = pd.read_csv(tmp_path / "tables/table1.csv")
    ours = found[(found["source"] == "ours") & (found["transfer"] == "en-zh_aic") & (found["metric"] == "CIDEr-D")]
    values = ours.set_index("system")["value"]
    row = rows[(rows["transfer"] == "en-zh_aic") & (rows["system"] == "no_sg") & (rows["metric"] == "CIDEr-D")]
    assert row["difference"].item() == pytest.approx(values["no_sg"] - values["cross2stra"], abs=0.1)


def test_intervals_of_another_run_are_not_used(
    profile: Profile, experiments: Systems, one_seed: Path, tmp_path: Path
) -> None:
    scores = pd.read_csv(one_seed / "scores.csv")
    scores["value"] += 3
    scores.to_csv(tmp_path / "other.csv", index=False)
    write_tables(profile, experiments, tmp_path / "other.csv", tmp_path / "tables", one_seed)
    rows = pd.read_csv(tmp_path / "tables/table1.csv")
    assert rows[rows["source"] == "ours"]["half_width"].isna().all()
    assert "↓ |" not in (tmp_path / "tables/table1.md").read_text("utf-8")


def test_verdicts(tables: Path) -> None:
    rows = pd.read_csv(tables / "table_differences.csv").set_index(["transfer", "system", "metric"])
    late = rows.loc[("en-zh_aic", "late_translation", "CIDEr-D")]
    assert late["verdict"] == "below"
    assert late["high"] < 0
    assert late["interval_over"] == "seeds and pictures"
    assert late["p_holm"] >= late["p"]
    printed = (tables / "table1.md").read_text("utf-8").splitlines()
    own = {line.split("|")[1].strip(): line for line in printed if "3 seeds" in line}
    assert "↓" in own["LateTranslation"]
    assert not any(mark in own[title] for title in ("Cross2StrA", "w/o SG") for mark in "↓↑")  # itself; gold structures
    assert "↓ ↑: below or above Cross2StrA" in "\n".join(printed)


def test_gold_structures_make_no_claim(profile: Profile, experiments: Systems, tables: Path) -> None:
    rows = pd.read_csv(tables / "table_differences.csv")
    ablations = rows[rows["system"].isin(["no_sg", "no_sc", "no_residual"])]
    assert set(ablations["verdict"]) == {"no claim: gold structures"}
    text = (tables / "table_differences.md").read_text("utf-8")
    assert "3 seeds; gold structures" in text
    assert "no claim is made" in text


def test_extracted_structures_get_verdicts(
    profile: Profile, experiments: Systems, three_seeds: Path, tmp_path: Path
) -> None:
    boxes = profile.model_copy(update={"structures": profile.structures.model_copy(update={"visual": "boxes"})})
    write_tables(boxes, experiments, three_seeds / "scores.csv", tmp_path / "tables", three_seeds)
    rows = pd.read_csv(tmp_path / "tables/table_differences.csv").set_index(["transfer", "system", "metric"])
    assert rows.loc[("en-zh_aic", "no_sg", "CIDEr-D")]["verdict"] == "below"
    assert rows.loc[("en-zh_aic", "no_sc", "CIDEr-D")]["verdict"] == "unresolved"
    assert "gold" not in (tmp_path / "tables/table1.md").read_text("utf-8").lower()


def test_bounds_are_a_family_of_their_own(
    profile: Profile, experiments: Systems, three_seeds: Path, tmp_path: Path
) -> None:
    bound = {**experiments, "no_sc": experiments["no_sc"].model_copy(update={"group": "bound"})}
    write_tables(profile, bound, three_seeds / "scores.csv", tmp_path / "tables", three_seeds)
    rows = pd.read_csv(tmp_path / "tables/table_differences.csv").set_index("system")
    assert (rows.loc["no_sc"]["p_holm"] == rows.loc["no_sc"]["p"]).all()
    assert (rows.loc["no_sg"]["p_holm"] > rows.loc["no_sg"]["p"]).any()


def test_rows_of_one_transfer_are_shown_and_points_of_sweeps_are_not(
    profile: Profile, experiments: Systems, three_seeds: Path, tmp_path: Path
) -> None:
    """`further` rows are rows of tables; the page does not say that they were not run."""
    apart = ["no_sg", "no_sc", "no_residual"]
    less = profile.model_copy(
        update={
            "systems": [system for system in profile.systems if system not in apart],
            "further": {"en-zh_aic": [*apart, "cross2stra_rho_m_0.1"]},
        }
    )
    assert {*titles_of(less, experiments)} == {*titles_of(profile, experiments)}
    write_tables(less, experiments, three_seeds / "scores.csv", tmp_path / "tables", three_seeds)
    rows = pd.read_csv(tmp_path / "tables/table_differences.csv")
    assert {*apart} <= {*rows["system"]}
    told = absences(less, experiments, three_seeds, [])
    assert not [sentence for sentence in told if "w/o SG" in sentence]
    fewer = less.model_copy(update={"further": {"en-zh_aic": [*apart, "fg"]}})
    told = absences(fewer, experiments, three_seeds, [])
    assert any(sentence.startswith("FG on en-zh_aic") and "no captions" in sentence for sentence in told)
    assert not any(sentence.startswith("FG,") for sentence in told)


def test_rows_say_whose_stages_they_share(
    profile: Profile, experiments: Systems, three_seeds: Path, tmp_path: Path
) -> None:
    start = {"system": "cross2stra", "stage": "align"}
    warm = {**experiments, "no_sc": experiments["no_sc"].model_copy(update={"warm_start": start})}
    write_tables(profile, warm, three_seeds / "scores.csv", tmp_path / "tables", three_seeds)
    lines = (tmp_path / "tables/table_differences.md").read_text("utf-8").splitlines()
    assert {line.split(" | ")[0] for line in lines if "shares stages" in line} == {"| w/o SC"}


def test_a_stage_that_is_recorded_and_trained_again_counts_once(profile: Profile, tmp_path: Path) -> None:
    for folder, updates in (("checkpoints", 500), ("recorded", 400)):
        stage = tmp_path / folder / "en-zh_aic" / "cross2stra" / "1" / "caption_translate"
        write_json(stage / "metrics.json", {"updates": updates})
        (stage / "log.csv").write_text(
            f"{','.join(LOG_COLUMNS)}\nen-zh_aic,cross2stra,1,align,1,cap,{updates}\n", "utf-8"
        )
    for place in ("recorded/en-zh_aic/cross2stra/1/captions.jsonl", "captions/en-zh_aic/cross2stra/1.jsonl"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("{}\n", "utf-8")
    assert [one["updates"] for one in accounts(profile, tmp_path).values()] == [400]
    assert training_logs(profile, tmp_path)["value"].tolist() == [400]


def test_diagnosis(tables: Path) -> None:
    rows = pd.read_csv(tables / "table_diagnosis.csv").set_index(["system", "step", "metric"])
    assert rows.loc[("cross2stra", "human", "CIDEr-D")]["value"] == 36
    assert rows.loc[("cross2stra", "human", "CIDEr-D")]["items"] == 1184
    assert "| human pivot captions, translated |" in (tables / "table_diagnosis.md").read_text("utf-8")


def test_characters_references_lengths(tables: Path) -> None:
    characters = pd.read_csv(tables / "table_characters.csv")
    assert set(characters["metric"]) >= {"chrF", "BLEU-4"}
    assert not (tables / "table_lemmas.csv").exists()
    references = pd.read_csv(tables / "table_references.csv")
    assert set(references["transfer"]) == {"en-zh_cococn"}
    assert list(references["references"].unique()) == ["all", "cn", "zhm", "one"]
    assert "one reference, mean over draws" in (tables / "table_references.html").read_text("utf-8")
    lengths = pd.read_csv(tables / "table_lengths.csv").set_index(["transfer", "system"])
    assert lengths.loc[("en-zh_aic", "cross2stra")]["mean_length"] == pytest.approx(9.1)
    assert lengths.loc[("en-zh_aic", "cross2stra")]["unreferenced"] == pytest.approx(2.5)


def test_english_is_shown_by_lemmas(experiments: Systems) -> None:
    study = read_profile(ROOT / "config" / "study.yaml")
    rows = [("zh-en_coco", "cross2stra", seed, "test", "lemma", "CIDEr-D", 120.0 + seed) for seed in (1, 2, 3)]
    table = unit_table(study, titles_of(study, experiments), pd.DataFrame(rows, columns=COLUMNS), "lemma")
    assert table is not None
    assert table.stem == "table_lemmas"
    assert [(line.system, line.cells[-1].text) for line in table.blocks[0].lines] == [("cross2stra", "122.0")]
    assert [(row["unit"], row["metric"], row["value"], row["seeds"]) for row in table.tidy] == [
        ("lemma", "CIDEr-D", 122.0, 3)
    ]


def test_tables_are_deterministic(
    profile: Profile, experiments: Systems, three_seeds: Path, tables: Path, tmp_path: Path
) -> None:
    write_tables(profile, experiments, three_seeds / "scores.csv", tmp_path / "tables", three_seeds)
    for path in sorted(tables.iterdir()):
        assert path.read_bytes() == (tmp_path / "tables" / path.name).read_bytes(), path.name


@pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="pdflatex is not installed (Debian: texlive-latex-recommended)"
)
def test_latex_of_every_table_compiles(tables: Path, tmp_path: Path) -> None:
    files = sorted(tables.glob("*.tex"))
    assert len(files) > 8
    inputs = "\n".join(rf"\input{{{path}}}\clearpage" for path in files)
    text = f"\\documentclass{{article}}\n\\usepackage{{booktabs,xcolor}}\n\\begin{{document}}\n{inputs}\n\\end{{document}}\n"
    (tmp_path / "all.tex").write_text(text, "ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert (tmp_path / "all.pdf").stat().st_size > 1000


def test_without_statistics_nothing_is_invented(profile: Profile, experiments: Systems, tmp_path: Path) -> None:
    assert bootstraps(profile, tmp_path).systems == {}
    scores = tmp_path / "scores.csv"
    scores.write_text("transfer,system,seed,split,unit,metric,value\nen-zh_aic,cross2stra,1,test,word,BLEU-1,50\n")
    write_tables(profile, experiments, scores, tmp_path / "tables", tmp_path / "nowhere")
    assert not list((tmp_path / "tables").glob("table_*"))
    assert pd.read_csv(tmp_path / "tables/intervals.csv").empty
    assert "50.0 |" in (tmp_path / "tables/table1.md").read_text("utf-8")


def test_a_picture_is_shown_where_it_lies_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "raw" / "files").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "raw" / "files" / "val.zip", "w") as archive, archive.open("a/1.png", "w") as file:
        PIL.Image.new("RGB", (5, 4), "red").save(file, "PNG")
    rows = [Image(name, "test", f"val.zip/a/{name}.png", 5, 4) for name in ("1", "2")]
    write_records(tmp_path / "corpora" / "t" / "images.parquet", Image, rows)
    found = places_of(tmp_path, "t", {"1", "2"})
    assert set(found) == {"1"}
    shown = image_of(Picture("1", found["1"]))
    assert shown is not None
    assert shown.getpixel((0, 0)) == (255, 0, 0)


def test_too_few_resamples_to_decide_are_named(
    profile: Profile, experiments: Systems, three_seeds: Path, tmp_path: Path
) -> None:
    few = profile.model_copy(update={"evaluation": profile.evaluation.model_copy(update={"bootstrap": 150})})
    write_tables(few, experiments, three_seeds / "scores.csv", tmp_path / "tables", three_seeds)
    text = (tmp_path / "tables/table_differences.md").read_text("utf-8")
    assert "150 resamples (`evaluation.bootstrap`) cannot decide one of 5 differences; 199 could." in text
    assert ", below" not in text


def test_a_system_that_shares_no_seed_with_cross2stra_has_no_difference(
    profile: Profile, experiments: Systems, three_seeds: Path
) -> None:
    found = bootstraps(profile, three_seeds)
    systems = found.systems["en-zh_aic", "word"]
    systems["no_sg"] = [one for one in systems["no_sg"] if one.seed == 3]
    systems["cross2stra"] = [one for one in systems["cross2stra"] if one.seed != 3]
    table = differences_table(profile, experiments, titles_of(profile, experiments), found)
    assert table is not None
    lines = {line.system: line for line in table.blocks[0].lines}
    assert {cell.text for cell in lines["no_sg"].cells} == {"–"}
    assert lines["no_sg"].remark == "no seed in common with Cross2StrA"
    assert lines["no_sc"].remark.startswith("2 seeds")
