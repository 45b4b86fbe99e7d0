"""The dictionary filter of parallel text: why pairs were left out, and how the shares that decide are spread."""

from __future__ import annotations

from typing import Any

import matplotlib
from matplotlib.figure import Figure

from cross2stra.reporting.style import MUTED, PALETTE, settings

SHARES = {
    "pivot": "pivot words in the dictionary",
    "target": "target words in the dictionary",
    "agreement": "words with a translation",
}


def draw_filter(report: dict[str, Any]) -> Figure | None:
    """Bars by fate and histograms by share, from filter.json; None when it has neither."""
    reasons = {str(name): int(count) for name, count in dict(report.get("reasons") or {}).items()}
    histogram = dict(report.get("histogram") or {})
    bins = int(histogram.pop("bins", 0) or 0)
    curves = {name: rows for name, rows in histogram.items() if isinstance(rows, list) and len(rows) == bins and bins}
    if not reasons or not curves:
        return None
    kept = {name for name in reasons if name.startswith("kept")}
    order = sorted(reasons, key=lambda name: (name not in kept, -reasons[name], name))
    limit = dict(report.get("options") or {}).get("coverage")
    with matplotlib.rc_context(settings()):
        figure = Figure(figsize=(8.2, max(2.2, 0.24 * len(order) + 0.9)), layout="constrained")
        left, right = figure.subplots(1, 2)
        bars = left.barh(
            [name.replace("_", " ") for name in order],
            [reasons[name] for name in order],
            color=[PALETTE[0] if name in kept else MUTED for name in order],
        )
        left.bar_label(bars, labels=[f"{reasons[name]:,}" for name in order], fontsize=7, padding=2, color=MUTED)
        left.invert_yaxis()
        left.margins(x=0.16)
        left.grid(axis="y", visible=False)
        left.set_title("Pairs by fate")
        left.set_xlabel("sentence pairs")
        for colour, (name, rows) in zip(PALETTE, sorted(curves.items()), strict=False):
            right.stairs(rows, [i / bins for i in range(bins + 1)], color=colour, lw=1.4, label=SHARES.get(name, name))
        if limit is not None:
            right.axvline(float(limit), color=MUTED, lw=0.8, ls=":")
        right.set_title("Pairs by share of words" + (" (dotted: the limit)" if limit is not None else ""))
        right.set_xlabel("share of a sentence's content words")
        right.set_ylabel("sentence pairs")
        right.legend(frameon=False, fontsize=7)
    return figure
