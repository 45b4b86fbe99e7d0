"""Imports point one way between rooms, and no module imports itself by a detour."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cross2stra"
BELOW = {
    "configuration": set(),
    "data": {"configuration"},
    "structures": {"data"},
    "world": {"structures"},
    "model": {"structures"},
    "evaluation": {"structures"},
    "training": {"evaluation", "model"},
    "systems": {"training"},
    "ratings": {"evaluation"},
    "reporting": {"systems", "ratings"},
    "web": {"reporting"},
    "cli": {"web", "world"},
    "__main__": {"cli"},
}
"""Room -> the rooms right below it; a room may import itself and all that is below."""

WORLD_SOURCE = "cross2stra.data.corpora.world"
"""The one module outside `world` and `cli` that may know the world: its reader, as for any other source."""


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of this package that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules_named = names & known.keys()
            found |= modules_named
            if modules_named != names:
                found.add(node.module)
        elif isinstance(node, ast.ImportFrom) and node.level:
            pytest.fail(f"{path}:{node.lineno}: relative import; write the whole name")
    return {name for name in found if name.split(".")[0] == "cross2stra"}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "configuration"


def reachable(name: str) -> set[str]:
    below = BELOW[name]
    return below | {deeper for step in below for deeper in reachable(step)}


GRAPH = {name: imported(path, modules()) for name, path in modules().items()}


@pytest.mark.parametrize("module", sorted(GRAPH))
def test_imports_point_down(module: str) -> None:
    allowed = reachable(room(module)) | {room(module)}
    if module == WORLD_SOURCE:
        allowed.add("world")
    upwards = sorted(name for name in GRAPH[module] if room(name) not in allowed)
    assert not upwards, f"{module} ({room(module)}) may import {sorted(allowed)}, but imports {upwards}"


def test_no_cycles() -> None:
    try:
        list(TopologicalSorter({name: wanted - {name} for name, wanted in GRAPH.items()}).static_order())
    except CycleError as error:
        pytest.fail(f"modules import each other: {' -> '.join(error.args[1])}")


def test_every_room_is_known() -> None:
    rooms = {room(name) for name in GRAPH}
    assert rooms <= BELOW.keys(), f"give {sorted(rooms - BELOW.keys())} a place in the order of rooms"


def test_library_names_no_result_path_and_no_workflow() -> None:
    for name, path in modules().items():
        source = path.read_text(encoding="utf-8")
        assert "import snakemake" not in source, f"{name} imports snakemake; rules call verbs, never the other way"
        strings = [
            n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        written = [text for text in strings if text.startswith("results/")]
        assert not written, f"{name} names {written}; paths of results/ come as options"
