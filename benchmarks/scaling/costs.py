"""What the jobs of `paper` cost: seconds of one core as measured in a run of the workflow, updates as measured on a GPU.

What was not measured is in Assumed, each with where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tasks import Task

from cross2stra.configuration import Profile
from cross2stra.reporting.throughput import PAPER_PAIRS, PAPER_PICTURES, jobs


@dataclass(frozen=True)
class Assumed:
    """What was not measured in a run of the workflow."""

    update: tuple[tuple[str, float], ...] = (
        ("caption_translate", 0.082),
        ("align", 0.140),
        ("back_translate", 0.205),
        ("joint", 0.263),
        ("caption", 0.041),
    )
    """Seconds of an update of 64 examples on an H200 at `paper`'s width. The first two were measured there
    (benchmarks/bench/accelerator.py); L_IPB and L_PTB count as three more passes of half a batch, a captioner alone as half."""
    larger: tuple[tuple[int, float], ...] = ((64, 1.0), (256, 1.29), (1024, 2.72))
    """Batch -> times as long, measured there in the first stage."""
    peak: float = 770e12
    """Operations a second of bfloat16 products of 8,192 x 8,192, measured there."""
    drawing_share: float = 0.2
    """Share of the peak in drawing; 0.3 to 0.5 are usual of large Transformers."""
    together: float = 0.9
    """Share of the speed of 8 GPUs that is left after their exchange of gradients."""
    detector: float = 10.0
    """Pictures a second of a GPU through the X-101-FPN detector (its repository gives about 10 on a V100)."""
    drawing: float = 68e12
    """Operations of a GLIGEN picture: 50 steps, twice for guidance, 0.68e12 each (Stable Diffusion's U-Net at 512 pixels)."""
    download: float = 50e6
    """Bytes a second."""
    hours: tuple[tuple[str, float], ...] = (
        ("train_parser", 4.0),
        ("train_generator", 6.0),
        ("train_back_translator", 8.0),
        ("train_extractor", 6.0),
        ("caption", 0.25),
        ("caption_stage", 0.15),
        ("diagnose", 0.15),
        ("corpora", 1.0),
        ("score", 0.5),
    )
    """Guesses, for jobs whose time depends on settings that only a run at this scale can choose."""


@dataclass
class Prices:
    """Costs of `paper`'s jobs. `measured`: results of a run with trained extractors, such as results/study; `transfer` of it,
    whose structures were made in `shards` parts."""

    profile: Profile
    measured: Path
    transfer: str
    shards: int = 1
    assumed: Assumed = Assumed()

    def __post_init__(self) -> None:
        self.seconds = {job.title: job.seconds / job.items for job in jobs(self.measured, self.transfer, self.shards)}

    def train(self, stage: str) -> float:
        """Seconds of a stage on one GPU."""
        training = self.profile.training
        updates = training.updates.get(stage) or sum(training.updates.values())
        batches, times = zip(*self.assumed.larger, strict=True)
        return updates * dict(self.assumed.update)[stage] * float(np.interp(training.batch, batches, times))

    def __call__(self, task: Task, gpus: int = 1) -> Task:
        """The task with what it costs, where a stage of training gets `gpus`."""
        shards = self.profile.structures.shards * len(self.profile.transfers)
        cpu = {
            "language_graphs": self.seconds["Language scene graphs"] * 2.2e6 / shards,
            "parse": self.seconds["Constituency trees, pivot"] * 2.6e6 / (2 * shards),
            "filter": 1.5e6 / 6000,
            "tokenise": 2.2e6 / 5000,
            "download": 20e9 / self.assumed.download,
            "imagine_scenes": self.seconds.get("Imagined scenes", 0.01) * PAPER_PAIRS,
        }
        pictures = PAPER_PICTURES / shards
        on_gpu = {
            "visual_graphs": pictures / self.assumed.detector,
            "generated_graphs": PAPER_PAIRS * len(self.profile.transfers) / shards / self.assumed.detector,
            "draw_pictures": PAPER_PAIRS
            * len(self.profile.transfers)
            / shards
            * self.assumed.drawing
            / (self.assumed.peak * self.assumed.drawing_share),
        }
        guessed = {rule: 3600 * hours for rule, hours in self.assumed.hours}
        if task.rule == "train":
            stage = task.name.split("stage: ")[1].split(" ")[0]
            seconds = self.train(stage) / (gpus * (self.assumed.together if gpus > 1 else 1.0))
            saved = seconds * self.profile.training.save_every / max(1, self.profile.training.updates.get(stage, 1))
            return replace(task, seconds=seconds, cores=8 * gpus, gpus=gpus, saved=saved)
        if task.rule in on_gpu:
            return replace(task, seconds=on_gpu[task.rule], cores=8, gpus=1)
        if task.rule in guessed and task.rule not in ("corpora", "score"):
            return replace(task, seconds=guessed[task.rule], cores=8, gpus=1)
        return replace(task, seconds=guessed.get(task.rule, cpu.get(task.rule, 120.0)))
