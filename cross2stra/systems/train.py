"""Train one stage of one system: from the files of a transfer to a folder with the model, its log and its account."""

from __future__ import annotations

import csv
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import read_json, replacing, write_json
from cross2stra.model.cross2stra import Cross2StrA, Shape, made_on_cpu
from cross2stra.model.layers import Recomputing
from cross2stra.structures.syntax.backends import load_parser
from cross2stra.systems import stages
from cross2stra.systems.early import EarlyStage, TargetCaptioner, translated
from cross2stra.systems.fluency import FluencyStage
from cross2stra.systems.graph_mapping import GraphMapper, GraphMappingStage
from cross2stra.systems.pivot_alignment import PivotAligned, PivotAlignStage
from cross2stra.systems.rewards import RewardStage
from cross2stra.systems.supervised import load_paired
from cross2stra.training import processes, schedule
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.checkpoints import load_optimizer, optimizer_tensors
from cross2stra.training.corpus import TransferData, load, store
from cross2stra.training.loop import Plan, Stage, log_rows, optimizer_of, run
from cross2stra.training.pseudo import FlatTrees, TreeParser
from cross2stra.training.stages import PivotStage


@dataclass(frozen=True)
class Task:
    """One stage of one system, and where its files are. `reference`: the row whose budget separate systems get."""

    profile: Profile
    experiment: Experiment
    reference: Experiment
    transfer: str
    system: str
    seed: int
    stage: str
    text: Path
    structures: Path
    working: Path
    output: Path
    parser: Path | None = None
    back_translator: Path | None = None
    previous: Path | None = None


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
    # A warm start brought the other half, a trained translator; paired captions need none.
    halves = 1 if task.experiment.warm_start or task.experiment.method == "paired_captions" else 2
    passed = schedule.separate_updates(training, task.reference) * halves * task.experiment.budget
    return Plan(task.stage, math.ceil(passed / passes(task)), 0, task.seed, training.average)


def passes(task: Task) -> float:
    """Batches that pass a decoder loss in an update of a system of one stage, mean over its updates."""
    compared, method = task.profile.compared, task.experiment.method
    if method == "graph_mapping":
        share = compared.graph_mapping.share
        return 2 * (1 - share) + share * ("cap" in task.experiment.losses)
    own = {"rewards": compared.rewards.share, "pivot_alignment": compared.pivot_alignment.share}
    return (2 if task.experiment.pipeline == "late" else 1) + own.get(method, 0)


def shape_of(task: Task, data: TransferData) -> Shape:
    """The model of a row of experiments.yaml."""
    return Shape(
        model=task.profile.model,
        pivot_words=len(data.vocabulary.pivot),
        target_words=len(data.vocabulary.target),
        feature_size=data.feature_size,
        scene_graph=task.experiment.scene_graph,
        constituency=task.experiment.constituency,
        residual=task.experiment.residual,
        tied=task.experiment.method != "pivot_alignment",
    )


def train(task: Task) -> None:
    """Run the stage (or go on with it) and write `task.output`: model, optimiser state, log.csv, metrics.json."""
    began = time.monotonic()
    accelerator = processes.start(task.profile.training, task.profile.compute)
    data = _data(task)
    plan = plan_of(task)
    torch.manual_seed(task.seed)
    stage = _stage(task, data, plan)
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
        "updates": plan.updates,
        "averaged_checkpoints": averaged,
        "seconds_of_last_run": round(time.monotonic() - began, 1),
        "parameters": sum(p.numel() for p in stage.model.parameters()),
        "parameters_by_part": {n: sum(p.numel() for p in m.parameters()) for n, m in stage.model.named_children()},
        "decoder_examples": _decoder_examples(task, plan),
        "data": data.counts,
        **stage.account,
    }
    if processes.rank():
        return
    with replacing(task.output) as temporary:
        stage.model.save_pretrained(temporary)  # type: ignore[operator]
        save_file(
            {k: v.contiguous() for k, v in optimizer_tensors(optimizer).items()}, temporary / "optimizer.safetensors"
        )
        _write_log(task, temporary / "log.csv")
        write_json(temporary / "metrics.json", account)


