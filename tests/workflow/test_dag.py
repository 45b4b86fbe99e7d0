"""The DAG of every profile, without running it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Call

from cross2stra.configuration import read_experiments, read_profile
from cross2stra.configuration.digests import captions_digest
from cross2stra.data.archives import write_archive
from cross2stra.ratings.questions import NAMES
from cross2stra.reporting.recorded import Record


def jobs(said: str) -> Counter[str]:
    """Rule -> number of jobs, from the table of a dry run."""
    table = said.split("\n-----", 1)[1].split("\n\n", 1)[0]
    return Counter({name: int(number) for name, number in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)})


def test_paper_scale_dag_needs_no_data(call: Call) -> None:
    counted = jobs(call.snakemake("paper", "-n", "--quiet", "rules"))
    warm = 2 * 3 + 3 * 2 + 1  # w/o CMA, CLA; w/o CMA+CLA, IPB, PTB; w/o IPB+PTB: stages after what they share
    stages, transfers, seeds = 4 * 4 + 8 + warm, 3, 3
    sweeps = 16 * 2 * seeds  # thresholds of the alignment, in two transfers: all stages but the first
    assert counted["train"] == stages * transfers * seeds + 3 * sweeps
    assert counted["caption"] == 19 * transfers * seeds + sweeps
    assert counted["score"] == transfers * seeds
    assert counted["parse"] == 2 * 32 * transfers
    assert counted["train_parser"] == 2
    assert counted["download"] > 0
    assert counted["world"] == 0


def test_mini_reads_boxes_and_trains_relations(call: Call) -> None:
    counted = jobs(call.snakemake("mini", "-n", "--quiet", "rules"))
    assert counted["train_relations"] == 1
    more = 5 + 4 * 3  # further compared systems and Table 1's ablations, En → Zh
    assert counted["train"] == (4 + 1 + 1) * 2 + more


def test_mini_scores_its_extractors_on_real_annotations(call: Call) -> None:
    counted = jobs(call.snakemake("mini", "-n", "--quiet", "rules", targets=("structures",)))
    assert {name for name in counted if name != "download"} == {
        "photos", "score_detector", "score_language_graphs", "score_relations", "train_parser", "train_relations",
        "structure_scores", "structures",
        "total",
    }  # fmt: skip


def test_a_part_of_the_study(call: Call) -> None:
    part = jobs(
        call.snakemake("study", "-n", "--quiet", "rules", targets=("results/study/parts/en-zh_aic/2/systems.done",))
    )
    assert part["train"] == 4 + 8
    assert part["caption"] == 9 * 2  # its own test pictures, and those of en-zh_cococn
    assert part["score"] == 0
    assert (part["diagnose"], part["score_stage"]) == (3, 4)  # a record of the part lacks nothing
    whole = jobs(
        call.snakemake("study", "-n", "--quiet", "rules", targets=("results/study/parts/zh-en_coco/1/all.done",))
    )
    # In four stages, compared, the rest of Table 2, bounds and controls.
    assert whole["train"] == 4 * (4 + 4) + 7 + 13 + 4
    assert whole["score"] == 1


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("en-zh_aic/7/systems", "en-zh_aic has the seeds [1, 2, 3, 4, 5], not 7"),
        ("zh-en_coco/4/all", "zh-en_coco has the seeds [1, 2, 3], not 4"),
        ("en-zh/1/systems", "no transfer 'en-zh'; it has en-zh_aic, zh-en_coco, en-zh_cococn"),
        ("en-zh_aic/1/system", "no group 'system' of systems; there are systems, ablations, bounds, sweeps"),
    ],
)
def test_a_part_that_the_profile_does_not_have_is_named(call: Call, part: str, said: str) -> None:
    assert said in call.snakemake("study", "-n", targets=(f"results/study/parts/{part}.done",), fails=True)


def test_rows_that_are_run_once_are_diagnosed_once(call: Call) -> None:
    text = (ROOT / "config" / "test.yaml").read_text("utf-8")
    value = yaml.safe_load(text) | {"seeds": [1, 2], "once": ["cross2stra", "pivot_align"]}
    (call.folder / "own.yaml").write_text(yaml.safe_dump(value), "utf-8")
    said = call.snakemake("own.yaml", "-n", targets=("results/test/parts/en-zh_aic/2/all.done",))
    assert "--system pivot_align" not in said
    assert jobs(said)["score_stage"] == 0


def test_a_folder_of_records_or_of_files_that_is_not_there_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as given:
        given.setenv("CROSS2STRA_RECORDED", str(ROOT / "config" / "recorded"))  # one level too high
        assert "config/recorded has no record of a run of profile test; expected" in call.snakemake(
            "test", "-n", fails=True
        )
    monkeypatch.setenv("CROSS2STRA_MIRROR", str(call.folder / "none"))
    assert "none is no folder; mend its name" in call.snakemake("mini", "-n", fails=True)


def test_folders_with_spaces_reach_the_workflow_whole(call: Call) -> None:
    given = ("MIRROR=my mirror", "RECORDED=/my records")
    said = call("make", "--directory", str(ROOT), "-pn", "help", *given)
    assert f"CROSS2STRA_MIRROR := {ROOT}/my mirror\n" in said
    assert "CROSS2STRA_RECORDED := /my records\n" in said


def test_ratings_without_the_key_of_their_forms_are_missed_before_training(call: Call) -> None:
    text = (ROOT / "config" / "test.yaml").read_text("utf-8")
    (call.folder / "own.yaml").write_text(text.replace("ratings: {", "ratings: {folder: /none, "), "utf-8")
    assert "field 'ratings.folder': no key.csv in /none" in call.snakemake("own.yaml", "-n", fails=True)


def test_bounds_are_trained_on_annotations_where_the_profile_says_so(call: Call) -> None:
    folder = "results/study/checkpoints/zh-en_coco/cross2stra_gold_sc/1/joint"
    said = call.snakemake("study", "-n", targets=(folder,))
    assert jobs(said)["train"] == 4
    assert jobs(said)["annotated_trees"] == 2
    assert jobs(said)["read_grammar"] == 1
    assert {"annotated_language_graphs", "annotated_visual_graphs"}.isdisjoint(jobs(said))
    whole = jobs(call.snakemake("study", "-n", targets=(folder.replace("gold_sc", "annotated"),)))
    assert whole["annotated_trees"] == 2
    assert whole["annotated_language_graphs"] == whole["annotated_visual_graphs"] == 1
    swapped = jobs(call.snakemake("test", "-n"))
    assert swapped["train"] == 4 * 4 + 8 + 2  # eight systems of one stage, w/o CMA+CLA of two
    assert swapped["annotated_trees"] == 0


def test_a_transfer_may_have_seeds_and_rows_of_its_own(call: Call) -> None:
    text = (ROOT / "config" / "test.yaml").read_text("utf-8")
    own = text.replace("corpus: world}\n", "corpus: world, seeds: [1, 2]}\n", 1) + "once: [no_sc]\n"
    assert "further: {en-zh_aic: [cross2stra_wrong_0.4]}\n" in own
    (call.folder / "own.yaml").write_text(own, "utf-8")
    counted = jobs(call.snakemake("own.yaml", "-n"))
    systems = len(yaml.safe_load(text)["systems"]) - 1  # one is translated, not captioned
    assert counted["score"] == 4  # the models of both seeds also caption for the other test set
    assert counted["caption"] == 4 * systems + 1 - 2
    assert counted["translate_captions"] == 4
    said = call.snakemake("own.yaml", "-n", targets=("results/test/parts/en-zh_aic/1/sweeps.done",))
    assert jobs(said)["caption"] == 1
    said = call.snakemake("own.yaml", "-n", targets=("results/test/parts/en-zh_aic/2/sweeps.done",), fails=True)
    assert "no system of en-zh_aic, seed 2, is in group 'sweeps'" in said


def test_only_bounds_read_what_pairs_pictures_with_their_other_language(call: Call) -> None:
    jobs_said = re.findall(
        r"Input files updated by another job: (.*)\nShell command: (.*)", call.snakemake("test", "-n")
    )
    readers = {command for inputs, command in jobs_said if "/paired/" in inputs}
    found = {tuple(re.match(r"cross2stra (\S+) .*--system (\S+)", command).groups()) for command in readers}
    assert found == {
        ("train", "supervised_target"), ("caption-pictures", "supervised_target"), ("caption-pictures", "gold_pivot"),
    }  # fmt: skip


def test_captions_of_another_system_stand_beside_ours(call: Call) -> None:
    (call.folder / "theirs").mkdir()
    (call.folder / "theirs" / "en-zh_cococn.jsonl").touch()
    text = (ROOT / "config" / "test.yaml").read_text("utf-8") + "external_captions: {theirs: theirs}\n"
    (call.folder / "own.yaml").write_text(text, "utf-8")
    counted = jobs(call.snakemake("own.yaml", "-n"))
    assert counted["external_captions"] == 1
    assert counted["caption"] == 2 * (len(yaml.safe_load(text)["systems"]) - 1) + 1
    (call.folder / "theirs" / "en-zh_cococn.jsonl").unlink()
    assert "external_captions.theirs: theirs has no file" in call.snakemake("own.yaml", "-n", fails=True)
    (call.folder / "own.yaml").write_text(text.replace("{theirs:", "{their captions:"), "utf-8")
    assert "external_captions: 'their captions' names files; expected letters" in call.snakemake(
        "own.yaml", "-n", fails=True
    )


def test_what_raters_saved_is_read_without_training(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny fixture: no person rated it. A job whose profile was changed since the run began refuses."""
    study = call.folder / "my study"
    study.mkdir()
    (study / "key.csv").write_text(
        "form,item,image_id,system,text\nabc,001-1,p1,fg,一只狗\nabc,001-2,p1,cross2stra,一只猫\n"
    )
    text = (ROOT / "config" / "test.yaml").read_text("utf-8")
    (call.folder / "own.yaml").write_text(text.replace("ratings: {", "ratings: {folder: my study, "), "utf-8")
    answers = "results/test/ratings/answers"
    call.snakemake("own.yaml", targets=(answers,), fails=True)
    assert "my study: no CSV file of a rater" in (call.folder / "logs/test/ingest_ratings.log").read_text("utf-8")
    (study / "ratings-01.csv").write_text(f"form,rater,item,{','.join(NAMES)}\nabc,01,001-1{',7' * len(NAMES)}\n")
    with monkeypatch.context() as run:
        run.setenv("CROSS2STRA_READ", "of the profile as it was")
        call.snakemake("own.yaml", targets=(answers,), fails=True)
    said = (call.folder / "logs/test/ingest_ratings.log").read_text("utf-8")
    assert "own.yaml or " in said
    assert "experiments.yaml changed since this run began; put it back, or start the run again" in said
    assert jobs(call.snakemake("own.yaml", targets=(answers,))) == {"ingest_ratings": 1, "total": 1}
    assert "fg,fluency,7,7,7" in (call.folder / answers / "means.csv").read_text("utf-8")
    assert jobs(call.snakemake("own.yaml", "-n", targets=("table1",)))["ingest_ratings"] == 0


