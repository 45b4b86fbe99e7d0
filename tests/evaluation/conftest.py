"""One METEOR process for the room's tests: starting it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cross2stra.evaluation.meteor import Meteor


@pytest.fixture(scope="session")
def scorer() -> Iterator[Meteor]:
    with Meteor() as running:
        yield running
