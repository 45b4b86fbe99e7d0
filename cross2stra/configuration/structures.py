"""Sections about structures: parsers, extractors, generators, the external translator."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cross2stra.configuration.data import OfLanguage
from cross2stra.configuration.section import Section


class Parser(Section):
    """A benepar parser that the workflow trains, or a folder with published weights."""

    folder: str = Field("", description="Folder of published weights; empty: train.")
    trees: int = Field(4000, ge=1, description="Training trees.")
    updates: int = Field(400, ge=0, description="Updates of 32 sentences.")
    d_model: int = Field(128, ge=1, description="Width of the encoder.")
    jackknife: int = Field(
        1, ge=1, description="Parsers on disjoint parts, so that no sentence trained its own parser."
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
    detector_updates: int = Field(1500, ge=0, description="Updates of the detector, of 8 pictures.")
    motifs_updates: int = Field(1500, ge=0, description="Updates of the motif network, of 16 pictures.")
    region: float = Field(0.25, ge=0, le=1, description="Least score of a region.")
    overlap: float = Field(0.3, ge=0, le=1, description="Most that two regions may overlap (intersection over union).")
    attribute: float = Field(0.35, ge=0, le=1, description="Least probability of an attribute.")
    relation: float = Field(0.2, ge=0, le=1, description="Least probability of a relation.")
    relations: float = Field(1.5, ge=0, description="Most relations for each region.")

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
    max_objects: int = Field(16, ge=1, description="`boxes` only: objects kept in a picture, largest first.")
    max_relations: int = Field(12, ge=0, description="`boxes` only: relations kept in a picture, most probable first.")
    flat_share: float = Field(0.05, ge=0, le=1, description="Share of training trees replaced by flat ones.")
    shards: int = Field(
        1, ge=1, description="Parts in which trees, scene graphs and drawn pictures are made, as separate jobs."
    )
    bounds: Literal["swapped", "retrained"] = Field(
        "swapped",
        description="Rows with `annotated` structures: the row `model_of`'s model, with annotations at test alone, or a "
        "model of their own that is trained on annotations too.",
    )


class Generator(Section):
    """The scene generator of pivot-to-target back-translation (LSG -> VSG)."""

    d_model: int = Field(128, ge=1, description="Width.")
    layers: int = Field(2, ge=1, description="Encoder and decoder layers.")
    updates: int = Field(600, ge=0, description="Updates.")
    batch: int = Field(64, ge=1, description="Graphs in an update.")
    learning_rate: float = Field(2e-3, gt=0, description="Peak learning rate.")
    shown: float = Field(
        1.0, ge=0, le=1, description="Least share of a sentence's objects that its imagined scene must show."
    )
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

    size: int = Field(64, ge=1, description="Width and height of a picture in pixels: 8 times a power of two.")
    width: int = Field(96, ge=1, description="Width of object vectors.")
    channels: int = Field(32, ge=1, description="Channels of the finest refinement step.")
    updates: int = Field(2000, ge=0, description="Updates.")
    batch: int = Field(12, ge=1, description="Pictures in an update.")
    learning_rate: float = Field(3e-3, gt=0, description="Peak learning rate.")
    perceptual: float = Field(0.3, ge=0, description="Weight of the feature maps' distance; 0: pixels alone.")


class BackTranslator(Section):
    """The external target-to-pivot translator M (a transformers T5)."""

    folder: str = Field(
        "",
        description="Folder or name of a pretrained T5 or mT5 with its sentencepiece model, which training starts from; empty: "
        "from random weights.",
    )
    pieces: int = Field(2000, ge=1, description="Sentencepiece vocabulary, where `folder` has none.")
    d_model: int = Field(128, ge=1, description="Width, where `folder` has none.")
    layers: int = Field(2, ge=1, description="Encoder and decoder layers, where `folder` has none.")
    updates: int = Field(
        800, ge=0, description="Updates; 0: `folder` is a translator from target to pivot, and is taken as it is."
    )
    batch: int = Field(64, ge=1, description="Sentence pairs in an update.")
    learning_rate: float = Field(3e-2, gt=0, description="Peak step of Adafactor, relative to the size of a weight.")

    @model_validator(mode="after")
    def _learns_or_is_given(self) -> BackTranslator:
        if not self.updates and not self.folder:
            raise ValueError("updates 0 takes a translator as it is; name its folder in `folder`")
        return self
