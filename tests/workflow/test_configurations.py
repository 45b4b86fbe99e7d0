"""Every committed profile is valid, and what is generated from the types is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Call

from cross2stra.configuration import (
    STAGES,
    Decoding,
    Profile,
    Training,
    read_experiments,
    read_profile,
)
from cross2stra.configuration.digests import digest, keys_of
from cross2stra.configuration.training import Loss

PROFILES = sorted((ROOT / "config").glob("*.yaml"))
PROFILES.remove(ROOT / "config" / "experiments.yaml")
NONE = dict.fromkeys(STAGES, 0)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_profile_is_valid_and_named_like_its_file(path: Path) -> None:
    profile = read_profile(path)
    assert profile.profile == path.stem
    assert profile.description
    assert set(profile.systems) <= read_experiments(ROOT / "config" / "experiments.yaml").keys()
    for name, transfer in profile.transfers.items():
        assert transfer.pivot != transfer.target, name
        assert not transfer.models_of or profile.transfers[transfer.models_of].pivot == transfer.pivot


def test_what_a_cluster_gives_is_given_to_rules_that_there_are() -> None:
    cluster = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text("utf-8"))
    texts = [path.read_text("utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk")]
    rules = {name for text in texts for name in re.findall(r"^rule (\w+):", text, re.MULTILINE)}
    for given in (cluster["set-resources"], cluster["set-threads"]):
        assert given.keys() <= rules
        assert given.get("caption_stage") == given.get("caption")  # the same verb


def test_the_test_profile_has_demos_systems_transfers_and_keys() -> None:
    paths = [ROOT / "config" / f"{name}.yaml" for name in ("demo", "test")]
    demo, test = (yaml.safe_load(path.read_text("utf-8")) for path in paths)
    assert demo["transfers"] == test["transfers"]
    assert [system for system in test["systems"] if system in demo["systems"]] == demo["systems"]
    assert demo.keys() <= test.keys()
    assert demo["structures"].keys() <= test["structures"].keys()
    assert demo["training"].keys() <= test["training"].keys()
    assert read_profile(paths[0]).training.weights == read_profile(paths[1]).training.weights


@pytest.mark.parametrize(
    ("option", "file"), [("--output", "workflow/schemas/config.schema.yaml"), ("--keys", "config/keys.md")]
)
def test_generated_from_the_types(call: Call, option: str, file: str) -> None:
    call("python", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); import cross2stra.__main__ as m; m.main()",
         str(ROOT), "schema", option, "made")  # fmt: skip
    assert (ROOT / file).read_text("utf-8") == (call.folder / "made").read_text("utf-8"), (
        f"{file} is stale: `make schema`"
    )


def test_unknown_key_is_one_sentence(call: Call) -> None:
    wrong = (
        (ROOT / "config" / "test.yaml").read_text("utf-8").replace("  beam: 2", "  bean: 2").replace("{beam:", "{bean:")
    )
    (call.folder / "wrong.yaml").write_text(wrong, "utf-8")
    said = call.snakemake("wrong.yaml", "-n", fails=True)
    assert "field 'decoding.bean'" in said
    assert "config/README.md" in said


def test_a_weight_that_a_profile_does_not_name_is_the_tables() -> None:
    table = Training(updates=NONE).weights
    given = Training.model_validate(
        {"updates": NONE, "weights": {"joint": {"cla": {"start": 0.2, "end": 0.1}}}}
    ).weights
    assert given["joint"]["cla"] == Loss(start=0.2, end=0.1)
    assert {name: loss for name, loss in given["joint"].items() if name != "cla"} == {
        name: loss for name, loss in table["joint"].items() if name != "cla"
    }
    assert all(given[stage] == table[stage] for stage in STAGES if stage != "joint")


@pytest.mark.parametrize("weights", [{"jiont": {}}, {"joint": {"clap": {"start": 1, "end": 1}}}])
def test_a_stage_or_a_loss_that_there_is_not_is_refused(weights: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"caption_translate\|align|cap\|tran"):
        Training.model_validate({"updates": NONE, "weights": weights})


WORLD = {"a": {"pivot": "en", "target": "zh", "corpus": "world"}}


def edited(**keys: object) -> Profile:
    value = yaml.safe_load((ROOT / "config" / "test.yaml").read_text("utf-8"))
    return Profile.model_validate(value | keys)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"profile": "my test"}, "profile"),
        ({"profile": "../x"}, "profile"),
        ({"seeds": []}, "seeds"),
        ({"transfers": {"en zh": {"pivot": "en", "target": "zh", "corpus": "world"}}}, "transfers"),
        (
            {"transfers": {"a": {"pivot": "en", "target": "zh", "corpus": "world", "models_of": "b"}}},
            "'b' is no transfer",
        ),
        ({"training": {"updates": {"align": 1}}}, "caption_translate has no updates"),
        ({"structures": {"syntax": {"english": "benepar"}}}, "english"),
        ({"filter": {"dictionary": {"german": "words.txt"}}}, "german"),
        ({"transfers": {"a": {"pivot": "en", "target": "en", "corpus": "world"}}}, "pivot and target are both 'en'"),
        (
            {"transfers": {**WORLD, "b": WORLD["a"] | {"pivot": "zh", "target": "en", "models_of": "a"}}},
            "of other languages",
        ),
        ({"seeds": [1, 1]}, "seeds: 1 is there twice"),
        ({"seeds": [-1]}, "greater than or equal to 0"),
        ({"systems": ["cross2stra", "no_sg", "no_sg"]}, "systems: 'no_sg' is there twice"),
        (
            {"further": {"en-zh_aic": ["cross2stra"]}},
            r"further\.en-zh_aic: 'cross2stra' is there twice, or in `systems`",
        ),
        ({"ratings": {"transfer": "en-zh_aicc"}}, r"ratings\.transfer: 'en-zh_aicc' is none"),
        ({"structures": {"language": {"en": "spcay"}}}, "'spacy'"),
        ({"structures": {"extractor": {"detector": "detectron2"}}}, "name their folder"),
        ({"back_translator": {"updates": 0}}, "name its folder"),
        ({"model": {"d_model": 130, "heads": 4}}, "d_model 130 is no multiple of heads 4"),
        ({"decoding": {"beam": 0}}, "beam"),
        ({"filter": {"coverage": 60}}, "coverage"),
    ],
)
def test_names_that_nothing_has_are_refused(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        edited(**keys)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("losses: [cap, tran, cmaa]", r"field 'mine\.losses\.2'"),
        (
            "warm_start: {system: cross2stra, stage: alin}",
            "field 'mine': .*warm_start: expected a `system` and a `stage`",
        ),
        ("warm_start: {system: cross2stra}", "warm_start: expected a `system` and a `stage`"),
        ("warm_start: {system: none, stage: align}", r"field 'mine\.warm_start\.system': 'none' is no row"),
        ("model_of: none", r"field 'mine\.model_of': 'none' is no row"),
        ("model_of: mine", "'mine' trains no model, it has model_of as well"),
        ("warm_start: {system: mine, stage: align}", "field 'mine': it starts from itself, by mine"),
        ("warm_start: {system: cross2stra, stage: joint}", "nothing comes after stage 'joint'"),
        ("{scene_graph: false, model_of: cross2stra}", "'cross2stra' has another scene_graph"),
        ("losses: []", r"field 'mine\.losses'"),
        ("method: rewards", "method 'rewards' is of a system of one stage"),
        ("thresholds: {rho_m: 1.5}", r"field 'mine\.thresholds\.rho_m'"),
        ("corrupted: {labels: 3}", r"field 'mine\.corrupted\.labels'"),
        ("{model_of: cross2stra, human_pivot: true}", "human_pivot reads what no method may; expected `group: bound`"),
        ("{model_of: cross2stra, annotated: [visual]}", "annotated reads what no method may"),
        ("{pipeline: early, method: paired_captions}", "method `paired_captions` reads what no method may"),
        ("residual: no\n  residual: yes", "key 'residual' is there twice"),
    ],
)
def test_a_row_that_leans_on_nothing_is_refused(tmp_path: Path, row: str, said: str) -> None:
    row = "\n  ".join(row.strip("{}").split(", ")) if row.startswith("{") else row
    own = f"cross2stra: {{title: Ours, group: pivoting}}\nmine:\n  title: Mine\n  group: ablation\n  {row}\n"
    (tmp_path / "experiments.yaml").write_text(own, "utf-8")
    with pytest.raises(ValueError, match=said):
        read_experiments(tmp_path / "experiments.yaml")


@pytest.mark.parametrize("name", ["x;touch PWNED", "my system", "a/b"])
def test_a_row_is_named_as_folders_are(tmp_path: Path, name: str) -> None:
    (tmp_path / "experiments.yaml").write_text(f"{name}: {{title: Mine, group: ablation}}\n", "utf-8")
    with pytest.raises(ValueError, match=re.escape(f"row {name!r} names folders")):
        read_experiments(tmp_path / "experiments.yaml")


def test_a_row_that_takes_keys_of_another_says_them_again(tmp_path: Path) -> None:
    rows = "cross2stra: &ours {title: Ours, group: pivoting}\na: &a {<<: *ours, title: A}\nb: {<<: *a, title: B}\n"
    (tmp_path / "experiments.yaml").write_text(rows, "utf-8")
    assert [row.title for row in read_experiments(tmp_path / "experiments.yaml").values()] == ["Ours", "A", "B"]


def test_without_cross2stra_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "experiments.yaml").write_text("mine: {title: Mine, group: ablation}\n", "utf-8")
    with pytest.raises(ValueError, match="no row 'cross2stra': it is what the others are compared with"):
        read_experiments(tmp_path / "experiments.yaml")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seeds: [2]", r"own\.yaml: not YAML \(key 'seeds' is there twice in .*line \d+"),
        ("text: {min_count: '2'}", r"own\.yaml: field 'text\.min_count': Input should be a valid integer"),
        (
            "generator: {learning_rate: 2e-3}",
            r"own\.yaml: field 'generator\.learning_rate': Input should be a valid number",
        ),
    ],
)
def test_a_profile_is_read_strictly(tmp_path: Path, line: str, said: str) -> None:
    text = (ROOT / "config" / "test.yaml").read_text("utf-8")
    key = line.partition(":")[0]
    if key != "seeds":  # in place of the profile's own
        value = yaml.safe_load(text)
        del value[key]
        text = yaml.safe_dump(value)
    (tmp_path / "own.yaml").write_text(f"{text}\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=said):
        read_profile(tmp_path / "own.yaml")


def test_an_override_that_verbs_would_not_see_is_refused(call: Call) -> None:
    said = call.snakemake("test", "-n", "--config", "seeds=[7]", fails=True)
    assert "copy the file and change the copy" in said


def test_a_rule_that_reads_one_key_sees_no_other() -> None:
    read = keys_of(Decoding(beam=9, max_tokens=7), "max_tokens")
    assert digest(read) == digest(Decoding(max_tokens=7)) != digest(Decoding(beam=9))


def paper_with(**generator: object) -> Profile:
    value = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text("utf-8"))
    return Profile.model_validate(value | {"generator": {"pictures": "gligen"} | generator})


def test_gligen_draws_for_english_pivots_alone() -> None:
    profile = read_profile(ROOT / "config" / "paper.yaml")
    painters = {name: profile.painter_of(name) for name in profile.transfers}
    assert painters == {"en-zh_aic": "gligen", "zh-en_coco": "learned", "en-zh_cococn": "gligen"}
    with pytest.raises(ValueError, match=r"pivot of transfers\.zh-en_coco is 'zh'; write generator\.pictures_of"):
        paper_with()
    with pytest.raises(ValueError, match=r"generator\.pictures_of: 'zh_en' is none of `transfers`"):
        paper_with(pictures_of={"zh_en": "learned"})
    with pytest.raises(ValueError, match=r"generator\.pictures_of: with generator\.pictures `none` nothing is drawn"):
        paper_with(pictures="none", pictures_of={"zh-en_coco": "learned"})


def test_keys_are_told_by_whole_sentences() -> None:
    told = re.findall(r"^## \w+\n\n(.*)\n\n\|", (ROOT / "config" / "keys.md").read_text("utf-8"), re.MULTILINE)
    assert told
    assert [line for line in told if not line.endswith(".")] == []


@pytest.mark.parametrize("name", ["warm_up", "refreshes", "save_every", "accumulate"])
def test_a_zero_that_would_train_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Training.model_validate({"updates": NONE, name: 0})
