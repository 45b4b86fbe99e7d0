"""PARSEVAL scores of trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nltk import Tree

from cross2stra.structures.tree import canonical


@dataclass(frozen=True)
class BracketScore:
    """Micro-averaged labelled brackets, in points; `exact` is the share of sentences without an error."""

    precision: float
    recall: float
    f1: float
    exact: float
    sentences: int


def brackets(tree: Tree) -> Counter[tuple[str, int, int]]:
    """(label, start, end) of each phrase of the canonical tree, the root included."""
    found: Counter[tuple[str, int, int]] = Counter()

    def visit(node: Tree, start: int) -> int:
        if not isinstance(node[0], Tree):
            return start + 1
        end = start
        for child in node:
            end = visit(child, end)
        found[node.label(), start, end] += 1
        return end

    visit(canonical(tree), 0)
    return found


def bracket_score(pairs: Iterable[tuple[Tree, Tree]]) -> BracketScore:
    """Score of (gold, predicted) trees over the same tokens; zeros where there are none."""
    matched = gold_total = predicted_total = exact = sentences = 0
    for gold, predicted in pairs:
        wanted, found = brackets(gold), brackets(predicted)
        matched += (wanted & found).total()
        gold_total += wanted.total()
        predicted_total += found.total()
        exact += wanted == found
        sentences += 1
    return BracketScore(
        100 * matched / max(predicted_total, 1),
        100 * matched / max(gold_total, 1),
        200 * matched / max(gold_total + predicted_total, 1),
        100 * exact / max(sentences, 1),
        sentences,
    )
