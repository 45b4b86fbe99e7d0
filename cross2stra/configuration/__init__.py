"""The configuration of a profile and of the experiments: typed, every key with a default and a sentence.

`workflow/schemas/*.schema.yaml` are generated from these types (`cross2stra schema`); a test compares them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeInt, model_validator

from cross2stra.configuration.compared import Compared, Fluency, GraphMapping, PivotAlignment, Rewards
from cross2stra.configuration.data import Filter, Language, Sources, Text, Transfer, World
from cross2stra.configuration.experiment import Experiment, left_out, stages
from cross2stra.configuration.ratings import Ratings
from cross2stra.configuration.reading import as_section, read_yaml
from cross2stra.configuration.rows import problem_of
from cross2stra.configuration.section import NAME, Section
from cross2stra.configuration.structures import BackTranslator, Extractor, Generator, Parser, Pictures, Structures
from cross2stra.configuration.training import (
    LOSSES,
    STAGES,
    Alignment,
    Compute,
    Decoding,
    Evaluation,
    Loss,
    Model,
    Training,
)

__all__ = [
    "LOSSES",
    "STAGES",
    "Alignment",
    "BackTranslator",
    "Compared",
    "Compute",
    "Decoding",
    "Evaluation",
    "Experiment",
    "Extractor",
    "Filter",
    "Fluency",
    "Generator",
    "GraphMapping",
    "Language",
    "Loss",
    "Model",
    "Parser",
    "Pictures",
    "PivotAlignment",
    "Profile",
    "Ratings",
    "Rewards",
    "Section",
    "Sources",
    "Structures",
    "Text",
    "Training",
    "Transfer",
    "World",
    "left_out",
    "read_experiments",
    "read_profile",
    "stages",
    "with_external",
]


EXTERNAL = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".txt", ".txt.gz")
"""Endings of files with another system's captions."""

Name = Annotated[str, Field(pattern=f"^{NAME}$")]
"""What names folders, in commands too: letters, digits, `_`, `.` and `-`."""


