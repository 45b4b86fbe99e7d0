"""What the benchmarks compare with is the same work: the padded model gives what the model gives."""

from __future__ import annotations

import numpy as np
import paper_scale
import step
import torch
from dense import Dense, plain_attention


def test_the_padded_model_has_the_same_losses_and_gradients() -> None:
    profile = step.settings(32, 2)
    data = paper_scale.corpus(profile, 40, 8, regions=6)
    model = paper_scale.model_of(profile, data)
    for loss_of in (step.caption_loss, step.translation_loss):
        found = []
        for own in (model, Dense(model)):
            model.zero_grad()
            with plain_attention():
                loss = loss_of(own, model, data, np.arange(16))
            loss.backward()
            found.append([loss.detach(), *(p.grad for p in model.parameters() if p.grad is not None)])
        for one, other in zip(*found, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_batches_of_both_kinds_have_every_row_once() -> None:
    lengths = np.arange(100) % 17 + 3
    for like in (True, False):
        assert sorted(np.concatenate(list(step.batches_of(lengths, like)))) == list(range(100))
