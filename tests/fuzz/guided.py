"""A million inputs for the readers, led by what code they reach (atheris): `make fuzz-guided`.

Of each reader: inputs tried, and what was raised that is no message. Findings keep their input, so that one can be tried again.
"""

from __future__ import annotations

import base64
import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import atheris
import typer

with atheris.instrument_imports(include=["cross2stra"]):
    from documents import damaged
    from hypothesis import given, settings
    from readers import READERS, refused

app = typer.Typer()
SECONDS, MEGABYTES = 20, 2048
"""For one input: more is a hang, or memory without bounds."""


def seeds(name: str, folder: Path) -> None:
    """Documents to begin with: as the unguided tests draw them."""
    _, documents, _ = READERS[name]

    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(damaged(documents))
    def keep(data: bytes) -> None:
        if len(data) < 4096:
            (folder / str(len(list(folder.iterdir())))).write_bytes(data)

    keep()


@app.command()
def one(name: str, runs: int, findings: Path, seed: int = 1) -> None:
    """Feed one reader; never comes back (libFuzzer ends the process)."""
    file, _, read = READERS[name]
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    (folder / "seeds").mkdir()
    seeds(name, folder / "seeds")
    path, known = folder / file, set[str]()

    def feed(data: bytes) -> None:
        path.write_bytes(data)
        try:
            said = refused(read, path)
            problem = "" if said is None or path.name in said else f"does not name the file: {said}"
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        kind = re.sub(r"[^A-Za-z ]", "", problem)[:60]
        if problem and kind not in known:
            known.add(kind)
            with findings.open("a", encoding="utf-8") as log:
                row = {"reader": name, "problem": problem[:400], "input": base64.b64encode(data).decode()}
                log.write(json.dumps(row) + "\n")

    limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", "-max_len=4096", "-print_final_stats=0"]
    options = [f"-runs={runs}", f"-seed={seed}", f"-artifact_prefix={folder}/", *limits]
    atheris.Setup([sys.argv[0], *options, str(folder / "seeds")], feed)
    atheris.Fuzz()


@app.command()
def every(
    output: Annotated[Path, typer.Option(help="Folder for guided.csv and findings.jsonl.")],
    inputs: Annotated[int, typer.Option(help="Inputs in all.")] = 1_000_000,
) -> None:
    """Feed all readers, one process each."""
    output.mkdir(parents=True, exist_ok=True)
    findings = output / "findings.jsonl"
    findings.unlink(missing_ok=True)
    rows = []
    for name in READERS:
        command = [sys.executable, __file__, "one", name, str(-(-inputs // len(READERS))), str(findings)]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace")
        done = re.search(r"Done (\d+) runs in (\d+) second", ended.stderr)
        found = [row for row in _rows(findings) if row["reader"] == name]
        if not done:
            found.append({"problem": "ended before its time: " + ended.stderr.strip()[-300:]})
        rows.append([name, done[1] if done else "", len(found), " | ".join(str(row["problem"]) for row in found)])
        print(*rows[-1][:3], *(f"\n    {row['problem']}" for row in found), flush=True)
    with (output / "guided.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["reader", "inputs", "findings", "what"], *rows])
    print(f"{sum(int(row[1] or 0) for row in rows):,} inputs, {sum(row[2] for row in rows)} findings")


def _rows(findings: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in findings.read_text("utf-8").splitlines()] if findings.exists() else []


if __name__ == "__main__":
    app()
