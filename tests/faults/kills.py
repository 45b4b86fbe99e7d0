"""SIGKILL at random moments: of single jobs whose inputs are ready, and of the whole workflow.

Each trial is decided by its number, and is a line of trials.jsonl: a run that is interrupted goes on by count.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from jobs import differences, environment, finish, remove, restore, start, whole, workflow
from records import Job, jobs

LEAST = 0.2
"""Seconds before which nothing is killed: Python has hardly begun."""


@dataclass(frozen=True)
class Trial:
    """A kill: of what, after how many seconds; whether all was whole after it; whether it ended well, and equal, at last."""

    fault: str
    what: str
    number: int
    seconds: float
    whole: bool
    survived: bool
    equal: bool
    said: str = ""


def kill_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL to all that a process has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def kill_job(job: Job, number: int, folder: Path, clean: Path) -> Trial:
    """Kill a job once on its way, then run the same command to its end.

    `folder` is a copy of the clean run. Whole: no output was there under its own name but as it is in the clean run.
    """
    rng = random.Random(f"{job.command} {number}")
    share = rng.random()
    while True:
        remove(job, folder)
        process = start(job, folder)
        after = LEAST + share * max(0.0, job.seconds - LEAST)
        time.sleep(after)
        if process.poll() is None:
            break
        if process.stdout:
            process.stdout.close()
        share *= 0.7  # it was faster than the record says
    kill_group(process)
    was_whole = whole(job, folder, clean)
    remove(job, folder)
    status, said = finish(job, folder)
    differ = differences(job, folder, clean)
    reason = "" if status == 0 and not differ and was_whole else f"{differ} {said[-600:]}"
    restore(job, folder, clean)
    return Trial("SIGKILL of a verb", job.rule, number, round(after, 2), was_whole, status == 0, not differ, reason)


def kill_workflow(number: int, folder: Path, clean: Path, last: bool) -> Trial:
    """Start the workflow in `folder`, or go on with it, and kill all of it; after the `last` kill let it end.

    Survived: what the kill before left did not stop it. Equal: outputs that are there, after the last kill all, are as in
    the clean run.
    """
    rng = random.Random(f"workflow {number}")
    after = rng.uniform(3.0, 25.0)
    process = subprocess.Popen(
        workflow("--notemp"), cwd=folder, env=environment(), start_new_session=True, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(after)
    survived = process.poll() in (None, 0)
    if process.returncode is None:
        kill_group(process)
    made = [job for job in jobs(clean) if comparable(job)]
    torn = [job.rule for job in made if not whole(job, folder, clean)]
    differ, said = torn, ""
    if last:
        done = subprocess.run(
            workflow("--notemp"), cwd=folder, env=environment(), capture_output=True, text=True, check=False
        )
        survived, said = survived and done.returncode == 0, (done.stdout + done.stderr)[-1500:]
        differ = [job.rule for job in made if differences(job, folder, clean)]
    reason = "" if survived and not torn and not differ else f"{torn} {differ} {said}"
    return Trial("SIGKILL of the workflow", "all", number, round(after, 2), not torn, survived, not differ, reason)


def comparable(job: Job) -> bool:
    """Whether a job's outputs are to be the same: not those that show times."""
    return job.rule not in {"make_site"}
