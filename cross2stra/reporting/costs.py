"""What a run cost: jobs, time and memory of each rule, from the workflow's benchmarks."""

from __future__ import annotations

from pathlib import Path

from cross2stra.reporting.results import read_csv

COLUMNS = ["s", "max_rss", "cpu_time"]


def cost_rows(results: Path) -> list[list[str]]:
    """A header, a row for each rule (dearest first) and their sum; empty without benchmarks.

    Wall-clock seconds, which two jobs side by side both count; processor seconds as Snakemake samples them, each half
    minute and not at the end, so that short jobs took more; the largest memory of a job in MB.
    """
    rules: dict[str, list[tuple[float, float, float]]] = {}
    for path in sorted((results / "benchmarks").rglob("*.tsv")):
        if path.name == "site.tsv":  # the page that shows them: what it cost is known after it is made
            continue
        last = read_csv(path, COLUMNS, separator="\t")[COLUMNS].iloc[-1]
        seconds, memory, processor = (float(value) if value == value else 0.0 for value in last)
        rules.setdefault(path.name.split(".")[0], []).append((seconds, processor, memory))
    if not rules:
        return []
    summed = {
        rule: (len(jobs), sum(job[0] for job in jobs), sum(job[1] for job in jobs), max(job[2] for job in jobs))
        for rule, jobs in rules.items()
    }
    ordered = sorted(summed.items(), key=lambda item: (-item[1][1], item[0]))
    every = list(summed.values())
    total = (sum(n for n, *_ in every), sum(s for _, s, _, _ in every), sum(c for _, _, c, _ in every))
    ordered.append(("all", (*total, max(memory for *_, memory in every))))
    return [["rule", "jobs", "seconds", "processor seconds, at least", "most memory, MB"]] + [
        [rule, f"{jobs:,}", f"{seconds:,.0f}", f"{processor:,.0f}", f"{memory:,.0f}"]
        for rule, (jobs, seconds, processor, memory) in ordered
    ]
