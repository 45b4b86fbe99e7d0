"""One verb in several processes, on one machine (torchrun) or on the machines of a SLURM job (srun, then torchrun)."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence

from cross2stra.configuration import Compute
from cross2stra.training.devices import hold

_MEETING = "CROSS2STRA_MEETING_POINT"
"""Host and port where the machines' processes find each other: set on each of them once srun has started it."""
_SIGNALS = "--signals-to-handle=SIGTERM,SIGINT,SIGHUP,SIGQUIT,SIGUSR1"
"""What torchrun passes on: its own, and the one by which a scheduler says that time is up."""


def spread(compute: Compute, arguments: Sequence[str]) -> None:
    """Go on as `cross2stra` with these arguments in all processes; returns in each of them, or where there is only one.

    This process becomes their launcher, so that a signal to it reaches them. GPUs are held for as long as it lives.
    """
    if "LOCAL_RANK" in os.environ:
        return
    if compute.device == "cuda":
        hold(compute.processes)
    if compute.processes * compute.machines == 1:
        return
    module = ["-m", "cross2stra", *arguments]
    torchrun = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={compute.processes}", _SIGNALS]
    environment = dict(os.environ)
    if compute.machines == 1:
        command = [*torchrun, "--standalone", *module]
    elif meeting := environment.get(_MEETING):
        rendezvous = [f"--rdzv-endpoint={meeting}", "--rdzv-backend=c10d", f"--nnodes={compute.machines}"]
        command = [*torchrun, *rendezvous, f"--rdzv-id={environment.get('SLURM_JOB_ID', 'cross2stra')}", *module]
    else:
        environment[_MEETING] = f"{socket.gethostname()}:{_port(environment)}"
        srun = ["srun", "--overlap", f"--nodes={compute.machines}", "--ntasks-per-node=1"]
        command = [*srun, sys.executable, *module]
    os.execvpe(command[0], command, environment)


def _port(environment: dict[str, str]) -> int:
    """A port that two jobs on one machine do not share."""
    return 20_000 + int(environment.get("SLURM_JOB_ID", "0")) % 10_000
