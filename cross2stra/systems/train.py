"""Train one stage of one system: from the files of a transfer to a folder with the model, its log and its account."""

from __future__ import annotations

import csv
import math
import time
from contextlib import nullcontext
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file

from cross2stra.configuration import stages
from cross2stra.configuration.revision import revision
from cross2stra.data.files import replacing_folder, write_json
from cross2stra.model.cross2stra import parts
from cross2stra.model.layers import Recomputing
from cross2stra.systems.method import Task
from cross2stra.systems.methods import method_of
from cross2stra.training import processes, schedule
from cross2stra.training.checkpoints import held, load_optimizer, optimizer_tensors
from cross2stra.training.loop import Plan, log_rows, optimizer_of, run


def plan_of(task: Task) -> Plan:
    """Updates of the stage, and of the stages before it."""
    training, order = task.profile.training, stages(task.experiment)
    if task.stage not in order:
        raise ValueError(f"{task.system} has no stage {task.stage!r}; its stages are {order}")
    last = task.stage == order[-1]
    if task.experiment.pipeline == "pivot":
        every = schedule.updates(training, task.experiment)
        before = sum(list(every.values())[: list(every).index(task.stage)])
        return Plan(task.stage, every[task.stage], before, task.seed, training.average if last else 0)
    method = method_of(task.experiment)
    passed = schedule.separate_updates(training, task.reference) * method.halves * task.experiment.budget
    updates = math.ceil(passed / method.passes(task.profile, task.experiment))
    return Plan(task.stage, updates, 0, task.seed, training.average)


def train(task: Task) -> None:
    """Run the stage (or go on with it) and write `task.output`: model, optimiser state, log.csv, metrics.json.

    Raises ValueError where another run is training it in the same working folder.
    """
    accelerator = processes.start(task.profile.training, task.profile.compute)
    with nullcontext() if processes.rank() else held(task.working):
        _train(task, accelerator)


def _train(task: Task, accelerator: Accelerator) -> None:
    began = time.monotonic()
    method, plan = method_of(task.experiment), plan_of(task)
    data = method.data(task)
    torch.manual_seed(task.seed)
    stage = method.stage(task, data, plan)
    for part in stage.model.modules():
        if isinstance(part, Recomputing):
            part.recompute = task.profile.compute.recompute
    optimizer = optimizer_of(stage.model, task.profile.training)
    carried = task.previous / "optimizer.safetensors" if task.previous else None
    if carried and carried.exists() and task.experiment.pipeline == "pivot":
        load_optimizer(optimizer, load_file(carried))
    averaged = run(stage, plan, task.profile.training, task.working, optimizer, accelerator)
    account = {
        "transfer": task.transfer,
        "system": task.system,
        "seed": task.seed,
        "stage": task.stage,
        "revision": revision(Path(__file__).parent),
        "updates": plan.updates,
        "averaged_checkpoints": averaged,
        "seconds_of_last_run": round(time.monotonic() - began, 1),
        "parameters": sum(p.numel() for p in stage.model.parameters()),
        "parameters_by_part": parts(stage.model),
        "decoder_examples": _decoder_examples(task, plan),
        "data": data.counts,
        **stage.account,
    }
    if processes.rank():
        return
    with replacing_folder(task.output, "metrics.json") as temporary:
        stage.model.save_pretrained(temporary)  # type: ignore[operator]
        save_file(
            {k: v.contiguous() for k, v in optimizer_tensors(optimizer).items()}, temporary / "optimizer.safetensors"
        )
        _write_log(task, temporary / "log.csv")
        write_json(temporary / "metrics.json", account)


def _decoder_examples(task: Task, plan: Plan) -> int:
    """Examples through a decoder loss in this stage, the unit of equal budgets."""
    training = task.profile.training
    if task.experiment.pipeline != "pivot":
        passes = method_of(task.experiment).passes(task.profile, task.experiment)
        return round(plan.updates * training.batch * passes)
    return schedule.stage_examples(training, task.experiment, task.stage)


def _write_log(task: Task, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["transfer", "system", "seed", "stage", "step", "name", "value"])
        for step, name, value in log_rows(task.working):
            writer.writerow([task.transfer, task.system, task.seed, task.stage, step, name, value])
