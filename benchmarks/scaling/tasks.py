"""What a workflow has to do: its jobs, what each waits for, and what it needs; read from Snakemake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from records import Job

_NODE = re.compile(r'^\s*(\d+)\[label = "(.*?)", color')
_EDGE = re.compile(r"^\s*(\d+) -> (\d+)")


@dataclass(frozen=True)
class Task:
    """A job: seconds of work on the cores and GPUs that it holds, and the tasks (by place in the list) that come before.

    `saved`: seconds of work between two states that a failure goes back to; 0: it begins again.
    """

    name: str
    rule: str
    needs: tuple[int, ...]
    seconds: float = 0.0
    cores: int = 1
    gpus: int = 0
    saved: float = 0.0


def of_dot(path: Path) -> list[Task]:
    """The jobs that `snakemake --dag dot` draws, without costs. `name` is the label: the rule, then wildcards."""
    labels: dict[int, str] = {}
    needs: dict[int, list[int]] = {}
    for line in path.read_text("utf-8").splitlines():
        if node := _NODE.match(line):
            labels[int(node[1])] = node[2].replace("\\n", " ")
        elif edge := _EDGE.match(line):
            needs.setdefault(int(edge[2]), []).append(int(edge[1]))
    place = {number: i for i, number in enumerate(labels)}
    return [
        Task(label, label.split(" ")[0], tuple(sorted(place[before] for before in needs.get(number, ()))))
        for number, label in labels.items()
    ]


def of_done(done: list[Job], seconds: Callable[[Job], float], cores: Callable[[str], int]) -> list[Task]:
    """Tasks of jobs that were run, with durations from `seconds`; files that none of them makes are there already."""
    makes = {output: number for number, job in enumerate(done) for output in job.outputs}
    return [
        Task(
            job.outputs[0],
            job.rule,
            tuple(sorted({makes[path] for path in job.inputs if path in makes})),
            seconds(job),
            cores(job.rule),
        )
        for job in done
    ]


def priced(tasks: list[Task], price: Callable[[Task], Task]) -> list[Task]:
    """The tasks with what each costs."""
    return [replace(price(task), needs=task.needs) for task in tasks]


def order(tasks: list[Task]) -> Iterator[int]:
    """Places of the tasks, each after what it needs. Raises ValueError where there is a cycle."""
    waits = [len(task.needs) for task in tasks]
    after: list[list[int]] = [[] for _ in tasks]
    for number, task in enumerate(tasks):
        for before in task.needs:
            after[before].append(number)
    ready = [number for number, count in enumerate(waits) if not count]
    seen = 0
    while ready:
        number = ready.pop()
        seen += 1
        yield number
        for following in after[number]:
            waits[following] -= 1
            if not waits[following]:
                ready.append(following)
    if seen != len(tasks):
        raise ValueError(f"{len(tasks) - seen} jobs wait for each other")
