"""The simulation against runs that were made, and of `paper` on so many GPUs; what a run spent on anything but its work.

python benchmarks/scaling check --run FOLDER --cores 2 --after TIME --before TIME
python benchmarks/scaling overhead --run FOLDER --cores 2
python benchmarks/scaling paper --dag paper.dot --config config/paper.yaml --measured results/study
"""

from __future__ import annotations

import re
from pathlib import Path
from statistics import mean
from typing import Annotated

import typer
from costs import Prices
from records import Job, jobs
from simulation import Machine, simulate
from starts import imported, seconds
from tasks import of_done, of_dot, priced

from cross2stra.configuration import read_profile

app = typer.Typer()
_SEEDED = re.compile(r"(?<=[ /])\d+(?=[ /.])|[0-9a-f]{12}")


def alike(done: Job) -> str:
    """What jobs of several seeds have in common."""
    return _SEEDED.sub("#", done.command)


@app.command()
def check(
    run: Annotated[Path, typer.Option(help="Folder that a workflow was run in.")],
    after: Annotated[float, typer.Option(help="Jobs that began later, seconds of the epoch.")] = 0,
    before: Annotated[float, typer.Option(help="Jobs that ended earlier.")] = float("inf"),
    cores: Annotated[int, typer.Option(help="Cores of the run.")] = 2,
) -> None:
    """A run's makespan, what the simulation makes of its jobs' times, and what of those of like jobs outside it."""
    every = jobs(run)
    done = [job for job in every if job.began >= after and job.ended <= before]
    others = [job for job in every if job not in done]
    known: dict[str, list[float]] = {}
    for job in others:
        known.setdefault(alike(job), []).append(job.seconds)
        known.setdefault(job.rule, []).append(job.seconds)

    def forecast(job: Job) -> float:
        return mean(known.get(alike(job)) or known.get(job.rule) or [job.seconds])

    def threads(rule: str) -> int:
        return 2 if rule in {"world"} else 1

    real = max(job.ended for job in done) - min(job.began for job in done)
    own = simulate(of_done(done, lambda job: job.seconds, threads), Machine(cores))
    print(f"{len(done)} jobs, {sum(job.seconds for job in done) / 3600:.2f} hours of work on {cores} cores")
    print(f"made       {real / 60:7.1f} min")
    print(
        f"simulated  {own.hours * 60:7.1f} min, {100 * (own.hours * 3600 / real - 1):+.1f} %: with the times that the jobs took"
    )
    if others:
        told = simulate(of_done(done, forecast, threads), Machine(cores))
        print(
            f"forecast   {told.hours * 60:7.1f} min, {100 * (told.hours * 3600 / real - 1):+.1f} %: with those of like jobs outside the run"
        )


@app.command()
def overhead(
    run: Annotated[Path, typer.Option(help="Folder that a workflow was run in, from its beginning to its end.")],
    cores: Annotated[int, typer.Option(help="Cores of the run.")] = 2,
) -> None:
    """The cores' time beside the jobs' own work: what stood idle, and what the starts of their processes took."""
    done = [job for job in jobs(run) if job.command.startswith("cross2stra ")]
    whole = cores * (max(job.ended for job in done) - min(job.began for job in done))
    busy = sum(job.seconds for job in done)
    starts = sum(seconds(imported(job.command)) for job in done)
    work = busy - starts
    print(f"{len(done)} jobs, {cores} cores for {whole / cores / 60:.1f} min; own work {work / 60:.1f} min of a core")
    for name, spent in (("starts", starts), ("idle", whole - busy), ("both", whole - work)):
        print(f"{name:7} {spent / 60:6.1f} min of a core, {100 * spent / work:5.1f} % of the work")


@app.command()
def paper(
    dag: Annotated[Path, typer.Option(help="Output of snakemake --configfile config/paper.yaml --dag dot.")],
    config: Annotated[Path, typer.Option(help="The profile.")],
    measured: Annotated[Path, typer.Option(help="Results of a run whose extractors were measured.")],
    transfer: Annotated[str, typer.Option(help="Transfer of that run.")] = "en-zh_aic",
    euros: Annotated[float, typer.Option(help="Price of a GPU's hour.")] = 2.5,
) -> None:
    """Time and money of the paper's scale on 1, 8 and 64 GPUs."""
    prices = Prices(read_profile(config), measured, transfer)
    tasks = of_dot(dag)
    print(
        f"{len(tasks)} jobs; a stage on one GPU, hours: "
        + ", ".join(f"{s} {prices.train(s) / 3600:.1f}" for s, _ in prices.assumed.update)
    )
    print(
        "| GPUs | GPUs a stage | hours | hours, failing | failures | GPU hours | core hours | longest chain, h | busy GPUs | price |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for gpus, stage in ((1, 1), (8, 1), (64, 1), (64, 8)):
        costed = priced(tasks, lambda task, stage=stage: prices(task, stage))
        machine = Machine(max(16, 8 * gpus), gpus, start=60)
        calm = simulate(costed, machine)
        rough = [
            simulate(costed, Machine(machine.cores, gpus, 60, failures=1e-3, delay=300), seed) for seed in range(5)
        ]
        busy = calm.gpu_hours / (calm.hours * gpus)
        print(
            f"| {gpus} | {stage} | {calm.hours:,.0f} | {mean(o.hours for o in rough):,.0f} | {mean(o.failed for o in rough):.0f} "
            f"| {calm.gpu_hours:,.0f} | {calm.core_hours:,.0f} | {calm.longest:,.1f} | {100 * busy:.0f} % | {euros * gpus * calm.hours:,.0f} |"
        )
    by_rule: dict[str, float] = {}
    for task in priced(tasks, prices):
        by_rule[task.rule] = by_rule.get(task.rule, 0) + task.seconds * (task.gpus or 0) / 3600
    print(
        "GPU hours by rule: "
        + ", ".join(
            f"{rule} {hours:,.0f}" for rule, hours in sorted(by_rule.items(), key=lambda x: -x[1]) if hours >= 1
        )
    )


if __name__ == "__main__":
    app()
