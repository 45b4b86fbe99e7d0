"""Faults other than being killed: of the disk, of files, of the clock, and two runs at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jobs import contents, differences, environment, finish, remove, start, whole, workflow
from kills import Trial, kill_group, restore
from records import Job, jobs

SMALL = 4
"""KiB that a file may have, where the disk is full."""


def _job(clean: Path, rule: str, word: str = "") -> Job:
    return next(job for job in jobs(clean) if job.rule == rule and word in job.command)


def _ends_well(fault: str, job: Job, number: int, folder: Path, clean: Path, told: str, left: bool) -> Trial:
    """Run a job again, now without the fault. `told`: the error that the fault ended in, empty where there was none."""
    remove(job, folder)
    status, said = finish(job, folder)
    differ = differences(job, folder, clean)
    restore(job, folder, clean)
    fine = left and bool(told) and status == 0 and not differ
    return Trial(
        fault, job.rule, number, 0, left and bool(told), status == 0, not differ, "" if fine else told + said[-600:]
    )


def _error(said: str) -> str:
    """The one sentence that a verb ended with, or nothing."""
    return next((line for line in said.splitlines() if line.startswith("error: ")), "")


def full_disk(clean: Path, folder: Path) -> list[Trial]:
    """No file may grow beyond a few KiB, as on a disk that has no more room."""
    rules = ("corpora", "dictionary", "filter", "tokenise", "language_graphs", "train", "caption", "world")
    trials = []
    for number, rule in enumerate(rules):
        job = _job(clean, rule, "cross2stra" if rule == "train" else "")
        remove(job, folder)
        # The shell ignores the signal, and its child inherits that: writing fails as on a full disk, with an error.
        status, said = finish(job, folder, before=f"trap '' XFSZ; ulimit -f {SMALL};")
        left = whole(job, folder, clean)
        trials.append(_ends_well("full disk", job, number, folder, clean, _error(said) if status else "", left))
    return trials


def read_only_results(clean: Path, folder: Path) -> list[Trial]:
    """The results' folder cannot be written; root could, so as nobody."""
    trials = []
    for number, rule in enumerate(("filter", "vocabulary", "caption")):
        job = _job(clean, rule)
        remove(job, folder)
        places = {(folder / output).parent for output in job.outputs}
        for place in places:
            place.chmod(0o555)
        who = "setpriv --reuid=65534 --regid=65534 --clear-groups" if os.geteuid() == 0 else ""
        # The log is the shell's, which may write; the verb may not.
        status, said = finish(job, folder, before=f'python() {{ command {who} python "$@"; }};')
        for place in places:
            place.chmod(0o755)
        left = whole(job, folder, clean)
        trials.append(_ends_well("read-only results", job, number, folder, clean, _error(said) if status else "", left))
    return trials


