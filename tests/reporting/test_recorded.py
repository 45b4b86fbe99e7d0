"""Captions that were recorded come back with their account, and only for the configuration that made them."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cross2stra.configuration import Experiment, Profile, read_experiments, read_profile
from cross2stra.configuration.digests import captions_digest
from cross2stra.data.archives import write_archive
from cross2stra.data.files import write_json
from cross2stra.reporting.expected import write_expected
from cross2stra.reporting.provenance import provenance, recorded_captions
from cross2stra.reporting.recorded import restore, write_records
from cross2stra.reporting.results import accounts, training_logs

ROOT = Path(__file__).parents[2]
WHO = ("en-zh_aic", "cross2stra", "1")


@pytest.fixture
def profile() -> Profile:
    return read_profile(ROOT / "config" / "demo.yaml")


@pytest.fixture
def experiments() -> dict[str, Experiment]:
    return read_experiments(ROOT / "config" / "experiments.yaml")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Results of one system, as the workflow lays them out."""
    results, place = tmp_path / "made", "/".join(WHO)
    files = {
        f"captions/{place}.jsonl": '{"image_id": "1", "split": "test", "text": "一只狗"}\n',
        f"checkpoints/{place}/align/log.csv": "transfer,system,seed,stage,step,name,value\nen-zh_aic,cross2stra,1,align,1,cma,2.5\n",
        f"checkpoints/{place}/align/metrics.json": '{"updates": 7}',
        f"checkpoints/{place}/align/model.safetensors": "weights",
        f"stages/align/scores/{place}/scores.csv": "stage scores",
        f"diagnosis/{place}/scores.csv": "steps",
    }
    for name, content in files.items():
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text(content, encoding="utf-8")
    return results


def test_what_is_recorded_is_restored(
    made: Path, tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    files = write_records(profile, experiments, made, "abc", tmp_path / "records")
    assert files == [tmp_path / "records" / "en-zh_aic" / "cross2stra" / "1.zip"]
    before = files[0].read_bytes()
    assert write_records(profile, experiments, made, "abc", tmp_path / "records") == files
    assert files[0].read_bytes() == before
    assert write_records(profile, experiments, made, "a later one", tmp_path / "records") == files
    assert files[0].read_bytes() == before  # the same captions were not made by the later revision
    results = tmp_path / "restored"
    folder = results / "recorded" / "/".join(WHO)
    restore(files[0], captions_digest(profile, experiments, *WHO[:2]), folder)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        "align/log.csv", "align/metrics.json", "align/scores.csv", "captions.jsonl", "diagnosis/scores.csv", "record.json",
    }  # fmt: skip
    assert (folder / "captions.jsonl").read_bytes() == (made / "captions" / f"{'/'.join(WHO)}.jsonl").read_bytes()
    captions = results / "captions" / f"{'/'.join(WHO)}.jsonl"
    captions.parent.mkdir(parents=True)
    captions.write_bytes((folder / "captions.jsonl").read_bytes())
    assert training_logs(profile, results)["value"].tolist() == [2.5]
    assert accounts(profile, results)[f"recorded/{'/'.join(WHO)}/align/metrics.json"] == {"updates": 7}
    assert recorded_captions(results, {"cross2stra": "Cross2StrA"})[1:] == [["en-zh_aic", "1", "abc", "Cross2StrA"]]
    captions.write_text("made anew\n", "utf-8")  # by a model that was trained here since
    assert training_logs(profile, results).empty
    assert not recorded_captions(results, {})[1:]


