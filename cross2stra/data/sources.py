"""The table of raw files, and how one of them comes to a folder: copied from a mirror or downloaded, then verified."""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
import re
import shutil
import sys
import time
import zlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields
from pathlib import Path

from cross2stra.configuration import Profile, Sources
from cross2stra.configuration.section import NAME
from cross2stra.data.archives import whole_archive
from cross2stra.data.files import replacing

MIRROR_VARIABLE = "CROSS2STRA_MIRROR"
_BLOCK = 1 << 20
_NETWORK_BLOCK = 1 << 14
"""A connection that breaks loses at most this many bytes."""


@dataclass(frozen=True)
class Source:
    """A row of sources.csv: one file, or folder of files, in one variant.

    `urls`: addresses in order of preference, space-separated. `member`: the file inside the archive at these addresses.
    `mirror_path`: place in the mirror folder; empty when a mirror has no copy. `bytes`, `sha256`: of what is downloaded
    or copied, empty when unknown. `corpora`: builders that read the file.
    """

    name: str
    variant: str
    role: str
    corpora: str
    urls: str
    member: str
    mirror_path: str
    bytes: str
    sha256: str
    licence: str
    how_to_obtain: str


def table_path(table: str) -> Path:
    """The table's file: as given, or below the checkout when the working folder is another one."""
    path = Path(table)
    return path if path.exists() or path.is_absolute() else Path(__file__).parents[2] / table


def read_sources(table: str | Path) -> list[Source]:
    """All rows of the table. Raises ValueError naming file, line and field where a row cannot be right."""
    path, names = table_path(str(table)), [field.name for field in fields(Source)]
    rows: list[Source] = []
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != names:
            raise ValueError(f"{path}: line 1: expected the columns {', '.join(names)}; found {reader.fieldnames}")
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"{path}: line {reader.line_num}: expected {len(names)} cells; mend the row")
            source = Source(**row)
            if problem := _problem(source):
                raise ValueError(f"{path}: line {reader.line_num}: {source.name}: {problem}")
            if any((source.name, source.variant) == (other.name, other.variant) for other in rows):
                raise ValueError(f"{path}: line {reader.line_num}: {source.name} ({source.variant}) is there twice")
            rows.append(source)
    return rows


def _problem(source: Source) -> str:
    if source.variant not in ("mirror", "upstream"):
        return f"field variant: expected mirror or upstream, found {source.variant!r}"
    if not re.fullmatch(NAME, source.name):
        return "field name: expected a file name of letters, digits, `_`, `.` and `-`"
    if source.bytes and not source.bytes.isdigit():
        return f"field bytes: expected a number or nothing, found {source.bytes!r}"
    if source.sha256 and not re.fullmatch("[0-9a-f]{64}", source.sha256):
        return f"field sha256: expected 64 hexadecimal digits, in small letters, or nothing, found {source.sha256!r}"
    if not source.urls and not (source.mirror_path and source.how_to_obtain):
        return "a file without a URL needs mirror_path and how_to_obtain"
    return ""


def names_for(profile: Profile) -> list[str]:
    """Files that the corpora of this profile's transfers read, sorted; none for the generated world."""
    if profile.sources.world:
        return []
    corpora = {transfer.corpus for transfer in profile.transfers.values()}
    rows = (row for row in read_sources(profile.sources.table) if row.variant == profile.sources.variant)
    return read_by(corpora, rows)


def read_by(corpora: Set[str], sources: Iterable[Source]) -> list[str]:
    """Names of those of `sources` that the corpora are made from, sorted."""
    return sorted(source.name for source in sources if corpora & set(source.corpora.split()))


def licences(profile: Profile) -> list[tuple[str, str]]:
    """(file, licence) of what `names_for` names."""
    wanted = set(names_for(profile))
    rows = read_sources(profile.sources.table) if wanted else []
    return sorted({(row.name, row.licence) for row in rows if row.name in wanted})


def mirror_folder(sources: Sources) -> Path | None:
    """The local folder of raw files: `sources.mirror`, or the environment's CROSS2STRA_MIRROR; None without."""
    folder = sources.mirror or os.environ.get(MIRROR_VARIABLE, "")
    return Path(folder) if folder else None


def obtain(sources: Sources, name: str, output: Path) -> None:
    """Bring one file to `output`: from the mirror where it is there, else from its addresses; verified, then renamed.

    Raises ValueError or OSError in one sentence: no such row, a file that is not public and is missing, wrong bytes or
    checksum, a truncated archive, no address that answers.
    """
    rows = [row for row in read_sources(sources.table) if (row.name, row.variant) == (name, sources.variant)]
    if not rows:
        raise ValueError(f"{sources.table}: no row {name!r} of variant {sources.variant!r}; add one")
    source, folder = rows[0], mirror_folder(sources)
    local = folder / source.mirror_path if folder and source.mirror_path else None
    if local is not None and local.exists():
        verify(local, source)
        _deliver(local, source, output)
    elif source.urls:
        _download(source, output)
    else:
        place = f"as {source.mirror_path} in the folder that sources.mirror or {MIRROR_VARIABLE} names"
        seen = f"; {local} is not there" if local is not None else ""
        raise OSError(f"{name} cannot be downloaded: {source.how_to_obtain} Put it {place}{seen}")


