"""The jobs that Snakemake has run in a folder, as its own records of their outputs have them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """A job that Snakemake has run: its command, files, and when it began and ended (seconds of the epoch)."""

    rule: str
    command: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


def jobs(folder: Path) -> list[Job]:
    """The jobs of a run, from the records that Snakemake keeps of every output, in the order in which they began."""
    found: dict[str, Job] = {}
    records = folder / ".snakemake" / "metadata"
    for path in sorted(file for file in records.rglob("*") if file.is_file()):
        # Long names are split over folders, whose names begin with @.
        coded = "".join(part.removeprefix("@") for part in path.relative_to(records).parts)
        output, record = base64.b64decode(coded).decode("utf-8"), json.loads(path.read_text("utf-8"))
        if not record["shellcmd"]:
            continue
        command = record["shellcmd"]
        before = found.get(command)  # its other outputs, of which each has a record with a time of its own
        found[command] = Job(
            record["rule"],
            command,
            tuple(record["input"]),
            (*(before.outputs if before else ()), output),
            min(record["starttime"], before.began) if before else record["starttime"],
            max(record["endtime"], before.ended) if before else record["endtime"],
        )
    return sorted(found.values(), key=lambda job: job.began)
