"""Trees and graphs of sentences as they are read."""

from __future__ import annotations

import numpy as np
import pytest

from cross2stra.data.vocabulary import SPECIALS
from cross2stra.structures.graph import GraphBuilder
from cross2stra.structures.tree import flat_tree
from cross2stra.training.examples import content_words, encode_flat, encode_scene, encode_tree, whole_tree

INDEX = {word: i for i, word in enumerate([*SPECIALS, "dog", "red", "on", "grass"])}
TREE = "(S (NP dog) (PP (P on) (N grass)))"


def test_a_tree_of_all_words_is_read_as_it_is() -> None:
    assert whole_tree(TREE, ["dog", "on", "grass"]) == TREE


@pytest.mark.parametrize("words", [["red", "dog", "on", "grass"], ["(", ")"]])
def test_a_sentence_whose_parser_lost_words_is_flat(words: list[str]) -> None:
    assert whole_tree(TREE, words) == flat_tree(words)
    read, flat = encode_tree(whole_tree(TREE, words), INDEX), encode_flat(words, INDEX)
    assert all(np.array_equal(value, vars(flat)[name]) for name, value in vars(read).items())


def test_content_words_are_the_known_ones_of_all_nodes() -> None:
    builder = GraphBuilder()
    dog, grass = builder.add_object("dog"), builder.add_object("tall grass")
    builder.add_attribute(dog, "red")
    builder.add_relation(dog, "on", grass)
    found = content_words(encode_scene(builder.build(), INDEX, 0))
    assert found.tolist() == sorted(INDEX[word] for word in ("dog", "grass", "red", "on"))


def test_a_box_is_read_relative_to_the_picture() -> None:
    builder = GraphBuilder()
    builder.add_attribute(builder.add_object("dog", (2, 1, 6, 3)), "red")
    found = encode_scene(builder.build((10, 5)), INDEX, 0).geometry
    assert found[0].tolist() == pytest.approx([0.2, 0.2, 0.6, 0.6, 0.4, 0.4, 0.16, 0.5], abs=1e-5)
