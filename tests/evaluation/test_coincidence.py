"""beta_G and beta_C by hand."""

import math
from collections.abc import Sequence
from typing import cast

import pytest

from cross2stra.evaluation.coincidence import (
    Translations,
    graph_coincidence,
    phrases,
    tree_coincidence,
    word_pairs,
)
from cross2stra.evaluation.structure_probe import Probe
from cross2stra.structures.graph import GraphBuilder, SceneGraph
from cross2stra.structures.language.graphs import LanguageGraphs
from cross2stra.structures.tree import flat_tree

WORDS = Translations(
    {"dog": ["狗"], "brown": ["棕色", "棕色的"], "grass": ["草地", "草"], "tree": ["树"], "tall": ["高"]}
)


def picture() -> SceneGraph:
    """A brown dog on grass, beside a tall tree."""
    builder = GraphBuilder()
    dog, grass, tree = (builder.add_object(label) for label in ("dog", "grass", "tree"))
    builder.add_attribute(dog, "brown")
    builder.add_attribute(tree, "tall")
    builder.add_relation(dog, "on", grass)
    builder.add_relation(dog, "beside", tree)
    return builder.build()


def caption(*, owner: str = "狗", place: str = "草地") -> SceneGraph:
    """棕色的狗在草地上; or another thing is brown, or another place."""
    builder = GraphBuilder()
    dog, grass = builder.add_object("狗"), builder.add_object(place)
    builder.add_attribute(dog if owner == "狗" else grass, "棕色")
    builder.add_relation(dog, "在 上", grass)
    return builder.build()


def test_word_pairs_are_of_things_and_attributes_and_of_subjects_and_objects() -> None:
    assert word_pairs(picture()) == [
        ("attribute", "dog", "brown"),
        ("attribute", "tree", "tall"),
        ("relation", "dog", "grass"),
        ("relation", "dog", "tree"),
    ]


@pytest.mark.parametrize(
    ("said", "pairs", "labels"),
    [
        (caption(), 100 * 2 / 4, 100 * 3 / 5),
        (caption(owner="草地"), 100 * 1 / 5, 100 * 3 / 5),  # the same words, one of them at another place
        (caption(place="房子"), 100 * 1 / 5, 100 * 2 / 6),
    ],
)
def test_graphs_by_hand(said: SceneGraph, pairs: float, labels: float) -> None:
    assert graph_coincidence(picture(), said, WORDS) == pytest.approx((pairs, labels))


def test_a_pair_is_matched_once() -> None:
    assert Translations({"dog": ["狗"], "puppy": ["狗"]}).words(["dog", "puppy"], ["狗"]) == 1
    # A greedy match of "dog" with 狗 would leave "puppy" without a partner.
    assert Translations({"dog": ["狗", "犬"], "puppy": ["狗"]}).words(["dog", "puppy"], ["狗", "犬"]) == 2


def test_graphs_without_a_pair_have_no_rate() -> None:
    builder = GraphBuilder()
    builder.add_object("dog")
    pairs, labels = graph_coincidence(builder.build(), builder.build(), Translations({"dog": ["dog"]}))
    assert math.isnan(pairs)
    assert labels == 100


def test_phrases_have_depth_and_parent() -> None:
    tree = "(S (NP (DT a) (NN dog)) (VP (VBZ sits) (PP (IN on) (NP (DT the) (NN grass)))))"
    assert dict(phrases(tree)) == {
        (1, "S", ""): 1, (2, "NP", "S"): 1, (2, "VP", "S"): 1, (3, "PP", "VP"): 1, (4, "NP", "PP"): 1,
    }  # fmt: skip


def test_trees_by_hand() -> None:
    pivot = "(S (NP (DT a) (NN dog)) (VP (VBZ sits) (PP (IN on) (NP (DT the) (NN grass)))))"
    target = "(S (NP (CD 一只) (NN 狗)) (VP (VV 坐) (NP (NN 草地) (LC 上))))"
    # Shared: S 1, NP 1/2, VP 1/2. Union: 5 phrases of the pivot and the target's NP below VP.
    shared, weights = 1 + 1 / 2 + 1 / 2, 1 + 1 / 2 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 3
    assert tree_coincidence(pivot, target) == pytest.approx((100 * shared / 6, 100 * shared / weights))
    whole = (1 + 1 / 2 + 1 / 2 + 1 / 3 + 1 / 4) / 5
    assert tree_coincidence(pivot, pivot) == pytest.approx((100 * whole, 100.0))
    assert tree_coincidence("(S (X a) (X b))", "(NP (X c) (X d))") == (0.0, 0.0)


def test_phrases_are_counted_as_often_as_they_occur() -> None:
    two = "(S (NP (X a) (X b)) (NP (X c) (X d)) (X e))"
    one = "(S (NP (X a) (X b)) (X c))"
    assert tree_coincidence(two, one)[0] == pytest.approx(100 * (1 + 1 / 2) / 3)


class Flat:
    """A parser of flat trees."""

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[str]:
        return [flat_tree(words) for words in sentences]


def test_saying_nothing_shares_no_phrase_and_without_a_pivot_caption_there_is_no_rate() -> None:
    probe = Probe("t", "zh", cast(LanguageGraphs, None), (Flat(), Flat()), WORDS)
    same, silent, no_pivot = probe.trees(["a dog", "a dog", ""], [["一只", "狗"], [], ["一只", "狗"]])
    assert same[1] == 100
    assert silent == (0, 0)
    assert all(math.isnan(rate) for rate in no_pivot)


class Written:
    """Stands for the extractor of sentences: the graphs of known ones."""

    def __init__(self, known: dict[str, SceneGraph]) -> None:
        self.known = known

    def graphs(self, sentences: Sequence[str]) -> list[SceneGraph]:
        return [self.known[sentence] for sentence in sentences]


def test_the_rate_of_a_picture_s_references_is_their_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cross2stra.evaluation.structure_probe.tokenise", lambda language, texts: [text.split() for text in texts]
    )
    known = {"狗 在 草地": caption(), "房 子": caption(place="房子")}
    probe = Probe("t", "zh", cast(LanguageGraphs, Written(known)), (Flat(), Flat()), WORDS)
    (found,) = probe.references({"1": list(known), "2": ["狗"]}, {"1": picture(), "3": picture()}, 1)
    assert (found.system, found.item, found.words) == ("human", "1", 2)
    assert (found.beta_g, found.beta_g_labels) == pytest.approx(((50 + 20) / 2, (60 + 100 / 3) / 2))
