"""How a verb is spread over processes and machines: the command that it becomes."""

from __future__ import annotations

import os
import sys

import pytest

from cross2stra.configuration import Compute
from cross2stra.training.launch import spread

VERB = ["train", "--seed", "1"]
MODULE = ["-m", "cross2stra", *VERB]


class Became(Exception):
    """In place of becoming another program."""


@pytest.fixture(autouse=True)
def became(monkeypatch: pytest.MonkeyPatch) -> None:
    def become(file: str, command: list[str], environment: dict[str, str]) -> None:
        assert file == command[0]
        raise Became(command, environment)

    monkeypatch.setattr(os, "execvpe", become)
    for name in ("LOCAL_RANK", "SLURM_JOB_ID", "CROSS2STRA_MEETING_POINT"):
        monkeypatch.delenv(name, raising=False)


def test_one_process_stays_what_it_is() -> None:
    spread(Compute(), VERB)


def test_gpus_are_held_before_anything_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.delenv("CROSS2STRA_HOLDS_GPUS", raising=False)
    with pytest.raises(ValueError, match="2 GPUs are asked for"):
        spread(Compute(device="cuda", processes=2), VERB)


def test_a_process_that_was_launched_launches_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    spread(Compute(processes=2, machines=2), VERB)


def test_processes_of_one_machine_are_torchruns() -> None:
    with pytest.raises(Became) as it:
        spread(Compute(processes=4), VERB)
    command, _ = it.value.args
    assert command[:3] == [sys.executable, "-m", "torch.distributed.run"]
    assert "--nproc-per-node=4" in command
    assert "--standalone" in command
    assert any(part.startswith("--signals-to-handle=") and part.endswith(",SIGUSR1") for part in command)
    assert command[-len(MODULE) :] == MODULE


def test_machines_are_started_by_srun_and_meet_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "123456")
    compute = Compute(processes=8, machines=3)
    with pytest.raises(Became) as it:
        spread(compute, VERB)
    command, environment = it.value.args
    assert command[0] == "srun"
    assert {"--nodes=3", "--ntasks-per-node=1"} <= set(command)
    assert command[-len(MODULE) - 1 :] == [sys.executable, *MODULE]
    monkeypatch.setenv("CROSS2STRA_MEETING_POINT", environment["CROSS2STRA_MEETING_POINT"])
    with pytest.raises(Became) as it:
        spread(compute, VERB)
    command, _ = it.value.args
    meeting = environment["CROSS2STRA_MEETING_POINT"]
    assert {f"--rdzv-endpoint={meeting}", "--nnodes=3", "--nproc-per-node=8", "--rdzv-id=123456"} <= set(command)
    assert meeting.endswith(":23456")
