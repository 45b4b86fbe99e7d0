"""Constituency trees: bracketed strings in Penn Treebank style, and the arrays that the encoder reads.

A canonical tree has phrase labels of PHRASE_LABELS only, no phrase over a single word, no unary chain, and a
preterminal (its label is of no importance to the model) over every leaf.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile
from pathlib import Path

import numpy as np
import pyarrow as pa
from nltk import Tree

from cross2stra.data.streams import stream_rows, write_rows

PHRASE_LABELS = ("S", "NP", "VP", "PP", "ADJP", "ADVP", "QP", "CLP", "LCP", "CP", "X")
"""One inventory for both languages; otherwise a label would tell the language (docs/readings.md, 10)."""

_ROOTS = ("", "TOP", "ROOT", "S1", "VROOT")

_LABELS = {
    **{label: label for label in PHRASE_LABELS},
    **dict.fromkeys(_ROOTS, "S"),
    # Penn Treebank
    "SINV": "S", "SQ": "S", "SBAR": "CP", "SBARQ": "CP", "RRC": "CP", "NX": "NP", "NAC": "NP", "WHNP": "NP",
    "WHPP": "PP", "WHADJP": "ADJP", "WHADVP": "ADVP", "PRT": "ADVP",
    # Chinese Treebank
    "IP": "S", "DP": "NP", "DNP": "ADJP", "DVP": "ADVP", "VCD": "VP", "VCP": "VP", "VNV": "VP", "VPT": "VP",
    "VRD": "VP", "VSB": "VP",
    # Sinica Treebank; the phrases in 的 and 地 end in that word
    "GP": "LCP", "N的": "ADJP", "V的": "CP", "S的": "CP", "VP的": "CP", "NP的": "ADJP", "PP的": "ADJP", "GP的": "ADJP",
    "A的": "ADJP", "V地": "ADVP", "VP地": "ADVP", "N": "NP", "V": "VP", "P": "PP", "A": "ADJP", "ADV": "ADVP",
    "DM": "QP",
}  # fmt: skip
"""Phrase labels of PTB, CTB and Sinica in the common inventory; every other label is X."""

_LEAST_OVERLAP = 0.8


@dataclass(frozen=True)
class SyntaxTree:
    """A constituency tree as arrays: the L leaves first (in sentence order), then the P phrase nodes in preorder.

    `tokens`: L leaf words. `labels`: (P,) indices into PHRASE_LABELS. `parents`: (L + P,) index of the parent node,
    -1 for the root. `spans`: (L + P, 2) first and last-plus-one leaf.
    Preterminals (part-of-speech nodes) are not kept: a leaf hangs from its phrase.
    """

    tokens: tuple[str, ...]
    labels: np.ndarray
    parents: np.ndarray
    spans: np.ndarray


def escape(token: str) -> str:
    """A token as a leaf: brackets as in the Penn Treebank."""
    return token.replace("(", "-LRB-").replace(")", "-RRB-")


def unescape(token: str) -> str:
    """The inverse of `escape`."""
    return token.replace("-LRB-", "(").replace("-RRB-", ")")


def flat_tree(tokens: Iterable[str]) -> str:
    """The bracketed tree of a sentence that no parser could read: one S over all tokens."""
    return "(S " + " ".join(f"(X {escape(token)})" for token in tokens) + ")"


def phrase_label(label: str) -> str:
    """A treebank's label without function tags, in the common inventory."""
    plain = label.split("-")[0].split("=")[0].split("|")[0]
    for dot in "·‧•．":
        plain = plain.replace(dot, "")
    return _LABELS.get(plain, "X")


def read_tree(bracketed: str) -> Tree:
    """A bracketed string as an nltk tree. Raises ValueError where it is none."""
    try:
        return Tree.fromstring(bracketed)
    except ValueError as error:
        raise ValueError(f"not a bracketed tree: {bracketed[:80]!r} ({error}); parse the sentence again") from error


