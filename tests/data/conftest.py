"""Where the real data is, when it is there; tiny hand-written raw files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cross2stra.data.sources import read_sources

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def raw_files(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real files under the names of the table of sources."""
    raw = tmp_path_factory.mktemp("files")
    for source in read_sources(ROOT / "config" / "sources.csv"):
        if source.variant == "mirror":
            (raw / source.name).symlink_to(mirror.resolve() / source.mirror_path)
    return raw
