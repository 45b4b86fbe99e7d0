"""Sections about data: transfers, sources, the world, the filter, text."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from cross2stra.configuration.section import Section, Share

Language = Literal["en", "zh"]
OfLanguage = Annotated[str, Field(pattern=f"^({'|'.join(get_args(Language))})$")]
"""A key of a map by language."""


class Transfer(Section):
    """One direction and test set."""

    pivot: Language = Field(description="Language whose captions have pictures.")
    target: Language = Field(description="Language of the captions that are wanted.")
    corpus: str = Field(description="Builder in cross2stra.data.corpora that makes its tables.")
    models_of: str = Field("", description="Caption with the models of this other transfer; train nothing.")
    seeds: list[NonNegativeInt] = Field(
        [], description="Training seeds of this transfer, in place of the profile's, its first first."
    )

    @model_validator(mode="after")
    def _has_two_languages(self) -> Transfer:
        if self.pivot == self.target:
            raise ValueError(f"pivot and target are both {self.pivot!r}; a transfer is from one language to another")
        return self


class Sources(Section):
    """Where raw files come from."""

    world: bool = Field(False, description="Generate the picture world instead of downloading.")
    variant: Literal["mirror", "upstream"] = Field("upstream", description="Which rows of sources.csv are used.")
    mirror: str = Field("", description="Local folder that holds the files of sources.csv; empty: download.")
    table: str = Field("config/sources.csv", description="The table of files: URLs, bytes, sha256, licence.")


class World(Section):
    """The generated picture world: its sizes. Its linguistic knobs are frozen in cross2stra/world/knobs.py."""

    seed: int = Field(1, description="Seed of scenes, pictures and text.")
    pivot_images: PositiveInt = Field(1500, description="Training pictures with captions, for each language.")
    pivot_validation_images: PositiveInt = Field(
        100, description="Validation pictures with captions, for each language."
    )
    validation_images: PositiveInt = Field(
        100, description="Pictures with captions in the target language, validation."
    )
    test_images: PositiveInt = Field(300, description="Test pictures of each transfer.")
    annotated_images: NonNegativeInt = Field(
        0, description="Further pictures with scene graphs and no captions, which extractors are trained on."
    )
    parallel_sentences: NonNegativeInt = Field(12000, description="Raw sentence pairs, noise included.")
    picture_size: int = Field(160, ge=16, description="Width and height of a picture in pixels.")
    knobs: dict[str, float] = Field(
        {}, description="Knobs at another value than the frozen one, for a world that lacks what an effect comes from."
    )


class Filter(Section):
    """Caption-dictionary filter of parallel text (B.1)."""

    train: PositiveInt = Field(6000, description="Pairs kept for training, best first.")
    validation: PositiveInt = Field(200, description="Pairs for validation.")
    test: PositiveInt = Field(200, description="Pairs for testing.")
    coverage: Share = Field(0.6, description="Least share of content words in the dictionary, on each side.")
    agreement: Share = Field(
        0.2,
        description="Least share of pivot dictionary words with a translation on the other side; 0: not asked.",
    )
    length_ratio: float = Field(2.5, ge=1, description="Greatest ratio of the token counts of both sides.")
    max_tokens: PositiveInt = Field(40, description="Longest sentence, in tokens.")
    min_tokens: PositiveInt = Field(3, description="Shortest sentence, in tokens.")
    dictionary: dict[OfLanguage, str] = Field(
        {}, description="Dictionary file by language; built from data where absent."
    )


class Text(Section):
    """Vocabulary and lengths."""

    min_count: PositiveInt = Field(2, description="A word seen less often becomes <unk>.")
    max_words: PositiveInt = Field(8000, description="Largest vocabulary of each side.")
    max_tokens: PositiveInt = Field(24, description="Longer training sentences are cut, in tokens.")
