"""The loop of every stage: seeded steps over one process or several, logs, resumable state, averaging."""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from cross2stra.configuration import Compute, Training
from cross2stra.data.files import replacing
from cross2stra.model.batch import WHOLE, Share
from cross2stra.training import processes
from cross2stra.training.checkpoints import Checkpoints
from cross2stra.training.schedule import back_examples, rate
from cross2stra.training.stopping import Stop

LOG_EVERY = 20
SAY_EVERY = 5.0
"""Updates between log rows; seconds between progress lines."""
_APART = 1_000_000_007
"""Between the seeds of two processes."""
_UPDATES = "updates with "


class Stage(Protocol):
    """What a stage brings to the loop."""

    @property
    def model(self) -> nn.Module:
        """The trained network."""

    @property
    def account(self) -> dict[str, float]:
        """What metrics.json says of this stage beside what it says of all."""

    def prepare(self, step: int) -> bool | None:
        """Called before every step, when resuming, and after the last one, to renew what is fixed over many steps.

        True: the model is good as it is; False: go back to where it was last said to be; None: not judged.
        """

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """Loss -> (weight, value) of the batch of `step`, and further numbers to log."""


@dataclass
class Plan:
    """Where a stage stands: its own updates, those before it, the seed, and which share of a batch is computed now."""

    name: str
    updates: int
    before: int
    seed: int
    average: int = 0
    share: Share = WHOLE

    def torch_seed(self, overall: int) -> int:
        """What torch is seeded with at an update, counted over all stages."""
        return self.seed * 1_000_003 + overall


def optimizer_of(model: nn.Module, training: Training) -> torch.optim.AdamW:
    """AdamW; no decay of one-dimensional tensors (biases, norms) and embeddings; biases of edges' labels are tables."""
    lookup = {id(p) for m in model.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    trained = [p for p in model.parameters() if p.requires_grad]
    plain = [p for p in trained if p.dim() < 2 or id(p) in lookup]
    decayed = [p for p in trained if not (p.dim() < 2 or id(p) in lookup)]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": training.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=training.learning_rate,
        betas=(0.9, 0.98),
        eps=1e-9,
        fused=any(p.is_cuda for p in trained),
    )


class _Log:
    """CSV rows (step, name, value); a resumed run drops the rows from its step on, so equal runs give equal logs."""

    def __init__(self, path: Path, start: int) -> None:
        rows = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows = [row for row in csv.reader(file) if len(row) == 3 and row[0].isdigit() and int(row[0]) <= start]
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        self.path = path

    def add(self, step: int, numbers: dict[str, float]) -> None:
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([step, name, f"{value:.6g}"] for name, value in numbers.items())


def log_rows(working: Path) -> Iterator[tuple[int, str, float]]:
    """The log of a finished stage: (step, name, value)."""
    with (working / "log.csv").open(encoding="utf-8", newline="") as file:
        for step, name, value in csv.reader(file):
            yield int(step), name, float(value)


