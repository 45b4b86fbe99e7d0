"""Knob-off worlds: each turns knobs that exist and names rows that the world as it is has; the table of differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cross2stra.cli import app
from cross2stra.configuration import Experiment, Profile, read_profile
from cross2stra.evaluation.metrics import COLUMNS
from cross2stra.evaluation.significance import Interval
from cross2stra.evaluation.statistics import PictureStatistics, write_statistics
from cross2stra.reporting.worlds import apart, worlds_table
from cross2stra.world.knobs import KNOBS, turned

CONFIG = Path(__file__).parents[2] / "config"


def test_worlds_are_the_studys_but_for_their_knobs_and_rows() -> None:
    profiles = {path.stem: read_profile(path) for path in sorted(CONFIG.glob("worlds/*.yaml"))}
    study = read_profile(CONFIG / "study.yaml")
    assert turned(study.world.knobs) == KNOBS
    assert len(profiles) == 4
    for name, profile in profiles.items():
        assert profile.profile == name
        assert turned(profile.world.knobs) != KNOBS
        assert set(profile.systems) < set(study.systems)
        assert profile.seeds == study.seeds
        same = {
            **{field: getattr(study, field) for field in ("transfers", "once", "further", "description")},
            "profile": study.profile,
            "systems": study.systems,
            "world": profile.world.model_copy(update={"knobs": study.world.knobs}),
            "structures": profile.structures.model_copy(update={"bounds": study.structures.bounds}),
        }
        assert profile.model_copy(update=same) == study


def scored(folder: Path, values: dict[str, float]) -> Path:
    rng = np.random.default_rng(1)
    for seed in (1, 2):
        noise, parts = rng.normal(0, 0.05, 40), []
        for system, value in values.items():
            table = np.zeros((40, len(COLUMNS)))
            table[:, COLUMNS.index("cider_d")] = value + noise + 0.001 * seed
            images = tuple(f"{i:02}" for i in range(40))
            parts.append(PictureStatistics("en-zh_aic", system, seed, "test", "word", images, table))
        write_statistics(folder / f"scores/en-zh_aic/{seed}/statistics.parquet", parts)
    return folder


def test_an_effect_that_is_gone(tmp_path: Path, profile: Profile, experiments: dict[str, Experiment]) -> None:
    on = scored(tmp_path / "on", {"cross2stra": 1.0, "no_sg": 0.8, "no_sc": 0.9})
    off = scored(tmp_path / "off", {"cross2stra": 1.2, "no_sg": 1.2})
    table = worlds_table([(profile, on), (profile, off)], experiments, "en-zh_aic")
    (row,) = table.tidy
    assert row["system"] == "no_sg"
    assert (row["on"], row["off"], row["change"]) == pytest.approx((-20, 0, 20))
    assert row["low"] > 0
    with pytest.raises(ValueError, match="run profile"):
        worlds_table([(profile, tmp_path / "nothing"), (profile, off)], experiments, "en-zh_aic")


def test_the_verb_reads_each_profiles_results(tmp_path: Path) -> None:
    world = sorted(CONFIG.glob("worlds/*.yaml"))[0]
    for name in ("study", world.stem):
        scored(tmp_path / "results" / name, {"cross2stra": 1.0, "late_translation": 0.9})
    given = [f"--config={CONFIG / 'study.yaml'}", f"--config={world}", f"--experiments={CONFIG / 'experiments.yaml'}"]
    done = CliRunner().invoke(
        app, ["worlds", *given, f"--results={tmp_path / 'results'}", f"--output={tmp_path / 'worlds'}"]
    )
    assert done.exit_code == 0, done.output
    assert "LateTranslation" in done.output
    assert {path.suffix for path in (tmp_path / "worlds").iterdir()} == {".csv", ".md", ".tex", ".html"}


def test_half_widths_add_in_quadrature() -> None:
    change = apart(Interval(0, -3, 3, "pictures", 1), Interval(-10, -14, -6, "pictures", 1))
    assert change == pytest.approx((10, 5, 15))
