"""Measures of the text of a written world, to be set beside those of real corpora (docs/readings.md, 23)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from cross2stra.data.files import read_table
from cross2stra.data.languages import tokenise

FAR = 5
"""Words that a phrase must move by to count as moved far."""


def statistics(folder: str | Path) -> dict[str, float]:
    """Measures of the world in `folder`, by name; `en`, `zh` in a name is the language.

    `captions.length`, `parallel.length`: mean tokens; `.types`: different tokens; `.ratio`: types per 100 tokens.
    `unseen.types`, `unseen.tokens`: percent of caption types and tokens that no picture-like parallel sentence has.
    `all.types`: types of captions and of the whole parallel text, noise included. `movement`: percent of picture-like
    pairs whose words move by 5 or more (derivation.movement). `parallel.noise`: percent that a filter should remove.
    `stated.*`: percent of sentences with a cued word that state a cue.
    Raises ValueError where a table has other columns.
    """
    folder = Path(folder)
    truth = read_table(folder / "gold" / "parallel_truth.parquet", ["en", "zh", "fate", "movement"]).to_pylist()
    good = [row for row in truth if row["fate"] == "picture_like"]
    found = {
        "movement": _percent(row["movement"] >= FAR for row in good),
        "parallel.noise": _percent(row["fate"] != "picture_like" for row in truth),
    }
    captions = {language: dict(_captions(folder, language)) for language in ("en", "zh")}
    for language, by_picture in captions.items():
        said = tokenise(language, [text for texts in by_picture.values() for text in texts])
        written = tokenise(language, [row[language] for row in good])
        noise = tokenise(language, [row[language] for row in truth if row["fate"] == "off_topic"])
        counts = {"captions": Counter(t for s in said for t in s), "parallel": Counter(t for s in written for t in s)}
        for name, sentences in (("captions", said), ("parallel", written)):
            found[f"{name}.length.{language}"] = sum(map(len, sentences)) / max(len(sentences), 1)
            found[f"{name}.types.{language}"] = len(counts[name])
            found[f"{name}.ratio.{language}"] = 100 * len(counts[name]) / max(counts[name].total(), 1)
        unseen = counts["captions"].keys() - counts["parallel"].keys()
        found[f"unseen.types.{language}"] = 100 * len(unseen) / max(len(counts["captions"]), 1)
        found[f"unseen.tokens.{language}"] = (
            100 * sum(counts["captions"][word] for word in unseen) / max(counts["captions"].total(), 1)
        )
        found[f"all.types.{language}"] = len(
            counts["captions"].keys() | counts["parallel"].keys() | {token for sentence in noise for token in sentence}
        )
    for language in captions:
        found[f"stated.captions.{language}"] = _stated(folder, language, captions[language])
    return found


def _captions(folder: Path, language: str) -> Iterable[tuple[str, list[str]]]:
    """(image id, captions) of the training pictures of a language."""
    if language == "en":
        notes = json.loads((folder / "captions_en_train.json").read_text(encoding="utf-8"))["annotations"]
        by_picture: dict[str, list[str]] = {}
        for note in notes:
            by_picture.setdefault(str(note["image_id"]), []).append(note["caption"])
        yield from by_picture.items()
    else:
        for row in json.loads((folder / "aic_train.json").read_text(encoding="utf-8")):
            yield row["image_id"].rsplit(".", 1)[0], row["caption"]


def _stated(folder: Path, language: str, captions: dict[str, list[str]]) -> float:
    columns = ["image_id", "language", "word", "kind", "cue_words"]
    total = stated = 0
    for row in read_table(folder / "gold" / "senses.parquet", columns).to_pylist():
        if row["kind"] == "cued" and row["language"] == language:
            for text in captions.get(row["image_id"], []):
                total += row["word"] in text.lower()
                stated += row["word"] in text.lower() and any(cue in text.lower() for cue in row["cue_words"])
    return 100 * stated / max(total, 1)


def _percent(values: Iterable[bool]) -> float:
    found = [bool(value) for value in values]
    return 100 * sum(found) / max(len(found), 1)
