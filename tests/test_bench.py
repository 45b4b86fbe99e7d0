"""What the benchmarks compare with is the same work: the padded model gives what the model gives."""

from __future__ import annotations

import paper_scale
import step
import torch
from dense import Dense, plain_attention

from cross2stra.model.cross2stra import Cross2StrA, Shape


def test_the_padded_model_has_the_same_losses() -> None:
    profile = step.settings(32, 2)
    data = paper_scale.corpus(profile, 40, 8, regions=6)
    torch.manual_seed(1)
    model = Cross2StrA(Shape(model=profile.model, pivot_words=2000, target_words=2000, feature_size=8))
    own = step.epoch(model, model, data, like=True)
    gradient = model.scene_encoder.picture.weight.grad
    with plain_attention():
        other = step.epoch(Dense(model), model, data, like=False)
    assert abs(own / other - 1) < 1e-5
    assert gradient is not None


def test_batches_of_both_kinds_have_every_row_once() -> None:
    lengths = torch.arange(100).numpy() % 17 + 3
    for like in (True, False):
        rows = torch.tensor([row for batch in step.batches_of(lengths, like) for row in batch.tolist()])
        assert sorted(rows.tolist()) == list(range(100))
