"""Trees of a text's sentences: annotated derivations where there are any, else the parser, else flat trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cross2stra.structures.syntax.chart import GRAMMAR_FILE, Grammar
from cross2stra.structures.syntax.parser import Parser
from cross2stra.structures.tree import flat_tree, retokenise

BACKENDS = ("annotated", "benepar")


def load_parser(folder: Path) -> Parser | Grammar:
    """What parses sentences that a model said: a trained parser, or the grammar of annotated derivations."""
    return Grammar.load(folder) if (folder / GRAMMAR_FILE).is_file() else Parser.load(folder)


@dataclass
class Counts:
    """Sentences by where their tree came from."""

    annotated: int = 0
    parsed: int = 0
    flat: int = 0


def trees(
    texts: Mapping[str, Sequence[str]], gold: Mapping[str, str], parser: Parser, backend: str
) -> tuple[list[tuple[str, str, bool]], Counts]:
    """(tokens, bracketed tree, flat) of each sentence, and counts.

    `texts`: space-joined tokens -> texts that they were made from. `gold`: text -> derivation, read by the backend
    `annotated` only. Raises ValueError for an unknown backend.
    """
    if backend not in BACKENDS:
        raise ValueError(f"structures.syntax: no backend {backend!r}; there are {', '.join(BACKENDS)}")
    found: dict[str, str | None] = {}
    counts = Counts()
    if backend == "annotated":
        for tokens, candidates in texts.items():
            derivation = next((gold[text] for text in candidates if text in gold), None)
            tree = None if derivation is None else retokenise(derivation, tokens.split())
            if tree is not None:
                found[tokens] = tree
                counts.annotated += 1
    missing = [tokens for tokens in texts if tokens not in found]
    found.update(zip(missing, parser.try_parse([tokens.split() for tokens in missing]), strict=True))
    rows = []
    for tokens in texts:
        tree = found[tokens]
        counts.flat += tree is None
        rows.append((tokens, flat_tree(tokens.split() or ["<unk>"]) if tree is None else tree, tree is None))
    counts.parsed = len(rows) - counts.annotated - counts.flat
    return rows, counts
