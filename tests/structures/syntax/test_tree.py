"""Trees as arrays, and trees moved onto other tokens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax import walks

from cross2stra.structures.tree import (
    PHRASE_LABELS,
    SyntaxTree,
    flat_tree,
    phrase_label,
    read_trees,
    retokenise,
    to_arrays,
    write_trees,
)


def labels(bracketed: str) -> list[str]:
    return [PHRASE_LABELS[i] for i in to_arrays(bracketed).labels]


def test_arrays_of_a_small_tree() -> None:
    tree = to_arrays("(ROOT (S (NP-SBJ (DT a) (NN dog)) (VP (VBZ runs))))")
    assert tree.tokens == ("a", "dog", "runs")
    assert [PHRASE_LABELS[i] for i in tree.labels] == ["S", "NP"]  # the VP over one word is its word
    assert tree.parents.tolist() == [4, 4, 3, -1, 3]


def test_unary_chains_traces_and_function_tags_go() -> None:
    bracketed = (
        "( (SBAR (-NONE- 0) (S (NP-SBJ-1 (-NONE- *)) (VP (TO to) (VP (VB sit) (PP-LOC (IN on) (NP (NN it))))))))"
    )
    assert to_arrays(bracketed).tokens == ("to", "sit", "on", "it")
    assert labels(bracketed) == ["CP", "VP", "PP"]


@pytest.mark.parametrize("bracketed", ["(X dog)", "(NP (NN dog))", "(TOP (S (NP (NN dog))))", "(S dog)"])
def test_one_word_hangs_from_a_root(bracketed: str) -> None:
    tree = to_arrays(bracketed)
    assert tree.tokens == ("dog",)
    assert labels(bracketed) == ["S"]
    assert tree.parents.tolist() == [1, -1]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("NP-SBJ=2", "NP"),
        ("IP-HLN", "S"),
        ("SBAR", "CP"),
        ("GP", "LCP"),
        ("N‧的", "ADJP"),
        ("V‧地", "ADVP"),
        ("FRAG", "X"),
    ],
)
def test_labels_of_three_treebanks(label: str, expected: str) -> None:
    assert phrase_label(label) == expected


def test_not_a_tree() -> None:
    with pytest.raises(ValueError, match="not a bracketed tree"):
        to_arrays("(S (NP dog)")


def test_flat_tree_keeps_brackets_and_order() -> None:
    tree = to_arrays(flat_tree(["a", "(", "b", ")"]))
    assert tree.tokens == ("a", "(", "b", ")")
    assert tree.parents.tolist() == [4, 4, 4, 4, -1]


SENTENCE = "(S (NP (DT A) (JJ T-shirt) (NN dog)) (VP (VBZ sits) (PP (IN on) (NP (DT the) (NN bus) (NN stop)))) (. .))"


def test_retokenise_ignores_case_and_punctuation() -> None:
    assert retokenise(SENTENCE, ["a", "t-shirt", "dog", "sits", "on", "the", "bus", "stop"]) == (
        "(S (NP (DT a) (JJ t-shirt) (NN dog)) (VP (VBZ sits) (PP (IN on) (NP (DT the) (NN bus) (NN stop)))))"
    )


def test_retokenise_splits_and_merges() -> None:
    assert retokenise(SENTENCE, ["a", "t", "shirt", "dog", "sits", "on", "the", "busstop"]) == (
        "(S (NP (DT a) (JJ t) (JJ shirt) (NN dog)) (VP (VBZ sits) (PP (IN on) (NP (DT the) (NN busstop)))))"
    )


def test_a_merged_token_hangs_from_the_lowest_common_phrase() -> None:
    tree = "(S (NP (M 一) (M 只) (N 狗)) (VP (V 坐在) (NP (N 公园) (L 里))))"
    assert retokenise(tree, ["一只", "狗坐", "在", "公园里"]) == "(S (M 一只) (N 狗坐) (VP (V 在) (N 公园里)))"


def test_a_token_without_letters_stays_in_its_place() -> None:
    tree = "(S (NP (CD 5) (NN percent)) (VP (VBZ is) (JJ low)))"
    assert retokenise(tree, ["$", "5", "percent", "&", "is", "low"]) == (
        "(S (NP (CD $) (CD 5) (NN percent) (NN &)) (VP (VBZ is) (JJ low)))"
    )


def test_another_spelling_is_tolerated_and_another_sentence_is_not() -> None:
    tree = "(S (NP (DT the) (NN colour)) (VP (VBZ is) (JJ bright)))"
    assert (
        retokenise(tree, ["the", "color", "is", "bright"]) == "(S (NP (DT the) (NN color)) (VP (VBZ is) (JJ bright)))"
    )
    assert retokenise(tree, ["two", "men", "ride", "horses"]) is None
    assert retokenise(tree, []) is None


def test_trees_survive_their_file(tmp_path) -> None:
    rows = [("a dog", "(S (X a) (X dog))", True), ("狗", "(S (N 狗))", False)]
    write_trees(tmp_path / "trees.parquet", rows)
    assert read_trees(tmp_path / "trees.parquet") == {tokens: tree for tokens, tree, _ in rows}


PIECES = ["(", ")", "(", ")", "(S", "(NP", "( NP", "(-NONE-", "(NN-SBJ", "dog", "*T*", " ", "-LRB-", "ROOT", "\n", "(("]


def in_lists(tree: SyntaxTree) -> list[object]:
    return [list(tree.tokens), tree.labels.tolist(), tree.parents.tolist(), tree.spans.tolist()]


def outcome(read: Callable[[str], SyntaxTree], bracketed: str) -> object:
    try:
        return in_lists(read(bracketed))
    except ValueError as error:
        return str(error)


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_one_pass_reads_what_nltk_does(bracketed: str) -> None:
    assert outcome(to_arrays, bracketed) == outcome(walks, bracketed)


def nested() -> st.SearchStrategy[str]:
    """Trees as treebanks write them, with chains, traces and bracketed words."""
    leaf = st.sampled_from(["(NN dog)", "(-NONE- *T*)", "(VV 跑)", "(-LRB- -LRB-)"])
    labels = st.sampled_from(["S", "NP-SBJ", "VP", "ROOT", "", "FRAG"])
    grown = st.recursive(
        leaf,
        lambda inner: st.tuples(labels, st.lists(inner, min_size=1, max_size=3)).map(
            lambda t: f"({t[0]} {' '.join(t[1])})"
        ),
    )
    return grown.map("(TOP {})".format)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(nested())
def test_trees_are_read_as_nltk_does(bracketed: str) -> None:
    assert outcome(to_arrays, bracketed) == outcome(walks, bracketed)


def test_spans_are_those_of_the_parents() -> None:
    arrays = to_arrays("(S (NP (NP (D a) (N dog)) (PP (P on) (NP (D a) (N road)))) (VP (V runs) (ADV away)))")
    assert arrays.tokens == ("a", "dog", "on", "a", "road", "runs", "away")
    leaves = len(arrays.tokens)
    for phrase in range(leaves, len(arrays.parents)):
        below = [node for node in range(leaves) if phrase in ancestors(arrays.parents, node)]
        assert arrays.spans[phrase].tolist() == [min(below), max(below) + 1]


def ancestors(parents: np.ndarray, node: int) -> list[int]:
    found = []
    while parents[node] >= 0:
        node = int(parents[node])
        found.append(node)
    return found
