"""Faults of processes: a clock that goes back, two runs at once, one process of several that dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from jobs import (
    contents,
    differences,
    environment,
    finish,
    job_of,
    remove,
    restore,
    start_to_a_state,
    variant,
    workflow,
)
from kills import Trial, kill_group


def clock_goes_back(clean: Path, folder: Path) -> list[Trial]:
    """A day back, as Debian's faketime tells it; nothing may depend on it, so there is no error to see."""
    if not shutil.which("faketime"):
        raise RuntimeError("faketime is not there: apt-get install faketime")
    trials = []
    for number, rule in enumerate(("filter", "score", "train")):
        job = job_of(clean, rule)
        remove(job, folder)
        status, said = finish(job, folder, before='python() { command faketime -f -1d python "$@"; };')
        differ = differences(job, folder, clean)
        restore(job, folder, clean)
        reason = said[-600:] if status or differ else ""
        trials.append(Trial("clock a day back", rule, number, 0, True, status == 0, not differ, reason))
    return trials


def two_at_once(clean: Path, folder: Path) -> list[Trial]:
    """A second run in a folder in which one is at work is told so, and the first ends as if alone."""
    job = job_of(clean, "train", "--stage joint")
    remove(job, folder)
    command = [*workflow("--notemp", "--rerun-triggers", "mtime"), "--", *job.outputs]
    first = subprocess.Popen(
        command, cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    lock = folder / ".snakemake" / "running"
    while first.poll() is None and f":{lock.stat().st_ino} " not in Path("/proc/locks").read_text("utf-8"):
        time.sleep(0.05)
    second = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    said, _ = first.communicate()
    told = "another run is at work" in second.stdout + second.stderr
    differ = differences(job, folder, clean)
    reason = "" if told and first.returncode == 0 and not differ else said[-600:]
    return [Trial("two runs in one folder", job.rule, 0, 0, told, first.returncode == 0, not differ, reason)]


def one_dies(fault: str, compute: dict[str, int], clean: Path, folder: Path, tries: int = 3) -> list[Trial]:
    """A stage works with several processes (`compute`) and one of them is killed: the others do not wait for ever.

    The same command then goes on, to what the stage ends with when no process is killed.
    """
    job = job_of(clean, "train", "--system cross2stra --seed 1 --stage joint")
    settings = {"PROFILE": variant(folder, "several", compute=compute)}
    remove(job, folder)
    status, said = finish(job, folder, settings)
    if status:
        raise RuntimeError(f"{compute} did not train:\n{said[-2000:]}")
    alone = {output: contents(folder / output) for output in job.outputs}
    trials = []
    for number in range(tries):
        process, _ = start_to_a_state(job, folder, settings)
        workers = _workers(process.pid)
        for worker in workers[-1:]:
            os.kill(worker, signal.SIGKILL)
        try:
            said, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            kill_group(process)
            said = "the other process waited"
        ended = bool(workers) and process.returncode not in (0, None) and "waited" not in said
        left = all(contents(folder / output) is None for output in job.outputs)
        status, again = finish(job, folder, settings)
        equal = all(contents(folder / output) == alone[output] for output in job.outputs)
        reason = "" if ended and left and status == 0 and equal else f"{workers} {(said + again)[-1200:]}"
        trials.append(Trial(fault, job.rule, number, 0, ended and left, status == 0, equal, reason))
    restore(job, folder, clean)
    return trials


def _workers(leader: int) -> list[int]:
    """Processes below `leader` that work for another one: ranks of a launcher, and forks of a Python process."""
    parents, commands, ranks = {}, {}, set()
    for path in Path("/proc").glob("[0-9]*"):
        number = int(path.name)
        try:
            parents[number] = int((path / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            commands[number] = (path / "cmdline").read_bytes()
            if b"\0LOCAL_RANK=" in (path / "environ").read_bytes():
                ranks.add(number)
        except OSError:
            continue
    below, found = {leader}, {leader}
    while below:
        below = {number for number, parent in parents.items() if parent in below}
        found |= below
    forks = {
        n
        for n in found & set(commands)
        if b"python" in commands[n].split(b"\0")[0] and commands[n] == commands.get(parents[n])
    }
    return sorted(found & ranks or forks)