def one_line(tree: Tree) -> str:
    """The bracketed string of a tree whose leaves hang from preterminals, on one line."""
    if not isinstance(tree[0], Tree):
        return f"({tree.label()} {tree[0]})"
    return f"({tree.label()} {' '.join(one_line(child) for child in tree)})"


def canonical(tree: Tree) -> Tree:
    """A new tree in the common inventory; of a unary chain the topmost phrase stays. Traces and empty phrases go."""

    def visit(node: Tree | str, tag: str) -> Tree | None:
        if isinstance(node, str):
            return Tree(tag, [node])
        if node.label() == "-NONE-":
            return None
        children = [child for child in (visit(child, node.label() or "X") for child in node) if child is not None]
        if not children:
            return None
        if len(children) > 1:
            return Tree(phrase_label(node.label()), children)
        only = children[0]
        if isinstance(only[0], Tree) and node.label() not in _ROOTS:
            only.set_label(phrase_label(node.label()))
        return only

    top = visit(tree, "X")
    if top is None:
        raise ValueError("a tree without a leaf; leave it out")
    return top if isinstance(top[0], Tree) else Tree("S", [top])


def to_arrays(bracketed: str) -> SyntaxTree:
    """The arrays of a bracketed tree, made canonical: always at least a root phrase.

    Raises ValueError where the string is not a tree.
    """
    found = _plain(bracketed) or _plain(one_line(canonical(read_tree(bracketed))))
    assert found is not None, f"a canonical tree is plain: {bracketed[:80]!r}"
    tokens, phrases = found
    count = len(tokens)
    above = [-1] * count  # of each leaf the lowest phrase yet: a phrase comes after those that it is in
    parents, begins, ends = [], [*range(count)], [*range(1, count + 1)]
    for number, (begin, end, _) in enumerate(phrases, count):
        parents.append(above[begin])
        above[begin:-end] = [number] * (-end - begin)
        begins.append(begin)
        ends.append(-end)
    numbers = np.array([above + parents, begins, ends])
    words = map(unescape, tokens) if "RB-" in bracketed else tokens
    return SyntaxTree(tuple(words), np.array([label for _, _, label in phrases]), numbers[0], numbers[1:].T)


_PART = re.compile(r"\(([^\s()]*) ?([^\s()]*)(\)*) ?|(.)", re.DOTALL)
"""A bracket with its label, a word, brackets that close behind it; anything else."""


def _plain(bracketed: str) -> tuple[list[str], list[tuple[int, int, int]]] | None:
    """What `canonical` makes of a string: leaves, and phrases in preorder, each its first leaf, its last-plus-one negated,
    and its label's index. None where the string is not plainly one tree on one line, which nltk has to judge.
    """
    tokens: list[str] = []
    phrases: list[tuple[int, int, int]] = []
    stack: list[tuple[str, int, int]] = []  # of each open phrase its label, its first leaf, and its elder siblings
    children = roots = 0  # of the innermost of them; of the string
    for label, word, closing, other in _PART.findall(bracketed):
        closes = len(closing)
        if word and label and closes and stack:
            closes -= 1
            if label != "-NONE-":
                tokens.append(word)
                children += 1
        elif word or other or label == "-NONE-":
            return None
        else:
            roots += not stack
            stack.append((label, len(tokens), children))
            children = 0
        while closes:
            if not stack:
                return None
            closes -= 1
            label, begin, siblings = stack.pop()
            if children > 1:
                phrases.append((begin, -len(tokens), _label_index(label)))
            elif len(tokens) - begin > 1 and label not in _ROOTS:  # of a unary chain the topmost label stays
                phrases[-1] = (*phrases[-1][:2], _label_index(label))
            children = siblings + (children > 0)
    if stack or roots > 1 or not tokens:
        return None
    return tokens, sorted(phrases) or [(0, -1, _label_index("S"))]


@cache
def _label_index(label: str) -> int:
    return PHRASE_LABELS.index(phrase_label(label))


