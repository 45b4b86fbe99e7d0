"""Verbs that serve the workflow itself: the schema of the configuration, and parts of a table put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def schema(output: Annotated[Path, typer.Option(help="JSON schema of a profile, as YAML.")]) -> None:
    """Write the schema of a profile from the types of cross2stra/configuration.py."""
    import yaml

    from cross2stra.configuration import Profile
    from cross2stra.data.files import replacing

    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Profile.model_json_schema()}
    head = "# Made by `cross2stra schema` from cross2stra/configuration.py; a test compares the two.\n"
    with replacing(output) as temporary:
        temporary.write_text(head + yaml.safe_dump(described, sort_keys=True, allow_unicode=True, width=120), "utf-8")


@app.command()
def gather(
    part: Annotated[list[Path], typer.Option(help="A part of the table, Parquet; repeat in order.")],
    output: Annotated[Path, typer.Option(help="The whole table, Parquet.")],
) -> None:
    """Put the parts of a table one below the other, without holding more than one in memory."""
    import pyarrow.parquet as pq

    from cross2stra.data.files import replacing

    expected = pq.read_schema(part[0])
    with replacing(output) as temporary, pq.ParquetWriter(temporary, expected, compression="zstd") as writer:
        for path in part:
            if not pq.read_schema(path).equals(expected):
                raise ValueError(f"{path}: its columns differ from those of {part[0]}; make the parts again")
            for batch in pq.ParquetFile(path).iter_batches():
                writer.write_batch(batch)
