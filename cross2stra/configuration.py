"""The configuration of a profile and of the experiments: typed, every key with a default and a sentence.

`workflow/schemas/*.schema.yaml` are generated from these types (`cross2stra schema`); a test compares them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Language = Literal["en", "zh"]
STAGES = ("caption_translate", "align", "back_translate", "joint")
LOSSES = ("cap", "tran", "cma", "cla", "ipb", "ptb")


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Transfer(Section):
    """One direction and test set."""

    pivot: Language = Field(description="Language whose captions have pictures.")
    target: Language = Field(description="Language of the captions that are wanted.")
    corpus: str = Field(description="Builder in cross2stra.data.corpora that makes its tables.")
    models_of: str = Field("", description="Caption with the models of this other transfer; train nothing.")


class Sources(Section):
    """Where raw files come from."""

    world: bool = Field(False, description="Generate the picture world instead of downloading.")
    variant: Literal["mirror", "upstream"] = Field("upstream", description="Which rows of sources.csv are used.")
    mirror: str = Field("", description="Local folder that holds the files of sources.csv; empty: download.")
    table: str = Field("config/sources.csv", description="The table of files: URLs, bytes, sha256, licence.")


class World(Section):
    """The generated picture world: its sizes. Its linguistic knobs are frozen in cross2stra/world/knobs.py."""

    seed: int = Field(1, description="Seed of scenes, pictures and text.")
    pivot_images: int = Field(1500, description="Training pictures with captions, for each language.")
    pivot_validation_images: int = Field(100, description="Validation pictures with captions, for each language.")
    validation_images: int = Field(100, description="Pictures with captions in the target language, validation.")
    test_images: int = Field(300, description="Test pictures of each transfer.")
    annotated_images: int = Field(
        0, description="Further pictures with scene graphs and no captions, which extractors are trained on."
    )
    parallel_sentences: int = Field(12000, description="Raw sentence pairs, noise included.")
    picture_size: int = Field(160, description="Width and height of a picture in pixels.")


class Filter(Section):
    """Caption-dictionary filter of parallel text (B.1)."""

    train: int = Field(6000, description="Pairs kept for training, best first.")
    validation: int = Field(200, description="Pairs for validation.")
    test: int = Field(200, description="Pairs for testing.")
    coverage: float = Field(0.6, description="Least share of content words in the dictionary, on each side.")
    agreement: float = Field(
        0.2, description="Least share of pivot dictionary words with a translation on the other side; 0: not asked."
    )
    length_ratio: float = Field(2.5, description="Greatest ratio of the token counts of both sides.")
    max_tokens: int = Field(40, description="Longest sentence, in tokens.")
    min_tokens: int = Field(3, description="Shortest sentence, in tokens.")
    dictionary: dict[str, str] = Field({}, description="Dictionary file by language; built from data where absent.")


class Text(Section):
    """Vocabulary and lengths."""

    min_count: int = Field(2, description="A word seen less often becomes <unk>.")
    max_words: int = Field(8000, description="Largest vocabulary of each side.")
    max_tokens: int = Field(24, description="Longer training sentences are cut, in tokens.")


class Parser(Section):
    """A benepar parser that the workflow trains, or a folder with published weights."""

    folder: str = Field("", description="Folder of published weights; empty: train.")
    trees: int = Field(4000, description="Training trees.")
    updates: int = Field(400, description="Updates of 32 sentences.")
    d_model: int = Field(128, description="Width of the encoder.")
    jackknife: int = Field(1, description="Parsers on disjoint parts, so that no sentence trained its own parser.")


class Extractor(Section):
    """The extractor of visual scene graphs: a two-stage detector, then the motif network, which the workflow trains."""

    detector: Literal["trained", "detectron2"] = Field(
        "trained", description="A detector that the workflow trains too, or one of detectron2's."
    )
    folder: str = Field(
        "", description="Folder of detectron2's model: config.yaml, model.safetensors, classes.txt, attributes.txt."
    )
    detector_updates: int = Field(1500, description="Updates of the detector, of 8 pictures.")
    motifs_updates: int = Field(1500, description="Updates of the motif network, of 16 pictures.")
    region: float = Field(0.25, description="Least score of a region.")
    overlap: float = Field(0.3, description="Most that two regions may overlap (intersection over union).")
    attribute: float = Field(0.35, description="Least probability of an attribute.")
    relation: float = Field(0.2, description="Least probability of a relation.")
    relations: float = Field(1.5, description="Most relations for each region.")


class Structures(Section):
    """Backends of the three structures."""

    visual: Literal["annotated", "extracted", "boxes"] = Field(
        "annotated",
        description="VSG: annotations, an extractor trained on other pictures, or annotated boxes with a relation model.",
    )
    extractor: Extractor = Field(Extractor(), description="The trained extractor of visual scene graphs.")
    language: dict[str, str] = Field(
        {}, description="LSG backend by language: `annotated`, `spacy`, `stanza`, `jieba`."
    )
    plural_nodes: bool = Field(
        False, description="Rules give an LSG a node for each of `two dogs`, in place of an attribute `two`."
    )
    syntax: dict[str, str] = Field(
        {}, description="Tree backend by language: `annotated` (gold, then benepar), `benepar`."
    )
    parser: dict[str, Parser] = Field({}, description="Parser by language.")
    region_features: Literal["none", "efficientnet"] = Field("none", description="Pixel features of regions.")
    max_objects: int = Field(16, description="Objects kept in a picture, largest first.")
    max_relations: int = Field(12, description="Relations kept in a picture, most probable first.")
    flat_share: float = Field(0.05, description="Share of training trees replaced by flat ones.")
    shards: int = Field(1, description="Parts of the sentences that are parsed as separate jobs.")
    bounds: Literal["swapped", "retrained"] = Field(
        "swapped",
        description="Rows with `annotated` structures: the row `model_of`'s model, with annotations at test alone, or a "
        "model of their own that is trained on annotations too.",
    )


class Generator(Section):
    """The scene generator of pivot-to-target back-translation (LSG -> VSG)."""

    d_model: int = Field(128, description="Width.")
    layers: int = Field(2, description="Encoder and decoder layers.")
    updates: int = Field(600, description="Updates.")
    batch: int = Field(64, description="Graphs in an update.")
    learning_rate: float = Field(2e-3, description="Peak learning rate.")
    shown: float = Field(1.0, description="Least share of a sentence's objects that its imagined scene must show.")
    pictures: Literal["none", "learned", "gligen"] = Field(
        "none",
        description="Who draws imagined scenes, which are then seen as pictures are: nobody (the scene itself is read), a "
        "generator trained on the pivot pictures, or GLIGEN.",
    )
    folder: str = Field("", description="Folder of GLIGEN's weights, as diffusers keeps them.")


class Pictures(Section):
    """The generator of pictures from scene graphs: graph convolution, layout, cascaded refinement."""

    size: int = Field(64, description="Width and height of a picture in pixels: 8 times a power of two.")
    width: int = Field(96, description="Width of object vectors.")
    channels: int = Field(32, description="Channels of the finest refinement step.")
    updates: int = Field(2000, description="Updates.")
    batch: int = Field(12, description="Pictures in an update.")
    learning_rate: float = Field(3e-3, description="Peak learning rate.")
    perceptual: float = Field(0.3, description="Weight of the feature maps' distance; 0: pixels alone.")


class BackTranslator(Section):
    """The external target-to-pivot translator M (a transformers T5)."""

    folder: str = Field("", description="Folder or name of pretrained weights; empty: train from random ones.")
    pieces: int = Field(2000, description="Sentencepiece vocabulary.")
    d_model: int = Field(128, description="Width.")
    layers: int = Field(2, description="Encoder and decoder layers.")
    updates: int = Field(800, description="Updates.")
    batch: int = Field(64, description="Sentence pairs in an update.")
    learning_rate: float = Field(3e-2, description="Peak step of Adafactor, relative to the size of a weight.")


class Model(Section):
    """Size of every captioner and translator."""

    d_model: int = Field(128, description="Width of graph encoders, decoders and embeddings (1,024 in the paper).")
    heads: int = Field(4, description="Attention heads.")
    graph_layers: int = Field(2, description="Layers of each graph convolution network.")
    text_layers: int = Field(1, description="Layers of the Transformer under the tree encoder.")
    decoder_layers: int = Field(2, description="Layers of each decoder.")
    feed_forward: int = Field(256, description="Width of the feed-forward layers.")
    dropout: float = Field(0.1, description="Dropout of embeddings and of what each layer adds.")
    geometry: int = Field(8, description="Numbers that describe a box: position, size, area, aspect.")


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

    rho_m: float = Field(0.6, description="Threshold of a positive pair, VSG and LSG nodes.")
    rho_l: float = Field(0.3, description="Threshold of a positive pair, pivot and target tree nodes.")
    temperature: float = Field(0.1, description="Temperature.")
    max_positives: int = Field(1, description="Most positives of an anchor.")
    literal: bool = Field(False, description="Z as printed: double sum, only j* left out, same pair only.")


class Training(Section):
    """Optimisation; the stage table is READINGS 12's: stage x loss -> weight."""

    batch: int = Field(64, description="Pictures, and sentence pairs, in an update.")
    learning_rate: float = Field(3e-3, description="Peak learning rate.")
    warm_up: int = Field(200, description="Updates of linear warm-up, in the first stage.")
    weight_decay: float = Field(0.01, description="AdamW weight decay.")
    label_smoothing: float = Field(0.1, description="Label smoothing of L_Cap and L_Tran.")
    clip: float = Field(1.0, description="Largest gradient norm.")
    updates: dict[str, int] = Field(description="Updates of each stage.")
    weights: dict[str, dict[str, Loss]] = Field(default_factory=_stage_weights, description="Stage -> loss -> weight.")
    alignment: Alignment = Field(default_factory=Alignment, description="CMA and CLA.")
    word_mask: tuple[float, float] = Field((0.15, 0.30), description="Range of masked pivot content words in L_Tran.")
    null_scene: float = Field(0.15, description="Share of sentences whose scene state is the learned null state.")
    refreshes: int = Field(2, description="Times in a stage that model outputs are decoded and parsed anew.")
    back_share: float = Field(0.5, description="Share of a batch that goes through IPB and PTB.")
    back_pairs: int = Field(4000, description="Captions, and sentence pairs, that back-translation draws from.")
    back_agreement: float = Field(
        0.5, description="Least share of a sentence's content words that its imagined scene's caption says (L_PTB)."
    )
    gumbel_temperature: float = Field(1.0, description="Temperature of the straight-through Gumbel-softmax.")
    code_speak: float = Field(1.5, description="Perplexity over stage 2's at which L_IPB is left out of a stage.")
    average: int = Field(10, description="Checkpoints averaged, equally spaced in the last fifth.")
    save_every: int = Field(100, description="Updates between resumable checkpoints.")


