"""Verbs that serve the workflow itself: what is generated from the configuration, and parts of a table put together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option(help="Schema of a profile, YAML.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Every key with type, default and sentence, Markdown.")] = None,
) -> None:
    """Write what is generated from the types of cross2stra/configuration/: the schema, and the page of keys."""
    import yaml

    from cross2stra.configuration import Profile
    from cross2stra.data.files import replacing

    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Profile.model_json_schema()}
    made = "Made by `make schema` from cross2stra/configuration/; a test compares the two."
    if output:
        with replacing(output) as temporary:
            body = yaml.safe_dump(described, sort_keys=True, allow_unicode=True, width=120)
            temporary.write_text(f"# {made}\n{body}", "utf-8")
    if keys:
        with replacing(keys) as temporary:
            temporary.write_text(f"# Keys of a profile\n\n{made}\n{''.join(_sections(described))}", "utf-8")


def _sections(described: dict[str, Any]) -> Iterator[str]:
    """A table for the profile and each section: key, type, default, sentence."""
    definitions = described["$defs"]
    for name, section in {"Profile": described, **definitions}.items():
        yield f"\n## {name}\n\n{_first_paragraph(section)}\n\n"
        yield "| key | type | default | what |\n| --- | --- | --- | --- |\n"
        for key, field in section["properties"].items():
            default = f"`{json.dumps(field['default'], ensure_ascii=False)}`" if _plain(field) else ""
            required = "required" if key in section.get("required", []) else default
            yield f"| `{key}` | {_type(field)} | {required} | {field.get('description', '')} |\n"


def _first_paragraph(section: dict[str, Any]) -> str:
    return " ".join(section.get("description", "").split("\n\n")[0].split())


def _plain(field: dict[str, Any]) -> bool:
    return "default" in field and not isinstance(field["default"], dict)


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"].rsplit("/", 1)[-1])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if "items" in field else "pair of numbers"
    if field.get("type") == "object":
        named = field.get("patternProperties", {}).values()
        return f"map to {_type(next(iter(named), field.get('additionalProperties', {})))}"
    return str(field.get("type", "any"))


@app.command()
def gather(
    part: Annotated[list[Path], typer.Option(help="A part of the table, Parquet; repeat in order.")],
    output: Annotated[Path, typer.Option(help="The whole table, Parquet; its counts are written beside it.")],
) -> None:
    """Put the parts of a table one below the other, and add up the counts beside them (`PART.counts.json`)."""
    from collections import Counter

    import pyarrow.parquet as pq

    from cross2stra.data.files import counts_beside, read_json, replacing, write_json

    expected = pq.read_schema(part[0])
    total: Counter[str] = Counter()
    with replacing(output) as temporary, pq.ParquetWriter(temporary, expected, compression="zstd") as writer:
        for path in part:
            if not pq.read_schema(path).equals(expected):
                raise ValueError(f"{path}: its columns differ from those of {part[0]}; make the parts again")
            for batch in pq.ParquetFile(path).iter_batches():
                writer.write_batch(batch)
            counts = counts_beside(path)
            if counts.is_file():
                total.update(read_json(counts))
    write_json(counts_beside(output), dict(total))
