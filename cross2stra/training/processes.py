"""Several processes that train one model: what each must know of the others. Alone, everything here is free."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs, gather, pad_across_processes
from torch import Tensor, distributed

from cross2stra.configuration import Alignment, Compute, Training
from cross2stra.model.batch import Share
from cross2stra.training.devices import hold
from cross2stra.training.objectives import Contrast, Side, contrast, straight_through

_PATIENCE = timedelta(hours=2)
"""How long processes wait for the first, while it captions and parses for all."""


def start(training: Training, compute: Compute) -> Accelerator:
    """Join the processes that were launched together, if any were, and make tensors on this one's device from now on."""
    unused = DistributedDataParallelKwargs(find_unused_parameters=True, broadcast_buffers=False)
    accelerator = Accelerator(
        cpu=compute.device == "cpu",
        mixed_precision="bf16" if training.precision == "bfloat16" else "no",
        kwargs_handlers=[unused, InitProcessGroupKwargs(timeout=_PATIENCE)],
    )
    use(str(accelerator.device))
    return accelerator


def use(device: str) -> None:
    """Make tensors on this process's device from now on, the batches among them (examples.py); a GPU is held first."""
    if torch.device(device).type != "cpu":
        hold(1)
        torch.set_default_device(device)
        # Its attention is planned anew for every length, 0.3 s each; batches have many.
        torch.backends.cuda.enable_cudnn_sdp(False)


def number() -> int:
    """How many processes train this model."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Which of them this is; 0 writes what all read."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def shares(passes: int) -> list[Share]:
    """What of a batch this process computes, pass by pass."""
    return [Share(place * number() + rank(), passes * number()) for place in range(passes)]


@contextmanager
def first_alone() -> Iterator[None]:
    """The block runs in process 0, and then in the others, which find the files that it wrote."""
    if rank():
        distributed.barrier()
    yield
    if number() > 1 and not rank():
        distributed.barrier()


def mean(numbers: dict[str, float]) -> dict[str, float]:
    """The mean over processes of each number."""
    if number() == 1:
        return numbers
    values = torch.tensor(list(numbers.values())) / number()
    distributed.all_reduce(values)
    return dict(zip(numbers, values.tolist(), strict=True))


def contrast_of_all(a: Side, b: Side, threshold: float, alignment: Alignment, nearest: bool = False) -> Contrast:
    """`contrast` over the nodes of all processes, so that negatives are those of the whole batch.

    `positive` is of this process's nodes. The gradient is that of its nodes times the number of processes: the mean over
    processes, which is what training takes, is the gradient of the whole.
    """
    if number() == 1:
        return contrast(a, b, threshold, alignment, nearest)
    every_a, first_a = _everyone(a)
    every_b, first_b = _everyone(b)
    found = contrast(every_a, every_b, threshold, alignment, nearest)
    found.loss = straight_through(found.loss.detach(), number() * found.loss)
    found.positive = found.positive[first_a : first_a + len(a.states), first_b : first_b + len(b.states)]
    return found


def _everyone(side: Side) -> tuple[Side, int]:
    """The nodes of all processes, with gradient for this one's, and the row where these begin."""
    sizes = gather(torch.tensor([len(side.states)], device=side.states.device)).tolist()
    first = sum(sizes[: rank()])

    def together(values: Tensor) -> list[Tensor]:
        parts = gather(pad_across_processes(values.detach())).chunk(number())
        return [part[:size] for part, size in zip(parts, sizes, strict=True)]

    states = together(side.states)
    states[rank()] = side.states
    pair = side.pair * number() + rank()  # apart from those of other processes
    return Side(torch.cat(states), torch.cat(together(pair)), torch.cat(together(side.origin))), first
