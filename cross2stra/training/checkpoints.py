"""Resumable state of a stage, and the average of the last checkpoints (docs/readings.md, 16). Safetensors, never pickle."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cross2stra.data.files import replacing

KEEP = 2
"""Resumable states kept: the newest, and the one before, should the newest be torn."""


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """An optimiser's state as flat tensors, `parameter number.name`."""
    return {
        f"{number}.{name}": value
        for number, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put `optimizer_tensors` back; parameters that had no state get none."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, name = key.split(".", 1)
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _save(path: Path, tensors: dict[str, Tensor]) -> None:
    with replacing(path) as temporary:
        save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, temporary)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a working folder for this process alone; the hold ends with it, however it ends.

    A driver that was killed leaves its jobs at work, and the next one starts the same stage beside them. Raises ValueError
    that says who holds the folder. A file system without locks holds nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "held-by").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise ValueError(
                f"{folder}: {file.read().strip()} is training this stage; wait for it, or stop it (on SLURM: squeue, scancel)"
            ) from error
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


class Checkpoints:
    """States of one stage in a working folder that the workflow does not delete when a job fails.

    The next step is part of the name; random states are not kept, because every step seeds its own (see loop.py).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def save(
        self, step: int, model: nn.Module, optimizer: torch.optim.Optimizer, sums: Mapping[str, float] | None = None
    ) -> None:
        """Write the state before `step`, whole or not at all, and drop states older than the last KEEP.

        `sums`: what the log's next row has added up so far.
        """
        self._write(f"state-{step:08d}", model, optimizer, sums or {})
        for old in self._files("state")[:-KEEP]:
            old.unlink()

    def approve(self, step: int, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Keep the state before `step` as one that `go_back` may return to, in place of earlier ones."""
        self._write(f"good-{step:08d}", model, optimizer)
        for old in self._files("good"):
            if _step(old) != step:
                old.unlink()

    def go_back(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> int | None:
        """Load the approved state and drop later snapshots; -> its step, None (and nothing done) without one."""
        for path in self._files("good"):
            self._put(path, load_file(path), model, optimizer)
            for later in self._files("average"):
                if _step(later) > _step(path):
                    later.unlink()
            return _step(path)
        return None

    def restore(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, dict[str, float]]:
        """Load the newest whole state; -> the step to go on with, 0 without one, and the sums that `save` was given.

        A torn file is said and removed. Raises ValueError that names a whole one of another model, which stays.
        """
        for path in reversed(self._files("state")):
            try:
                tensors = load_file(path)
            except SafetensorError as error:
                said = f"[train] {path}: not a whole state ({error}); going on from the one before it"
                print(said, file=sys.stderr, flush=True)
                path.unlink()
                continue
            return _step(path), self._put(path, tensors, model, optimizer)
        return 0, {}

    def snapshot(self, step: int, model: nn.Module) -> None:
        """Keep the weights after `step` for the average."""
        _save(self.folder / f"average-{step:08d}.safetensors", dict(model.state_dict()))

    def average(self, model: nn.Module) -> int:
        """Give `model` the mean of the snapshots (whole-number tensors: of the last); -> how many there were."""
        paths = self._files("average")
        if not paths:
            return 0
        sums = load_file(paths[-1])
        for path in paths[:-1]:
            for name, value in load_file(path).items():
                if value.is_floating_point():
                    sums[name] += value
        model.load_state_dict({k: v / len(paths) if v.is_floating_point() else v for k, v in sums.items()})
        return len(paths)

    def _write(
        self, name: str, model: nn.Module, optimizer: torch.optim.Optimizer, sums: Mapping[str, float] | None = None
    ) -> None:
        tensors = {f"model.{key}": value for key, value in model.state_dict().items()}
        tensors |= {f"optimizer.{key}": value for key, value in optimizer_tensors(optimizer).items()}
        tensors |= {f"sum.{key}": torch.tensor(value, dtype=torch.float64) for key, value in (sums or {}).items()}
        _save(self.folder / f"{name}.safetensors", tensors)

    def _put(
        self, path: Path, tensors: Mapping[str, Tensor], model: nn.Module, optimizer: torch.optim.Optimizer
    ) -> dict[str, float]:
        """Give the state of `path` to model and optimiser; -> its sums."""

        def of(part: str) -> dict[str, Tensor]:
            return {name.removeprefix(part): value for name, value in tensors.items() if name.startswith(part)}

        try:
            model.load_state_dict(of("model."))
        except RuntimeError as error:
            said = " ".join(str(error).split())
            raise ValueError(
                f"{path}: not a state of this model ({said}); remove {self.folder} to train the stage from its beginning"
            ) from error
        load_optimizer(optimizer, of("optimizer."))
        return {name: float(value) for name, value in of("sum.").items()}

    def _files(self, kind: str) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if re.fullmatch(rf"{kind}-\d+\.safetensors", path.name))


def _step(path: Path) -> int:
    return int(path.stem.split("-")[1])
