"""A model as one file: what goes in comes out, and nothing else does."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from safetensors.numpy import save
from typer.testing import CliRunner

from cross2stra.cli.photos import app
from cross2stra.configuration import Decoding, Experiment, Structures
from cross2stra.systems.bundle import CARD, Card, is_restricted, read_bundle, read_card, write_bundle

EMPTY = save({})
ROOT = Path(__file__).parents[2]


@pytest.fixture
def card() -> Card:
    return Card(
        profile="mini", transfer="en-zh_cococn", pivot="en", target="zh", system="cross2stra", seed=1,
        experiment=Experiment(title="Ours", group="pivoting"), decoding=Decoding(), structures=Structures(visual="boxes"),
        data=[("captions.json", "CC BY 4.0"), ("treebank.zip", "(C) LDC 1995, non-commercial sample")],
    )  # fmt: skip


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    model = tmp_path / "trained"
    model.mkdir()
    (model / "model.safetensors").write_bytes(EMPTY)
    (model / "config.json").write_text("{}", encoding="utf-8")
    (model / "optimizer.safetensors").write_bytes(EMPTY)
    (model / "log.csv").write_text("step\n", encoding="utf-8")
    (tmp_path / "words.json").write_text("[]", encoding="utf-8")
    return {"model": model, "vocabulary.json": tmp_path / "words.json"}


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_goes_in_comes_out(card: Card, parts: dict[str, Path], tmp_path: Path) -> None:
    whole = write_bundle(card, parts, tmp_path / "model.zip")
    assert set(whole.files) == {"model/model.safetensors", "model/config.json", "vocabulary.json"}
    assert read_bundle(tmp_path / "model.zip", tmp_path / "model") == whole == read_card(tmp_path / "model")
    assert (tmp_path / "model/model/model.safetensors").read_bytes() == EMPTY
    readme = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "**Not for commercial use**: treebank.zip." in readme
    assert "captions.json: CC BY 4.0" in readme


def test_a_parser_of_the_target_language_may_come_along(parts: dict[str, Path], tmp_path: Path) -> None:
    for name in ("en", "zh"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part0.safetensors").write_bytes(EMPTY)
    options = {
        "config": ROOT / "config/mini.yaml", "experiments": ROOT / "config/experiments.yaml", "seed": 1,
        "transfer": "en-zh_cococn", "system": "cross2stra", "output": tmp_path / "model.zip",
        "model": parts["model"], "vocabulary": parts["vocabulary.json"], "parser": tmp_path / "en",
        "parser-target": tmp_path / "zh",
    }  # fmt: skip
    command = ["export-model", *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    card = read_bundle(tmp_path / "model.zip", tmp_path / "model")
    assert {"parser/part0.safetensors", "parser_target/part0.safetensors"} <= card.files.keys()


def test_equal_models_give_equal_bytes(card: Card, parts: dict[str, Path], tmp_path: Path) -> None:
    for name in ("one.zip", "other.zip"):
        write_bundle(card, parts, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_a_folder_without_weights_is_named(card: Card, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="nothing to put into a bundle"):
        write_bundle(card, {"model": tmp_path / "empty"}, tmp_path / "model.zip")
    assert not (tmp_path / "model.zip").exists()


def test_changed_bytes_are_found(card: Card, parts: dict[str, Path], tmp_path: Path) -> None:
    write_bundle(card, parts, tmp_path / "model.zip")
    found = members(tmp_path / "model.zip") | {"vocabulary.json": b"[1]"}
    with pytest.raises(ValueError, match=r"vocabulary\.json has another sha256"):
        read_bundle(packed(tmp_path / "changed.zip", found), tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"more.json": b"{}"}, "not those that card.json names"),
        ({"../outside.json": b"{}"}, "points out of the folder"),
        ({"/etc/passwd.json": b"{}"}, "points out of the folder"),
        ({"model/weights.pkl": b""}, "is none of"),
    ],
)
def test_what_does_not_belong_is_refused(
    card: Card, parts: dict[str, Path], tmp_path: Path, extra: dict[str, bytes], said: str
) -> None:
    write_bundle(card, parts, tmp_path / "model.zip")
    found = members(tmp_path / "model.zip")
    if said != "not those that card.json names":  # the card names it as well
        described = json.loads(found[CARD])
        described["files"] |= dict.fromkeys(extra, "0" * 64)
        found[CARD] = json.dumps(described).encode()
    with pytest.raises(ValueError, match=said):
        read_bundle(packed(tmp_path / "bad.zip", found | extra), tmp_path / "model")
    assert not (tmp_path / "model").exists()
    assert not list(tmp_path.parent.glob("outside.json"))


@pytest.mark.parametrize(
    ("content", "said"), [(b"no zip", "not a zip"), (None, r"has no card\.json"), ({CARD: b"[]"}, "expected the card")]
)
def test_what_is_no_bundle_is_named(tmp_path: Path, content: object, said: str) -> None:
    path = tmp_path / "file.zip"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        packed(path, content or {"a.json": b"{}"})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=said):
        read_bundle(path, tmp_path / "model")


@pytest.mark.parametrize(
    ("licence", "restricted"),
    [
        ("MIT", False),
        ("CC BY 4.0", False),
        ("CC BY-NC-SA 2.5", True),
        ("no licence file", True),
        ("", True),
        ("-", False),
    ],
)
def test_licences(licence: str, restricted: bool) -> None:
    assert is_restricted(licence) == restricted