def verify(path: Path, source: Source, label: str = "") -> None:
    """Check size and SHA-256, as far as the table knows them; says on stderr when it knows no checksum."""
    where = label or str(path)
    size = sum(part.stat().st_size for part in _parts(path))
    if source.bytes and size != int(source.bytes):
        raise ValueError(
            f"{where}: expected {source.bytes} bytes of {source.name}, found {size}; get the file again, or correct its "
            "row of the table"
        )
    if source.sha256:
        found = _sha256(path)
        if found != source.sha256:
            raise ValueError(
                f"{where}: expected sha256 {source.sha256} of {source.name}, found {found}; get the file again, or "
                "correct its row of the table"
            )
    else:
        print(
            f"[download] {source.name}: the table has no checksum; only its reading can show a fault", file=sys.stderr
        )


def _parts(path: Path) -> list[Path]:
    """The file itself, or the files of a folder by name."""
    return sorted(part for part in path.iterdir() if part.is_file()) if path.is_dir() else [path]


def _sha256(path: Path) -> str:
    """Of a file's bytes; of a folder: of the lines `name sha256` of its files."""
    if path.is_dir():
        lines = "".join(f"{part.name} {_sha256(part)}\n" for part in _parts(path))
        return hashlib.sha256(lines.encode()).hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _deliver(path: Path, source: Source, output: Path) -> None:
    """Put a copy of a verified file in place; a member is unpacked."""
    with replacing(output) as temporary:
        if source.member:
            _unpack(path, source, temporary)
            return
        if path.is_dir():
            temporary.mkdir()
        else:
            _whole(path)
        for part in _parts(path):  # no link: what is done to the copy must not reach the mirror
            shutil.copyfile(part, temporary / part.name if path.is_dir() else temporary)


def _unpack(archive: Path, source: Source, output: Path) -> None:
    with whole_archive(archive) as packed:
        if source.member not in packed.namelist():
            raise ValueError(f"{archive}: expected {source.member} in the archive; correct the table's row")
        with packed.open(source.member) as member, open(output, "wb") as file:
            shutil.copyfileobj(member, file, _BLOCK)


def _whole(path: Path) -> None:
    """Raise ValueError where an archive is cut short, whatever the table knows of it."""
    with open(path, "rb") as file:
        magic = file.read(4)
    if magic == b"PK\x03\x04" or path.suffix == ".zip":
        with whole_archive(path):
            return
    if magic[:2] != b"\x1f\x8b":
        return
    try:
        with gzip.open(path) as packed:
            while packed.read(_BLOCK):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: truncated or damaged archive ({error}); remove it and get it again") from error


class Resuming:
    """A downloader for pooch that goes on where an interrupted one stopped; the part lies beside the output."""

    def __init__(self, part: Path) -> None:
        self.part, self.mark = part, part.with_name(f"{part.name}.version")

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Fetch `url` to `output_file`. Raises requests' errors; a part remains for the next call."""
        import requests

        have = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and self.mark.exists():  # the whole file comes where the address has another one by now
            headers["If-Range"] = self.mark.read_text(encoding="ascii")
        with requests.get(url, headers=headers, stream=True, timeout=60) as answer:
            if answer.status_code == 416:  # the part is whole, or longer than the file
                self.part.unlink()
                return self(url, output_file, pooch)
            answer.raise_for_status()
            going_on = answer.status_code == 206 and have
            if not going_on:
                self._remember(answer.headers)
            total = int(answer.headers.get("Content-Length", 0)) + (have if going_on else 0)
            done, said = have if going_on else 0, time.monotonic()
            with open(self.part, "ab" if going_on else "wb") as file:
                for block in answer.iter_content(_NETWORK_BLOCK):
                    file.write(block)
                    done += len(block)
                    if time.monotonic() - said > 5:
                        said = time.monotonic()
                        print(f"[download] {url} {done}/{total or '?'} bytes", file=sys.stderr, flush=True)
        if total and done < total:
            raise OSError(f"{done} of {total} bytes came")
        os.replace(self.part, output_file)
        self.mark.unlink(missing_ok=True)

    def _remember(self, headers: Mapping[str, str]) -> None:
        """Keep what tells this version of the file from another: its strong ETag, or when it was changed."""
        tag = headers.get("ETag", "")
        if version := tag if tag.startswith('"') else headers.get("Last-Modified", ""):
            self.mark.write_text(version, encoding="ascii", errors="ignore")
        else:
            self.mark.unlink(missing_ok=True)


def _download(source: Source, output: Path) -> None:
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")
    output.parent.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    for url in source.urls.split():
        # A part is of one address: another address may serve other bytes.
        mark = hashlib.sha256(url.encode()).hexdigest()[:8]
        part, whole = (output.with_name(f".{output.name}.{mark}.{kind}") for kind in ("partial", "whole"))
        for _ in range(1 + part.exists()):  # a part of an earlier call may be damaged: then once more, without it
            try:
                pooch.retrieve(url, None, whole.name, str(whole.parent), downloader=Resuming(part))
            except (requests.RequestException, OSError) as error:
                failures.append(f"{url} ({_short(error)})")
                break
            try:
                verify(whole, source, url)
                _deliver(whole, source, output)
                return
            except ValueError as error:
                failures.append(str(error).replace(str(whole), url))
            finally:
                whole.unlink(missing_ok=True)
    how = f" {source.how_to_obtain}" if source.how_to_obtain else ""
    raise OSError(f"{source.name} could not be obtained: {'; '.join(failures)}.{how} Or give a mirror folder")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
