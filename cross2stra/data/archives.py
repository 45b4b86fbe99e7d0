"""Files that are read where they lie, in the archives that a corpus is given as: 100,000 pictures are never unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO


@contextmanager
def opened_member(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, or of a member of a zip: `pictures.zip/folder/1.jpg` where pictures.zip is a file.

    Raises OSError where there is no such file, member, or archive.
    """
    archive = next((parent for parent in path.parents if parent.suffix == ".zip" and parent.is_file()), None)
    if archive is None:
        with open(path, "rb") as file:
            yield file
        return
    try:
        with _archive(archive).open(path.relative_to(archive).as_posix()) as member:
            yield member
    except (KeyError, zipfile.BadZipFile) as error:
        raise OSError(f"{archive}: {error}") from error


@cache
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)
