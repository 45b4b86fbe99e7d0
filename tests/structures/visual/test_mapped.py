"""What a detector says, from a mapped file: the same bits in the same order, so what is learnt from it is the same."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import torch

from cross2stra.structures.visual.mapped import mapped
from cross2stra.structures.visual.motifs_data import Example, Seen, frequency
from cross2stra.structures.visual.motifs_training import Budget, train

CLASSES, ATTRIBUTES, FEATURES, PREDICATES = 4, 2, 5, 3


def described(count: int, seed: int) -> Seen:
    rng = np.random.default_rng(seed)

    def numbers(rows: int, columns: int) -> np.ndarray:
        return rng.random((rows, columns), dtype=np.float32)

    labels = numbers(count, CLASSES)
    return Seen(
        np.sort(numbers(count, 4)), labels, numbers(count, FEATURES), numbers(count * (count - 1), FEATURES),
        numbers(count, ATTRIBUTES),
    )  # fmt: skip


SEEN = [described(count, seed) for seed, count in enumerate((3, 0, 1, 4, 2))]


def test_the_same_bits_in_the_same_order_and_no_file_left(tmp_path: Path) -> None:
    kept = mapped(iter(SEEN), tmp_path / "working")
    for own, other in zip(kept, SEEN, strict=True):
        for one, two in zip(astuple(own), astuple(other), strict=True):
            assert (one.dtype, one.shape, one.tobytes()) == (two.dtype, two.shape, two.tobytes())
    assert not list((tmp_path / "working").iterdir())
    assert mapped([], tmp_path) == []
    (nothing,) = mapped([described(0, 0)], tmp_path)
    assert nothing.unions.shape == (0, FEATURES)


def test_what_is_learnt_is_the_same_to_the_bit(tmp_path: Path) -> None:
    def learnt(seen: list[Seen]) -> dict[str, torch.Tensor]:
        examples = [
            Example(
                own, np.arange(n) % CLASSES, np.eye(n, ATTRIBUTES, dtype=np.float32), {(0, 1): {0}} if n > 1 else {}
            )
            for own in seen
            for n in (len(own.boxes),)
        ]
        table = frequency(((e.classes, e.relations) for e in examples), CLASSES, PREDICATES)
        return train(examples, table, Budget(updates=3, pictures=2), seed=1, width=8).state_dict()

    plain, kept = learnt(SEEN), learnt(mapped(SEEN, tmp_path))
    assert all(torch.equal(tensor, kept[name]) for name, tensor in plain.items())
