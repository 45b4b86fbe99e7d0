"""Scenes: large inventory, combinations kept for test, senses that only the place tells, or nothing at all."""

from collections import Counter

import numpy as np
import pytest

from cross2stra.world import lexicon
from cross2stra.world.ambiguity import AMBIGUITIES, SENSES, look_of
from cross2stra.world.knobs import KNOBS
from cross2stra.world.renderer import render
from cross2stra.world.scenes import Scene, draw_scene, novel
from cross2stra.world.shapes import SHAPES


def scenes(number: int, **options) -> list[Scene]:
    return [draw_scene(np.random.default_rng([9, index]), index, 64, KNOBS, **options) for index in range(number)]


@pytest.fixture(scope="module")
def many() -> list[Scene]:
    return scenes(2500)


def test_the_inventory_is_large_enough_and_ids_are_unique() -> None:
    tables = (lexicon.CLASSES, lexicon.ATTRIBUTES, lexicon.PREDICATES, lexicon.PLACES)
    assert [len(words) >= least for words, least in zip(tables, (40, 25, 20, 8), strict=True)] == [True] * 4
    ids = [word for words in tables for word in words]
    assert len(ids) == len(set(ids))
    assert all(look_of(name) in SHAPES for name in lexicon.CLASSES)


def test_training_never_has_a_combination_that_is_kept_for_test(many: list[Scene]) -> None:
    assert not any(novel(scene.things, scene.relations) for scene in many)
    share = np.mean([novel(scene.things, scene.relations) for scene in scenes(300, held_out=True)])
    assert 0.35 < share < 0.8


def test_two_classes_of_one_name_are_an_ambiguous_word() -> None:
    for language in ("en", "zh"):
        owners: dict[str, set[str]] = {}
        for word in lexicon.CLASSES.values():
            for name in getattr(word, language).all:
                owners.setdefault(name, set()).add(word.id)
        shared = {name: ids for name, ids in owners.items() if len(ids) > 1}
        assert shared == {a.word: set(a.senses) for a in AMBIGUITIES if a.language == language}


def test_a_third_of_the_ambiguous_words_are_controls() -> None:
    assert sum(not a.cued for a in AMBIGUITIES) / len(AMBIGUITIES) == pytest.approx(1 / 3, abs=0.08)


def test_the_place_tells_a_cued_sense(many: list[Scene]) -> None:
    for ambiguity in AMBIGUITIES:
        if ambiguity.cued:
            assert not set(ambiguity.cues[0]) & set(ambiguity.cues[1])
    for scene in many:
        for thing in scene.things:
            ambiguity = SENSES.get(thing.name)
            if ambiguity and ambiguity.cued:
                assert scene.place in ambiguity.cues[ambiguity.senses.index(thing.name)]


def test_nothing_tells_a_control_sense() -> None:
    """The two senses of a control word: the same content, drawn with the same pixels, whatever the sense."""
    compared = 0
    for scene in scenes(400):
        for thing in scene.things:
            ambiguity = SENSES.get(thing.name)
            if ambiguity and not ambiguity.cued and compared < 12:
                first = np.asarray(render(scene))
                thing.name = ambiguity.senses[1 - ambiguity.senses.index(thing.name)]
                assert np.array_equal(first, np.asarray(render(scene)))
                compared += 1
    assert compared == 12


def test_a_control_word_has_the_same_surroundings_in_both_senses(many: list[Scene]) -> None:
    """Places and colours of the senses differ by no more than chance (4 standard errors)."""
    seen: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    totals: Counter[bool] = Counter()
    for scene in many:
        for thing in scene.things:
            ambiguity = SENSES.get(thing.name)
            if ambiguity and not ambiguity.cued:
                first = thing.name == ambiguity.senses[0]
                totals[first] += 1
                seen[first].update({scene.place, *thing.attributes, f"x{thing.count}", scene.relations[0][1]})
    assert totals[True] / totals.total() == pytest.approx(KNOBS.control_majority, abs=0.1)
    for value in seen[True] | seen[False]:
        shares = [seen[first][value] / totals[first] for first in (True, False)]
        middle = (seen[True][value] + seen[False][value]) / totals.total()
        error = (middle * (1 - middle) * (1 / totals[True] + 1 / totals[False])) ** 0.5
        assert abs(shares[0] - shares[1]) < 4 * error, value


def test_no_two_pictures_of_one_scene_are_alike_and_boxes_are_inside(many: list[Scene]) -> None:
    scene = many[0]
    other = Scene(scene.place, scene.things, scene.relations, scene.size, scene.seed + 1)
    assert not np.array_equal(np.asarray(render(scene)), np.asarray(render(other)))
    boxes = np.asarray([thing.box for one in many for thing in one.things])
    assert boxes.min() >= 0
    assert boxes.max() <= 64
    assert ((boxes[:, 2:] - boxes[:, :2]) > 3).all()