class Profile(Section):
    """One YAML of config/: sources, backends, sizes, budgets."""

    profile: Name = Field(description="Name; results go to results/{profile}.")
    description: str = Field("", description="One sentence for a reader.")
    transfers: dict[Name, Transfer] = Field(description="Transfers that are run.")
    seeds: list[NonNegativeInt] = Field([1], description="Training seeds.", min_length=1)
    systems: list[str] = Field(description="Rows of experiments.yaml that are run.")
    once: list[str] = Field([], description="Those of `systems` that are run with the first seed alone.")
    further: dict[str, list[str]] = Field(
        {}, description="Transfer -> further rows that are run on it alone, with the profile's seeds."
    )
    external_captions: dict[str, str] = Field(
        {},
        description="Name -> folder of captions that another system made: they stand in every automatic table, nothing is "
        "trained. Names are letters, digits, `_`, `.` and `-`; tables show a space for `_`. In the folder a file "
        "{transfer}.jsonl (image_id, text), .json (COCO's results) or .txt (COCO-CN's), or .gz of these.",
    )
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
    compute: Compute = Field(default_factory=Compute)
    compared: Compared = Field(
        default_factory=Compared, description="What compared systems train beside their captioner."
    )
    decoding: Decoding = Field(default_factory=Decoding)
    evaluation: Evaluation = Field(default_factory=Evaluation)
    ratings: Ratings = Field(default_factory=Ratings)

    @model_validator(mode="after")
    def _drawn_pictures_are_seen(self) -> Profile:
        if self.generator.pictures != "none" and self.structures.visual != "extracted":
            raise ValueError(
                f"generator.pictures {self.generator.pictures!r} needs structures.visual `extracted`, which sees pictures; "
                f"found {self.structures.visual!r}"
            )
        return self

    @model_validator(mode="after")
    def _painters_read_the_pivot(self) -> Profile:
        unknown = [name for name in self.generator.pictures_of if name not in self.transfers]
        if unknown:
            raise ValueError(f"generator.pictures_of: {unknown[0]!r} is none of `transfers`; mend its name")
        if self.generator.pictures_of and self.generator.pictures == "none":
            raise ValueError(
                "generator.pictures_of: with generator.pictures `none` nothing is drawn; name a painter there, or nobody here"
            )
        for name, transfer in self.transfers.items():
            if self.painter_of(name) == "gligen" and transfer.pivot != "en" and not transfer.models_of:
                raise ValueError(
                    f"generator.pictures `gligen` reads English, and the pivot of transfers.{name} is {transfer.pivot!r}; "
                    f"write generator.pictures_of: {{{name}: learned}}"
                )
        return self

    @model_validator(mode="after")
    def _seeds_and_rows_are_of_transfers(self) -> Profile:
        for name, transfer in self.transfers.items():
            served = self.transfers.get(transfer.models_of)
            if transfer.models_of and (served is None or served.models_of):
                raise ValueError(
                    f"transfers.{name}.models_of: {transfer.models_of!r} is no transfer of this profile that trains models"
                )
            if served and (served.pivot, served.target) != (transfer.pivot, transfer.target):
                raise ValueError(
                    f"transfers.{name}.models_of: the models of {transfer.models_of!r} are of other languages"
                )
            if transfer.seeds and transfer.seeds[0] != self.seeds[0]:
                raise ValueError(f"transfers.{name}.seeds: the first is {transfer.seeds[0]}, expected {self.seeds[0]}")
        lists: dict[str, Sequence[int | str]] = {"seeds": self.seeds, "systems": self.systems, "once": self.once}
        lists |= {f"transfers.{name}.seeds": transfer.seeds for name, transfer in self.transfers.items()}
        lists |= {f"further.{name}": [*self.systems, *rows] for name, rows in self.further.items()}
        for field, values in lists.items():
            if twice := [value for value, count in Counter(values).items() if count > 1]:
                raise ValueError(f"{field}: {twice[0]!r} is there twice, or in `systems` already; name it once")
        absent = [system for system in self.once if system not in self.systems]
        if absent:
            raise ValueError(f"once: {absent[0]!r} is none of `systems`; name it there too")
        unknown = [name for name in self.further if name not in self.transfers or self.transfers[name].models_of]
        if unknown:
            raise ValueError(f"further.{unknown[0]}: no transfer of this profile that trains models")
        if "transfer" in self.ratings.model_fields_set and self.ratings.transfer not in self.transfers:
            raise ValueError(f"ratings.transfer: {self.ratings.transfer!r} is none of `transfers`; mend its name")
        return self

    def painter_of(self, transfer: str) -> str:
        """Who draws the imagined scenes of a transfer: `none`, `learned` or `gligen`."""
        return self.generator.pictures_of.get(transfer, self.generator.pictures)

    def transfer(self, name: str) -> Transfer:
        """One of the transfers. Raises ValueError that names those that there are."""
        if name not in self.transfers:
            raise ValueError(f"profile {self.profile}: no transfer {name!r}; it has {', '.join(self.transfers)}")
        return self.transfers[name]

    def seeds_of(self, transfer: str) -> list[int]:
        """Training seeds of the models that caption for a transfer."""
        return self.transfers[self.transfers[transfer].models_of or transfer].seeds or self.seeds

    @property
    def runs(self) -> list[tuple[str, int]]:
        """Transfers and seeds of their models."""
        return [(transfer, seed) for transfer in self.transfers for seed in self.seeds_of(transfer)]

    def systems_of(self, transfer: str, seed: int) -> list[str]:
        """Rows that caption for a transfer with a seed."""
        given = [
            name for name in self.external_captions if seed == self.seeds[0] and self.external_file(name, transfer)
        ]
        passed = {*(self.once if seed != self.seeds[0] else []), *(self.external_captions.keys() - set(given))}
        own = [system for system in self.systems if system not in passed]
        return own + (self.further.get(transfer, []) if seed in self.seeds else [])

    def external_file(self, name: str, transfer: str) -> Path | None:
        """The file of another system's captions for a transfer, if it is there."""
        places = [Path(self.external_captions[name], transfer + suffix) for suffix in EXTERNAL]
        return next((place for place in places if place.is_file()), None)


def read_profile(path: str | Path) -> Profile:
    """Read and check a profile. Raises ValueError that names the file and the field."""
    return as_section(path, Profile, read_yaml(path))


def read_experiments(path: str | Path) -> dict[str, Experiment]:
    """Read and check experiments.yaml. Raises ValueError that names the file, the row and the field."""
    rows = {}
    for name, row in read_yaml(path).items():
        if not re.fullmatch(NAME, name):
            raise ValueError(f"{path}: row {name!r} names folders; expected letters, digits, `_`, `.` and `-`")
        rows[name] = as_section(path, Experiment, row, name)
    if wrong := problem_of(rows):
        raise ValueError(f"{path}: {wrong}")
    return rows


def with_external(profile: Profile, experiments: Mapping[str, Experiment]) -> tuple[Profile, dict[str, Experiment]]:
    """The profile and rows with those of `external_captions` among them.

    Raises ValueError for a name that a row has or that can be no file's, or a folder without a file for any transfer.
    """
    rows = dict(experiments)
    for name, folder in profile.external_captions.items():
        if not re.fullmatch(NAME, name):
            raise ValueError(f"external_captions: {name!r} names files; expected letters, digits, `_`, `.` and `-`")
        if name in rows:
            raise ValueError(f"external_captions.{name}: a row of experiments.yaml has this name; choose another")
        if not any(profile.external_file(name, transfer) for transfer in profile.transfers):
            raise ValueError(f"external_captions.{name}: {folder} has no file {{transfer}}{' or '.join(EXTERNAL)}")
        rows[name] = Experiment(title=name.replace("_", " "), group="external", pipeline="early")
    return profile.model_copy(update={"systems": [*profile.systems, *profile.external_captions]}), rows
