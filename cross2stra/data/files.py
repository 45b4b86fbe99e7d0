"""Outputs that are complete or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; it becomes `path` only if the block succeeds.

    What a killed process has left of `path` goes.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        if left == temporary or not Path("/proc", left.name.split(".")[-2]).exists():
            _remove(left)
    try:
        yield temporary
        if temporary.is_dir() and path.is_dir():
            shutil.rmtree(path)
        os.replace(temporary, path)
    finally:
        _remove(temporary)


@contextmanager
def replacing_folder(path: str | Path, mark: str) -> Iterator[Path]:
    """As `replacing`, with a new folder.

    A folder that is there must be empty or hold the file `mark`, which the same writer left: somebody's own files are not
    removed. Raises ValueError where they would be.
    """
    path = Path(path)
    if path.is_dir() and any(path.iterdir()) and not (path / mark).exists():
        raise ValueError(f"{path}: a folder with other files, which would be lost (no {mark}); name a new folder")
    with replacing(path) as temporary:
        temporary.mkdir()
        yield temporary


def finished(folder: Path, *patterns: str) -> list[Path]:
    """What is below `folder` by these patterns, each sorted; what `replacing` has not put in place is left out."""
    paths = (path for pattern in patterns for path in sorted(folder.glob(pattern)))
    return [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(path: str | Path, value: Any) -> None:
    """Write `value` as UTF-8 JSON with sorted keys, so that equal values give equal bytes."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_json(path: str | Path) -> Any:
    """Read a UTF-8 JSON file. Raises ValueError naming the file when it is not JSON."""
    return parse_json(Path(path).read_bytes(), path, "make the file again")


def parse_json(text: str | bytes, path: str | Path, advice: str, line: int = 1) -> Any:
    """The value of a JSON text, which begins at `line` of `path`. Raises ValueError that names both and says `advice`."""
    try:
        return json.loads(text if isinstance(text, str) else text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 ({error.reason} at byte {error.start}); {advice}") from error
    except json.JSONDecodeError as error:
        place = f"{path}: line {line + error.lineno - 1}"
        raise ValueError(f"{place}: not valid JSON ({error.msg}); {advice}") from error
    except RecursionError as error:
        raise ValueError(f"{path}: line {line}: JSON nested too deeply to be data; {advice}") from error
    except ValueError as error:  # a number of thousands of digits
        raise ValueError(f"{path}: line {line}: not valid JSON ({error}); {advice}") from error


def checked(kind: type[T], value: Any, path: str | Path, advice: str) -> T:
    """`value` as an instance of the dataclass `kind`. Raises ValueError that names file and field and says `advice`."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the whole"
        raise ValueError(f"{path}: field {field}: {first['msg']}; {advice}") from error


def counts_beside(table: Path) -> Path:
    """Where the counts of a table are: TABLE.counts.json."""
    return table.with_name(table.name + ".counts.json")


def write_table(path: str | Path, table: pa.Table) -> None:
    """Write a Parquet file (zstd), atomically."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_table(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet file, memory-mapped. Raises ValueError naming the file and the missing column."""
    with whole_table(path):
        present = pq.read_schema(path).names
        missing = [name for name in columns or [] if name not in present]
        if missing:
            raise ValueError(f"{path}: expected columns {missing}, found {present}; make the file again")
        return pq.read_table(path, columns=columns, memory_map=True)


@contextmanager
def whole_table(path: str | Path) -> Iterator[None]:
    """Where a Parquet file is read: what says that it is none, or torn, becomes a ValueError that names the file."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        said = str(error).partition("\n")[0]
        raise ValueError(f"{path}: not a whole Parquet file ({said}); make the file again") from error


@contextmanager
def shaped(path: str | Path, what: str) -> Iterator[None]:
    """Where data from outside is taken apart: what says that it has another shape becomes a ValueError naming the file."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not {what} ({error!r}); get the file again") from error
