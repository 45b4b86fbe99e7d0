"""The grammar of annotated derivations, and its chart parse."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from nltk import Tree

from cross2stra.structures.syntax.backends import load_parser
from cross2stra.structures.syntax.chart import Grammar
from cross2stra.structures.syntax.scores import bracket_score
from cross2stra.structures.tree import flat_tree, one_line, read_tree


def test_parses_of_its_own_sentences_are_its_trees(trees: list[Tree]) -> None:
    grammar = Grammar.of(trees[:200])
    parsed = map(read_tree, grammar.parse([tree.leaves() for tree in trees[200:]]))
    assert bracket_score(zip(trees[200:], parsed, strict=True)).f1 == 100


def test_the_tree_is_the_most_probable_one() -> None:
    """Brute force over the two brackets of three words, rules counted by hand."""
    left, right = "(S (A a) (X (B b) (C c)))", "(S (X (A a) (B b)) (C c))"
    for counts in itertools.product((1, 2, 5), repeat=2):
        grammar = Grammar.of([read_tree(left)] * counts[0] + [read_tree(right)] * counts[1])
        total, wanted = sum(counts), left if counts[0] >= counts[1] else right
        if counts[0] != counts[1]:
            assert grammar.parse([["a", "b", "c"]]) == [wanted]
        scores = {rule[:3]: rule[3] for rule in grammar.binary if rule[0] == "S"}
        assert sorted(scores.values()) == pytest.approx(sorted(math.log(count / total) for count in counts))


def test_what_the_grammar_has_no_rule_for_is_flat(trees: list[Tree]) -> None:
    grammar = Grammar.of(trees)
    assert grammar.parse([["on", "on"], ["dog"], []]) == [flat_tree(["on", "on"]), flat_tree(["dog"]), "(S (X <unk>))"]


def test_unknown_words_take_the_place_of_rare_ones(trees: list[Tree]) -> None:
    rare = read_tree("(S (NP (DT a) (NN zebra)) (VP (VBZ sits) (PP (IN on) (NP (DT a) (NN dog)))))")
    (tree,) = Grammar.of([*trees, rare]).parse([["a", "giraffe", "sits", "on", "a", "dog"]])
    assert tree == one_line(rare).replace("zebra", "giraffe")


def test_saved_and_read_it_stands_where_a_parser_does(trees: list[Tree], tmp_path: Path) -> None:
    grammar = Grammar.of(trees)
    grammar.save(tmp_path / "grammar")
    sentences = [tree.leaves() for tree in trees[:20]]
    assert load_parser(tmp_path / "grammar").parse(sentences) == grammar.parse(sentences)


def test_no_tree_is_an_error() -> None:
    with pytest.raises(ValueError, match="no tree of two words"):
        Grammar.of([read_tree("(S (X a))")])
