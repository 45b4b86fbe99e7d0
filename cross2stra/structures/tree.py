"""Constituency trees: bracketed strings in Penn Treebank style, and the arrays that the encoder reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from nltk import Tree

from cross2stra.data.files import read_table, write_table

PHRASE_LABELS = ("S", "NP", "VP", "PP", "ADJP", "ADVP", "QP", "CLP", "LCP", "CP", "X")
"""One inventory for both languages; otherwise a label would tell the language (docs/readings.md, 10)."""


@dataclass(frozen=True)
class SyntaxTree:
    """A constituency tree as arrays: the L leaves first (in sentence order), then the P phrase nodes in preorder.

    `tokens`: L leaf words. `labels`: (P,) indices into PHRASE_LABELS. `parents`: (L + P,) index of the parent node
    (int32), -1 for the root. Preterminals (part-of-speech nodes) are not kept: a leaf hangs from its phrase.
    """

    tokens: tuple[str, ...]
    labels: np.ndarray
    parents: np.ndarray


def flat_tree(tokens: Iterable[str]) -> str:
    """The bracketed tree of a sentence that no parser could read: one S over all tokens."""
    return str(Tree("S", [Tree("X", [escape(token)]) for token in tokens])._pformat_flat("", "()", False))


def escape(token: str) -> str:
    """A token as a leaf: brackets as in the Penn Treebank."""
    return token.replace("(", "-LRB-").replace(")", "-RRB-")


def unescape(token: str) -> str:
    """The inverse of `escape`."""
    return token.replace("-LRB-", "(").replace("-RRB-", ")")


def write_trees(path: str | Path, trees: Iterable[tuple[str, str, bool]]) -> None:
    """Write (tokens, bracketed tree, flat) rows: space-joined tokens, their tree, whether no parser could read it."""
    rows = [{"tokens": tokens, "tree": tree, "flat": flat} for tokens, tree, flat in trees]
    schema = pa.schema([("tokens", pa.string()), ("tree", pa.string()), ("flat", pa.bool_())])
    write_table(path, pa.Table.from_pylist(rows, schema=schema))


def read_trees(path: str | Path) -> dict[str, str]:
    """Read the bracketed tree of each tokenised sentence."""
    table = read_table(path, columns=["tokens", "tree", "flat"])
    return dict(zip(table["tokens"].to_pylist(), table["tree"].to_pylist(), strict=True))
