"""How a rule's shell line runs a verb: messages on the terminal and in the log, help when it fails."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import ROOT, Call
from typer.testing import CliRunner

from cross2stra.cli.workflow import app
from cross2stra.data.files import read_json, read_table, write_json, write_table

SHELL = f"set -euo pipefail; source '{ROOT}/workflow/verb.sh'; "


def test_failure_shows_log_and_command(call: Call) -> None:
    write_table(call.folder / "a.parquet", pa.table({"x": [1]}))
    write_table(call.folder / "b.parquet", pa.table({"y": ["1"]}))
    said = call(
        "bash", "-c", SHELL + "cross2stra gather --part a.parquet --part b.parquet --output c 2> a.log", fails=True
    )
    assert "failed (exit 1): cross2stra gather; the last lines of a.log:" in said
    assert "b.parquet: its columns differ from those of a.parquet" in said
    command = said.split("to run it by hand", 1)[1].splitlines()[1].strip()
    assert command.endswith("python -m cross2stra gather --part a.parquet --part b.parquet --output c")
    assert "b.parquet: its columns differ" in (call.folder / "a.log").read_text("utf-8")
    assert sorted(path.name for path in call.folder.iterdir()) == ["a.log", "a.parquet", "b.parquet"]
    assert "its columns differ" in call("bash", "-c", command, fails=True)


def test_messages_go_to_terminal_and_log(call: Call) -> None:
    said = call("bash", "-c", SHELL + "python() { echo hello >&2; echo plain; }; cross2stra caption 2> a.log")
    assert sorted(said.splitlines()) == ["hello", "plain"]
    assert (call.folder / "a.log").read_text() == "hello\n"


def test_gather_keeps_the_order_of_parts(tmp_path: Path) -> None:
    parts = []
    for number, rows in enumerate(([3, 1], [], [2])):
        parts += ["--part", str(tmp_path / f"{number}.parquet")]
        write_table(tmp_path / f"{number}.parquet", pa.table({"x": pa.array(rows, pa.int64())}))
    result = CliRunner().invoke(app, ["gather", *parts, "--output", str(tmp_path / "all.parquet")])
    assert result.exit_code == 0, result.output
    assert read_table(tmp_path / "all.parquet")["x"].to_pylist() == [3, 1, 2]


@pytest.mark.parametrize("verb", [[], ["schema"], ["train"], ["caption"]], ids=str)
def test_help_loads_nothing_heavy(call: Call, verb: list[str]) -> None:
    code = f"""
import sys
from typer.testing import CliRunner
from cross2stra.cli import app
result = CliRunner().invoke(app, {[*verb, "--help"]!r})
assert "Usage" in result.output, result.output
print("loaded:", sorted({{"torch", "pandas", "transformers", "spacy", "jieba"}} & set(sys.modules)))
"""
    assert "loaded: []" in call("python", "-c", code)


def test_help_through_the_shell_line(call: Call) -> None:
    assert "Usage" in call("bash", "-c", SHELL + "cross2stra gather --help 2> a.log")


def test_one_run_in_a_folder(call: Call) -> None:
    (call.folder / ".snakemake").mkdir()
    with (call.folder / ".snakemake" / "running").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = call.snakemake("test", targets=("results/test/raw/world",), fails=True)
    assert "another run is at work" in said
    assert not (call.folder / "results").exists()


def test_a_profile_may_have_any_name(call: Call) -> None:
    name = "it's {mine}.yaml"
    (call.folder / name).write_text((ROOT / "config" / "test.yaml").read_text("utf-8"), "utf-8")
    call.snakemake(name, targets=("results/test/raw/world",))
    assert (call.folder / "results/test/raw/world").is_dir()


def test_gather_adds_up_counts(tmp_path: Path) -> None:
    parts = []
    for number, counts in enumerate(({"parsed": 3, "flat": 1}, None, {"parsed": 4})):
        part = tmp_path / f"{number}.parquet"
        parts += ["--part", str(part)]
        write_table(part, pa.table({"x": [number]}))
        if counts:
            write_json(Path(f"{part}.counts.json"), counts)
    done = CliRunner().invoke(app, ["gather", *parts, "--output", str(tmp_path / "all.parquet")])
    assert done.exit_code == 0, done.output
    assert read_json(tmp_path / "all.parquet.counts.json") == {"parsed": 7, "flat": 1}
