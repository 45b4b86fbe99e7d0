"""Sections about what compared systems train beside their captioner."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from cross2stra.configuration.section import Section, Share


class Fluency(Section):
    """FG's classifier of sentences: written by people, or translated by a machine."""

    pairs: PositiveInt = Field(4000, description="Sentence pairs, each of which gives a sentence of both kinds.")
    width: PositiveInt = Field(64, description="Width of word vectors and of the LSTM.")
    updates: NonNegativeInt = Field(300, description="Updates of 64 sentences of each kind.")
    learning_rate: PositiveFloat = Field(5e-3, description="Peak learning rate.")


class Rewards(Section):
    """SSR's reward models, and how its captioner is reinforced."""

    width: PositiveInt = Field(
        96, description="Width of the language model, and of the space where pictures meet sentences."
    )
    concepts: PositiveInt = Field(200, description="Words of captions that are looked for in a picture.")
    updates: NonNegativeInt = Field(400, description="Updates of each reward model, of 64 sentences or pictures.")
    learning_rate: PositiveFloat = Field(3e-3, description="Peak learning rate of the reward models.")
    margin: NonNegativeFloat = Field(0.2, description="Margin of the matching loss.")
    share: Share = Field(0.3, description="Last share of the captioner's updates, which are reinforced.")
    cross_entropy: NonNegativeFloat = Field(0.5, description="Weight that L_Cap keeps beside the reinforced loss.")
    fluency: NonNegativeFloat = Field(0.3, description="Weight of the fluency reward, mean log probability of a word.")
    sentence: NonNegativeFloat = Field(1.0, description="Weight of the sentence-level relevance, a cosine.")
    concept: NonNegativeFloat = Field(1.0, description="Weight of the concept-level relevance, a probability.")


class PivotAlignment(Section):
    """PivotAlign's two ties: of the pivot's two embeddings, and of the translator to target sentences."""

    embeddings: NonNegativeFloat = Field(
        0.02, description="Weight of the sum of distances between a word's two embeddings."
    )
    autoencoder: NonNegativeFloat = Field(1.0, description="Weight of the loss of target sentences from themselves.")
    share: Share = Field(0.5, description="Target sentences of an update, as a share of the batch.")


class GraphMapping(Section):
    """UNISON's second phase, which maps the graphs of pictures to those of sentences."""

    share: Share = Field(0.3, description="Last share of the updates, which learn the mapping of pictures.")
    cycle: NonNegativeFloat = Field(10.0, description="Weight of the cycle consistency beside the adversarial loss.")


class Compared(Section):
    """Compared systems, by what they train beside their captioner."""

    fluency: Fluency = Field(default_factory=Fluency, description="FG.")
    rewards: Rewards = Field(default_factory=Rewards, description="SSR.")
    pivot_alignment: PivotAlignment = Field(default_factory=PivotAlignment, description="PivotAlign.")
    graph_mapping: GraphMapping = Field(default_factory=GraphMapping, description="UNISON.")
