"""What rows of experiments.yaml have to be to one another, so that a run of hours does not end at a row that cannot work."""

from __future__ import annotations

from collections.abc import Mapping

from cross2stra.configuration.experiment import Experiment, stages

REFERENCE = "cross2stra"
_BUILT = ("scene_graph", "constituency", "residual")
"""Keys that a model is built by: a checkpoint fits no other values of them."""


def problem_of(rows: Mapping[str, Experiment]) -> str:
    """The first thing that is wrong between rows, with the field that says it; empty where all is well."""
    if REFERENCE not in rows:
        return f"no row {REFERENCE!r}: it is what the others are compared with; add it"
    for name, row in rows.items():
        for field, other in (("model_of", row.model_of), ("warm_start.system", row.warm_start.get("system", ""))):
            if not other:
                continue
            where = f"field '{name}.{field}': "
            if other not in rows:
                return f"{where}{other!r} is no row of this file; mend its name"
            if wrong := _unlike(row, rows[other]):
                return (
                    f"{where}{other!r} has another {wrong}, and a model of it does not fit; write the same in both rows"
                )
            if field == "model_of" and rows[other].model_of:
                return f"{where}{other!r} trains no model, it has model_of as well; name the row whose model it is"
            if name in (circle := ancestors(rows, name)):
                return f"field '{name}': it starts from itself, by {' from '.join(circle)}; let one start anew"
            if field == "warm_start.system" and (stage := row.warm_start["stage"]) not in stages(rows[other]):
                return f"{where}{other!r} has no stage {stage!r}; its own are {', '.join(stages(rows[other]))}"
    return ""


def _unlike(row: Experiment, other: Experiment) -> str:
    keys = [*_BUILT, *(["method", "pipeline"] if row.model_of else [])]
    return next((key for key in keys if getattr(row, key) != getattr(other, key)), "")


def ancestors(rows: Mapping[str, Experiment], name: str) -> list[str]:
    """The rows that a row's model comes from, the nearest first; a circle once round."""
    found: list[str] = []
    while True:
        row = rows.get(name)
        name = (row.model_of or row.warm_start.get("system", "")) if row else ""
        if not name or name in found:
            return found
        found.append(name)
