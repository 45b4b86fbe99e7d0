"""Licences: every package of the environment has one, and a profile's data are listed with theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.configuration import read_profile
from cross2stra.reporting.licences import data_licences, package_licences

ROOT = Path(__file__).parents[2]


def test_packages_are_listed_once_with_version_and_licence() -> None:
    header, *rows = package_licences()
    assert header == ["Package", "Version", "Licence"]
    found = {name.lower(): (version, licence) for name, version, licence in rows}
    assert len(found) == len(rows) > 100
    assert "BSD" in found["torch"][1]
    assert found["pydantic"][1] == "MIT"
    assert all(len(licence) <= 120 and "\n" not in licence for _, licence in found.values())


@pytest.mark.parametrize(("profile", "some"), [("demo", False), ("mini", True)])
def test_data_of_a_profile(profile: str, some: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    rows = dict(data_licences(read_profile(ROOT / "config" / f"{profile}.yaml"))[1:])
    assert bool(rows) == some
    if some:
        assert all(rows.values())
