"""The whole DAG on config/test.yaml, from generated raw data to every table; then what a second call does."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import ROOT, Call

from cross2stra.configuration import read_profile
from cross2stra.data.records import Caption, Image, read_records, write_records
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.training import schedule
from cross2stra.training.corpus import load, store
from cross2stra.training.loop import Plan
from cross2stra.training.pseudo import FlatTrees
from cross2stra.training.stages import PivotStage

PROFILE = read_profile(ROOT / "config" / "test.yaml")


def workflow(call: Call, *options: str, profile: str = "test.yaml") -> str:
    return call.snakemake(profile, *options)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Call:
    """A folder in which the workflow has run to its end."""
    call = Call(tmp_path_factory.mktemp("whole"))
    (call.folder / "test.yaml").write_text((ROOT / "config" / "test.yaml").read_text("utf-8"), "utf-8")
    workflow(call)
    return call


def results(run: Call) -> Path:
    return run.folder / "results" / "test"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_documented_example_of_a_system_captions_every_picture(run: Call, tmp_path: Path) -> None:
    script = str(ROOT / "docs" / "examples" / "nearest_sentence.py")
    assert script.removeprefix(f"{ROOT}/docs/") in (ROOT / "docs" / "compare-your-system.md").read_text("utf-8")
    run("python", script, str(results(run)), "en-zh_aic", str(tmp_path / "nearest"))
    images = str(results(run) / "corpora/en-zh_aic/images.parquet")
    captions = str(tmp_path / "nearest" / "en-zh_aic.jsonl")
    run("python", "-m", "cross2stra", "external-captions", "--captions", captions, "--images", images,
        "--output", str(tmp_path / "nearest/1.jsonl"))  # fmt: skip
    rows = [json.loads(line) for line in (tmp_path / "nearest/1.jsonl").read_text("utf-8").splitlines()]
    assert {row["split"] for row in rows} == {"val", "test"}
    assert sum(row["split"] == "test" for row in rows) == PROFILE.world.test_images
    assert len({row["text"] for row in rows}) > 1  # these few updates see next to nothing


def test_second_call_does_nothing(run: Call) -> None:
    assert "Nothing to be done" in workflow(run)


def test_a_copy_of_the_profile_remakes_nothing_but_what_it_changes(run: Call) -> None:
    text = (run.folder / "test.yaml").read_text("utf-8")
    (run.folder / "my.yaml").write_text(text, "utf-8")
    assert "Nothing to be done" in workflow(run, "-n", profile="my.yaml")
    folder = run.folder / "nearest"
    folder.mkdir()
    said = (results(run) / "captions/en-zh_aic/fg/1.jsonl").read_text("utf-8")
    (folder / "en-zh_aic.jsonl").write_text(said, "utf-8")
    (run.folder / "my.yaml").write_text(f"{text}external_captions: {{another: nearest}}\n", "utf-8")
    asked = workflow(run, "-n", "--quiet", "rules", profile="my.yaml")
    assert "external_captions" in asked
    assert "score " in asked
    assert "train " not in asked


def test_captions_of_another_system_are_in_every_automatic_table(run: Call, tmp_path: Path) -> None:
    shutil.copytree(run.folder, tmp_path, dirs_exist_ok=True, symlinks=True)
    copy, said = Call(tmp_path), results(run) / "captions/en-zh_aic/fg/1.jsonl"
    (tmp_path / "given").mkdir()
    shutil.copy(said, tmp_path / "given" / "en-zh_aic.jsonl")
    text = (tmp_path / "test.yaml").read_text("utf-8")
    (tmp_path / "own.yaml").write_text(f"{text}external_captions: {{another: given}}\n", "utf-8")
    done = copy.snakemake("own.yaml", targets=("results/test/tables/table1.md",))
    assert not re.search(r"^(train|caption) +\d+$", done, re.MULTILINE)
    tables = ("1", "_differences", "_characters", "_coincidence", "_lengths", "_quality", "_terciles")
    for name in tables:
        rows = read(results(copy) / f"tables/table{name}.csv")
        assert any("another" in row.values() for row in rows), name


def test_every_system_captions_every_picture(run: Call) -> None:
    for transfer in PROFILE.transfers:
        captioned = set()
        for system in PROFILE.systems:
            lines = (results(run) / f"captions/{transfer}/{system}/1.jsonl").read_text("utf-8").splitlines()
            rows = [json.loads(line) for line in lines]
            assert {row["split"] for row in rows} == {"val", "test"}
            captioned.add(frozenset(row["image_id"] for row in rows))
        assert len(captioned) == 1, transfer


def test_bounds_translate_human_pivots_and_a_control_by_another_translator(run: Call) -> None:
    def pivots(system: str) -> dict[str, str]:
        lines = (results(run) / f"captions/en-zh_aic/{system}/1.jsonl").read_text("utf-8").splitlines()
        return {row["image_id"]: row["pivot"] for row in map(json.loads, lines)}

    human = read_records(results(run) / "paired/en-zh_aic/pivots.parquet", Caption)
    most = PROFILE.decoding.max_tokens
    said = {(row.image_id, " ".join(row.tokens.split()[:most])) for row in human}
    assert all(row in said for row in pivots("gold_pivot").items())
    assert pivots("late_translation_external") == pivots("late_translation") != pivots("gold_pivot")


def test_scores_are_complete(run: Call) -> None:
    rows = read(results(run) / "scores.csv")
    assert {row["transfer"] for row in rows} == set(PROFILE.transfers)
    found: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for row in rows:
        found.setdefault((row["transfer"], row["system"]), set()).add((row["split"], row["unit"], row["metric"]))
    assert set(found) == {(t, system) for t in PROFILE.transfers for system in PROFILE.systems_of(t, 1)}
    for scored in found.values():
        for metric in ("BLEU-1", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D"):
            assert ("test", "word", metric) in scored
            assert ("test", "char", metric) in scored
    assert all(0 <= float(row["value"]) <= 1000 for row in rows if row["metric"] in ("BLEU-1", "CIDEr-D"))


def test_structures_of_every_caption_are_probed(run: Call) -> None:
    for transfer in PROFILE.transfers:
        rows = pq.read_table(results(run) / f"coincidence/{transfer}/1.parquet").to_pylist()
        assert {row["system"] for row in rows} == {*PROFILE.systems_of(transfer, 1), "human"}
        assert sum(row["system"] == "cross2stra" for row in rows) == PROFILE.world.test_images
        pivotless = [row for row in rows if row["system"] in ("early_translation", "unison")]
        assert all(math.isnan(row["beta_c"]) for row in pivotless)
    assert (results(run) / "figures/figure6_en-zh_aic.svg").stat().st_size > 0


def test_language_of_every_caption_is_counted(run: Call) -> None:
    for transfer in PROFILE.transfers:
        rows = pq.read_table(results(run) / f"quality/{transfer}/1.parquet").to_pylist()
        assert {row["system"] for row in rows} == set(PROFILE.systems_of(transfer, 1))
        assert all(0 <= row["hallucinated"] <= row["things"] for row in rows)
    assert "automatic companion" in (results(run) / "tables/table_quality.md").read_text("utf-8")


def test_tables_and_page_are_there(run: Call) -> None:
    for number in (1, 2, 3, 4, 5):
        for kind in ("csv", "md", "tex", "html"):
            assert (results(run) / f"tables/table{number}.{kind}").stat().st_size > 0
    for path in (results(run) / "tables").glob("*.tex"):
        assert path.read_text("utf-8").isascii(), path  # no letter that pdflatex lacks
    assert "<html" in (results(run) / "site/index.html").read_text("utf-8").lower()


def test_the_workflow_systems_own_report_has_tables_figures_and_page(run: Call, tmp_path: Path) -> None:
    workflow(run, "--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        names = [Path(name).name for name in archive.namelist()]
        main = next(name for name in archive.namelist() if name.endswith("/report.html"))
        text = archive.read(main).decode("utf-8")
    assert {"table1.html", "table5.html", "figure2.svg", "figure7_en-zh_aic.svg"} <= set(names)
    for category in ("Tables", "Figures", "Page"):
        assert f'"{category}"' in text


def test_nothing_unfinished_is_left(run: Call) -> None:
    left = [path for path in results(run).rglob("*") if path.name.endswith(".part") or "/shards/" in str(path)]
    assert not [path for path in left if path.is_file()]
    assert not list((results(run) / "working").rglob("*.safetensors"))


def test_every_job_has_log_and_benchmark(run: Call) -> None:
    logs = {path.relative_to(run.folder / "logs/test").with_suffix("") for path in (run.folder / "logs").rglob("*.log")}
    marks = {
        path.relative_to(results(run) / "benchmarks").with_suffix("")
        for path in results(run).rglob("benchmarks/**/*.tsv")
    }
    assert logs == marks
    assert len(logs) > 50


def test_who_opens_the_test_references(run: Call) -> None:
    """Scores are made from them, and the report shows some of them; nothing else reads them."""
    readers = set()
    for line in workflow(run, "--detailed-summary").splitlines():
        columns = line.split("\t")
        if len(columns) > 5 and "references.test.parquet" in columns[4]:
            readers.add(columns[2])
    assert "score" in readers
    assert readers <= {"score", "probe_structures", "probe_language", "make_tables", "make_figures", "make_site"}


def test_steps_are_diagnosed(run: Call) -> None:
    for transfer in (name for name, row in PROFILE.transfers.items() if not row.models_of):
        for system in ("late_translation", "cross2stra"):
            rows = read(results(run) / f"diagnosis/{transfer}/{system}/1/scores.csv")
            assert {row["step"] for row in rows} == {"caption", "translation"}  # the world has no bilingual picture
            assert all(int(row["items"]) > 0 for row in rows)
    assert "held-out pairs" in (results(run) / "tables/table_diagnosis.md").read_text("utf-8")


def test_human_captions_of_bilingual_pictures_are_translated(run: Call, tmp_path: Path) -> None:
    image = read_records(results(run) / "corpora/en-zh_aic/images.parquet", Image)[0].image_id
    sides = [("en", "A dog runs.", "a dog runs"), ("en", "A dog.", "a dog"), ("zh", "一只狗在跑", "")]
    rows = [Caption(image, "train", *side) for side in sides]
    write_records(tmp_path / "bilingual.parquet", Caption, rows)
    base = results(run)
    run(
        "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "cross2stra", "diagnose", "--config", "test.yaml", "--system", "cross2stra",
        "--experiments", str(ROOT / "config/experiments.yaml"), "--transfer", "en-zh_aic", "--seed", "1",
        "--model", str(base / "checkpoints/en-zh_aic/cross2stra/1/joint"), "--text", str(base / "text/en-zh_aic"),
        "--structures", str(base / "structures/en-zh_aic"), "--parser", str(base / "structures/parsers/en"),
        "--bilingual", str(tmp_path / "bilingual.parquet"), "--output", str(tmp_path / "out"),
    )  # fmt: skip
    said = [json.loads(line) for line in (tmp_path / "out/said.jsonl").read_text("utf-8").splitlines()]
    human = [row for row in said if row["step"] == "human"]
    assert [row["read"] for row in human] == ["A dog runs.", "A dog."]
    assert all(row["meant"] == ["一只狗在跑"] for row in human)


def test_bilingual_captions_are_read_by_the_diagnosis_alone(run: Call) -> None:
    lines = [line.split("\t") for line in workflow(run, "--detailed-summary").splitlines()]
    assert {line[2] for line in lines if len(line) > 5 and "bilingual.parquet" in line[4]} == {"diagnose"}


def test_imagined_scenes_weigh_as_many_as_they_are(run: Call, tmp_path: Path) -> None:
    base, name = results(run), "en-zh_aic"
    store(base / "text" / name, base / "structures" / name, PROFILE.text.max_tokens, tmp_path / "data")
    data = load(base / "text" / name, tmp_path / "data")
    model = Cross2StrA.from_pretrained(base / f"checkpoints/{name}/cross2stra/1/back_translate")
    plan = Plan("joint", 4, 0, 1, 0)
    stage = PivotStage(model, data, PROFILE, ["cap", "ptb"], plan, tmp_path, FlatTrees(), None)
    stage.prepare(0)
    made = sum(scene is not None for scene in data.pairs.generated)
    asked = min(PROFILE.training.back_pairs, len(data.pairs.target_words))
    assert 0 < made < asked
    weight, loss = stage.losses(0)[0]["ptb"]
    assert weight == pytest.approx(schedule.weights(PROFILE.training, ["ptb"], "joint", 0)["ptb"] * made / asked)
    assert loss.isfinite()


def test_a_killed_stage_goes_on_and_ends_in_the_same_model(run: Call) -> None:
    stage = "en-zh_aic/cross2stra/1/joint"
    model = results(run) / "checkpoints" / stage / "model.safetensors"
    expected = model.read_bytes()
    shutil.rmtree(model.parent)
    command = ["snakemake", "--cores", "1", "--snakefile", str(ROOT / "Snakefile"), "--configfile", "test.yaml"]
    target = ["--", str(model.parent.relative_to(run.folder))]
    began = time.monotonic()
    first = subprocess.Popen([*command, *target], cwd=run.folder, env=run.environment(), start_new_session=True)
    while not list((results(run) / "working" / stage).glob("*/state-*.safetensors")):
        assert first.poll() is None, "the stage ended before it could be killed"
        assert time.monotonic() - began < 300
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not model.exists()
    run(*command, *target)
    assert model.read_bytes() == expected


def test_a_record_stands_in_for_training(run: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = str(tmp_path / "records")
    systems = str(ROOT / "config" / "experiments.yaml")
    run("python", "-m", "cross2stra", "record", "--config", "test.yaml", "--experiments", systems, "--output", records)
    other, row = Call(tmp_path / "elsewhere"), "en-zh_aic/cross2stra/1"
    other.folder.mkdir()
    shutil.copy(run.folder / "test.yaml", other.folder)
    monkeypatch.setenv("CROSS2STRA_RECORDED", records)
    folders = f"results/test/diagnosis/{row}", f"results/test/stages/align/scores/{row}"
    said = other.snakemake("test.yaml", targets=(f"results/test/captions/{row}.jsonl", *folders))
    assert "rule recorded_captions:" in said or "Recorded captions" in said
    assert not (other.folder / "results/test/raw").exists()
    for file in (f"captions/{row}.jsonl", f"diagnosis/{row}/scores.csv", f"stages/align/scores/{row}/scores.csv"):
        assert (results(other) / file).read_bytes() == (results(run) / file).read_bytes(), file


def test_a_run_reproduces_its_own_record(run: Call, tmp_path: Path) -> None:
    record = str(tmp_path / "expected.csv")
    rows = ("--experiments", str(ROOT / "config" / "experiments.yaml"))
    run("python", "-m", "cross2stra", "expected", "--config", "test.yaml", *rows, "--output", record)
    said = run("python", "-m", "cross2stra", "compare", "--scores", "results/test/scores.csv", "--expected", record)
    count = len(read(results(run) / "scores.csv"))
    assert f"reproduced: {count} of {count} scores are within their tolerance" in said


def test_an_exported_model_captions_photos_and_names_what_is_none(run: Call, tmp_path: Path) -> None:
    model, name = str(tmp_path / "model"), "results/test/export/en-zh_aic.cross2stra.1.zip"
    run.snakemake("test.yaml", targets=(name,))
    run("python", "-m", "cross2stra", "import-model", name, "--output", model)
    photos = [str(path) for path in sorted((results(run) / "raw/world/pictures").glob("*.png"))[:2]]
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    given = [photos[0], str(tmp_path / "broken.jpg"), photos[1]]
    said = run("python", "-m", "cross2stra", "caption", *given, "--model", model, "--lang", "zh", fails=True)
    assert [line.split("\t")[0] for line in said.splitlines() if "\t" in line] == photos
    assert "broken.jpg: not a picture" in said
    assert "captions in zh" in run(
        "python", "-m", "cross2stra", "caption", photos[0], "--model", model, "--lang", "en", fails=True
    )


def test_two_processes_train_as_one_does(run: Call, tmp_path: Path) -> None:
    name, folder = "en-zh_aic", "results/test"
    previous = tmp_path / "previous"  # without dropout, which each process draws for itself
    shutil.copytree(results(run) / f"checkpoints/{name}/cross2stra/1/back_translate", previous)
    shape = json.loads((previous / "config.json").read_text("utf-8"))
    shape["model"]["dropout"] = 0
    (previous / "config.json").write_text(json.dumps(shape), "utf-8")
    text = (ROOT / "config" / "test.yaml").read_text("utf-8")
    text = text.replace("  back_pairs: 32", "  back_pairs: 32\n  alignment: {rho_m: -0.5, rho_l: -0.5}")
    logs = []
    for processes in (1, 2):
        profile = tmp_path / f"{processes}.yaml"
        profile.write_text(f"{text}\ncompute: {{processes: {processes}}}\n", "utf-8")
        run(
            sys.executable, "-m", "cross2stra", "train", "--config", str(profile), "--system", "cross2stra",
            "--experiments", str(ROOT / "config" / "experiments.yaml"), "--transfer", name, "--seed", "1",
            "--stage", "joint", "--text", f"{folder}/text/{name}", "--structures", f"{folder}/structures/{name}",
            "--parser", f"{folder}/structures/parsers/en",
            "--back-translator", f"{folder}/external/{name}/back_translator",
            "--previous", str(previous), "--working", str(tmp_path / f"working{processes}"), "--output", str(tmp_path / f"model{processes}"),
        )  # fmt: skip
        with (tmp_path / f"model{processes}" / "log.csv").open(encoding="utf-8", newline="") as file:
            logs.append({(row["step"], row["name"]): float(row["value"]) for row in csv.DictReader(file)})
    alone, together = logs
    assert {name for _, name in alone} >= {"cap", "tran", "cma", "cla", "ipb", "ptb"}
    own = {key: value for key, value in alone.items() if key[1] != "same_label_m"}  # a share of each process's pairs
    assert {key: together[key] for key in own} == pytest.approx(own, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "runs", "trained"),
    [
        ("decoding: {beam: 2", "decoding: {beam: 1", "caption ", 0),
        ("back_translator: {pieces: 600,", "back_translator: {pieces: 601,", "train_back_translator ", 5 * 2),
        ("joint: 15", "joint: 16", "train ", 5 + 8),  # the last stage of every system: budgets are equal
        ("max_tokens: 12", "max_tokens: 13", "train ", 1 + 6 + 5 * 2),  # what decodes: early, methods, back-translation
    ],
)
def test_a_changed_key_runs_what_depends_on_it(run: Call, old: str, new: str, runs: str, trained: int) -> None:
    text = (run.folder / "test.yaml").read_text("utf-8")
    assert old in text
    (run.folder / "changed.yaml").write_text(text.replace(old, new), "utf-8")
    said = workflow(run, "-n", "--quiet", "rules", profile="changed.yaml")
    assert runs in said
    counted = re.search(r"^train +(\d+)$", said, re.MULTILINE)
    assert (int(counted[1]) if counted else 0) == trained
