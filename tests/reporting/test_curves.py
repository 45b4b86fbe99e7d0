"""Learning curves: what is drawn, and on which axis."""

from __future__ import annotations

import pandas as pd

from cross2stra.reporting.curves import draw_curves

COLUMNS = ("transfer", "system", "seed", "stage", "step", "name", "value")


def logs(name: str, values: list[float]) -> list[tuple[object, ...]]:
    return [("en-zh_aic", "cross2stra", 1, "joint", step, name, value) for step, value in enumerate(values)]


def test_a_ratio_has_a_logarithmic_axis_and_a_share_a_plain_one() -> None:
    rows = pd.DataFrame([*logs("anchors_positive_m", [0.0, 40.0]), *logs("code_speak", [1.1, 75.0])], columns=COLUMNS)
    figure = draw_curves(rows, {"cross2stra": "Cross2StrA"}, ["anchors_positive_m", "code_speak", "cosine_m"])
    assert figure is not None
    shown = {axis.get_title("left"): axis.get_yscale() for axis in figure.axes if axis.get_visible()}
    assert shown == {"Scene nodes with a positive, %": "linear", "Perplexity over stage 2's (log axis)": "log"}


def test_nothing_is_drawn_of_what_was_not_logged() -> None:
    assert draw_curves(pd.DataFrame(logs("cap", [2.0]), columns=COLUMNS), {"cross2stra": "ours"}, ["cosine_m"]) is None
