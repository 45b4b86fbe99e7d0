"""Licences of what results are made of and made with: the data that the profile reads, and the packages that are installed."""

from __future__ import annotations

from importlib import metadata

from cross2stra.configuration import Profile
from cross2stra.data.sources import licences

_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 60
"""Some packages give the licence's whole text as its name."""


def data_licences(profile: Profile) -> list[list[str]]:
    """Rows with the header first: file, licence; nothing but the header where the profile's world is generated."""
    return [["File", "Licence"], *([name, licence or "none given"] for name, licence in licences(profile))]


def package_licences() -> list[list[str]]:
    """Rows with the header first: package, version, licence, of all that this Python has, by name."""
    rows = {row[0].lower(): row for row in map(_row, metadata.distributions())}
    return [["Package", "Version", "Licence"], *(rows[name] for name in sorted(rows))]


def _row(package: metadata.Distribution) -> list[str]:
    about = package.metadata
    classified = [c.removeprefix(_CLASSIFIER) for c in about.get_all("Classifier") or [] if c.startswith(_CLASSIFIER)]
    named = next((about[key].strip() for key in ("License-Expression", "License") if key in about), "")
    if not named or "\n" in named or len(named) > _LONGEST:
        named = ", ".join(classified) or named.split("\n")[0][:_LONGEST]
    return [package.name, package.version, named or "none given"]
