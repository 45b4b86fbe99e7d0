"""Trains a Berkeley parser: character LSTM, Transformer, span scores, margin loss (Kitaev and Klein 2018)."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch
from nltk import Tree

from cross2stra import configuration
from cross2stra.structures.syntax.parser import LONGEST, Parser, build, example, part_of
from cross2stra.structures.syntax.scores import bracket_score
from cross2stra.structures.tree import read_tree

if TYPE_CHECKING:
    from benepar.parse_chart import ChartParser

BATCH = 32
LEARNING_RATE = 5e-3
"""Of a parser of width 96; it falls with the square root of the width."""
LONGEST_TRAINED = 40
HELD_OUT_SHARE = 0.1
MOST_HELD_OUT = 400
_POOL = 16  # batches that are sorted by length together
_REPORT_SECONDS = 5.0


def hyperparameters(d_model: int) -> dict[str, Any]:
    """benepar's `hparams` of a small parser without pretrained encoder."""
    return {
        "d_model": d_model,
        "num_layers": 2,
        "num_heads": 4,
        "d_kv": max(d_model // 4, 8),
        "d_ff": 2 * d_model,
        "d_label_hidden": max(d_model // 2, 16),
        "d_tag_hidden": d_model,
        "d_char_emb": 64,
        "use_chars_lstm": True,
        "use_pretrained": False,
        "use_encoder": True,
        "encoder_max_len": LONGEST + 2,
        "predict_tags": True,
        "tag_loss_scale": 5.0,
        "force_root_constituent": True,
        "char_lstm_input_dropout": 0.05,
        "morpho_emb_dropout": 0.05,
        "attention_dropout": 0.05,
        "relu_dropout": 0.05,
        "residual_dropout": 0.05,
    }


def split_held_out(trees: Sequence[Tree], seed: int) -> tuple[list[Tree], list[Tree]]:
    """Training and held-out trees; all trees are of different sentences."""
    order = list(trees)
    random.Random(seed).shuffle(order)
    held_out = min(MOST_HELD_OUT, int(HELD_OUT_SHARE * len(order)))
    return order[held_out:], order[:held_out]


def train_parser(trees: Sequence[Tree], settings: configuration.Parser, seed: int) -> tuple[Parser, dict[str, Any]]:
    """Train on canonical trees of different sentences; returns the parser and its scores on held-out trees.

    Raises ValueError where there are too few trees.
    """
    training, held_out = split_held_out(trees, seed)
    training = [tree for tree in training if len(tree.leaves()) <= LONGEST_TRAINED][: settings.trees]
    if len(training) < BATCH or not held_out:
        raise ValueError(f"{len(trees)} trees are too few to train a parser; at least {2 * BATCH} are needed")
    parts = settings.jackknife
    models = []
    for part in range(parts):
        own = [tree for tree in training if parts == 1 or part_of(tree.leaves(), parts) != part]
        models.append(_train(own, settings, seed + part, f"part {part + 1}/{parts}"))
    parser = Parser(models)
    predicted = parser.parse([tree.leaves() for tree in held_out])
    score = bracket_score((gold, read_tree(tree)) for gold, tree in zip(held_out, predicted, strict=True))
    scores = {
        **asdict(score),
        "training_trees": len(training),
        "updates": settings.updates,
        "parts": parts,
    }
    return parser, scores


def _train(trees: Sequence[Tree], settings: configuration.Parser, seed: int, name: str) -> ChartParser:
    from benepar.char_lstm import RetokenizerForCharLSTM
    from benepar.decode_chart import ChartDecoder

    torch.manual_seed(seed)
    words = [tree.leaves() for tree in trees]
    model = build(
        {
            "tag_vocab": {tag: i for i, tag in enumerate(sorted({tag for tree in trees for _, tag in tree.pos()}))},
            "label_vocab": ChartDecoder.build_vocab(trees),
            "char_vocab": RetokenizerForCharLSTM.build_vocab(words),
            "hparams": hyperparameters(settings.d_model),
        }
    )
    encoded = [model.encode(example(leaves, tree)) for leaves, tree in zip(words, trees, strict=True)]
    rate = LEARNING_RATE * (96 / settings.d_model) ** 0.5
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    warm_up = max(settings.updates // 10, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / warm_up, (settings.updates - step) / max(settings.updates - warm_up, 1)),
    )
    model.train()
    batches = _endless_batches(list(map(len, words)), seed)
    started = reported = time.monotonic()
    for step in range(settings.updates):
        indices = next(batches)
        batch = model.pad_encoded([encoded[i] for i in indices])
        batch["batch_size"] = len(indices)
        batch["batch_num_tokens"] = sum(len(words[i]) for i in indices)
        loss = model.compute_loss(batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        now = time.monotonic()
        if now - reported > _REPORT_SECONDS or step + 1 == settings.updates:
            left = (now - started) / (step + 1) * (settings.updates - step - 1)
            print(
                f"[train-parser] {name} step {step + 1}/{settings.updates} loss {loss.item():.2f} {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )
            reported = now
    return model


def _endless_batches(lengths: Sequence[int], seed: int) -> Iterator[list[int]]:
    """Indices of BATCH sentences of about the same length, in an order drawn by seed, for ever."""
    draw = random.Random(seed)
    size = min(BATCH, len(lengths))
    while True:
        order = list(range(len(lengths)))
        draw.shuffle(order)
        batches = []
        for start in range(0, len(order), size * _POOL):
            pool = sorted(order[start : start + size * _POOL], key=lambda i: lengths[i])
            batches += [pool[i : i + size] for i in range(0, len(pool) - size + 1, size)]
        draw.shuffle(batches)
        yield from batches
