"""A row's thresholds take the place of the profile's, and nothing else changes."""

from cross2stra.configuration import Experiment
from cross2stra.systems.method import with_thresholds


def test_only_the_thresholds_of_the_row_change(profile) -> None:
    row = Experiment(title="ρ_m = 0.9", group="sweep", thresholds={"rho_m": 0.9})
    swept = with_thresholds(profile, row)
    assert swept.training.alignment.rho_m == 0.9
    assert swept.training.alignment.rho_l == profile.training.alignment.rho_l
    alignment = swept.training.alignment.model_copy(update={"rho_m": profile.training.alignment.rho_m})
    assert swept.model_copy(update={"training": swept.training.model_copy(update={"alignment": alignment})}) == profile
