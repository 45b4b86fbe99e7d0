"""Sections about structures: parsers, extractors, generators, the external translator."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from cross2stra.configuration.data import OfLanguage
from cross2stra.configuration.section import Section, Share


class Parser(Section):
    """A benepar parser that the workflow trains, or a folder with published weights."""

    folder: str = Field("", description="Folder of published weights; empty: train.")
    trees: PositiveInt = Field(4000, description="Training trees.")
    updates: NonNegativeInt = Field(400, description="Updates of 32 sentences.")
    d_model: PositiveInt = Field(128, description="Width of the encoder.")
    jackknife: PositiveInt = Field(
        1, description="Parsers on disjoint parts, so that no sentence trained its own parser."
    )


class Extractor(Section):
    """The extractor of visual scene graphs: a two-stage detector, then the motif network, which the workflow trains."""

    detector: Literal["trained", "detectron2"] = Field(
        "trained", description="A detector that the workflow trains too, or one of detectron2's."
    )
    folder: str = Field(
        "",
        description="Folder of detectron2's model: config.yaml, model.safetensors or model.pth, classes.txt, attributes.txt, names.json.",
    )
    detector_updates: NonNegativeInt = Field(1500, description="Updates of the detector, of 8 pictures.")
    motifs_updates: NonNegativeInt = Field(1500, description="Updates of the motif network, of 16 pictures.")
    region: Share = Field(0.25, description="Least score of a region.")
    overlap: Share = Field(0.3, description="Most that two regions may overlap (intersection over union).")
    attribute: Share = Field(0.35, description="Least probability of an attribute.")
    relation: Share = Field(0.2, description="Least probability of a relation.")
    relations: NonNegativeFloat = Field(1.5, description="Most relations for each region.")

    @model_validator(mode="after")
    def _published_weights_are_somewhere(self) -> Extractor:
        if self.detector == "detectron2" and not self.folder:
            raise ValueError("detector `detectron2` reads published weights; name their folder in `folder`")
        return self


class Structures(Section):
    """Backends of the three structures."""

    visual: Literal["annotated", "extracted", "boxes"] = Field(
        "annotated",
        description="VSG: annotations, an extractor trained on other pictures, or annotated boxes with a relation model.",
    )
    extractor: Extractor = Field(Extractor(), description="The trained extractor of visual scene graphs.")
    language: dict[OfLanguage, Literal["annotated", "spacy", "stanza", "jieba"]] = Field(
        {}, description="LSG backend by language: `annotated`, `spacy`, `stanza`, `jieba`."
    )
    plural_nodes: bool = Field(
        False, description="Rules give an LSG a node for each of `two dogs`, in place of an attribute `two`."
    )
    syntax: dict[OfLanguage, Literal["annotated", "benepar"]] = Field(
        {}, description="Tree backend by language: `annotated` (gold, then benepar), `benepar`."
    )
    parser: dict[OfLanguage, Parser] = Field({}, description="Parser by language.")
    region_features: Literal["none", "efficientnet"] = Field("none", description="Pixel features of regions.")
    max_objects: PositiveInt = Field(16, description="`boxes` only: objects kept in a picture, largest first.")
    max_relations: NonNegativeInt = Field(
        12, description="`boxes` only: relations kept in a picture, most probable first."
    )
    shards: PositiveInt = Field(
        1, description="Parts in which trees, scene graphs and drawn pictures are made, as separate jobs."
    )
    bounds: Literal["swapped", "retrained"] = Field(
        "swapped",
        description="Rows with `annotated` structures: the row `model_of`'s model, with annotations at test alone, or a "
        "model of their own that is trained on annotations too.",
    )


class Generator(Section):
    """The scene generator of pivot-to-target back-translation (LSG -> VSG)."""

    d_model: PositiveInt = Field(128, description="Width.")
    layers: PositiveInt = Field(2, description="Encoder and decoder layers.")
    updates: NonNegativeInt = Field(600, description="Updates.")
    batch: PositiveInt = Field(64, description="Graphs in an update.")
    learning_rate: PositiveFloat = Field(2e-3, description="Peak learning rate.")
    shown: Share = Field(1.0, description="Least share of a sentence's objects that its imagined scene must show.")
    pictures: Literal["none", "learned", "gligen"] = Field(
        "none",
        description="Who draws imagined scenes, which are then seen as pictures are: nobody (the scene itself is read), a "
        "generator trained on the pivot pictures, or GLIGEN.",
    )
    pictures_of: dict[str, Literal["learned", "gligen"]] = Field(
        {},
        description="Transfer -> who draws for it, in place of `pictures`: GLIGEN reads English, so not for a Chinese pivot.",
    )
    folder: str = Field("", description="Folder of GLIGEN's weights, as diffusers keeps them.")


class Pictures(Section):
    """The generator of pictures from scene graphs: graph convolution, layout, cascaded refinement."""

    size: PositiveInt = Field(64, description="Width and height of a picture in pixels: 8 times a power of two.")
    width: PositiveInt = Field(96, description="Width of object vectors.")
    channels: PositiveInt = Field(32, description="Channels of the finest refinement step.")
    updates: NonNegativeInt = Field(2000, description="Updates.")
    batch: PositiveInt = Field(12, description="Pictures in an update.")
    learning_rate: PositiveFloat = Field(3e-3, description="Peak learning rate.")
    perceptual: NonNegativeFloat = Field(0.3, description="Weight of the feature maps' distance; 0: pixels alone.")


class BackTranslator(Section):
    """The external target-to-pivot translator M (a transformers T5)."""

    folder: str = Field(
        "",
        description="Folder or name of a pretrained T5 or mT5 with its sentencepiece model, which training starts from; empty: "
        "from random weights.",
    )
    pieces: PositiveInt = Field(2000, description="Sentencepiece vocabulary, where `folder` has none.")
    d_model: PositiveInt = Field(128, description="Width, where `folder` has none.")
    layers: PositiveInt = Field(2, description="Encoder and decoder layers, where `folder` has none.")
    updates: NonNegativeInt = Field(
        800, description="Updates; 0: `folder` is a translator from target to pivot, and is taken as it is."
    )
    batch: PositiveInt = Field(64, description="Sentence pairs in an update.")
    learning_rate: PositiveFloat = Field(3e-2, description="Peak step of Adafactor, relative to the size of a weight.")

    @model_validator(mode="after")
    def _learns_or_is_given(self) -> BackTranslator:
        if not self.updates and not self.folder:
            raise ValueError("updates 0 takes a translator as it is; name its folder in `folder`")
        return self
