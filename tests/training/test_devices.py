"""Locks of GPUs: no two processes have one, and none waits for what the other holds."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cross2stra.training.devices import _lock_file, hold

ROOT = Path(__file__).parents[2]
HOLDS = """
import sys
from pathlib import Path
from cross2stra.training.devices import hold
print(*hold(int(sys.argv[1]), Path(sys.argv[2])), flush=True)
sys.stdin.readline()
"""


class Holder:
    """Another process that holds GPUs until it is let go."""

    def __init__(self, count: int, folder: Path, visible: str = "0,1,2", umask: int = -1) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(count), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={"CUDA_VISIBLE_DEVICES": visible, "PYTHONPATH": str(ROOT)}, umask=umask,
        )  # fmt: skip

    def has(self) -> list[str]:
        return self.process.stdout.readline().split()

    def waits(self) -> str:
        return self.process.stderr.readline()

    def let_go(self) -> None:
        self.process.communicate("\n", timeout=60)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_JOB_ID", "CROSS2STRA_HOLDS_GPUS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")


def test_each_has_its_own_and_the_third_waits(tmp_path: Path) -> None:
    first, second = Holder(1, tmp_path, "0,1"), Holder(1, tmp_path, "0,1")
    assert sorted(first.has() + second.has()) == ["0", "1"]
    third = Holder(1, tmp_path, "0,1")
    assert "waiting for 1 of 0, 1" in third.waits()
    first.let_go()
    assert len(third.has()) == 1
    second.let_go()
    third.let_go()


def test_who_cannot_have_all_has_none(tmp_path: Path) -> None:
    one = Holder(1, tmp_path)
    assert one.has() == ["0"]
    three = Holder(3, tmp_path)
    assert "waiting for 3" in three.waits()
    two = Holder(2, tmp_path)
    assert two.has() == ["1", "2"]
    one.let_go()
    two.let_go()
    assert three.has() == ["0", "1", "2"]
    three.let_go()


def test_a_slurm_job_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert hold(8, tmp_path) == []


def test_too_few_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"3 GPUs are asked for.*2 can be seen"):
        hold(3, tmp_path)


def test_locks_are_everyones_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "gpus"
    holder = Holder(1, folder, umask=0o077)
    assert holder.has() == ["0"]
    holder.let_go()
    assert folder.stat().st_mode & 0o777 == 0o777
    assert (folder / "0.lock").stat().st_mode & 0o777 == 0o666


def test_a_lock_that_may_only_be_read_can_be_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "0.lock").touch()
    opened = os.open

    def reads_alone(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, mode)

    with monkeypatch.context() as another_user:
        another_user.setattr(os, "open", reads_alone)
        file = _lock_file(tmp_path / "0.lock")
        with pytest.raises(ValueError, match=r"1\.lock: cannot be made or read; ask the owner"):
            _lock_file(tmp_path / "1.lock")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    holder = Holder(1, tmp_path, "0")
    assert "waiting for 1 of 0" in holder.waits()
    os.close(file)
    assert holder.has() == ["0"]
    holder.let_go()
