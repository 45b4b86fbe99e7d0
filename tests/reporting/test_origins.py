"""Every verb of an origin is one, and every table and figure of the documentation has its origin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from cross2stra.cli import app
from cross2stra.configuration import Profile
from cross2stra.reporting.origins import ORIGINS, computed, origin_of

ROOT = Path(__file__).parents[2]


def test_verbs_are_verbs() -> None:
    verbs = set()
    for name, command in get_command(app).commands.items():
        verbs |= {f"{name} {own}" for own in getattr(command, "commands", {})} | {name}
    assert {verb for origin in ORIGINS.values() for verb in origin.verbs} <= verbs


def test_what_the_documentation_lists_has_an_origin() -> None:
    text = (ROOT / "docs" / "tables-and-figures.md").read_text("utf-8")
    listed = set(re.findall(r"`((?:table|figure)[\d_][\w{}*]*|(?:table|figure)\d)`", text))
    assert len(listed) > 25
    for name in listed:
        assert origin_of(re.sub(r"\{transfer\}|\*", "en-zh_aic", name)).verbs


def test_the_longest_beginning_wins(profile: Profile) -> None:
    assert origin_of("figure5_en-zh_aic") is ORIGINS["figure5"]
    assert origin_of("figure10") is ORIGINS["figure10"]
    assert origin_of("table_terciles") is ORIGINS["table"]
    with pytest.raises(KeyError):
        origin_of("figure99")
    told = dict(computed("table_terciles", Path("made/tables"), profile, "config/tiny.yaml", "abc", True))
    assert told["Again"].endswith("-- made/tables/table1.md")
    assert told["Again"].startswith("CROSS2STRA_RECORDED=")
