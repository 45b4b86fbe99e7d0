"""Faults of a cluster, each done once to the first running job of a rule while a workflow runs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cluster import Cluster, Job

AWAY = 3.0
"""Seconds without a controller."""


@dataclass
class Fault:
    """What is done to the first running job of `rule`; `done` is that job, once it was done."""

    name: str
    rule: str
    do: Callable[[Cluster, Job], None]
    done: Job | None = None


def cancel(cluster: Cluster, job: Job) -> None:
    """What a user or an administrator does."""
    subprocess.run(["scancel", job.number], check=True)


def run_out_of_time(cluster: Cluster, job: Job) -> None:
    """The job stands still, and its limit is a minute, the least that SLURM knows."""
    cluster.pause(job)
    subprocess.run(["scontrol", "update", f"JobId={job.number}", "TimeLimit=1"], check=True)


def restart_controller(cluster: Cluster, job: Job) -> None:
    """The controller goes and comes back; the node and its jobs run on."""
    cluster.stop_controller()
    time.sleep(AWAY)
    cluster.start_controller()


@dataclass
class Run:
    """A workflow that ended: its exit status, what it printed, and what was done to it."""

    status: int
    said: str
    faults: list[Fault] = field(default_factory=list)


def run(cluster: Cluster, command: Sequence[str], folder: Path, faults: list[Fault], limit: float) -> Run:
    """Run a workflow in `folder` and do the faults. Raises TimeoutError, and ends it, after `limit` seconds."""
    log, began = folder / "snakemake.log", time.monotonic()
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                if time.monotonic() - began > limit:
                    raise TimeoutError(f"{log}: not at its end after {limit:.0f} s: {log.read_text('utf-8')[-2000:]}")
                running = [job for job in cluster.jobs() if job.state == "RUNNING"]
                for fault in faults:
                    job = next((job for job in running if job.comment.startswith(f"rule_{fault.rule}")), None)
                    if fault.done is None and job is not None:
                        fault.do(cluster, job)
                        fault.done = job
                        break
                time.sleep(0.3)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    return Run(process.returncode, log.read_text("utf-8"), faults)
