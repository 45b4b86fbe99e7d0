"""The loop of every stage: seeded steps, logs, resumable state, averaging."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from cross2stra.configuration import Training
from cross2stra.data.files import replacing
from cross2stra.training.checkpoints import Checkpoints
from cross2stra.training.schedule import rate

LOG_EVERY = 20
SAY_EVERY = 5.0
"""Updates between log rows; seconds between progress lines."""


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
    """Where a stage stands: its own updates, those before it, and the seed."""

    name: str
    updates: int
    before: int
    seed: int
    average: int = 0

    def torch_seed(self, overall: int) -> int:
        """What torch is seeded with at an update, counted over all stages."""
        return self.seed * 1_000_003 + overall


def stream(size: int, batch: int, step: int, *seed: int) -> np.ndarray:
    """Rows of update `step` from an endless row of seeded permutations of `size`.

    A pure function of its arguments, so that a resumed run sees what an uninterrupted one does.
    """
    positions = np.arange(step * batch, (step + 1) * batch)
    rows = np.empty(batch, dtype=np.int64)
    for epoch in np.unique(positions // size):
        inside = positions // size == epoch
        rows[inside] = np.random.default_rng([*seed, int(epoch)]).permutation(size)[positions[inside] % size]
    return rows


def optimizer_of(model: nn.Module, training: Training) -> torch.optim.AdamW:
    """AdamW; no decay of biases, norms and embeddings (one-dimensional tensors and lookup tables)."""
    lookup = {id(p) for m in model.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    trained = [p for p in model.parameters() if p.requires_grad]
    plain = [p for p in trained if p.dim() < 2 or id(p) in lookup]
    decayed = [p for p in trained if not (p.dim() < 2 or id(p) in lookup)]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": training.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=training.learning_rate,
        betas=(0.9, 0.98),
        eps=1e-9,
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


def run(stage: Stage, plan: Plan, training: Training, working: Path, optimizer: torch.optim.Optimizer) -> int:
    """Train `plan.updates` steps from the newest state in `working`; -> number of averaged checkpoints (0: none asked).

    Every step seeds torch from (seed, global step), so a resumed run does what an uninterrupted one does.
    """
    checkpoints = Checkpoints(working)
    start = checkpoints.restore(stage.model, optimizer)
    if start:
        print(f"[train] stage {plan.name}: resuming at step {start}/{plan.updates}", file=sys.stderr, flush=True)
    log = _Log(working / "log.csv", plan.before + start)
    snapshots = snapshot_steps(plan.updates, plan.average)
    sums: dict[str, float] = {}
    began, said, counted = time.monotonic(), 0.0, 0
    for step in range(start, plan.updates):
        overall = plan.before + step
        torch.manual_seed(plan.torch_seed(overall))
        stage.model.train()
        _judged(stage, step, plan, checkpoints, optimizer)
        losses, numbers = stage.losses(step)
        total = torch.stack([weight * value for weight, value in losses.values()]).sum()
        if not bool(torch.isfinite(total)):
            found = {name: float(value.detach()) for name, (_, value) in losses.items()}
            raise ValueError(
                f"stage {plan.name}, step {step}: the loss is not finite ({found}); lower training.learning_rate"
            )
        for group in optimizer.param_groups:
            group["lr"] = rate(overall, training)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(stage.model.parameters(), training.clip)
        optimizer.step()

        for name, value in {**{n: float(v.detach()) for n, (_, v) in losses.items()}, **numbers}.items():
            sums[name] = sums.get(name, 0.0) + value
        counted += 1
        saving = (step + 1) % training.save_every == 0 and step + 1 < plan.updates
        if saving or (step + 1) % LOG_EVERY == 0 or step + 1 == plan.updates:
            log.add(overall + 1, {name: value / counted for name, value in sums.items()})
            sums, counted = {}, 0
        now = time.monotonic()
        if now - said > SAY_EVERY or step + 1 == plan.updates:
            said = now
            left = (now - began) / (step + 1 - start) * (plan.updates - step - 1)
            parts = " ".join(f"{name} {float(value.detach()):.3f}" for name, (_, value) in losses.items())
            print(
                f"[train] stage {plan.name} step {step + 1}/{plan.updates} {parts}, {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )
        if step + 1 in snapshots:
            checkpoints.snapshot(step + 1, stage.model)
        if saving:
            checkpoints.save(step + 1, stage.model, optimizer)
    _judged(stage, plan.updates, plan, checkpoints, optimizer)
    return checkpoints.average(stage.model) if plan.average else 0


def _judged(stage: Stage, step: int, plan: Plan, checkpoints: Checkpoints, optimizer: torch.optim.Optimizer) -> None:
    """Let the stage prepare and judge, and keep or take back its state."""
    good = stage.prepare(step)
    if good:
        checkpoints.approve(step, stage.model, optimizer)
    elif good is False:
        back = checkpoints.go_back(stage.model, optimizer)
        said = "there is no state to go back to" if back is None else f"weights go back to those of step {back}"
        print(f"[train] stage {plan.name} step {step}/{plan.updates}: {said}", file=sys.stderr, flush=True)


def snapshot_steps(updates: int, number: int) -> set[int]:
    """Steps whose weights are averaged: `number`, equally spaced in the last fifth, the last step among them."""
    if not number or not updates:
        return set()
    first = updates - updates / 5
    return {round(first + (updates - first) * (i + 1) / number) for i in range(number)}
