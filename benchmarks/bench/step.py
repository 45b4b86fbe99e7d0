"""An epoch of L_Cap and L_Tran: graphs as lists of edges and batches of like length, or all padded in the order drawn; and
at the paper's width beside the matrix products that such a step could be made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import paper_scale
import torch
from dense import Dense, plain_attention
from harness import Case
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from cross2stra.configuration import Model, Profile, read_profile
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.training.batches import LikeLengths, stream
from cross2stra.training.corpus import TransferData, lengths_of
from cross2stra.training.examples import collate_scenes, collate_trees, collate_words, prefixes
from cross2stra.training.objectives import word_loss

ROWS, BATCH, MOST = 512, 64, 40


def settings(width: int, layers: int) -> Profile:
    """A profile with a model of that width."""
    found = read_profile(Path(__file__).parents[2] / "config/paper.yaml")
    model = Model(d_model=width, heads=8, decoder_layers=layers, text_layers=2, feed_forward=4 * width, dropout=0.0)
    return found.model_copy(update={"model": model, "text": found.text.model_copy(update={"max_words": 2000})})


def caption_loss(model: Cross2StrA | Dense, decoders: Cross2StrA, data: TransferData, rows: np.ndarray) -> Tensor:
    """L_Cap, summed over words."""
    scene = model.scene(data.scenes(data.captions.picture[rows]))
    words = collate_words([data.captions.words[i] for i in rows], MOST)
    found = word_loss(decoders.caption(prefixes(words), scene), words, decoders.captioner.output_index)
    return found * (words > 0).sum()


def translation_loss(model: Cross2StrA | Dense, decoders: Cross2StrA, data: TransferData, rows: np.ndarray) -> Tensor:
    """L_Tran, summed over words, none of which is hidden."""
    h = model.scene(collate_scenes([data.pairs.sentence[i] for i in rows], visual=False))
    target = collate_words([data.pairs.target_words[i] for i in rows], MOST)
    e = model.syntax(collate_trees([data.pairs.pivot[i] for i in rows]), h)
    found = word_loss(decoders.translate(prefixes(target), e), target, decoders.translator.output_index)
    return found * (target > 0).sum()


def epoch(model: Cross2StrA | Dense, decoders: Cross2StrA, data: TransferData, like: bool) -> float:
    """Forward and backward of all rows, in batches of like length or as drawn; their summed loss."""
    captions, pairs = data.captions, data.pairs
    total = 0.0
    for lengths, loss_of in (
        (lengths_of(captions.words) + lengths_of(data.pictures), caption_loss),
        (lengths_of(pairs.target_words) + lengths_of(pairs.pivot), translation_loss),
    ):
        for rows in batches_of(lengths, like):
            decoders.zero_grad(set_to_none=True)
            loss = loss_of(model, decoders, data, rows)
            loss.backward()
            total += float(loss.detach())
    return total


def batches_of(lengths: np.ndarray, like: bool) -> Iterator[np.ndarray]:
    """Every row once."""
    drawn = LikeLengths(lengths, BATCH, 1, 1) if like else lambda step: stream(len(lengths), BATCH, step, 1)
    step = seen = 0
    while seen < len(lengths):
        yield (rows := drawn(step)[: len(lengths) - seen])
        step, seen = step + 1, seen + len(rows)


def cases() -> Iterator[Case]:
    """Widths of `study`, and half the paper's (its whole takes minutes on a core), then the paper's."""
    for width, layers in ((128, 2), (512, 6)):
        profile = settings(width, layers)
        data = paper_scale.corpus(profile, ROWS, 256)
        model = paper_scale.model_of(profile, data)

        def padded(model=model, data=data) -> float:  # type: ignore[no-untyped-def]
            with plain_attention():
                return epoch(Dense(model), model, data, like=False)

        yield Case(
            f"an epoch of 512 pictures and pairs, d {width}",
            "padded, adjacency matrices, no buckets",
            ">= 2",
            lambda model=model, data=data: epoch(model, model, data, like=True),
            padded,
            lambda ours, theirs: "" if abs(ours / theirs - 1) < 1e-5 else f"{ours} and {theirs}",
            rounds=3,
        )
    yield share_of_products()


def share_of_products(width: int = 1024, layers: int = 6, rows: int = 16, size: int = 1024) -> Case:
    """The ratio is the share of the machine's rate of matrix products that an update at the paper's width reaches."""
    profile = settings(width, layers)
    data = paper_scale.corpus(profile, rows, 2048)
    model = paper_scale.model_of(profile, data)
    with FlopCounterMode(display=False) as counter:
        epoch(model, model, data, like=True)
    one = torch.randn(size, size)
    products = round(counter.get_total_flops() / (2 * size**3))
    return Case(
        f"L_Cap and L_Tran of {rows} rows each, d {width}",
        "matrix products, as many operations",
        ">= 0.6",
        lambda: epoch(model, model, data, like=True),
        lambda: [one @ one for _ in range(products)],
        rounds=3,
    )
