"""Scene graphs as sequences and back, and the generator on a handful of scenes that it can learn by heart."""

from pathlib import Path

import numpy as np
import pytest

from cross2stra.configuration import Generator
from cross2stra.structures.generation.generator import SceneGenerator
from cross2stra.structures.generation.sequences import BINS, OBJECT, graph_of, read_sequence, shown, write_sequence
from cross2stra.structures.generation.training import train
from cross2stra.structures.graph import GraphBuilder, SceneGraph

SIZE = (100, 100)


def picture(name: str = "dog", colour: str = "red", value: float = 1.0) -> SceneGraph:
    builder = GraphBuilder()
    grass = builder.add_object("grass", (0, 0, 100, 100))
    thing = builder.add_object(name, (10, 20, 50, 60))
    builder.add_attribute(thing, colour)
    builder.add_relation(thing, "on", grass)
    features = np.zeros((4, 3), dtype=np.float16)
    features[thing] = value
    return builder.build(SIZE, features)


def sentence(name: str = "dog", colour: str = "red") -> SceneGraph:
    builder = GraphBuilder()
    thing = builder.add_object(name)
    builder.add_attribute(thing, colour)
    return builder.build()


def test_reading_puts_attributes_before_their_object_and_then_triplets() -> None:
    assert read_sequence(picture()) == [OBJECT, "grass", OBJECT, "red", "dog", "<relation>", "dog", "on", "grass"]


def test_written_and_read_back() -> None:
    gold = picture()
    tokens, places = write_sequence(gold)
    assert [tokens[place] for place in places] == ["n:grass", "n:dog"]
    again = graph_of(tokens, None, SIZE)
    assert again.triplets() == gold.triplets()
    assert sorted(again.node_labels) == sorted(gold.node_labels)
    dog = again.node_labels.index("dog")
    np.testing.assert_allclose(again.boxes[dog], (10, 20, 50, 60), atol=100 / BINS / 2)


def test_a_picture_shows_the_share_of_objects_that_it_has_by_name() -> None:
    both = GraphBuilder()
    both.add_relation(both.add_object("small dog"), "chasing", both.add_object("cat"))
    assert shown(both.build(), picture("dog")) == 0.5
    assert shown(sentence("dog"), picture("dog")) == 1.0
    assert shown(sentence("red"), picture("dog", "red")) == 0.0  # an attribute is no object
    assert shown(GraphBuilder().build(), picture()) == 1.0


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        ["<relation>", "o:0", "p:on", "o:1"],
        [OBJECT, "n:dog", "b:1"],
        ["<attribute>", "a:red"],
        ["b:3", "n:dog", OBJECT],
    ],
)
def test_malformed_sequences_give_one_node(tokens: list[str]) -> None:
    assert graph_of(tokens, None, SIZE).node_labels == ("<scene>",)


def test_it_learns_what_sentences_leave_unsaid_and_is_deterministic(tmp_path: Path) -> None:
    pairs = [
        (sentence("dog", "red"), picture("dog", "red", 1.0)),
        (sentence("cat", "blue"), picture("cat", "blue", -1.0)),
    ]
    pairs = pairs * 8
    settings = Generator(d_model=32, layers=1, updates=150, batch=8, learning_rate=3e-3)
    train(settings, pairs, pairs[:2], tmp_path / "made", 1)
    model = SceneGenerator.load(tmp_path / "made")
    made = model.generate([s for s, _ in pairs[:2]])
    assert made[0].triplets() == [("dog", "on", "grass")]
    assert made[1].triplets() == [("cat", "on", "grass")]
    dog, cat = (
        g.features[g.node_labels.index(n)].astype(float).mean() for g, n in zip(made, ("dog", "cat"), strict=True)
    )
    assert dog > 0 > cat
    again = model.generate([s for s, _ in pairs[:2]], batch=1)
    assert [g.node_labels for g in again] == [g.node_labels for g in made]
