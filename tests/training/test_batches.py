"""Which rows an update takes, in batches of like length too."""

from __future__ import annotations

import numpy as np
import pytest

from cross2stra.training.batches import LikeLengths, stream


def lengths(size: int) -> np.ndarray:
    return np.random.default_rng(1).integers(4, 60, size)


def test_stream_passes_every_row_once_an_epoch_whatever_the_step_it_starts_at() -> None:
    rows = np.concatenate([stream(10, 4, step, 7) for step in range(5)])
    assert sorted(rows[:10]) == sorted(rows[10:]) == list(range(10))
    assert not np.array_equal(rows[:10], rows[10:])


@pytest.mark.parametrize("shares", [1, 4])
def test_batches_of_like_length_keep_the_budget_and_pad_less(shares: int) -> None:
    size, batch = 5000, 32
    many = lengths(size)
    batches = LikeLengths(many, batch, shares, 3, 0)
    taken = [batches(step) for step in range(600)]
    assert all(len(rows) and len(rows) % shares == 0 for rows in taken)
    assert max(many[rows].max() * len(rows) for rows in taken) <= batches.budget
    assert np.mean([len(rows) for rows in taken]) == pytest.approx(batch, rel=0.15)
    padded = sum(many[rows].max() * len(rows) for rows in taken) / sum(many[rows].sum() for rows in taken)
    mixed = [stream(size, batch, step, 3, 0) for step in range(600)]
    assert (
        padded < 1.1 < 1.6 < sum(many[rows].max() * batch for rows in mixed) / sum(many[rows].sum() for rows in mixed)
    )


def test_an_epoch_has_every_row_once_but_for_the_few_that_cannot_be_shared_out() -> None:
    many = lengths(1003)
    batches = LikeLengths(many, 16, 4, 3, 0)
    batches(0)
    first = np.concatenate([batches(step) for step in range(batches._first[1])])
    assert len(first) == len(set(first.tolist())) == 1000


def test_batches_are_the_same_whatever_was_asked_for_before() -> None:
    many = lengths(300)
    one, other = LikeLengths(many, 16, 1, 3, 0), LikeLengths(many, 16, 1, 3, 0)
    in_order = [one(step) for step in range(60)]
    assert all(np.array_equal(other(step), in_order[step]) for step in (59, 0, 31, 30, 5))
    assert not np.array_equal(in_order[0], LikeLengths(many, 16, 1, 4, 0)(0))


def test_too_few_rows_are_named() -> None:
    with pytest.raises(ValueError, match="3 rows cannot be shared out to 4"):
        LikeLengths(np.ones(3), 16, 4, 1)