class Decoding(Section):
    """How captions are made at test."""

    beam: int = Field(5, description="Beam size, 1 is greedy.")
    length_penalty: float = Field(1.0, description="Exponent of the length that a score is divided by.")
    max_tokens: int = Field(24, description="Longest caption, in tokens.")
    batch: int = Field(64, description="Pictures decoded together.")


class Evaluation(Section):
    """Scores and intervals."""

    bootstrap: int = Field(1000, description="Resamples.")
    seed: int = Field(1, description="Seed of the resamples.")


class Profile(Section):
    """One YAML of config/: sources, backends, sizes, budgets."""

    profile: str = Field(description="Name; results go to results/{profile}.")
    description: str = Field("", description="One sentence for a reader.")
    transfers: dict[str, Transfer] = Field(description="Transfers that are run.")
    seeds: list[int] = Field([1], description="Training seeds.")
    systems: list[str] = Field(description="Rows of experiments.yaml that are run.")
    sources: Sources = Field(default_factory=Sources)
    world: World = Field(default_factory=World)
    filter: Filter = Field(default_factory=Filter)
    text: Text = Field(default_factory=Text)
    structures: Structures = Field(default_factory=Structures)
    generator: Generator = Field(default_factory=Generator)
    pictures: Pictures = Field(default_factory=Pictures)
    back_translator: BackTranslator = Field(default_factory=BackTranslator)
    model: Model = Field(default_factory=Model)
    training: Training
    decoding: Decoding = Field(default_factory=Decoding)
    evaluation: Evaluation = Field(default_factory=Evaluation)

    @model_validator(mode="after")
    def _drawn_pictures_are_seen(self) -> Profile:
        if self.generator.pictures != "none" and self.structures.visual != "extracted":
            raise ValueError(
                f"generator.pictures {self.generator.pictures!r} needs structures.visual `extracted`, which sees pictures; "
                f"found {self.structures.visual!r}"
            )
        return self


