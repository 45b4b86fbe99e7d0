"""Annotated scene graphs of sentences, where a raw folder has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cross2stra.data.records import normalise
from cross2stra.structures.graph import SceneGraph, read_graphs


def gold_graphs(raw: Path | None, language: str) -> dict[str, SceneGraph]:
    """The annotated graph of each sentence (NFC text); empty where the raw folder has none."""
    path = None if raw is None else raw / "gold" / f"language_graphs.{language}.parquet"
    if path is None or not path.exists():
        return {}
    return {normalise(text): graph for text, graph in read_graphs(path).items() if len(graph)}


def by_tokens(texts: Mapping[str, Sequence[str]], gold: Mapping[str, SceneGraph]) -> dict[str, SceneGraph]:
    """Tokenised sentence -> the annotated graph of the first of its texts that has one."""
    found = {}
    for tokens, candidates in texts.items():
        graph = next((gold[text] for text in candidates if text in gold), None)
        if graph is not None:
            found[tokens] = graph
    return found