def test_without_an_external_translator_nothing_is_translated_by_one(tmp_path: Path) -> None:
    """On a copy of the checkout, whose rows a person may edit."""
    for name in ("workflow", "config", "profiles", "cross2stra"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "recorded"))
    shutil.copyfile(ROOT / "Snakefile", tmp_path / "Snakefile")
    rows = yaml.safe_load((tmp_path / "config/experiments.yaml").read_text("utf-8"))
    kept = {name: row for name, row in rows.items() if row.get("translator") != "external"}
    (tmp_path / "config/experiments.yaml").write_text(yaml.safe_dump(kept, sort_keys=False), "utf-8")
    profile = yaml.safe_load((tmp_path / "config/test.yaml").read_text("utf-8"))
    profile["systems"] = [system for system in profile["systems"] if system in kept]
    (tmp_path / "config/test.yaml").write_text(yaml.safe_dump(profile), "utf-8")
    call = Call(tmp_path)
    counted = jobs(call("snakemake", "--cores", "2", "-n", "--configfile", "config/test.yaml"))
    assert counted["translate_captions"] == 0
    assert counted["caption"] == 2 * len(profile["systems"]) + 1


def test_a_corpus_without_files_is_named(call: Call) -> None:
    text = (ROOT / "config" / "mini.yaml").read_text("utf-8").replace("corpus: coco_cn", "corpus: mine")
    assert "corpus: mine" in text
    (call.folder / "own.yaml").write_text(text, "utf-8")
    said = call.snakemake("own.yaml", "-n", fails=True)
    assert "in its column `corpora`; add the files" in said


