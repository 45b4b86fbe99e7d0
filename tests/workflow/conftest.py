"""Run Snakemake and make as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))


class Call:
    """Calls in a folder of their own, with the environment that runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self) -> dict[str, str]:
        """The variables of a person's shell: this environment's programs first, nothing of pytest."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SNAKEMAKE_"))}
        return kept | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def __call__(self, *command: str, fails: bool = False, timeout: int = 3000) -> str:
        """Run a command; -> its output. Fails the test when the exit status is not the expected one."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), text=True, timeout=timeout,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, f"{' '.join(command)} -> {done.returncode}\n{done.stdout[-8000:]}"
        return done.stdout

    def snakemake(self, profile: str, *options: str, targets: tuple[str, ...] = (), fails: bool = False) -> str:
        """Run the workflow on config/{profile}.yaml, or on a .yaml of this folder; its results are in this folder."""
        config = profile if profile.endswith(".yaml") else str(ROOT / "config" / f"{profile}.yaml")
        files = ("--snakefile", str(ROOT / "Snakefile"), "--configfile", config)
        return self("snakemake", "--cores", "2", *options, *files, "--", *targets, fails=fails)


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return Call(tmp_path)
