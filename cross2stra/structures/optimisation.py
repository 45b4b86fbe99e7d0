"""A loop for models that are no captioner: AdamW, a rate that rises once and falls, clipped gradients, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn


def fit(
    model: nn.Module,
    updates: int,
    learning_rate: float,
    loss_of_update: Callable[[], Tensor],
    job: str,
    decay: float = 0.01,
) -> None:
    """Train `model` in place. `loss_of_update` draws a batch and gives its loss; `job` is what progress is said of."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=decay)
    rising = 0.2 if updates == 10 else 0.1  # a rise of exactly one step is a division by zero in torch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, updates, pct_start=rising)
    began = said = time.monotonic()
    for step in range(1, updates + 1):
        loss = loss_of_update()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        if time.monotonic() - said > 5:
            said = time.monotonic()
            left = (said - began) / step * (updates - step)
            progress = f"[{job}] step {step}/{updates} loss {float(loss.detach()):.3f}"
            print(f"{progress}, {left:.0f} s left", file=sys.stderr, flush=True)
    model.eval()