def test_recorded_captions_are_taken_in_place_of_training(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    record = call.folder / "records" / "en-zh_aic" / "late_translation" / "1.zip"
    record.parent.mkdir(parents=True)
    record.touch()
    monkeypatch.setenv("CROSS2STRA_RECORDED", str(call.folder / "records"))
    captions = [f"results/test/captions/en-zh_aic/{system}/1.jsonl" for system in ("late_translation", "no_sc")]
    counted = jobs(call.snakemake("test", "-n", targets=(captions[0],)))
    assert counted == {"recorded": 1, "recorded_captions": 1, "total": 2}
    assert jobs(call.snakemake("test", "-n", targets=(captions[1],)))["caption"] == 1
    scored = jobs(call.snakemake("test", "-n", targets=("table1",)))
    assert scored["recorded_captions"] == scored["recorded_diagnosis"] == 1
    translated = record.parents[1] / "late_translation_external" / "1.zip"
    translated.parent.mkdir()
    translated.touch()
    counted = jobs(call.snakemake("test", "-n", targets=("results/test/scores/en-zh_aic/1",)))
    assert (counted["recorded"], counted["translate_captions"]) == (2, 0)
    trained = call.folder / "results/test/checkpoints/en-zh_aic/late_translation/1/caption_translate"
    trained.mkdir(parents=True)
    assert "recorded" not in jobs(call.snakemake("test", "-n", targets=(captions[0],)))
    restored = call.folder / "results/test/recorded/en-zh_aic/late_translation/1"
    restored.mkdir(parents=True)
    account = Record(transfer="en-zh_aic", system="late_translation", seed=1, digest="d", revision="r")
    (restored / "record.json").write_text(account.model_dump_json(), "utf-8")
    for place in (restored / "captions.jsonl", call.folder / captions[0]):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("{}\n", "utf-8")
    monkeypatch.delenv("CROSS2STRA_RECORDED")
    said = call.snakemake("test", "-n", targets=("table1",), fails=True)
    assert "captions of 1 systems in results/test come from records: name their folder as before" in said
    (call.folder / captions[0]).write_text("made anew\n", "utf-8")
    call.snakemake("test", "-n", targets=("table1",))


def test_a_record_of_an_incomplete_part_says_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    config = ROOT / "config"
    profile, rows = read_profile(config / "test.yaml"), read_experiments(config / "experiments.yaml")
    whose = ("en-zh_aic", "late_translation")
    digest = captions_digest(profile, rows, *whose)
    account = Record(transfer=whose[0], system=whose[1], seed=1, digest=digest, revision="r").model_dump_json()
    members = {"record.json": account.encode(), "captions.jsonl": b"{}\n"}
    write_archive(call.folder / "records" / "/".join(whose) / "1.zip", members.items())
    monkeypatch.setenv("CROSS2STRA_RECORDED", str(call.folder / "records"))
    for place in ("diagnosis/en-zh_aic", "stages/caption_translate/scores/en-zh_aic"):
        said = call.snakemake("test", targets=(f"results/test/{place}/late_translation/1",), fails=True)
        assert "the record lacks it, as its part was not complete; run that part whole" in said


@pytest.mark.parametrize("target", ["tables", "figures", "table1", "figure10", "data", "structures", "report"])
def test_named_targets(call: Call, target: str) -> None:
    assert jobs(call.snakemake("test", "-n", "--quiet", "rules", targets=(target,)))[target] == 1
    assert re.search(rf"\b{target}\b", call("make", "--directory", str(ROOT), "help"))


def test_paper_scores_what_its_sources_have(call: Call) -> None:
    said = call.snakemake("paper", "-n", targets=("structures",))
    counted = jobs(said)
    assert (counted["train_parser"], counted["train_extractor"]) == (2, 1)
    assert counted["train_pictures"] == 1  # GLIGEN draws for the English pivots
    assert {"photos", "score_detector", "score_relations", "score_language_graphs"}.isdisjoint(counted)
    assert "no relation_scores: no vrd_annotations_train.json" in said


def test_no_file_can_hold_a_detector_that_stays_in_its_folder(call: Call) -> None:
    said = call.snakemake("paper", "-n", targets=("results/paper/export/en-zh_aic.cross2stra.1.zip",), fails=True)
    assert "structures.extractor.detector `detectron2` stays in its own folder" in said
    counted = jobs(call.snakemake("mini", "-n", targets=("results/mini/export/en-zh_cococn.cross2stra.1.zip",)))
    assert (counted["export_model"], counted["world"]) == (1, 0)
