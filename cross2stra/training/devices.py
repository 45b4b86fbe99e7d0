"""GPUs of this machine, one job on each: a lock file for every GPU, held for as long as the process lives."""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
_HELD = "CROSS2STRA_HOLDS_GPUS"
"""Set for what a process that holds its GPUs starts or becomes."""
_PAUSE = 1.0


def hold(count: int, folder: Path | None = None) -> list[str]:
    """Wait until `count` visible GPUs are free, lock them, and see no other from now on -> their names.

    In a SLURM job, which has GPUs of its own, and where they are held already, nothing is done. All or none are taken, so
    that two jobs never wait for each other. Raises ValueError where fewer are visible, or the locks are closed to this user.
    """
    if "SLURM_JOB_ID" in os.environ or _HELD in os.environ:
        return []
    devices = visible()
    if len(devices) < count:
        raise ValueError(
            f"{count} GPUs are asked for (compute.processes), {len(devices)} can be seen; see `nvidia-smi`"
        )
    folder = folder or Path(tempfile.gettempdir()) / "cross2stra-gpus"
    with _whatever_umask():
        folder.mkdir(mode=0o777, exist_ok=True)
    waiting = False
    while not (held := _try(devices, count, folder)):
        if not waiting:
            print(f"[gpu] waiting for {count} of {', '.join(devices)}", file=sys.stderr, flush=True)
        waiting = True
        time.sleep(_PAUSE)
    os.environ |= {VISIBLE: ",".join(held), _HELD: "1"}
    return held


def visible() -> list[str]:
    """Names of the GPUs that this process may use, as CUDA_VISIBLE_DEVICES has them."""
    named = os.environ.get(VISIBLE)
    if named is not None:
        return [name for name in named.split(",") if name]
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]


def _try(devices: Sequence[str], count: int, folder: Path) -> list[str]:
    """Lock `count` of the GPUs now -> their names, none where fewer are free."""
    found: dict[str, int] = {}
    for name in devices:
        if len(found) == count:
            break
        file = _lock_file(folder / f"{name.replace('/', '-')}.lock")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            continue
        os.set_inheritable(file, True)  # a process may become the launcher of others, and holds on
        found[name] = file
    if len(found) == count:
        return list(found)
    for file in found.values():
        os.close(file)
    return []


def _lock_file(path: Path) -> int:
    """The file of a lock, made for all users where there is none. To lock one that may only be read, reading is enough."""
    try:
        with _whatever_umask():
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        try:
            return os.open(path, os.O_RDONLY)
        except OSError as error:
            raise ValueError(
                f"{path}: cannot be made or read; ask the owner of {path.parent} for `chmod -R a+rwX {path.parent}`"
            ) from error


@contextmanager
def _whatever_umask() -> Iterator[None]:
    """What is made here has the mode that is asked for, so that other users of the machine can lock too."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)
