"""A row of experiments.yaml: what a system is, by its difference from Cross2StrA."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cross2stra.configuration.section import Section, Share
from cross2stra.configuration.training import LOSSES, PURPOSE, STAGES, Objective


class Experiment(Section):
    """A row of experiments.yaml: what a system is, by its difference from Cross2StrA."""

    title: str = Field(description="Name in tables.")
    group: Literal["translation", "pivoting", "ablation", "bound", "sweep", "external"] = Field(
        description="Block of the table; a sweep is in none, but in a figure."
    )
    pipeline: Literal["pivot", "late", "early"] = Field("pivot", description="How a caption is made.")
    method: Literal[
        "", "fluency_weighting", "fluency_rejection", "rewards", "pivot_alignment", "graph_mapping", "paired_captions"
    ] = Field(
        "",
        description="How a compared system trains, where L_Cap and L_Tran are not all: a module of cross2stra/systems.",
    )
    budget: float = Field(
        1.0, gt=0, description="Of a system of one stage: examples through a decoder loss, in times of what others get."
    )
    scene_graph: bool = Field(True, description="False: a Transformer encoder over regions (w/o SG).")
    constituency: bool = Field(True, description="False: token states of a Transformer encoder (w/o SC).")
    residual: bool = Field(True, description="False: no scene states in the translator (w/o ResiConn).")
    thresholds: dict[Literal["rho_m", "rho_l"], Annotated[float, Field(ge=-1, le=1)]] = Field(
        {}, description="Thresholds of the alignment, in place of those of `training.alignment` (Figure 5)."
    )
    losses: list[Objective] = Field(
        list(LOSSES), min_length=1, description="Objectives in use; a stage left without one goes to `joint`."
    )
    tables: list[int] = Field([], description="Tables of the paper that have this row.")
    warm_start: dict[Literal["system", "stage"], str] = Field(
        {}, description="`system` and `stage` whose checkpoint this one starts from."
    )
    model_of: str = Field(
        "",
        description="Caption with the trained model of this other row; train nothing. A row with `annotated` structures "
        "does so with `structures.bounds: swapped`.",
    )
    annotated: list[Literal["visual", "language", "syntax"]] = Field(
        [],
        description="Structures that are the annotations, in place of the extractors' (a bound): at test, and in "
        "training too with `structures.bounds: retrained`.",
    )
    corrupted: dict[Literal["labels", "edges", "brackets"], Share] = Field(
        {}, description="Share of graph labels, of edges and of tree brackets that are wrong at test (Limitations)."
    )
    human_pivot: bool = Field(False, description="Translate a human pivot caption of each picture (a bound).")
    translator: Literal["own", "external"] = Field(
        "own",
        description="External: the pivot captions of `model_of` are translated by a model that read the unfiltered "
        "parallel text, as the back-translator did (a control).",
    )

    @model_validator(mode="after")
    def _fits_its_pipeline(self) -> Experiment:
        if self.budget != 1 and self.pipeline == "pivot":
            raise ValueError("budget: of a system of one stage only; `training.updates` says that of the others")
        if self.translator == "external" and not (self.model_of and self.pipeline == "late"):
            raise ValueError(
                "translator `external` needs `pipeline: late` and `model_of`, whose pivot captions it reads"
            )
        if self.warm_start and (
            self.warm_start.keys() != {"system", "stage"} or self.warm_start["stage"] not in STAGES
        ):
            raise ValueError(f"warm_start: expected a `system` and a `stage` of {', '.join(STAGES)}")
        if self.pipeline == "pivot" and self.warm_start.get("stage") == STAGES[-1]:
            raise ValueError(
                f"warm_start: nothing comes after stage {STAGES[-1]!r}; use model_of to caption with that model"
            )
        if self.pipeline == "pivot" and self.method:
            raise ValueError(f"method {self.method!r} is of a system of one stage; write `pipeline: early`, or `late`")
        return self

    @model_validator(mode="after")
    def _bounds_are_no_methods(self) -> Experiment:
        """What reads annotations, people's pivot captions or target captions is outside of the comparison."""
        read = {"annotated": self.annotated, "human_pivot": self.human_pivot}
        read["method `paired_captions`"] = self.method == "paired_captions"
        for what, is_so in read.items():
            if is_so and (self.group != "bound" or self.tables):
                raise ValueError(f"{what} reads what no method may; expected `group: bound` and no `tables`")
        return self


def left_out(experiment: Experiment) -> list[str]:
    """Stages that a row has no objective for: it leaves them out, and their updates go to `joint`."""
    return [stage for stage, purpose in PURPOSE.items() if not purpose & set(experiment.losses)]


def stages(experiment: Experiment) -> list[str]:
    """Training stages of a system in order; the last one exports the model.

    Those of its warm start are left out, and those of whose objectives it uses none.
    EarlyTranslation has one of its own, a target captioner on captions that its warm start's translator translated.
    """
    if experiment.pipeline == "early":
        return ["caption"]
    if experiment.pipeline == "late":
        return [STAGES[0]]
    start = STAGES.index(experiment.warm_start["stage"]) + 1 if experiment.warm_start else 0
    return [stage for stage in STAGES[start:] if stage not in left_out(experiment)]
