"""How good the filter is, where it is known which raw pairs are about pictures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cross2stra.data.files import read_table
from cross2stra.data.records import normalise


def measure(
    truth: Path, languages: tuple[str, str], passed: set[tuple[str, str]], kept: set[tuple[str, str]]
) -> dict[str, object]:
    """Precision and recall over distinct pairs of texts, before (`passed`) and after (`kept`) the ranking.

    `passed`, `kept`: (pivot, target) texts. A text pair is right where any of its rows is about a picture. Recall after
    the ranking is bounded by the number that is kept: `recall_bound`.
    """
    table = read_table(truth, columns=["en", "zh", "picture_like", "fate"])
    good: dict[tuple[str, str], bool] = {}
    fates: dict[tuple[str, str], str] = {}
    for row in table.to_pylist():
        key = (normalise(row[languages[0]] or ""), normalise(row[languages[1]] or ""))
        if row["picture_like"] or key not in good:
            good[key], fates[key] = bool(row["picture_like"]), row["fate"]
    wanted = sum(good.values())

    def scores(found: set[tuple[str, str]]) -> dict[str, float]:
        right = sum(good.get(key, False) for key in found)
        precision = right / len(found) if found else 0.0
        return {"pairs": len(found), "precision": precision, "recall": right / wanted if wanted else 0.0}

    total = Counter(fates.values())
    survived = Counter(fates.get(key, "unknown") for key in passed)
    return {
        "passed": scores(passed),
        "kept": scores(kept),
        "recall_bound": min(1.0, len(kept) / wanted) if wanted else 0.0,
        "fates": {fate: {"pairs": total[fate], "passed": survived[fate]} for fate in sorted(total)},
    }
