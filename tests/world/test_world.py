"""The picture world: seeded, complete, and honest about what tells a sense."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from cross2stra.configuration import World
from cross2stra.data.languages import tokenise
from cross2stra.structures.graph import read_graphs
from cross2stra.structures.tree import to_arrays
from cross2stra.world import lexicon, write_world
from cross2stra.world.derivation import draw_plan, leaves
from cross2stra.world.english import English
from cross2stra.world.knobs import KNOBS, digest
from cross2stra.world.renderer import render
from cross2stra.world.scenes import draw_scene

SMALL = World(
    pivot_images=12, pivot_validation_images=4, validation_images=4, test_images=6, parallel_sentences=400, picture_size=64
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "world"
    write_world(SMALL, path)
    return path


def test_equal_seeds_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    write_world(SMALL, tmp_path / "again")
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files
    assert all((folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)


def test_no_two_pictures_are_alike(folder: Path) -> None:
    pictures = [path.read_bytes() for path in (folder / "pictures").iterdir()]
    assert len(set(pictures)) == len(pictures) == 2 * 12 + 2 * 8 + 2 * 6 + 4 + 6


def test_the_inventory_is_large_enough() -> None:
    assert len(lexicon.CLASSES) >= 40
    assert len(lexicon.ATTRIBUTES) >= 25
    assert len(lexicon.PREDICATES) >= 20
    assert len(lexicon.PLACES) >= 8


def test_every_caption_has_its_tree_and_graph(folder: Path) -> None:
    captions = [note["caption"] for note in json.loads((folder / "captions_en_train.json").read_text())["annotations"]]
    trees = dict(zip(*pq.read_table(folder / "gold" / "trees.en.parquet").to_pydict().values(), strict=True))
    graphs = read_graphs(folder / "gold" / "language_graphs.en.parquet")
    assert len(captions) == 12 * 5
    for caption, tokens in zip(captions, tokenise("en", captions), strict=True):
        assert [leaf.lower() for leaf in to_arrays(trees[caption]).tokens] == tokens
        assert len(graphs[caption]) > 0
        words = {word for label in graphs[caption].node_labels for word in label.split()}
        assert words <= set(tokens)


def test_senses_of_a_word_have_one_pivot_name_and_several_target_names(folder: Path) -> None:
    names = json.loads((folder / "gold" / "names.json").read_text(encoding="utf-8"))
    for ambiguity in lexicon.AMBIGUITIES:
        other = "zh" if ambiguity.language == "en" else "en"
        first, second = (names[sense] for sense in ambiguity.senses)
        assert first[ambiguity.language] == second[ambiguity.language] == ambiguity.word
        assert first[other] != second[other]


def test_a_third_of_the_ambiguous_words_are_controls() -> None:
    controls = [a for a in lexicon.AMBIGUITIES if not a.cued]
    assert 0.25 <= len(controls) / len(lexicon.AMBIGUITIES) <= 0.4


def test_the_place_tells_a_cued_sense_and_nothing_tells_a_control() -> None:
    seen: dict[str, set[str]] = {}
    for index in range(3000):
        scene = draw_scene(np.random.default_rng([9, index]), index, 64, KNOBS)
        for thing in scene.things:
            if thing.name in lexicon.SENSES:
                seen.setdefault(thing.name, set()).add(scene.place)
    for ambiguity in lexicon.AMBIGUITIES:
        first, second = (seen[sense] for sense in ambiguity.senses)
        if ambiguity.cued:
            assert not first & second
        else:
            assert first == second == set(lexicon.PLACES)


def test_senses_of_a_control_word_are_drawn_alike() -> None:
    control = next(a for a in lexicon.AMBIGUITIES if not a.cued)
    for index in range(200):
        scene = draw_scene(np.random.default_rng([9, index]), index, 64, KNOBS)
        if scene.things[0].name == control.senses[0]:
            first = np.asarray(render(scene))
            scene.things[0].name = control.senses[1]
            assert np.array_equal(first, np.asarray(render(scene)))
            return
    pytest.fail("no scene with a control word among 200")


def test_test_scenes_have_combinations_that_training_never_has() -> None:
    def combinations(held_out: bool) -> set[tuple[str, str]]:
        found = set()
        for index in range(1500):
            scene = draw_scene(np.random.default_rng([4, index]), index, 64, KNOBS, held_out)
            found |= {(t.name, a) for t in scene.things for a in t.attributes if a in lexicon.COLOUR_IDS}
        return found

    assert combinations(True) - combinations(False)


def test_parallel_text_has_its_share_of_each_fate(folder: Path) -> None:
    fates = Counter(pq.read_table(folder / "gold" / "parallel_truth.parquet")["fate"].to_pylist())
    assert set(fates) == {"picture_like", "off_topic", "misaligned", "duplicate", "broken"}
    assert fates["off_topic"] / 400 == pytest.approx(KNOBS.off_topic, abs=0.08)


def test_attributes_that_are_not_said_are_not_in_the_graph() -> None:
    for index in range(100):
        rng = np.random.default_rng([2, index])
        scene = draw_scene(rng, index, 64, KNOBS)
        plan = draw_plan(rng, scene, KNOBS, parallel=False)
        grammar = English(rng, scene, plan, parallel=False)
        words = set(leaves(grammar.clause()))
        assert {word for label in grammar.graph.labels for word in label.split()} <= words


def test_knobs_are_frozen() -> None:
    """The digest of the knobs that config/expected was made with; a new one discards those rows."""
    statement = Path(__file__).parents[2] / "config" / "expected" / "world_knobs.txt"
    assert statement.read_text(encoding="utf-8").strip() == digest()
