"""What the jobs of `paper` cost: processor time as measured in a run here, floating-point operations counted in the model itself.

What cannot be measured here is in ASSUMED, each with where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tasks import Task
from torch.utils.flop_counter import FlopCounterMode

from cross2stra.configuration import Profile
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.reporting.throughput import PAPER_PAIRS, PAPER_PICTURES, jobs
from cross2stra.structures.graph import GraphBuilder
from cross2stra.structures.tree import flat_tree
from cross2stra.training import schedule
from cross2stra.training.examples import collate_scenes, collate_trees, encode_scene, encode_tree, prefixes
from cross2stra.training.objectives import word_loss

REGIONS, RELATIONS, WORDS, FEATURES = 36, 24, 12, 2048
"""A picture's regions and relations, a caption's words, a region's numbers: the paper's features (A.1), Table 5's lengths."""


@dataclass(frozen=True)
class Assumed:
    """What was not measured here."""

    peak: float = 989e12
    """Operations a second of an H100 SXM in bfloat16, dense (NVIDIA's data sheet)."""
    utilisation: float = 0.2
    """Share of the peak that small Transformers with graphs reach; 0.3 to 0.5 are usual of large ones."""
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


def operations(profile: Profile, losses: tuple[str, ...]) -> float:
    """Operations of an example of an update, forward and backward, counted in the model at the profile's width."""
    words = [f"w{i}" for i in range(200)]
    index = {word: i for i, word in enumerate(words)}
    shape = Shape(
        model=profile.model,
        pivot_words=profile.text.max_words,
        target_words=profile.text.max_words,
        feature_size=FEATURES,
    )
    model, batch = Cross2StrA(shape), 2
    picture = GraphBuilder()
    nodes = [picture.add_object(words[i], (i, i, i + 9, i + 9)) for i in range(REGIONS)]
    for i in range(RELATIONS):
        picture.add_relation(nodes[i], words[60 + i], nodes[i + 1])
    features = np.zeros((REGIONS + RELATIONS, FEATURES), dtype=np.float16)
    scenes = collate_scenes([encode_scene(picture.build((640, 480), features), index, FEATURES)] * batch, visual=True)
    trees = collate_trees([encode_tree(flat_tree(words[:WORDS]), index)] * batch)
    said = torch.arange(5, 5 + WORDS).repeat(batch, 1)
    counter = FlopCounterMode(display=False)
    with counter:
        h = model.scene(scenes)
        parts = {
            "cap": lambda: word_loss(model.caption(prefixes(said), h), said, model.captioner.output_index),
            "tran": lambda: word_loss(
                model.translate(prefixes(said), model.syntax(trees, h)), said, model.translator.output_index
            ),
        }
        torch.stack([parts[loss]() for loss in losses]).sum().backward()
    return counter.get_total_flops() / batch


@dataclass
class Prices:
    """Costs of `paper`'s jobs. `measured`: results of a run with trained extractors, such as results/study; `transfer` of it."""

    profile: Profile
    measured: Path
    transfer: str
    assumed: Assumed = Assumed()

    def __post_init__(self) -> None:
        self.seconds = {job.title: job.seconds / job.items for job in jobs(self.measured, self.transfer)}
        whole = operations(self.profile, ("cap", "tran"))
        training = self.profile.training
        back = schedule.back_examples(training) / training.batch
        # L_IPB and L_PTB go through captioner and translator, L_IPB through M too, which is as large again.
        self.of_stage = {
            "caption_translate": whole,
            "align": whole,
            "back_translate": whole * (1 + 3 * back),
            "joint": whole * (1 + 3 * back),
            "caption": operations(self.profile, ("cap",)),
        }

    def train(self, stage: str) -> float:
        """Seconds of a stage on one GPU."""
        training = self.profile.training
        updates = training.updates.get(stage) or sum(training.updates.values())
        work = self.of_stage[stage] * updates * training.batch
        return work / (self.assumed.peak * self.assumed.utilisation)

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
            / (self.assumed.peak * self.assumed.utilisation),
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
