"""The compared systems: how a row of experiments.yaml is trained and how it captions a picture."""

from __future__ import annotations

from cross2stra.configuration import STAGES, Experiment, left_out


def stages(experiment: Experiment) -> list[str]:
    """Training stages of a system in order; the last one exports the model.

    Those of its warm start are left out, and those of whose objectives it uses none.
    EarlyTranslation has one of its own, a target captioner on captions that its warm start's translator translated.
    """
    if experiment.pipeline == "early":
        return ["caption"]
    if experiment.pipeline == "late":
        return [STAGES[0]]
    start = STAGES.index(experiment.warm_start["stage"]) + 1 if experiment.warm_start else 0
    return [stage for stage in STAGES[start:] if stage not in left_out(experiment)]
