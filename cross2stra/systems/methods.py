"""Every way to train and caption, by the `method` of a row of experiments.yaml, or, without one, by its pipeline."""

from __future__ import annotations

from cross2stra.configuration import Experiment
from cross2stra.systems.early import Early
from cross2stra.systems.fluency import FluencyGuided
from cross2stra.systems.graph_mapping import GraphMapping
from cross2stra.systems.method import Method
from cross2stra.systems.pivot_alignment import PivotAlignment
from cross2stra.systems.rewards import SelfSupervised
from cross2stra.systems.supervised import Supervised

METHODS: dict[str, Method] = {
    "pivot": Method(),
    "late": Method(),
    "early": Early(),
    "fluency_weighting": FluencyGuided(rejection=False),
    "fluency_rejection": FluencyGuided(rejection=True),
    "rewards": SelfSupervised(),
    "pivot_alignment": PivotAlignment(),
    "graph_mapping": GraphMapping(),
    "paired_captions": Supervised(),
}


def method_of(experiment: Experiment) -> Method:
    """How the system of a row trains and captions."""
    return METHODS[experiment.method or experiment.pipeline]
