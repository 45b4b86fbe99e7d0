"""Pictures are read where they lie, in folders or in archives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cross2stra.data.archives import is_there, opened_member


def test_a_file_and_a_member_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"one")
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("folder/1.jpg", b"one")
        archive.writestr("2.jpg", b"two")
    for path, content in (("1.jpg", b"one"), ("pictures.zip/folder/1.jpg", b"one"), ("pictures.zip/2.jpg", b"two")):
        with opened_member(tmp_path / path) as file:
            assert file.read() == content
        assert is_there(tmp_path / path)


@pytest.mark.parametrize("path", ["absent.jpg", "absent.zip/1.jpg", "pictures.zip/absent.jpg", "broken.zip/1.jpg"])
def test_what_is_absent_is_an_error_of_files(tmp_path: Path, path: str) -> None:
    (tmp_path / "broken.zip").write_bytes(b"no archive")
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("1.jpg", b"one")
    with pytest.raises(OSError, match=r"absent|broken"), opened_member(tmp_path / path):
        pass
    assert not is_there(tmp_path / path)