class Experiment(Section):
    """A row of experiments.yaml: what a system is, by its difference from Cross2StrA."""

    title: str = Field(description="Name in tables.")
    group: Literal["translation", "pivoting", "ablation", "bound"] = Field(description="Block of the table.")
    pipeline: Literal["pivot", "late", "early"] = Field("pivot", description="How a caption is made.")
    scene_graph: bool = Field(True, description="False: a Transformer encoder over regions (w/o SG).")
    constituency: bool = Field(True, description="False: token states of a Transformer encoder (w/o SC).")
    residual: bool = Field(True, description="False: no scene states in the translator (w/o ResiConn).")
    losses: list[str] = Field(list(LOSSES), description="Objectives in use; a stage left without one goes to `joint`.")
    tables: list[int] = Field([], description="Tables of the paper that have this row.")
    warm_start: dict[str, str] = Field({}, description="`system` and `stage` whose checkpoint this one starts from.")
    model_of: str = Field(
        "",
        description="With `structures.bounds: swapped`: caption with the trained model of this other row; train nothing.",
    )
    annotated: list[Literal["visual", "language", "syntax"]] = Field(
        [],
        description="Structures that are the annotations, in place of the extractors' (a bound): at test, and in "
        "training too with `structures.bounds: retrained`.",
    )


def _checked(path: str | Path, model: type[Section], value: Any, name: str = "") -> Any:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in (*([name] if name else []), *first["loc"]))
        raise ValueError(f"{path}: field {field!r}: {first['msg']}; see config/README.md for its keys") from error


def read_profile(path: str | Path) -> Profile:
    """Read and check a profile. Raises ValueError that names the file and the field."""
    return _checked(path, Profile, yaml.safe_load(Path(path).read_text(encoding="utf-8")))


def read_experiments(path: str | Path) -> dict[str, Experiment]:
    """Read and check experiments.yaml. Raises ValueError that names the file, the row and the field."""
    rows = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    return {name: _checked(path, Experiment, row, name) for name, row in rows.items()}


def digest(*sections: Section) -> str:
    """A short digest of sections; rules carry it as a parameter, so that a changed key runs them again."""
    text = json.dumps([section.model_dump(mode="json") for section in sections], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
