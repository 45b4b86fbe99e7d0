"""What the page says beside tables and figures: the numbers at its top, and counts and reports as small tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cross2stra.configuration import Profile
from cross2stra.reporting.costs import cost_rows
from cross2stra.reporting.findings import judged
from cross2stra.reporting.gallery import sense_accuracy, with_majority
from cross2stra.reporting.layout import arrow
from cross2stra.reporting.licences import data_licences, package_licences
from cross2stra.reporting.results import accounts, documents, senses, small_tables
from cross2stra.reporting.scores import Score, by_system, read_scores, summarise

SECTIONS = {
    "data": (
        "Data",
        "Records that were read, kept, excluded and quarantined, by file; and the filter of parallel text.",
    ),
    "structures": ("Structures", "How well parsers, graphs, the scene generator and the external translator do."),
    "training": (
        "Training",
        "Updates, examples, time and size of every trained model: the budget of a comparison. A row that starts from a stage of "
        "another one counts its own stages only.",
    ),
    "cost": (
        "Cost",
        "Time and memory of each rule, of the jobs that ran here. Two jobs side by side both count their seconds.",
    ),
    "licences": (
        "Licences",
        "Of the data that this profile reads, and of the packages that it runs with. What is not for commercial use is so for "
        "the models too.",
    ),
    "senses": (
        "Senses",
        "Share of ambiguous words whose right sense is named, in %. Cued: the picture shows what decides it; stated: those of them "
        "where the system's own pivot caption says it, other words for each system.",
    ),
}


def headline(profile: Profile, titles: Mapping[str, str], results: Path, intervals: Path) -> list[dict[str, Any]]:
    """Bars at the top: CIDEr-D of every system for each transfer, from scores.csv; empty when there is none.

    `intervals`: intervals.csv of the tables, for systems with one seed.
    """
    path = results / "scores.csv"
    if not path.is_file():
        return []
    values, over_pictures = by_system(read_scores(path)), _over_pictures(intervals)
    shown = []
    for transfer in profile.transfers:
        rows = []
        for system, title in titles.items():
            if numbers := values.get((transfer, system, "CIDEr-D")):
                score = summarise([*numbers.values()])
                if score.seeds == 1:
                    score = Score(score.mean, over_pictures.get((transfer, system)), 1)
                rows.append({"title": title, "system": system, "score": score})
        if rows:
            most = max(row["score"].mean for row in rows)  # type: ignore[attr-defined]
            of = profile.transfers[transfer].models_of
            remark = f"a second test set, captioned by the models of {arrow(profile, of)}" if of else ""
            shown.append({"title": arrow(profile, transfer), "remark": remark, "rows": rows, "most": max(most, 1e-9)})
    return shown


def _over_pictures(intervals: Path) -> dict[tuple[str, str], float]:
    """(transfer, system) -> half of the interval of CIDEr-D over pictures; empty without the file."""
    if not intervals.is_file():
        return {}
    rows = pd.read_csv(intervals).query("unit == 'word' and metric == 'CIDEr-D'")
    halves = (rows["high_over_pictures"] - rows["low_over_pictures"]) / 2
    return dict(zip(zip(rows["transfer"], rows["system"], strict=True), halves, strict=True))


def sections(profile: Profile, titles: Mapping[str, str], results: Path) -> list[dict[str, Any]]:
    """Sections of small tables: key, title, sentence, tables (title, rows with the header first), empty (a sentence)."""
    parts: dict[str, list[dict[str, Any]]] = {key: [] for key in SECTIONS}
    for path, rows in sorted(small_tables(results).items(), key=lambda item: item[0] != "structures/scores.csv"):
        room = "data" if path.startswith("text/") else "structures"
        parts[room].append({"title": path, "rows": rows[:26], "more": max(0, len(rows) - 26)})
    for path, value in sorted(documents(results).items(), key=lambda item: item[0].startswith("raw/")):
        room = "data" if path.split("/")[0] in ("corpora", "text", "raw") else "structures"
        parts[room] += [{"title": title, "rows": rows} for title, rows in json_tables(path, value)]
    trained = accounts(profile, results)
    if trained:
        parts["training"].append(
            {"title": "All stages of a system and seed together", "rows": _budgets(trained, titles)}
        )
        judges = _judges(trained, titles)
        if len(judges) > 1:
            parts["training"].append({"title": "Judges of sentences, right in % of held-out cases", "rows": judges})
    costs = cost_rows(results)
    if costs:
        parts["cost"].append({"title": "Rules, the dearest first", "rows": costs})
    data = data_licences(profile)
    if len(data) > 1:
        parts["licences"].append({"title": "Data", "rows": data})
    parts["licences"].append({"title": "Packages", "rows": package_licences()})
    frame = senses(profile, results)
    if len(frame):
        parts["senses"].append({"title": "Test pictures, mean over seeds", "rows": _sense_rows(profile, titles, frame)})
    return [
        {"key": key, "title": title, "sentence": sentence, "tables": parts[key], "empty": _EMPTY[key]}
        for key, (title, sentence) in SECTIONS.items()
    ]


_EMPTY = {
    "data": "No counts.json or filter.json is among these results: the corpora were not built here.",
    "structures": "No scores.json or report.json is among these results: no extractor was scored here.",
    "training": "No metrics.json is below checkpoints/: nothing was trained here, or checkpoints were removed.",
    "cost": "No benchmarks are among these results: nothing was run here.",
    "licences": "No package is installed.",
    "senses": "No senses.csv is below scores/: only the generated world knows which sense a picture shows.",
}


def json_tables(name: str, value: Any) -> list[tuple[str, list[list[str]]]]:
    """A JSON value as tables (title, rows with the header first): one for its plain values, one for each object."""
    if not isinstance(value, dict):
        value = {"": value}
    if _is_grid(value):
        return [(name, _grid(value))]
    nested = {key: part for key, part in value.items() if isinstance(part, dict) and part}
    plain = {key: part for key, part in value.items() if key not in nested and part != {}}
    found = [(name, [["", ""], *([str(key), _show(part)] for key, part in plain.items())])] if plain else []
    for key, part in nested.items():
        found += json_tables(f"{name} · {key}", part)
    return found


def _is_grid(value: dict[str, Any]) -> bool:
    """Whether all values are flat objects with few keys between them."""
    parts = list(value.values())
    flat = bool(parts) and all(isinstance(part, dict) and not _nested(part) for part in parts)
    return flat and len({key for part in parts for key in part}) <= 12


def _nested(part: dict[str, Any]) -> bool:
    return any(isinstance(item, dict | list) for item in part.values())


def _grid(value: dict[str, Any]) -> list[list[str]]:
    keys = list(dict.fromkeys(key for part in value.values() for key in part))
    return [["", *keys], *([name, *(_show(part.get(key, "")) for key in keys)] for name, part in value.items())]


def _show(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "–" if value is None else "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if value < 10_000_000 else str(value)  # a written seed is no count
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list):
        if len(value) >= 8 and all(isinstance(part, int | float) for part in value):
            most = max(max(value), 1e-9)
            return (
                "".join(_BLOCKS[min(8, math.ceil(8 * max(part, 0) / most))] for part in value) + f"  highest {most:,g}"
            )
        return ", ".join(map(_show, value[:12])) + (f", … ({len(value)} in all)" if len(value) > 12 else "")
    return str(value)


_BLOCKS = "·▁▂▃▄▅▆▇█"
"""Heights of a histogram's bars, in text."""


