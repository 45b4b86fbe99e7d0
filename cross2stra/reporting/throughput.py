"""How fast each extractor is, from the workflow's own benchmarks, and what that means at the paper's scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as parquet

from cross2stra.configuration import Profile
from cross2stra.data.files import counts_beside, finished, read_json
from cross2stra.reporting.layout import Block, Cell, Line, Table, arrow
from cross2stra.reporting.results import read_csv

CORES = (2, 16, 64)
PAPER_PICTURES = 123_000 + 238_000
PAPER_CAPTIONS = 1_200_000 + 600_000
PAPER_PAIRS = 400_000
"""MSCOCO and AIC-ICC, their captions, and the filtered parallel text (B.1, Table 5), in round numbers."""


@dataclass(frozen=True)
class Job:
    """What an extractor did for a transfer: items, seconds of its jobs, largest memory and size of its output in MB.

    `paper`: items of the same kind at the paper's scale, both transfers together.
    """

    title: str
    unit: str
    items: int
    seconds: float
    memory: float
    stored: float
    paper: int


def jobs(results: Path, transfer: str, shards: int) -> Iterator[Job]:
    """The jobs of a transfer, in `shards` parts where they have any, whose benchmark and output are there.

    Seconds are by the clock: Snakemake samples processor time, and of a job of half a minute it can miss the half.
    """
    structures = results / "structures" / transfer
    sentences = PAPER_CAPTIONS + PAPER_PAIRS
    scenes = "imagined_graphs" if (structures / "imagined_graphs.parquet").is_file() else "generated_graphs"
    named = (
        ("Visual scene graphs", "picture", "visual_graphs", "visual_graphs.parquet", PAPER_PICTURES),
        ("Language scene graphs", "sentence", "language_graphs", "language_graphs.parquet", sentences),
        ("Constituency trees, pivot", "sentence", "parse.pivot", "trees.pivot.parquet", sentences),
        ("Constituency trees, target", "sentence", "parse.target", "trees.target.parquet", PAPER_PAIRS),
        ("Imagined scenes", "sentence", "imagine_scenes", f"{scenes}.parquet", PAPER_PAIRS),
        ("Drawn pictures", "picture", "draw_pictures", "drawn/*/*", PAPER_PAIRS),
        ("Scene graphs of drawn pictures", "picture", "generated_graphs", "generated_graphs.parquet", PAPER_PAIRS),
    )
    for title, unit, rule, output, paper in named:
        written = finished(structures, output)
        tables = [path for path in written if path.suffix == ".parquet"]
        folder = results / "benchmarks" / transfer
        measured = sorted([*folder.glob(f"{rule}.tsv"), *folder.glob(f"{rule}.*-of-{shards}.tsv")])
        if not tables or not measured:
            continue
        frames = [read_csv(path, ["s", "max_rss"], separator="\t") for path in measured]
        counts = counts_beside(tables[0])
        imagined = read_json(counts).get("imagined") if counts.is_file() else None
        yield Job(
            title,
            unit,
            imagined or sum(parquet.read_metadata(path).num_rows for path in tables),
            sum(float(frame["s"].iloc[-1]) for frame in frames),
            max(float(frame["max_rss"].iloc[-1]) for frame in frames),  # NaN where a job was too short to be looked at
            sum(path.stat().st_size for path in written) / 1e6,
            paper,
        )


def throughput_table(profile: Profile, results: Path) -> Table | None:
    """Items a second of one core, memory, size; hours at the paper's scale by cores. None without benchmarks."""
    table = Table(
        0,
        "What structures cost: measured here, and projected to the paper's pictures, captions and parallel text.",
        [("Measured", "one core", 4), ("Paper's scale", "hours by cores", 1 + len(CORES))],
        ["Items", "Items/s", "Memory, MB", "Stored, kB an item", "Items", *(f"{cores:,} cores" for cores in CORES)],
        [],
        [
            "Items a second: by the clock, of jobs on one core each with other jobs beside them, the start of the process and "
            "the reading of weights included, so small profiles look slower than they are. The paper's items are those of both "
            "of its transfers together. Hours: the same rate on as many cores, shards being independent. No graphics "
            "processor was measured.",
        ],
        name="throughput",
        first="Extractor",
    )
    for transfer in profile.transfers:
        lines = []
        for job in jobs(results, transfer, profile.structures.shards):
            rate = job.items / job.seconds
            hours = [job.paper / rate / 3600 / cores for cores in CORES]
            memory = "–" if math.isnan(job.memory) else f"{job.memory:,.0f}"
            row = [f"{job.items:,}", f"{rate:,.1f}", memory, f"{1000 * job.stored / job.items:,.2f}"]
            cells = [Cell(text) for text in (*row, f"{job.paper:,}", *(f"{value:,.2f}" for value in hours))]
            lines.append(Line(job.title, job.title, "ours", cells, f"item: {job.unit}"))
            table.tidy.append(
                {"transfer": transfer, "extractor": job.title, "items": job.items, "items_per_second": round(rate, 3)}
                | {"memory_mb": round(job.memory, 1), "stored_mb": round(job.stored, 3), "paper_items": job.paper}
            )
        if lines:
            table.blocks.append(Block(arrow(profile, transfer), lines))
    return table if table.blocks else None
