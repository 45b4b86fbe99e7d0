"""Both grammars: trees of the words, graphs of what is said, the constructions that a language is known by."""

import numpy as np
import pytest

from cross2stra.data.languages import tokenise
from cross2stra.structures.tree import read_tree, retokenise
from cross2stra.world import chinese, english
from cross2stra.world.ambiguity import AMBIGUITIES
from cross2stra.world.derivation import movement
from cross2stra.world.knobs import KNOBS
from cross2stra.world.lexicon import CLASSES, plural_of
from cross2stra.world.parallel import draw_pairs
from cross2stra.world.plan import draw_plan
from cross2stra.world.scenes import draw_scene


def _nouns() -> set[str]:
    return {name for word in CLASSES.values() for name in word.en.all} | {"person"}


SAY = {"en": english.say, "zh": chinese.say}


def sentences(language: str, number: int, parallel: bool = False) -> list:
    made = []
    for index in range(number):
        rng = np.random.default_rng([4, index])
        scene = draw_scene(rng, index, 64, KNOBS)
        made.append(SAY[language](rng, scene, draw_plan(rng, scene, KNOBS, parallel), KNOBS))
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("parallel", [False, True])
def test_trees_have_the_words_of_the_sentence(language: str, parallel: bool) -> None:
    made = sentences(language, 150, parallel)
    for one, tokens in zip(made, tokenise(language, [d.text for d in made]), strict=True):
        leaves = "".join(read_tree(one.tree).leaves()).lower()
        assert "".join(leaves.split()) == "".join(one.text.lower().split())
        assert retokenise(one.tree, tokens) is not None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_graphs_have_only_what_is_said(language: str) -> None:
    lemmas = {plural: noun for noun in _nouns() if (plural := plural_of(noun)) != noun}
    for one in sentences(language, 200):
        said = one.text.lower()
        said += " ".join(noun for plural, noun in lemmas.items() if plural in said)
        assert len(one.graph)
        for label in one.graph.node_labels:
            for word in label.split():
                # an inverted or passive sentence says its predicate in another form
                assert word in said or word in {"在"} or word.endswith("ing"), (label, one.text)


def test_chinese_has_its_constructions() -> None:
    text = "\n".join(d.text for d in sentences("zh", 600))
    for expected in ("着一", "正在", "被", "把", "的", "旁边有", "上放着", "两只", "一辆", "在公园里"):
        assert expected in text, expected


def test_english_has_its_constructions() -> None:
    text = "\n".join(d.text for parallel in (False, True) for d in sentences("en", 500, parallel))
    for expected in ("There is", "being", " are ", "who ", "to the left of", "was ", "wearing", "several", ", and "):
        assert expected in text, expected


def test_measure_words_do_not_tell_the_sense_of_a_chinese_word() -> None:
    for ambiguity in AMBIGUITIES:
        if ambiguity.language == "zh":
            first, second = (CLASSES[sense].extra for sense in ambiguity.senses)
            assert first == second


def test_movement_by_hand() -> None:
    """a man(1) riding(3) a horse(5) in the park(8) -> 男人 在 公园 里 骑 马: from park back to riding is 8 + 1 - 3."""
    source = {"man": 1, "riding": 3, "horse": 5, "park": 8}
    assert movement(source, {"man": 0, "park": 2, "riding": 4, "horse": 5}) == 6
    assert movement(source, source) == 0
    assert movement({}, {}) == 0


def test_a_pair_of_equal_seed_is_equal() -> None:
    first, second = ([(p.en, p.zh, p.fate) for p in draw_pairs(60, 3, 64, KNOBS)] for _ in range(2))
    assert first == second
