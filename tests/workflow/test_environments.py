"""One set of pins: requirements.txt, the conda environments and the driver's environment agree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import environments
import pytest
import yaml
from packaging.utils import canonicalize_name
from rattler import MatchSpec


def test_lock_is_exact_and_portable() -> None:
    lines = (environments.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 150
    for line in pins:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line), f"{line!r}: expected name==version"


def test_every_pin_is_locked_with_digests() -> None:
    found: dict[str, str] = {}
    for name in ("packages", "torch", "uv"):
        text = (environments.ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
        for block in re.split(r"\n(?=[A-Za-z0-9])", text.split("\n", 1)[1].strip()):
            package, version = re.fullmatch(r"(\S+)==(\S+) \\", block.splitlines()[0]).groups()
            assert re.findall(r"--hash=sha256:[0-9a-f]{64}", block), package
            found[canonicalize_name(package)] = version
    assert found == environments.locked(), "locks/ is stale: `make lock`"
    cpu = (environments.ROOT / "locks" / "torch-cpu.txt").read_text(encoding="utf-8")
    assert f"torch=={found['torch']}+cpu " in cpu


@pytest.mark.parametrize("file", environments.ENVIRONMENTS)
def test_environment_is_made_from_the_lock(file: str) -> None:
    written = (environments.ROOT / file).read_text(encoding="utf-8")
    assert written == environments.text(file), f"{file} is stale: run `python tests/workflow/environments.py`"


@pytest.mark.parametrize("file", environments.ENVIRONMENTS)
def test_conda_specs_parse_and_pins_are_locked(file: str) -> None:
    described = yaml.safe_load((environments.ROOT / file).read_text(encoding="utf-8"))
    *conda, pip = described["dependencies"]
    for spec in conda:
        parsed = MatchSpec(spec, strict=True)
        assert parsed.version, f"{file}: {spec} has no version"
    locked = environments.locked()
    assert pip["pip"]
    for line in pip["pip"]:
        name, version = line.split("==")
        assert locked[name] == version
        assert str(MatchSpec(f"{name} =={version}", strict=True).version) == f"=={version}"


def test_every_rule_names_one_of_them() -> None:
    rules = environments.ROOT / "workflow" / "rules"
    named = {
        name for path in rules.glob("*.smk") for name in re.findall(r"\.\./envs/(\w+)\.yaml", path.read_text("utf-8"))
    }
    named |= {"detectron2", "generation"}  # chosen by the configuration, in inputs.smk
    assert named == {Path(file).stem for file in environments.ENVIRONMENTS if file.startswith("workflow/")}


@pytest.mark.parametrize(
    ("file", "rooms"),
    [
        ("core", "configuration data world structures model training systems reporting web"),
        ("parsing", "configuration data structures model evaluation training systems"),
        ("metrics", "configuration data evaluation"),
    ],
)
def test_environment_holds_what_its_rooms_import(file: str, rooms: str) -> None:
    """At module level; what only some verbs need is imported inside functions, and parsers' libraries in `parsing`."""
    names, _ = environments.ENVIRONMENTS[f"workflow/envs/{file}.yaml"]
    held = set(environments.closure(names))
    providers = packages_distributions()
    for room in rooms.split():
        place = environments.ROOT / "cross2stra" / room
        for path in [place.with_suffix(".py")] if place.with_suffix(".py").exists() else sorted(place.rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                named = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                named += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                for module in {name.split(".")[0] for name in named} - sys.stdlib_module_names - {"cross2stra"}:
                    found = {canonicalize_name(name) for name in providers.get(module, [module])}
                    assert found & held, f"{path.name} imports {module}, which {file}.yaml lacks"


def test_the_driver_reads_the_workflow_with_its_own_packages_alone() -> None:
    """What the Snakefile and the rules import, with every package hidden that environment.yml lacks."""
    named: set[str] = set()
    for path in [environments.ROOT / "Snakefile", *(environments.ROOT / "workflow" / "rules").glob("*.smk")]:
        named |= set(re.findall(r"^(?:from|import) (cross2stra\S*)", path.read_text("utf-8"), re.MULTILINE))
    assert "cross2stra.configuration" in named
    held = set(environments.closure(environments.DRIVER))
    hidden = {
        module
        for module, packages in packages_distributions().items()
        if module != "cross2stra" and not held & {canonicalize_name(name) for name in packages}
    }
    assert "torch" in hidden
    script = f"import sys; sys.modules.update(dict.fromkeys({sorted(hidden)!r})); import {', '.join(sorted(named))}"
    done = subprocess.run([sys.executable, "-c", script], cwd=environments.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
