"""Which stages a row of experiments.yaml has, and what it starts from."""

from pathlib import Path

import pytest

from cross2stra.configuration import read_experiments, stages

ROWS = read_experiments(Path(__file__).parents[2] / "config" / "experiments.yaml")


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("cross2stra", ["caption_translate", "align", "back_translate", "joint"]),
        ("no_sg", ["caption_translate", "align", "back_translate", "joint"]),
        ("no_cma", ["align", "back_translate", "joint"]),
        ("no_cma_cla", ["back_translate", "joint"]),
        ("no_ptb", ["back_translate", "joint"]),
        ("no_ipb_ptb", ["joint"]),
        ("early_translation", ["caption"]),
        ("fg", ["caption"]),
        ("ssr", ["caption"]),
        ("late_translation", ["caption_translate"]),
    ],
)
def test_stages(system: str, expected: list[str]) -> None:
    assert stages(ROWS[system]) == expected


@pytest.mark.parametrize("system", ["no_cma", "no_cla", "no_cma_cla", "no_ipb", "no_ptb", "no_ipb_ptb"])
def test_an_ablation_of_objectives_starts_where_it_begins_to_differ(system: str) -> None:
    whole, row = ROWS["cross2stra"], ROWS[system]
    missing = set(whole.losses) - set(row.losses)
    before = stages(whole)[: stages(whole).index(row.warm_start["stage"]) + 1]
    uses = {"cma": "align", "cla": "align", "ipb": "back_translate", "ptb": "back_translate"}
    assert all(uses[name] not in before for name in missing)
    assert uses[min(missing)] == stages(whole)[len(before)]


def test_pivot_side_only_is_another_name() -> None:
    alias, row = ROWS["pivot_side_only"], ROWS["no_cma_cla"]
    assert alias.model_of == "no_cma_cla"
    assert alias.losses == row.losses
