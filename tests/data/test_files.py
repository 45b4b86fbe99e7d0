"""Outputs are whole or absent, whatever a killed process has left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cross2stra.data.files import finished, replacing, replacing_folder


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("before")
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "x"):
        (tmp_path / "no" / "folder").touch()
    assert (tmp_path / "x").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_somebodys_own_files_are_not_removed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(ValueError, match="other files"), replacing_folder(tmp_path / "mine", "card.json"):
        pytest.fail("nothing is to be made")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years"
    (tmp_path / "empty").mkdir()
    for _ in range(2):  # the second time over what the first one wrote
        with replacing_folder(tmp_path / "empty", "card.json") as made:
            (made / "card.json").touch()
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["card.json"]


def test_what_a_killed_process_has_left_goes(tmp_path: Path) -> None:
    dead, living = tmp_path / ".x.4194305.part", tmp_path / f".x.{os.getppid()}.part"  # no process has such a number
    other = tmp_path / ".xy.4194305.part"
    dead.mkdir()
    (dead / "half").touch()
    living.touch()
    other.touch()
    with replacing(tmp_path / "x") as temporary:
        temporary.write_text("after")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([living.name, other.name, "x"])


def test_what_is_not_in_place_is_not_found(tmp_path: Path) -> None:
    for place in ("scores/a/1/s.csv", "scores/a/.1.4194305.part/s.csv", "scores/.a/1/s.csv", "other/s.csv"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).touch()
    found = finished(tmp_path, "scores/*/*/s.csv", "other/*.csv")
    assert [str(path.relative_to(tmp_path)) for path in found] == ["scores/a/1/s.csv", "other/s.csv"]
