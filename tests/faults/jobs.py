"""A run of config/test.yaml without faults, and how one of its jobs is run by itself and compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from records import Job, jobs

ROOT = Path(__file__).parents[2]
STAMP = ".snakemake_timestamp"
"""What Snakemake leaves in an output folder."""
VOLATILE = {"seconds_of_last_run"}
"""Keys of JSON files that say how long something took."""


def environment() -> dict[str, str]:
    """The variables of a person's shell, with this environment's programs first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SNAKEMAKE_"))}
    return kept | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}


def workflow(*options: str) -> list[str]:
    """The command that runs the workflow in a folder that has test.yaml."""
    return ["snakemake", "--cores", "2", "--snakefile", str(ROOT / "Snakefile"), "--configfile", "test.yaml", *options]


def clean_run(folder: Path) -> None:
    """Run the whole DAG in `folder`, or go on with it, and keep what is temporary: the inputs of every job stay."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "config" / "test.yaml", folder / "test.yaml")
    done = subprocess.run(
        workflow("--notemp"), cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the run without faults failed:\n{(done.stdout + done.stderr)[-4000:]}")


def variant(folder: Path, name: str, **keys: object) -> str:
    """Write test.yaml with other `keys` beside it -> the file's name."""
    profile = yaml.safe_load((folder / "test.yaml").read_text("utf-8"))
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(profile | keys, allow_unicode=True), "utf-8")
    return f"{name}.yaml"


def job_of(clean: Path, rule: str, word: str = "") -> Job:
    """The first job of a rule in the clean run whose command has `word`."""
    return next(job for job in jobs(clean) if job.rule == rule and word in job.command)


def start(job: Job, folder: Path, extra: Mapping[str, str] | None = None, before: str = "") -> subprocess.Popen[str]:
    """Start a job's command in `folder`, in a process group of its own; `before`: shell code that comes first."""
    for output in job.outputs:
        (folder / output).parent.mkdir(parents=True, exist_ok=True)
    variables = environment() | {"PROFILE": "test.yaml"} | dict(extra or {})
    code = f"set -euo pipefail; source {ROOT / 'workflow' / 'verb.sh'}; {before} {job.command}"
    return subprocess.Popen(
        ["bash", "-c", code], cwd=folder, env=variables, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(job: Job, folder: Path, extra: Mapping[str, str] | None = None, before: str = "") -> tuple[int, str]:
    """Run a job to its end -> status, and what it said."""
    process = start(job, folder, extra, before)
    said, _ = process.communicate()
    return process.returncode, said


def start_to_a_state(
    job: Job, folder: Path, extra: Mapping[str, str] | None = None
) -> tuple[subprocess.Popen[str], Path]:
    """Start a stage of training from its beginning and wait for its first state -> the process, the folder of states."""
    working = folder / job.command.split("--working ")[1].split()[0]
    remove(job, folder)
    shutil.rmtree(working, ignore_errors=True)
    process = start(job, folder, extra)
    while process.poll() is None and not list(working.glob("state-*.safetensors")):
        time.sleep(0.02)
    return process, working


def remove(job: Job, folder: Path) -> None:
    """Take a job's outputs away, as Snakemake does before it runs one."""
    for output in job.outputs:
        path = folder / output
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def restore(job: Job, folder: Path, clean: Path) -> None:
    """Give a job's outputs the clean run's bytes again."""
    remove(job, folder)
    for output in job.outputs:
        source = clean / output
        if source.is_dir():
            shutil.copytree(source, folder / output)
        elif source.exists():
            shutil.copy2(source, folder / output)


def differences(job: Job, folder: Path, clean: Path) -> list[str]:
    """Outputs of a job that are not what they are in the clean run; volatile keys of JSON do not count."""
    return [output for output in job.outputs if contents(folder / output) != contents(clean / output)]


def whole(job: Job, folder: Path, clean: Path) -> bool:
    """Whether each output is as in the clean run, or not there at all."""
    return all(contents(folder / output) is None for output in differences(job, folder, clean))


def contents(path: Path) -> dict[str, bytes | str] | None:
    """What a file or folder holds, None where there is none."""
    if not path.exists():
        return None
    return {str(file.relative_to(path)): _content(file) for file in _files(path) if file.name != STAMP}


def _files(path: Path) -> Iterator[Path]:
    yield from [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _content(file: Path) -> bytes | str:
    data = file.read_bytes()
    if file.suffix == ".json":
        value = json.loads(data)
        if isinstance(value, dict):
            return json.dumps({key: kept for key, kept in value.items() if key not in VOLATILE}, sort_keys=True)
    return data
