"""Files of configuration, read strictly: no key twice, no text for a number, and errors that name file and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from cross2stra.configuration.section import Section

S = TypeVar("S", bound=Section)
_ADVICE = "see config/README.md for its keys"


class _Loader(yaml.SafeLoader):
    """YAML in which a key that is written twice is an error; `<<` may be overridden."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)  # before `<<` puts other keys among them
        seen = set[str]()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"key {key.value!r} is there twice", key.start_mark)
            seen.add(key.value)
        return node


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Keys and values of a YAML file. Raises ValueError that names the file, and the line where there is one."""
    try:
        value = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise ValueError(f"{path}: not YAML ({said}); {_ADVICE}") from error
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"{path}: expected keys with values, found {type(value).__name__}; see config/README.md")
    return value


def as_section(path: str | Path, model: type[S], value: Any, name: str = "") -> S:
    """`value`, of the field `name`, as a section of the configuration. Raises ValueError that names file and field."""
    try:
        return model.model_validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in (*([name] if name else []), *first["loc"]))
        where = f"field {field!r}: " if field else ""
        said = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{path}: {where}{said}; {_ADVICE}") from error
