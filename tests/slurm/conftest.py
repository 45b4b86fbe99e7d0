"""A cluster for the tests of this folder, which only `make test-slurm` collects: they need root and Debian's packages."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from cluster import Cluster, cluster

collect_ignore_glob = [] if os.environ.get("CROSS2STRA_SLURM") else ["test_*.py"]


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One node, up for all tests."""
    with cluster(tmp_path_factory.mktemp("slurm")) as made:
        yield made
