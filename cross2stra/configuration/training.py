"""Sections about models: sizes, losses by stage, optimisation, decoding, scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from cross2stra.configuration.section import Section, Share

STAGES = ("caption_translate", "align", "back_translate", "joint")
LOSSES = ("cap", "tran", "cma", "cla", "ipb", "ptb")
PURPOSE = {"align": {"cma", "cla"}, "back_translate": {"ipb", "ptb"}}
"""Stages that are for some objectives."""

Stage = Annotated[str, Field(pattern=f"^({'|'.join(STAGES)})$")]
Objective = Annotated[str, Field(pattern=f"^({'|'.join(LOSSES)})$")]


class Model(Section):
    """Size of every captioner and translator."""

    d_model: PositiveInt = Field(
        128, description="Width of graph encoders, decoders and embeddings (1,024 in the paper)."
    )
    heads: PositiveInt = Field(4, description="Attention heads.")
    graph_layers: PositiveInt = Field(2, description="Layers of each graph convolution network.")
    text_layers: PositiveInt = Field(1, description="Layers of the Transformer under the tree encoder.")
    decoder_layers: PositiveInt = Field(2, description="Layers of each decoder.")
    feed_forward: PositiveInt = Field(256, description="Width of the feed-forward layers.")
    dropout: NonNegativeFloat = Field(
        0.1, lt=1, description="Dropout of scene nodes, of decoders' words, and of what each layer adds."
    )
    geometry: PositiveInt = Field(8, description="Numbers that describe a box: position, size, area, aspect.")

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Model:
        if self.d_model % self.heads:
            raise ValueError(f"d_model {self.d_model} is no multiple of heads {self.heads}; choose one that is")
        return self


class Loss(Section):
    """Weight of a loss within a stage: linear from `start` to `end`."""

    start: float
    end: float


def _stage_weights() -> dict[str, dict[str, Loss]]:
    """The table stage x loss of A.4, with L_Cap and L_Tran kept in stages 2 and 3 (docs/readings.md, 12)."""
    kept = {"cap": (1.0, 1.0), "tran": (1.0, 1.0)}
    table = {
        "caption_translate": kept,
        "align": kept | {"cma": (0.7, 0.7), "cla": (0.7, 0.7)},
        "back_translate": kept | {"ipb": (0.3, 0.3), "ptb": (0.3, 0.3)},
        "joint": {
            "cap": (1.0, 0.7), "tran": (1.0, 0.7), "cma": (0.7, 0.7), "cla": (0.7, 0.7), "ipb": (0.3, 0.7),
            "ptb": (0.3, 0.7),
        },
    }  # fmt: skip
    return {
        stage: {loss: Loss(start=start, end=end) for loss, (start, end) in row.items()} for stage, row in table.items()
    }


class Alignment(Section):
    """Contrastive alignment (Eq. 7, 8, A.3)."""

    rho_m: float = Field(0.6, ge=-1, le=1, description="Threshold of a positive pair, VSG and LSG nodes.")
    rho_l: float = Field(0.3, ge=-1, le=1, description="Threshold of a positive pair, pivot and target tree nodes.")
    temperature: PositiveFloat = Field(0.1, description="Temperature.")
    max_positives: PositiveInt = Field(1, description="Most positives of an anchor.")
    literal: bool = Field(
        False, description="Z as printed: double sum, only j* left out, same pair only; the rest of the loss as it is."
    )


class Training(Section):
    """Optimisation; docs/readings.md, 12 has the table of stages: stage x loss -> weight."""

    batch: PositiveInt = Field(64, description="Pictures, and sentence pairs, in an update.")
    learning_rate: PositiveFloat = Field(3e-3, description="Peak learning rate.")
    warm_up: PositiveInt = Field(200, description="Updates of linear warm-up, in the first stage.")
    weight_decay: NonNegativeFloat = Field(0.01, description="AdamW weight decay.")
    label_smoothing: Share = Field(
        0.1, description="Label smoothing of all losses of target and pivot words but L_IPB's."
    )
    clip: PositiveFloat = Field(1.0, description="Largest gradient norm.")
    updates: dict[Stage, NonNegativeInt] = Field(description="Updates of each stage; all four are named.")
    weights: dict[Stage, dict[Objective, Loss]] = Field(
        default_factory=_stage_weights, description="Stage -> loss -> weight; what is not named keeps its weight."
    )
    alignment: Alignment = Field(default_factory=Alignment, description="CMA and CLA.")
    flat_share: Share = Field(
        0.05, description="Share of pivot trees of sentence pairs that L_Tran and L_CLA read flat."
    )
    word_mask: tuple[Share, Share] = Field((0.15, 0.30), description="Range of masked pivot content words in L_Tran.")
    null_scene: Share = Field(0.15, description="Share of sentences whose scene state is the learned null state.")
    refreshes: PositiveInt = Field(2, description="Times in a stage that model outputs are decoded and parsed anew.")
    back_share: Share = Field(0.5, description="Share of a batch that goes through IPB and PTB.")
    back_pairs: PositiveInt = Field(4000, description="Captions, and sentence pairs, that back-translation draws from.")
    back_agreement: Share = Field(
        0.5,
        description="Least share of a sentence's content words that its imagined scene's caption says (L_PTB).",
    )
    gumbel_temperature: PositiveFloat = Field(1.0, description="Temperature of the straight-through Gumbel-softmax.")
    code_speak: NonNegativeFloat = Field(
        1.5, description="Perplexity over stage 2's at which L_IPB is left out of a stage."
    )
    average: PositiveInt = Field(10, description="Checkpoints averaged, equally spaced in the last fifth.")
    save_every: PositiveInt = Field(100, description="Updates between resumable checkpoints.")
    accumulate: PositiveInt = Field(
        1,
        description="Passes that a batch is computed in, one after the other, where memory is short. Word losses are those "
        "of the whole batch; negatives of CMA and CLA come from one pass.",
    )
    bucketed: bool = Field(
        False,
        description="Pivoting systems: batches of captions, and of sentence pairs, of like length, each with at most as many "
        "words and nodes, padded, as `batch` rows of mean length have.",
    )
    precision: Literal["float32", "bfloat16"] = Field("float32", description="Of matrix products; weights are float32.")

    @field_validator("updates")
    @classmethod
    def _of_all_stages(cls, given: dict[str, int]) -> dict[str, int]:
        if absent := [stage for stage in STAGES if stage not in given]:
            raise ValueError(f"{absent[0]} has no updates; name {', '.join(STAGES)}")
        return given

    @field_validator("word_mask")
    @classmethod
    def _from_to(cls, given: tuple[float, float]) -> tuple[float, float]:
        if given[0] > given[1]:
            raise ValueError(f"{given[0]} is more than {given[1]}; give the lower end first")
        return given

    @field_validator("weights", mode="before")
    @classmethod
    def _over_the_table(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or not all(isinstance(row, Mapping) for row in given.values()):
            return given
        table = _stage_weights()
        return table | {stage: table.get(stage, {}) | dict(row) for stage, row in given.items()}


class Compute(Section):
    """What a stage of training runs on. Numbers are the same but for rounding, and on a GPU for which numbers dropout
    drops, so nothing is run again for it."""

    device: Literal["cpu", "cuda"] = Field(
        "cpu", description="Where captioners and translators are trained, and caption."
    )
    processes: PositiveInt = Field(
        1, description="Processes of one machine that share out every batch; one for each GPU."
    )
    machines: PositiveInt = Field(1, description="Machines that share out every batch, in one SLURM job.")
    workers: NonNegativeInt = Field(
        0, description="Processes that make the batches of pivoting systems ahead; worth it beside a GPU."
    )
    recompute: bool = Field(
        False,
        description="Compute layers of encoders and decoders again in the backward pass, in place of keeping them.",
    )


class Decoding(Section):
    """How captions are made at test."""

    beam: PositiveInt = Field(5, description="Beam size, 1 is greedy.")
    length_penalty: float = Field(1.0, description="Exponent of the length that a score is divided by.")
    max_tokens: PositiveInt = Field(24, description="Longest caption, in tokens.")
    batch: PositiveInt = Field(64, description="Pictures decoded together.")


class Evaluation(Section):
    """Scores and intervals."""

    bootstrap: PositiveInt = Field(
        5000, description="Resamples: Holm's correction of 20 systems needs p-values well below 0.0025."
    )
    seed: int = Field(1, description="Seed of the resamples.")