def _data(task: Task) -> TransferData:
    if task.experiment.method == "paired_captions":
        return load_paired(task.text, task.structures)
    annotated = task.experiment.annotated if task.profile.structures.bounds == "retrained" else []
    folder = task.working / "data"
    with processes.first_alone():
        if processes.rank() == 0:
            store(task.text, task.structures, task.profile.text.max_tokens, folder, annotated)
    return load(task.text, folder)


def _stage(task: Task, data: TransferData, plan: Plan) -> Stage:
    profile, experiment = task.profile, task.experiment
    shape = shape_of(task, data)
    if experiment.method == "graph_mapping":
        return GraphMappingStage(
            made_on_cpu(lambda: GraphMapper(shape)), data, profile, plan, "cap" in experiment.losses
        )
    if experiment.method == "paired_captions":
        return EarlyStage(made_on_cpu(lambda: TargetCaptioner(shape)), data, data.captions.words, profile, plan)
    if task.stage == "caption":
        if task.previous is None:
            raise ValueError("stage caption: EarlyTranslation needs a trained translator; give its row a warm_start")
        return _target_stage(task, data, plan, Cross2StrA.from_pretrained(task.previous))
    aligned = experiment.method == "pivot_alignment"
    kind = PivotAligned if aligned else Cross2StrA
    model = kind.from_pretrained(task.previous) if task.previous else made_on_cpu(lambda: kind(shape))
    if task.previous is None:
        model.captioner.restrict(torch.tensor(data.vocabulary.captioner_words))
    return (PivotAlignStage if aligned else PivotStage)(
        model,
        data,
        with_thresholds(profile, experiment),
        experiment.losses,
        plan,
        task.working,
        tree_parser(model, task.parser),
        BackTranslator.load(task.back_translator) if task.back_translator and "ipb" in experiment.losses else None,
        read_json(task.previous / "metrics.json").get("stage_2_perplexity") if task.previous else None,
    )


def with_thresholds(profile: Profile, experiment: Experiment) -> Profile:
    """The profile with the alignment's thresholds of a row (Figure 5)."""
    alignment = profile.training.alignment.model_copy(
        update={str(name): at for name, at in experiment.thresholds.items()}
    )
    return profile.model_copy(update={"training": profile.training.model_copy(update={"alignment": alignment})})


def _target_stage(task: Task, data: TransferData, plan: Plan, translator: Cross2StrA) -> Stage:
    """Training of a captioner that says target words: EarlyTranslation's, or that of a system built on it."""
    profile, method = task.profile, task.experiment.method
    captions = translated(translator, data.captions.tokens, data, profile)
    model = made_on_cpu(lambda: TargetCaptioner(shape_of(task, data)))
    if method == "rewards":
        return RewardStage(model, data, captions, profile, plan)
    if method:
        rejection = method == "fluency_rejection"
        return FluencyStage(model, data, captions, profile, plan, translator, task.working, rejection)
    return EarlyStage(model, data, captions, profile, plan)


def tree_parser(model: nn.Module, folder: Path | None) -> TreeParser:
    """The parser of new pivot sentences; flat trees for a model without constituency or without a parser at hand."""
    shape = model.shape
    assert isinstance(shape, Shape)
    return load_parser(folder) if folder is not None and shape.constituency else FlatTrees()


def _decoder_examples(task: Task, plan: Plan) -> int:
    """Examples through a decoder loss in this stage, the unit of equal budgets."""
    training = task.profile.training
    if task.experiment.pipeline != "pivot":
        return round(plan.updates * training.batch * passes(task))
    return schedule.stage_examples(training, task.experiment, task.stage)


def _write_log(task: Task, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["transfer", "system", "seed", "stage", "step", "name", "value"])
        for step, name, value in log_rows(task.working):
            writer.writerow([task.transfer, task.system, task.seed, task.stage, step, name, value])
