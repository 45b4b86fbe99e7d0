"""`make faults`: do each fault as often as is asked, and count what was survived. A run that is interrupted goes on by count."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Annotated

import typer
from files import damaged_downloads, full_disk, read_only_results, torn_checkpoint
from jobs import clean_run
from kills import Trial, kill_job, kill_workflow
from processes import clock_goes_back, one_dies, two_at_once
from records import Job, jobs

from cross2stra.data.files import replacing

FAULTS: dict[str, Callable[[Path, Path], list[Trial]]] = {
    "full disk": full_disk,
    "read-only results": read_only_results,
    "damaged download": damaged_downloads,
    "torn checkpoint": torn_checkpoint,
    "clock a day back": clock_goes_back,
    "two runs in one folder": two_at_once,
    "one of two processes dies": partial(one_dies, "one of two processes dies", {"processes": 2}),
    "a process that makes batches dies": partial(one_dies, "a process that makes batches dies", {"workers": 2}),
}
"""What is done other than kills; each makes trials of its name in a copy of the clean run."""


def trials_of(path: Path) -> list[Trial]:
    """The trials that have been done; a last line that was cut is none."""
    done = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            done.append(Trial(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return done


def table(trials: list[Trial], path: Path) -> list[dict[str, object]]:
    """Fault, times tried, survived (whole after it, and ended well), equal to the run without faults."""
    by_fault: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_fault[trial.fault].append(trial)
    rows: list[dict[str, object]] = [
        {
            "fault": fault,
            "tried": len(some),
            "survived": sum(trial.whole and trial.survived for trial in some),
            "equal": sum(trial.equal for trial in some),
        }
        for fault, some in sorted(by_fault.items())
    ]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("fault", "tried", "survived", "equal"))
        writer.writeheader()
        writer.writerows(rows)
    return rows


def main(
    output: Annotated[Path, typer.Option(help="Folder of the runs and of faults.csv.")],
    verbs: Annotated[int, typer.Option(help="Kills of single verbs, at least: five of each rule, then in turn.")] = 180,
    workflows: Annotated[int, typer.Option(help="Kills of the whole workflow.")] = 20,
    workers: Annotated[int, typer.Option(help="Trials side by side.")] = 2,
) -> None:
    """Run without faults once, then with them; print and write the table. Exits with 1 where one was not survived."""
    clean, lines = output.resolve() / "clean", output.resolve() / "trials.jsonl"
    clean_run(clean)
    done, lock = trials_of(lines), Lock()

    def note(trial: Trial) -> None:
        with lock, lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial), ensure_ascii=False) + "\n")
            done.append(trial)
        good = trial.whole and trial.survived and trial.equal
        print(
            f"[faults] {trial.fault}, {trial.what} {trial.number}: {'survived, equal' if good else trial}", flush=True
        )

    def copied(name: str) -> Path:
        folder = output.resolve() / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(clean, folder, symlinks=True)
        return folder

    planned = plan(jobs(clean), verbs)
    left = [
        (job, number)
        for job, number in planned
        if not any(trial.what == job.rule and trial.number == number for trial in done if "verb" in trial.fault)
    ]

    def work(worker: int) -> None:
        folder = copied(f"worker{worker}")
        for job, number in left[worker::workers]:
            note(kill_job(job, number, folder, clean))

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    for fault, do in FAULTS.items():
        if not any(trial.fault == fault for trial in done):
            for trial in do(clean, copied("others")):
                note(trial)
    killed = sum("workflow" in trial.fault for trial in done)
    folder = output.resolve() / "killed"
    if killed < workflows:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(clean / "test.yaml", folder / "test.yaml")
    for number in range(killed, workflows):
        note(kill_workflow(number, folder, clean, last=number + 1 == workflows))
    rows = table(done, output / "faults.csv")
    for row in rows:
        print(*row.values(), sep="\t")
    by_rule = Counter(trial.what for trial in done if trial.fault == "SIGKILL of a verb")
    print(f"{len(by_rule)} rules, each killed at least {min(by_rule.values())} times")
    if any(row["tried"] != row["survived"] or row["tried"] != row["equal"] for row in rows):
        raise typer.Exit(1)


def plan(every: list[Job], least: int) -> list[tuple[Job, int]]:
    """Which jobs are killed: five times each rule, its jobs in turn, and on until there are `least`."""
    by_rule: dict[str, list[Job]] = defaultdict(list)
    for job in every:
        by_rule[job.rule].append(job)
    rounds = max(5, -(-least // len(by_rule)))
    kills = [(some[number % len(some)], number) for number in range(rounds) for some in by_rule.values()]
    return kills[: max(least, 5 * len(by_rule))]


if __name__ == "__main__":
    typer.run(main)