class _Update(nn.Module):
    """A stage's losses as a forward pass, which is where precision and the exchange of gradients are hooked in."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage, self.model = stage, stage.model

    def forward(self, step: int) -> tuple[Tensor, dict[str, float], dict[str, float]]:
        """The weighted sum (), every loss, and what the stage logs beside them."""
        losses, numbers = self.stage.losses(step)
        total = torch.stack([weight * value for weight, value in losses.values()]).sum()
        # One wait for the device, not one a loss.
        values = torch.stack([value.detach() for _, value in losses.values()]).tolist()
        return total, dict(zip(losses, values, strict=True)), numbers


def run(
    stage: Stage,
    plan: Plan,
    training: Training,
    working: Path,
    optimizer: torch.optim.Optimizer,
    accelerator: Accelerator | None = None,
) -> int:
    """Train `plan.updates` steps from the newest state in `working`; -> number of averaged checkpoints (0: none asked).

    Every step seeds torch from (seed, global step), so a resumed run does what an uninterrupted one does. Told to stop,
    it saves its state and raises SystemExit. Raises ValueError where a loss is not finite, or a batch cannot be shared out.
    """
    accelerator = accelerator or processes.start(training, Compute())
    _shared_out(training)
    checkpoints, main = Checkpoints(working), processes.rank() == 0
    with processes.first_alone():
        start, sums = checkpoints.restore(stage.model, optimizer)
    if start and main:
        print(f"[train] stage {plan.name}: resuming at step {start}/{plan.updates}", file=sys.stderr, flush=True)
    log = _Log(working / "log.csv", plan.before + start) if main else None
    snapshots = snapshot_steps(plan.updates, plan.average)
    update = accelerator.prepare(_Update(stage))
    began, said = time.monotonic(), 0.0
    with Stop() as stop:
        for step in range(start, plan.updates):
            overall = plan.before + step
            torch.manual_seed(plan.torch_seed(overall) + processes.rank() * _APART)
            stage.model.train()
            _judged(stage, step, plan, checkpoints, optimizer)
            optimizer.zero_grad(set_to_none=True)
            losses, numbers = _gradients(update, step, plan, training, accelerator)
            for group in optimizer.param_groups:
                group["lr"] = rate(overall, training)
            nn.utils.clip_grad_norm_(stage.model.parameters(), training.clip)
            optimizer.step()

            found = {**losses, **numbers}
            _add(sums, found | {_UPDATES + name: 1.0 for name in found})
            saving = (step + 1) % training.save_every == 0 and step + 1 < plan.updates
            if saving or (step + 1) % LOG_EVERY == 0 or step + 1 == plan.updates:
                # Not every loss is in every update: L_IPB ends where its guard says so.
                means = processes.mean(
                    {name: v / sums[_UPDATES + name] for name, v in sums.items() if not name.startswith(_UPDATES)}
                )
                if log:
                    log.add(overall + 1, means)
                sums = {}
            now = time.monotonic()
            if main and (now - said > SAY_EVERY or step + 1 == plan.updates):
                said = now
                left = (now - began) / (step + 1 - start) * (plan.updates - step - 1)
                parts = " ".join(f"{name} {value:.3f}" for name, value in losses.items())
                print(
                    f"[train] stage {plan.name} step {step + 1}/{plan.updates} {parts}, {left:.0f} s left",
                    file=sys.stderr,
                    flush=True,
                )
            if main and step + 1 in snapshots:
                checkpoints.snapshot(step + 1, stage.model)
            if main and (saving or (stop.asked and step + 1 < plan.updates)):
                checkpoints.save(step + 1, stage.model, optimizer, sums)
            if stop.asked and step + 1 < plan.updates:
                stop.leave(f"[train] stage {plan.name}: state saved at step {step + 1}/{plan.updates}")
    _judged(stage, plan.updates, plan, checkpoints, optimizer)
    with processes.first_alone():
        return checkpoints.average(stage.model) if plan.average else 0


def _shared_out(training: Training) -> None:
    """Raise ValueError unless a batch has as many rows for every process and pass."""
    shares = processes.number() * training.accumulate
    for what, size in {
        "training.batch": training.batch,
        "training.batch x back_share": back_examples(training),
    }.items():
        if size % shares:
            raise ValueError(
                f"{what} is {size}, which {processes.number()} processes x {training.accumulate} passes cannot share out "
                f"evenly; choose a multiple of {shares}"
            )


def _gradients(
    update: nn.Module, step: int, plan: Plan, training: Training, accelerator: Accelerator
) -> tuple[dict[str, float], dict[str, float]]:
    """Leave the gradients of an update in the parameters; -> its losses and what is logged beside them, means over passes."""
    losses: dict[str, float] = {}
    numbers: dict[str, float] = {}
    passes = training.accumulate
    for number, plan.share in enumerate(processes.shares(passes)):
        with nullcontext() if number + 1 == passes else accelerator.no_sync(update):
            total, found, beside = update(step)
            if not all(map(math.isfinite, found.values())):
                raise ValueError(
                    f"stage {plan.name}, step {step}: the loss is not finite ({found}); lower training.learning_rate"
                )
            accelerator.backward(total / passes)
        _add(losses, found, 1 / passes)
        _add(numbers, beside, 1 / passes)
    return losses, numbers


def _add(sums: dict[str, float], more: dict[str, float], times: float = 1.0) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + times * value


def _judged(stage: Stage, step: int, plan: Plan, checkpoints: Checkpoints, optimizer: torch.optim.Optimizer) -> None:
    """Let the stage prepare and judge, and keep or take back its state."""
    good = stage.prepare(step)
    if good and processes.rank() == 0:
        checkpoints.approve(step, stage.model, optimizer)
    elif good is False:
        with processes.first_alone():
            back = checkpoints.go_back(stage.model, optimizer)
        said = "there is no state to go back to" if back is None else f"weights go back to those of step {back}"
        print(f"[train] stage {plan.name} step {step}/{plan.updates}: {said}", file=sys.stderr, flush=True)


def snapshot_steps(updates: int, number: int) -> set[int]:
    """Steps whose weights are averaged: `number`, equally spaced in the last fifth, the last step among them."""
    if not number or not updates:
        return set()
    first = updates - updates / 5
    return {round(first + (updates - first) * (i + 1) / number) for i in range(number)}
