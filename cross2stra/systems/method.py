"""What a system is to training and captioning: Cross2StrA's way, from which the compared ones differ by a class each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from cross2stra.configuration import Experiment, Profile
from cross2stra.data.files import read_json
from cross2stra.model.cross2stra import Cross2StrA, Shape, made_on_cpu
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.syntax.backends import load_parser
from cross2stra.training import processes
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.corpus import TransferData, load, store
from cross2stra.training.loop import Plan, Stage
from cross2stra.training.pseudo import FlatTrees, TreeParser
from cross2stra.training.stages import PivotStage


@dataclass(frozen=True)
class Task:
    """One stage of one system, and where its files are. `reference`: the row whose budget separate systems get."""

    profile: Profile
    experiment: Experiment
    reference: Experiment
    transfer: str
    system: str
    seed: int
    stage: str
    text: Path
    structures: Path
    working: Path
    output: Path
    parser: Path | None = None
    back_translator: Path | None = None
    previous: Path | None = None


class Method:
    """Captioner, translator and their structures in one model: Cross2StrA, its ablations, LateTranslation.

    LateTranslation (Section 1, Table 1) is the row without structures and with L_Cap and L_Tran alone (Eq. 5, 6): what the
    pivot captioner says is translated at test.

    `model`, `training`: what is trained, and how. `tied`: whether captioner and translator share the pivot's embedding.
    `halves`: of captioner and translator, how many a system of one stage trains: its share of the common budget.
    """

    model: type[Cross2StrA] = Cross2StrA
    training: type[PivotStage] = PivotStage
    tied = True
    halves = 2

    def passes(self, profile: Profile, experiment: Experiment) -> float:
        """Batches that pass a decoder loss in an update of a system of one stage, mean over its updates."""
        return 2

    def data(self, task: Task) -> TransferData:
        """What is trained on; made once, and mapped from disk."""
        annotated = task.experiment.annotated if task.profile.structures.bounds == "retrained" else []
        folder = task.working / "data"
        with processes.first_alone():
            if processes.rank() == 0:
                store(task.text, task.structures, task.profile.text.max_tokens, folder, annotated)
        return load(task.text, folder)

    def shape(self, task: Task, data: TransferData) -> Shape:
        """The sizes and parts of the row's model."""
        return Shape(
            model=task.profile.model,
            pivot_words=len(data.vocabulary.pivot),
            target_words=len(data.vocabulary.target),
            feature_size=data.feature_size,
            scene_graph=task.experiment.scene_graph,
            constituency=task.experiment.constituency,
            residual=task.experiment.residual,
            tied=self.tied,
        )

    def stage(self, task: Task, data: TransferData, plan: Plan) -> Stage:
        """The training of one stage, from the model of the stage before it where there is one."""
        previous, losses = task.previous, task.experiment.losses
        if previous is None:
            model = made_on_cpu(lambda: self.model(self.shape(task, data)))
            model.captioner.restrict(torch.tensor(data.vocabulary.captioner_words))
        else:
            model = self.model.from_pretrained(previous)
        return self.training(
            model,
            data,
            with_thresholds(task.profile, task.experiment),
            losses,
            plan,
            task.working,
            tree_parser(model, task.parser),
            BackTranslator.load(task.back_translator) if task.back_translator and "ipb" in losses else None,
            read_json(previous / "metrics.json").get("stage_2_perplexity") if previous else None,
        )

    def load(self, folder: Path) -> Cross2StrA | TargetCaptioner:
        """The trained model, as it captions."""
        return Cross2StrA.from_pretrained(folder)


def with_thresholds(profile: Profile, experiment: Experiment) -> Profile:
    """The profile with the alignment's thresholds of a row (Figure 5)."""
    alignment = profile.training.alignment.model_copy(
        update={str(name): at for name, at in experiment.thresholds.items()}
    )
    return profile.model_copy(update={"training": profile.training.model_copy(update={"alignment": alignment})})


def tree_parser(model: Cross2StrA, folder: Path | None) -> TreeParser:
    """The parser of new pivot sentences; flat trees for a model without constituency or without a parser at hand."""
    return load_parser(folder) if folder is not None and model.shape.constituency else FlatTrees()
