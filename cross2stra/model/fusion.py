"""The residual from scene states to syntax states (Eq. 4, A.2)."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from cross2stra.model.batch import States


class SceneResidual(nn.Module):
    r"""e = LayerNorm(r + g W_o softmax((r W_q)(h W_k)^T / sqrt(d)) (h W_v)), gate g from 0.1; one vector for each r.

    The printed sum r (+) h has two lengths that do not agree, so each syntax node reads the scene (docs/readings.md, 3).
    `form="printed"` keeps the roles of A.2's formula as they stand: the scene asks, the syntax states are the values.
    Without `residual`, e = LayerNorm(r).
    """

    def __init__(self, width: int, residual: bool, form: Literal["residual", "printed"] = "residual") -> None:
        super().__init__()
        self.residual, self.form = residual, form
        self.norm = nn.LayerNorm(width)
        if residual:
            self.query = nn.Linear(width, width, bias=False)
            self.key = nn.Linear(width, width, bias=False)
            self.value = nn.Linear(width, width, bias=False)
            self.output = nn.Linear(width, width, bias=False)
            self.gate = nn.Parameter(torch.tensor(0.1))

    def forward(self, r: States, h: States | None) -> States:
        """r (B, N, D), h (B, M, D) -> (B, N, D); the printed form gives (B, M, D)."""
        if not self.residual or h is None:
            return States(self.norm(r.values), r.mask)
        asking, asked = (r, h) if self.form == "residual" else (h, r)
        read = self.output(self.weights(r, h) @ self.value(asked.values))
        return States(self.norm(asking.values + self.gate * read), asking.mask)

    def weights(self, r: States, h: States) -> Tensor:
        """How much each syntax state reads of each scene state: (B, N, M), rows sum to 1; the printed form gives (B, M, N)."""
        asking, asked = (r, h) if self.form == "residual" else (h, r)
        scores = self.query(asking.values) @ self.key(asked.values).transpose(1, 2) / math.sqrt(r.values.shape[-1])
        return scores.masked_fill(~asked.mask[:, None], float("-inf")).softmax(-1)
