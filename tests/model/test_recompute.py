"""Layers that are computed again in the backward pass: the numbers are the same, and less is kept."""

from __future__ import annotations

import pytest
import torch

from cross2stra.model.layers import Decoder, Encoder

INPUT = (3, 7, 16)


def built(kind: str) -> Encoder | Decoder:
    torch.manual_seed(0)
    return Encoder(3, 16, 2, 24, 0.3, positions=True) if kind == "encoder" else Decoder(3, 16, 2, 24, 0.3)


def gradients(kind: str, recompute: bool) -> tuple[list[torch.Tensor], int]:
    """Output and gradients, and how many numbers were kept for the backward pass."""
    network = built(kind)
    network.recompute = recompute
    torch.manual_seed(1)
    x, mask = torch.randn(*INPUT, requires_grad=True), torch.ones(3, 7, dtype=torch.bool)
    kept = 0

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal kept
        kept += tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = network(x, mask) if kind == "encoder" else network(x, torch.randn(*INPUT), mask)
        loss = out.square().sum()
    loss.backward()
    return [out, x.grad, *(p.grad for p in network.parameters())], kept


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_numbers_are_the_same_and_less_is_kept(kind: str) -> None:
    plain, much = gradients(kind, False)
    again, less = gradients(kind, True)
    assert all(torch.equal(a, b) for a, b in zip(plain, again, strict=True))
    assert less < much / 4
