"""How long each verb takes to begin: Python, and what the verb imports before it works."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import textwrap
import time
from functools import cache

from typer.core import TyperGroup
from typer.main import get_command

from cross2stra.cli import app


def imported(command: str) -> tuple[str, ...]:
    """Modules that the verb of a shell command imports when it is called. Raises KeyError where there is no such verb."""
    verb = get_command(app)
    for word in command.split()[1:]:
        if isinstance(verb, TyperGroup):
            verb = verb.commands[word]
    body = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(verb.callback))))
    return tuple(sorted({n.module for n in ast.walk(body) if isinstance(n, ast.ImportFrom) and n.module}))


@cache
def seconds(modules: tuple[str, ...]) -> float:
    """The shorter of two starts of Python with these modules."""
    program = f"import {', '.join(['cross2stra.cli', *modules])}"
    times = []
    for _ in range(2):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        times.append(time.perf_counter() - began)
    return min(times)