def _characters(words: Sequence[str]) -> tuple[str, list[int]]:
    """The words' letters and digits, case folded, and the index of the word that each comes from."""
    letters: list[str] = []
    owners: list[int] = []
    for index, word in enumerate(words):
        plain = [c for c in unicodedata.normalize("NFKC", word).casefold() if unicodedata.category(c)[0] in "LNM"]
        letters += plain
        owners += [index] * len(plain)
    return "".join(letters), owners


def _leaves_of_tokens(leaves: Sequence[str], tokens: Sequence[str]) -> list[tuple[int, int]] | None:
    """First and last leaf that each token overlaps; None where the two are not the same sentence.

    A token without a letter that is in a leaf (a symbol) takes the leaf of its neighbour.
    """
    source, leaf_of = _characters(leaves)
    wanted, token_of = _characters(tokens)
    if source == wanted:
        blocks = [(0, 0, len(source))]
    else:
        matcher = SequenceMatcher(None, source, wanted, autojunk=False)
        if not source or not wanted or matcher.ratio() < _LEAST_OVERLAP:
            return None
        blocks = [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]
    spans: list[tuple[int, int] | None] = [None] * len(tokens)
    for start, wanted_start, size in blocks:
        for offset in range(size):
            leaf, token = leaf_of[start + offset], token_of[wanted_start + offset]
            known = spans[token]
            spans[token] = (leaf, leaf) if known is None else (known[0], leaf)
    first = next((span for span in spans if span is not None), None)
    if first is None:
        return None
    neighbour = first[0]
    filled = []
    for span in spans:
        filled.append(span or (neighbour, neighbour))
        neighbour = filled[-1][1]
    return filled


def retokenise(bracketed: str, tokens: Sequence[str]) -> str | None:
    """The canonical tree of the same sentence over other tokens, or None where the sentences differ.

    Words are matched by their letters, without case, punctuation and spaces (slight differences in spelling are
    tolerated). A word that is cut gives its tokens to its phrase; a token of several words hangs from their lowest
    common phrase; a word that no token covers disappears. `bracketed` may be of any treebank's labels.
    Raises ValueError where `bracketed` is not a tree.
    """
    tree = canonical(read_tree(bracketed))
    paths = [path[:-1] for path in tree.treepositions("leaves")]  # of the preterminals
    spans = _leaves_of_tokens([unescape(leaf) for leaf in tree.leaves()], tokens) if tokens else None
    if spans is None:
        return None
    phrases: dict[tuple[int, ...], Tree] = {(): Tree(tree.label(), [])}
    for token, (first, last) in zip(tokens, spans, strict=True):
        path = paths[first][:-1] if first == last else _common(paths[first], paths[last])
        for depth in range(1, len(path) + 1):
            if path[:depth] not in phrases:
                phrases[path[:depth]] = Tree(tree[path[:depth]].label(), [])
                phrases[path[: depth - 1]].append(phrases[path[:depth]])
        phrases[path].append(Tree(tree[paths[first]].label(), [escape(token)]))
    return one_line(canonical(phrases[()]))


def _common(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """The common beginning of two tree positions."""
    return tuple(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


_SCHEMA = pa.schema([("tokens", pa.string()), ("tree", pa.string()), ("flat", pa.bool_())])


def write_trees(path: str | Path, trees: Iterable[tuple[str, str, bool]]) -> None:
    """Write (tokens, bracketed tree, flat) rows: space-joined tokens, their tree, whether no parser could read it."""
    rows = ({"tokens": tokens, "tree": tree, "flat": flat} for tokens, tree, flat in trees)
    write_rows(path, _SCHEMA, rows)


def read_trees(path: str | Path, wanted: Collection[str] | None = None) -> dict[str, str]:
    """Read the bracketed tree of each tokenised sentence, or of those `wanted` that are there; nothing else is kept."""
    return dict(stream_trees(path, wanted))


def stream_trees(path: str | Path, wanted: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield (tokens, bracketed tree) rows, some at a time; of the sentences `wanted` alone, where they are given."""
    only = None if wanted is None else ("tokens", wanted)
    return ((row["tokens"], row["tree"]) for row in stream_rows(path, _SCHEMA.names, only=only))
