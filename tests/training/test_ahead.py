"""Batches by processes of their own: the same ones, in the same order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from cross2stra.model.batch import Share, Tensors
from cross2stra.training.ahead import Ahead


@dataclass
class Numbers(Tensors):
    values: Tensor
    inner: Numbers | None
    made_by: int


SHARES = [Share(0, 2), Share(1, 2)]


def numbers(update: int, share: Share) -> Numbers:
    whole = torch.arange(4) + 10 * update
    return Numbers(share.rows(whole), Numbers(whole, None, 0), os.getpid())


def test_made_elsewhere_and_no_different() -> None:
    ahead, here = Ahead(numbers, SHARES, 6, 2), Ahead(numbers, SHARES, 6, 0)
    for update in range(2, 6):
        for share in SHARES:
            own, other = here(update, share), ahead(update, share)
            assert own.made_by == os.getpid() != other.made_by
            assert own.values.tolist() == other.values.tolist()
            assert other.inner is not None
            assert other.inner.values.tolist() == (torch.arange(4) + 10 * update).tolist()


def test_asked_out_of_order_it_begins_there() -> None:
    ahead = Ahead(numbers, SHARES, 6, 1)
    for update, place in ((0, 0), (0, 1), (4, 1), (5, 0), (1, 0)):
        whole = torch.arange(4) + 10 * update
        assert ahead(update, SHARES[place]).values.tolist() == SHARES[place].rows(whole).tolist()


def test_torch_draws_what_it_would_have_drawn() -> None:
    torch.manual_seed(1)
    drawn = torch.rand(3)
    torch.manual_seed(1)
    Ahead(numbers, SHARES, 6, 1)(0, SHARES[0])
    assert torch.equal(torch.rand(3), drawn)


def dies(update: int, share: Share) -> Numbers:
    if update == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return numbers(update, share)


def test_a_process_that_dies_is_an_error_that_says_what_to_do() -> None:
    ahead = Ahead(dies, SHARES[:1], 6, 1)
    with pytest.raises(
        ValueError, match=r"update \d: a process that makes batches is gone.*run the same command again"
    ):
        list(map(ahead, range(6), 6 * SHARES[:1]))


def errs(update: int, share: Share) -> Numbers:
    if update == 2:
        raise RuntimeError("expected rows of one length")
    return numbers(update, share)


def test_an_error_of_making_a_batch_stays_what_it_is() -> None:
    ahead = Ahead(errs, SHARES[:1], 6, 1)
    with pytest.raises(RuntimeError, match="expected rows of one length"):
        list(map(ahead, range(6), 6 * SHARES[:1]))


class Unmovable(Numbers):
    def to(self, device: torch.device) -> Unmovable:
        raise RuntimeError("out of memory")


def unmovable(update: int, share: Share) -> Unmovable:
    return Unmovable(torch.zeros(1), None, 0)


def test_an_error_of_moving_a_batch_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        Ahead(unmovable, SHARES, 2, 1)(0, SHARES[0])


def test_moved_together() -> None:
    moved = numbers(1, SHARES[0]).to("meta")
    assert moved.values.is_meta
    assert moved.inner is not None
    assert moved.inner.values.is_meta
    assert moved.made_by == os.getpid()


def test_processes_stay_on_the_cpu_and_batches_go_to_the_default_device() -> None:
    torch.set_default_device("meta")
    try:
        assert Ahead(device_of, SHARES, 2, 1)(0, SHARES[0]).made_by == 0
        assert Ahead(device_of, SHARES, 2, 1)(0, SHARES[0]).values.is_meta
        assert Ahead(device_of, SHARES, 2, 0)(0, SHARES[0]).made_by == 1
    finally:
        torch.set_default_device(None)


def device_of(update: int, share: Share) -> Numbers:
    made = torch.zeros(1)
    return Numbers(made, None, int(made.is_meta))


def test_a_program_ends_while_batches_are_being_made() -> None:
    program = "import test_ahead as t; a = t.Ahead(t.numbers, t.SHARES, 1000, 2); a(0, t.SHARES[0]); print('done', flush=True)"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
