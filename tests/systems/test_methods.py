"""Every method and pipeline of the configuration has its way to train, and the budget that comes with it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from cross2stra.configuration import Experiment, read_experiments, read_profile
from cross2stra.systems.methods import METHODS, method_of

ROOT = Path(__file__).parents[2]


def test_every_method_and_pipeline_is_there() -> None:
    named = [get_args(Experiment.model_fields[name].annotation) for name in ("method", "pipeline")]
    assert set(METHODS) == {value for values in named for value in values if value}


@pytest.mark.parametrize(
    ("row", "halves", "passes"),
    [
        ("late_translation", 2, 2.0),
        ("early_translation", 1, 1.0),
        ("fg", 1, 1.0),
        ("supervised_target", 1, 1.0),
        ("ssr", 1, 1.2),
        ("pivot_align", 2, 2.5),
        ("unison", 2, 1.7),
        ("unison_raw", 2, 1.4),
    ],
)
def test_share_of_the_budget(row: str, halves: int, passes: float) -> None:
    profile = read_profile(ROOT / "config/study.yaml")
    compared = profile.compared.model_copy(
        update={
            "rewards": profile.compared.rewards.model_copy(update={"share": 0.2}),
            "pivot_alignment": profile.compared.pivot_alignment.model_copy(update={"share": 0.5}),
            "graph_mapping": profile.compared.graph_mapping.model_copy(update={"share": 0.3}),
        }
    )
    experiment = read_experiments(ROOT / "config/experiments.yaml")[row]
    method = method_of(experiment)
    assert method.halves == halves
    assert method.passes(profile.model_copy(update={"compared": compared}), experiment) == pytest.approx(passes)