def _budgets(accounts: Mapping[str, Any], titles: Mapping[str, str]) -> list[list[str]]:
    sums: dict[tuple[str, str, int], dict[str, float]] = {}
    for account in accounts.values():
        part = sums.setdefault((account["transfer"], account["system"], account["seed"]), {})
        for name in ("updates", "decoder_examples", "seconds_of_last_run"):
            part[name] = part.get(name, 0) + account.get(name, 0)
        part["parameters"] = max(part.get("parameters", 0), account.get("parameters", 0))
    rows = [["transfer", "system", "seed", "updates", "examples through a decoder loss", "parameters", "seconds"]]
    for (transfer, system, seed), part in sorted(sums.items()):
        numbers = ("updates", "decoder_examples", "parameters", "seconds_of_last_run")
        rows.append([transfer, titles.get(system, system), str(seed), *(f"{part[name]:,.0f}" for name in numbers)])
    return rows


def _judges(accounts: Mapping[str, Any], titles: Mapping[str, str]) -> list[list[str]]:
    """How often FG's classifier and SSR's two relevances are right; 50 % is blind."""
    rows = [["transfer", "system", "seed", "the judge", "right, %"]]
    for account, does, share in judged(accounts.values()):
        of = [account["transfer"], titles.get(account["system"], account["system"]), str(account["seed"])]
        rows.append([*of, does, f"{share:.1f}"])
    return rows


def _sense_rows(profile: Profile, titles: Mapping[str, str], frame: Any) -> list[list[str]]:
    accuracy = sense_accuracy(frame).pivot(index=["transfer", "system"], columns="kind", values="accuracy")
    rows = [["transfer", "system", *accuracy.columns]]
    for transfer in profile.transfers:
        for system, title in with_majority(titles).items():
            if (transfer, system) in accuracy.index:
                shown = ["–" if value != value else f"{value:.1f}" for value in accuracy.loc[(transfer, system)]]
                rows.append([arrow(profile, transfer), title, *shown])
    return rows
