"""Zips: members are read where they lie (100,000 pictures are never unpacked), and equal contents give equal bytes."""

from __future__ import annotations

import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO

from cross2stra.data.files import replacing

_EPOCH = (2023, 7, 9, 0, 0, 0)
_MOST_BYTES = 4 << 30
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError),
)
"""What zipfile raises of members that are damaged, encrypted, or packed in a way it does not know."""
_TEXTS = (".json", ".jsonl", ".csv", ".md")


@contextmanager
def opened_member(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, or of a member of a zip: `pictures.zip/folder/1.jpg` where pictures.zip is a file.

    Raises OSError where there is no such file, member, or archive.
    """
    archive = _archive_of(path)
    if archive is None:
        with open(path, "rb") as file:
            yield file
        return
    try:
        with _archive(archive).open(path.relative_to(archive).as_posix()) as member:
            yield member
    except (KeyError, *_DAMAGED) as error:
        raise OSError(f"{archive}: {error}") from error


def is_there(path: Path) -> bool:
    """Whether `path` is a file, or a member of a zip, that `opened_member` would find."""
    archive = _archive_of(path)
    if archive is None:
        return path.is_file()
    try:
        _archive(archive).getinfo(path.relative_to(archive).as_posix())
    except (KeyError, OSError, *_DAMAGED):
        return False
    return True


def _archive_of(path: Path) -> Path | None:
    return next((parent for parent in path.parents if parent.suffix == ".zip" and parent.is_file()), None)


@cache
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


@contextmanager
def whole_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip to read. Raises ValueError that names it where it is none, or a member is damaged or encrypted."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, *_DAMAGED) as error:
        raise ValueError(
            f"{path}: not a zip, or a truncated or damaged archive ({error}); get the file again"
        ) from error
    with archive:
        try:
            yield archive
        except _DAMAGED as error:
            raise ValueError(
                f"{path}: truncated, damaged or encrypted archive ({error}); get the file again"
            ) from error


def write_archive(output: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write a zip of (name, content), complete or not at all. Texts are compressed; no member has a time of its own."""
    with replacing(output) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED if name.endswith(_TEXTS) else zipfile.ZIP_STORED, 9)


def unpack_archive(file: Path, folder: Path, suffixes: tuple[str, ...]) -> None:
    """Unpack a zip whose members have these suffixes.

    Raises ValueError that says what is wrong: no zip, a name that comes twice or points out of the folder, another suffix,
    more than 4 GiB.
    """
    with whole_archive(file) as archive:
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise ValueError(f"{file}: a name comes twice in it; do not use this file")
        if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
            raise ValueError(f"{file}: more than {_MOST_BYTES >> 30} GiB when unpacked")
        for name in names:
            place = PurePosixPath(name)
            if place.is_absolute() or ".." in place.parts or "\\" in name or ":" in name:
                raise ValueError(f"{file}: {name!r} points out of the folder; do not use this file")
            if place.suffix not in suffixes:
                raise ValueError(f"{file}: {name!r} is none of {', '.join(suffixes)}; do not use this file")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                _copy(archive, name, target)
            except _DAMAGED as error:
                raise ValueError(f"{file}: {name!r} cannot be unpacked ({error}); get the file again") from error


def _copy(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    try:
        source = archive.open(name)
    except OSError as error:  # the place of the member is none; an error of the disk that is written to is another
        raise zipfile.BadZipFile(str(error)) from error
    with source, open(target, "wb") as copy:
        shutil.copyfileobj(source, copy)
