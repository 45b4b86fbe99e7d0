"""How long a workflow takes on so many cores and GPUs, with jobs that fail: events in order of time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tasks import Task, order


@dataclass(frozen=True)
class Machine:
    """What there is to run on.

    `start`: seconds from when a job could run until it works (queue, container, imports). `failures`: of a running job, an
    hour, for each GPU or core that it holds; `delay`: seconds until it is tried again.
    """

    cores: int
    gpus: int = 0
    start: float = 0.0
    failures: float = 0.0
    delay: float = 60.0


@dataclass(frozen=True)
class Outcome:
    """Hours until the last job has ended; hours of cores and GPUs that were held; failures, and hours of work they cost."""

    hours: float
    core_hours: float
    gpu_hours: float
    failed: int
    lost: float
    longest: float
    """Hours of the longest chain of jobs, which no number of machines goes below."""


def chains(tasks: Sequence[Task], start: float) -> list[float]:
    """Seconds from the beginning of each task to the end of the last that waits for it, with room for all."""
    after: list[float] = [0.0] * len(tasks)
    for number in reversed(list(order(list(tasks)))):
        task = tasks[number]
        after[number] += task.seconds + start
        for before in task.needs:
            after[before] = max(after[before], after[number])
    return after


def simulate(tasks: Sequence[Task], machine: Machine, seed: int = 1) -> Outcome:
    """Run the tasks: of those that can begin, the one with the longest chain behind it first, if there is room for it.

    Raises ValueError for a task that needs more than the machine has.
    """
    for task in tasks:
        if task.cores > machine.cores or task.gpus > machine.gpus:
            raise ValueError(f"{task.name}: needs {task.cores} cores and {task.gpus} GPUs, more than there are")
    rng = random.Random(seed)
    behind = chains(tasks, machine.start)
    waits = [len(task.needs) for task in tasks]
    after: list[list[int]] = [[] for _ in tasks]
    for number, task in enumerate(tasks):
        for before in task.needs:
            after[before].append(number)
    left = [task.seconds for task in tasks]
    ready = [(-behind[number], number) for number, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    events: list[tuple[float, int, int, bool]] = []  # time, tie, task, whether it ended (else: it may be tried again)
    now, cores, gpus, failed, lost, tie = 0.0, machine.cores, machine.gpus, 0, 0.0, 0
    core_seconds = gpu_seconds = 0.0
    while ready or events:
        waiting = []
        while ready:
            priority, number = heapq.heappop(ready)
            task = tasks[number]
            if task.cores > cores or task.gpus > gpus:
                waiting.append((priority, number))
                continue
            cores, gpus, tie = cores - task.cores, gpus - task.gpus, tie + 1
            rate = machine.failures * max(task.gpus, task.cores) / 3600
            fails = rng.expovariate(rate) if rate else float("inf")
            took = machine.start + left[number]
            ends = fails >= left[number]
            if not ends:
                kept = fails // task.saved * task.saved if task.saved else 0.0
                left[number] -= kept
                lost += fails - kept
                failed += 1
                took = machine.start + fails
            core_seconds += took * task.cores
            gpu_seconds += took * task.gpus
            heapq.heappush(events, (now + took, tie, number, ends))
        for item in waiting:
            heapq.heappush(ready, item)
        if not events:
            break
        now, _, number, ended = heapq.heappop(events)
        task = tasks[number]
        if waits[number] < 0:  # it has waited long enough after a failure
            waits[number] = 0
            heapq.heappush(ready, (-behind[number], number))
            continue
        cores, gpus = cores + task.cores, gpus + task.gpus
        if not ended:
            waits[number], tie = -1, tie + 1
            heapq.heappush(events, (now + machine.delay, tie, number, False))
            continue
        for following in after[number]:
            waits[following] -= 1
            if not waits[following]:
                heapq.heappush(ready, (-behind[following], following))
    hours = 3600.0
    return Outcome(
        now / hours, core_seconds / hours, gpu_seconds / hours, failed, lost / hours, max(behind, default=0) / hours
    )