def test_restored_captions_are_not_recorded_again_as_ones_own(
    made: Path, tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    (file,) = write_records(profile, experiments, made, "abc", tmp_path / "records")
    restore(file, captions_digest(profile, experiments, *WHO[:2]), made / "recorded" / "/".join(WHO))
    with pytest.raises(ValueError, match="was made here"):
        write_records(profile, experiments, made, "def", tmp_path / "records")
    scores = made / "scores" / "en-zh_aic" / "1" / "scores.csv"
    scores.parent.mkdir(parents=True)
    row = "en-zh_aic,{},1,test,word,BLEU-4,10\n"
    scores.write_text(
        "transfer,system,seed,split,unit,metric,value\n" + row.format("cross2stra") + row.format("no_sg"), "utf-8"
    )
    write_expected(profile, experiments, made, "def", tmp_path / "expected.csv")
    written = pd.read_csv(tmp_path / "expected.csv").set_index("system")["revision"]
    assert written.to_dict() == {"cross2stra": "abc", "no_sg": "def"}
    scores.write_text("\n".join(scores.read_text("utf-8").splitlines()[:2]).replace(",10", ",11") + "\n", "utf-8")
    write_expected(profile, experiments, made, "def", tmp_path / "expected.csv")
    written = pd.read_csv(tmp_path / "expected.csv").set_index("system")["value"]
    assert written.to_dict() == {"cross2stra": 11, "no_sg": 10}  # what was not scored this time stays


def test_what_a_record_knows_is_not_lost_or_said_of_another_configuration(
    made: Path, tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    (file,) = write_records(profile, experiments, made, "abc", tmp_path / "records")
    before = file.read_bytes()
    shutil.rmtree(made / "checkpoints")  # to have its place
    write_records(profile, experiments, made, "abc", tmp_path / "records")
    assert file.read_bytes() == before
    changed = profile.model_copy(update={"decoding": profile.decoding.model_copy(update={"beam": 3})})
    with pytest.raises(ValueError, match=r"1\.jsonl: as recorded with another configuration .* run the workflow"):
        write_records(changed, experiments, made, "abc", tmp_path / "records")
    assert file.read_bytes() == before


def test_the_revision_is_that_of_training(
    made: Path, tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    joint = made / "checkpoints" / "/".join(WHO) / "joint" / "metrics.json"
    write_json(joint, {"updates": 7, "revision": "as trained"})
    joint.with_name("log.csv").touch()
    (file,) = write_records(profile, experiments, made, "pulled since", tmp_path / "records")
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("record.json"))["revision"] == "as trained"
    scores = made / "scores" / "en-zh_aic" / "1" / "scores.csv"
    scores.parent.mkdir(parents=True)
    rows = "".join(f"en-zh_aic,{system},1,test,word,BLEU-4,10\n" for system in ("cross2stra", "no_sg"))
    scores.write_text(f"transfer,system,seed,split,unit,metric,value\n{rows}", "utf-8")
    write_expected(profile, experiments, made, "pulled since", tmp_path / "expected.csv")
    written = pd.read_csv(tmp_path / "expected.csv").set_index("system")["revision"]
    assert written.to_dict() == {"cross2stra": "as trained", "no_sg": "pulled since"}
    told = provenance(profile, ROOT / "config" / "demo.yaml", made)
    assert told["Models trained at"] == "as trained, 1 stages"


def test_another_configuration_is_refused(
    made: Path, tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]
) -> None:
    (file,) = write_records(profile, experiments, made, "abc", tmp_path / "records")
    changed = profile.model_copy(update={"decoding": profile.decoding.model_copy(update={"beam": 3})})
    with pytest.raises(ValueError, match="recorded with another configuration"):
        restore(file, captions_digest(changed, experiments, *WHO[:2]), tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"captions.jsonl": b"{}"}, "lacks record.json"),
        ({"captions.jsonl": b"{}", "record.json": b"[]"}, "expected the account of a record"),
        ({"model.pkl": b""}, "is none of"),
        ({"../captions.jsonl": b""}, "points out of the folder"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    write_archive(tmp_path / "1.zip", members.items())
    with pytest.raises(ValueError, match=said):
        restore(tmp_path / "1.zip", "digest", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_the_digest_is_of_what_makes_the_captions(profile: Profile, experiments: dict[str, Experiment]) -> None:
    before = captions_digest(profile, experiments, "en-zh_aic", "no_cma")
    other = profile.model_copy(update={"seeds": [1, 2, 3], "systems": ["no_cma"], "description": "other words"})
    assert captions_digest(other, experiments, "en-zh_aic", "no_cma") == before
    raters = profile.model_copy(update={"ratings": profile.ratings.model_copy(update={"raters": 3})})
    assert captions_digest(raters, experiments, "en-zh_aic", "no_cma") == before
    renamed = experiments | {"no_cma": experiments["no_cma"].model_copy(update={"title": "other", "tables": []})}
    assert captions_digest(profile, renamed, "en-zh_aic", "no_cma") == before
    started_from = experiments | {"cross2stra": experiments["cross2stra"].model_copy(update={"residual": False})}
    assert captions_digest(profile, started_from, "en-zh_aic", "no_cma") != before
    rewards = profile.compared.rewards.model_copy(update={"share": 0.9})
    assert captions_digest(profile.model_copy(update={"seeds": [2]}), experiments, "en-zh_aic", "no_cma") != before
    elsewhere = {
        "sources": profile.sources.model_copy(update={"mirror": "/another/folder"}),
        "structures": profile.structures.model_copy(update={"shards": 7}),
    }
    assert captions_digest(profile.model_copy(update=elsewhere), experiments, "en-zh_aic", "no_cma") == before
    compared = profile.model_copy(update={"compared": profile.compared.model_copy(update={"rewards": rewards})})
    assert captions_digest(compared, experiments, "en-zh_aic", "no_cma") == before
    ssr = captions_digest(profile, experiments, "en-zh_aic", "ssr")
    assert captions_digest(compared, experiments, "en-zh_aic", "ssr") != ssr


def test_committed_records_are_of_the_committed_configuration(experiments: dict[str, Experiment]) -> None:
    """A change of what captions are made with removes the records that it outdates (docs: config/README.md)."""
    outdated = []
    for folder in sorted((ROOT / "config" / "recorded").iterdir()):
        (profile_file,) = (ROOT / "config").glob(f"**/{folder.name}.yaml")  # those of worlds are a folder below
        profile = read_profile(profile_file)
        for file in sorted(folder.glob("*/*/*.zip")):
            with zipfile.ZipFile(file) as archive:
                record = json.loads(archive.read("record.json"))
            if record["digest"] != captions_digest(profile, experiments, record["transfer"], record["system"]):
                outdated.append(str(file))
            assert (record["transfer"], record["system"], f"{record['seed']}.zip") == file.parts[-3:]
    assert not outdated, "remove these, or run their parts again and `make record`"