def torn_checkpoint(clean: Path, folder: Path, tries: int = 3) -> list[Trial]:
    """A stage is killed once it has a state, and the newest state is cut in its middle."""
    trials = []
    job = _job(clean, "train", "--system cross2stra --seed 1 --stage joint")
    for number in range(tries):
        remove(job, folder)
        working = folder / job.command.split("--working ")[1].split()[0]
        shutil.rmtree(working, ignore_errors=True)
        process = start(job, folder)
        while process.poll() is None and not list(working.glob("state-*.safetensors")):
            time.sleep(0.02)
        if process.poll() is None:
            kill_group(process)
        newest = max(working.glob("state-*.safetensors"), default=None)
        told = ""
        if newest:
            data = newest.read_bytes()
            newest.write_bytes(data[: len(data) * (number + 1) // (tries + 1)])
            told = f"{newest.name} torn"
        left = whole(job, folder, clean)
        trials.append(_ends_well("torn checkpoint", job, number, folder, clean, told, left))
    return trials


def clock_goes_back(clean: Path, folder: Path) -> list[Trial]:
    """A day back, as Debian's faketime tells it; nothing may depend on it, so there is no error to see."""
    if not shutil.which("faketime"):
        raise RuntimeError("faketime is not there: apt-get install faketime")
    trials = []
    for number, rule in enumerate(("filter", "score", "train")):
        job = _job(clean, rule)
        remove(job, folder)
        status, said = finish(job, folder, before='python() { command faketime -f -1d python "$@"; };')
        differ = differences(job, folder, clean)
        restore(job, folder, clean)
        trials.append(
            Trial(
                "clock a day back",
                rule,
                number,
                0,
                True,
                status == 0,
                not differ,
                said[-600:] if status or differ else "",
            )
        )
    return trials


def two_at_once(clean: Path, folder: Path) -> list[Trial]:
    """A second run in a folder in which one is at work is told so, and the first ends as if alone."""
    job = _job(clean, "vocabulary")
    remove(job, folder)
    command = [*workflow("--notemp", "--rerun-triggers", "mtime"), "--", *job.outputs]
    first = subprocess.Popen(
        command, cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    trials = []
    while first.poll() is None and not (folder / ".snakemake" / "running").exists():
        time.sleep(0.05)
    time.sleep(2.0)
    second = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    said, _ = first.communicate()
    told = "another run is at work" in second.stdout + second.stderr
    differ = differences(job, folder, clean)
    fine = told and first.returncode == 0 and not differ
    trials.append(
        Trial(
            "two runs in one folder",
            job.rule,
            0,
            0,
            told,
            first.returncode == 0,
            not differ,
            "" if fine else said[-600:],
        )
    )
    return trials


def a_process_of_two_dies(clean: Path, folder: Path, tries: int = 3) -> list[Trial]:
    """One of two processes that train together is killed: the other does not wait for ever, and the stage can go on."""
    job = _job(clean, "train", "--system cross2stra --seed 1 --stage joint")
    (folder / "two.yaml").write_text((folder / "test.yaml").read_text("utf-8") + "\ncompute: {processes: 2}\n", "utf-8")
    pair = replace(job, command=job.command.replace("test.yaml", "two.yaml"))
    working = folder / job.command.split("--working ")[1].split()[0]
    remove(pair, folder)
    shutil.rmtree(working, ignore_errors=True)
    status, said = finish(pair, folder)
    if status:
        raise RuntimeError(f"two processes did not train:\n{said[-2000:]}")
    alone = {output: contents(folder / output) for output in pair.outputs}
    trials = []
    for number in range(tries):
        remove(pair, folder)
        process = start(pair, folder)
        while process.poll() is None and not list(working.glob("state-*.safetensors")):
            time.sleep(0.05)
        for worker in _workers(process.pid)[-1:]:
            os.kill(worker, signal.SIGKILL)
        try:
            said, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            kill_group(process)
            said = "the other process waited"
        ended = process.returncode not in (0, None) and "waited" not in said
        left = all(contents(folder / output) is None for output in pair.outputs)
        status, again = finish(pair, folder)
        equal = all(contents(folder / output) == alone[output] for output in pair.outputs)
        fine = ended and left and status == 0 and equal
        trials.append(
            Trial(
                "one of two processes dies",
                job.rule,
                number,
                0,
                ended and left,
                status == 0,
                equal,
                "" if fine else (said + again)[-600:],
            )
        )
    restore(job, folder, clean)
    return trials


def _workers(parent: int) -> list[int]:
    """Process numbers below `parent` that are a rank of a launcher."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            variables = (path / "environ").read_bytes().split(b"\0")
            group = os.getpgid(int(path.name))
        except OSError:
            continue
        if group == os.getpgid(parent) and any(name.startswith(b"LOCAL_RANK=") for name in variables):
            found.append(int(path.name))
    return sorted(found)


FAULTS: dict[str, Callable[[Path, Path], list[Trial]]] = {
    "full disk": full_disk,
    "read-only results": read_only_results,
    "torn checkpoint": torn_checkpoint,
    "clock a day back": clock_goes_back,
    "two runs in one folder": two_at_once,
    "one of two processes dies": a_process_of_two_dies,
}
