"""Sections about what compared systems train beside their captioner."""

from __future__ import annotations

from pydantic import Field

from cross2stra.configuration.section import Section


class Fluency(Section):
    """FG's classifier of sentences: written by people, or translated by a machine."""

    pairs: int = Field(4000, description="Sentence pairs, each of which gives a sentence of both kinds.")
    width: int = Field(64, description="Width of word vectors and of the LSTM.")
    updates: int = Field(300, description="Updates of 64 sentences of each kind.")
    learning_rate: float = Field(5e-3, description="Peak learning rate.")


class Rewards(Section):
    """SSR's reward models, and how its captioner is reinforced."""

    width: int = Field(96, description="Width of the language model, and of the space where pictures meet sentences.")
    concepts: int = Field(200, description="Words of captions that are looked for in a picture.")
    updates: int = Field(400, description="Updates of each reward model, of 64 sentences or pictures.")
    learning_rate: float = Field(3e-3, description="Peak learning rate of the reward models.")
    margin: float = Field(0.2, description="Margin of the matching loss.")
    share: float = Field(0.3, description="Last share of the captioner's updates, which are reinforced.")
    cross_entropy: float = Field(0.5, description="Weight that L_Cap keeps beside the reinforced loss.")
    fluency: float = Field(0.3, description="Weight of the fluency reward, mean log probability of a word.")
    sentence: float = Field(1.0, description="Weight of the sentence-level relevance, a cosine.")
    concept: float = Field(1.0, description="Weight of the concept-level relevance, a probability.")


class PivotAlignment(Section):
    """PivotAlign's two ties: of the pivot's two embeddings, and of the translator to target sentences."""

    embeddings: float = Field(0.02, description="Weight of the sum of distances between a word's two embeddings.")
    autoencoder: float = Field(1.0, description="Weight of the loss of target sentences from themselves.")
    share: float = Field(0.5, description="Target sentences of an update, as a share of the batch.")


class GraphMapping(Section):
    """UNISON's second phase, which maps the graphs of pictures to those of sentences."""

    share: float = Field(0.3, description="Last share of the updates, which learn the mapping of pictures.")
    cycle: float = Field(10.0, description="Weight of the cycle consistency beside the adversarial loss.")


class Compared(Section):
    """Compared systems, by what they train beside their captioner."""

    fluency: Fluency = Field(default_factory=Fluency, description="FG.")
    rewards: Rewards = Field(default_factory=Rewards, description="SSR.")
    pivot_alignment: PivotAlignment = Field(default_factory=PivotAlignment, description="PivotAlign.")
    graph_mapping: GraphMapping = Field(default_factory=GraphMapping, description="UNISON.")
