"""Loss weights by stage and step (A.4), and the budget that systems are compared at (docs/readings.md, 15)."""

from __future__ import annotations

import math

from cross2stra.configuration import STAGES, Experiment, Training, left_out

DECODER_LOSSES = ("cap", "tran", "ptb")
"""Losses whose examples are counted: IPB's are not, whose likelihood is the external translator's, though it runs the
captioner and the translator over words that they have drawn (docs/readings.md, 15)."""


def weights(training: Training, losses: list[str], stage: str, progress: float) -> dict[str, float]:
    """Weight of each loss in use at `progress` (0 to 1) of a stage, linear from start to end (A.4)."""
    return {
        name: loss.start + (loss.end - loss.start) * progress
        for name, loss in training.weights[stage].items()
        if name in losses and (loss.start or loss.end)
    }


def active(training: Training, losses: list[str], stage: str) -> set[str]:
    """Losses of a stage that are in use."""
    return set(weights(training, losses, stage, 0.5))


def back_examples(training: Training) -> int:
    """Examples of a batch that go through back-translation."""
    return max(1, round(training.batch * training.back_share))


def updates(training: Training, experiment: Experiment) -> dict[str, int]:
    """Updates of each stage. A stage that loses what it is for gives its updates to `joint` (docs/readings.md, 15)."""
    given = dict(training.updates)
    for stage in left_out(experiment):
        given["joint"] += given[stage]
        given[stage] = 0
    return {stage: given[stage] for stage in STAGES}


def stage_examples(training: Training, experiment: Experiment, stage: str) -> int:
    """Examples that pass a decoder loss in one stage of a pivoting system."""
    used = active(training, experiment.losses, stage) & set(DECODER_LOSSES)
    each = sum(back_examples(training) if name == "ptb" else training.batch for name in used)
    return updates(training, experiment)[stage] * each


def decoder_examples(training: Training, experiment: Experiment) -> int:
    """Examples that pass a decoder loss in all stages of a pivoting system."""
    return sum(stage_examples(training, experiment, stage) for stage in STAGES)


def separate_updates(training: Training, reference: Experiment) -> int:
    """Updates of captioner and of translator for a system trained on these losses alone, at `reference`'s budget."""
    return math.ceil(decoder_examples(training, reference) / (2 * training.batch))


def rate(step: int, training: Training) -> float:
    """Learning rate at a step counted over all stages: linear warm-up, then inverse square root."""
    if step < training.warm_up:
        return training.learning_rate * (step + 1) / training.warm_up
    return training.learning_rate * math.sqrt(training.warm_up / (step + 1))
