"""Training data on disk: what is left out and counted, and what is said when a structure is not there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from cross2stra.data.files import write_json
from cross2stra.data.records import Caption, SentencePair, write_records
from cross2stra.data.vocabulary import SPECIALS, Vocabulary
from cross2stra.structures.graph import GraphBuilder, SceneGraph, write_graphs
from cross2stra.structures.tree import flat_tree, write_trees
from cross2stra.training.corpus import load, store

PIVOT, TARGET = [*SPECIALS, "a", "dog", "cat"], [*SPECIALS, "狗", "猫"]


def graph(label: str, features: np.ndarray | None = None) -> SceneGraph:
    builder = GraphBuilder()
    builder.add_attribute(builder.add_object(label, (0, 0, 2, 2)), "cat")
    return builder.build((4, 4), features)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    text, structures = tmp_path / "text", tmp_path / "structures"
    write_json(text / "vocabulary.json", asdict(Vocabulary(PIVOT, TARGET, list(range(5, len(PIVOT))))))
    structures.mkdir()
    captions = [("2", "train", "a dog"), ("10", "train", "a cat"), ("2", "train", ""), ("3", "val", "a dog")]
    write_records(
        text / "captions.parquet",
        Caption,
        [Caption(image, split, "en", tokens, tokens) for image, split, tokens in captions],
    )
    pairs = [("p1", "train", "a dog", "狗"), ("p2", "train", "a cat a cat", "猫"), ("p3", "val", "a dog", "狗")]
    write_records(
        text / "pairs.parquet",
        SentencePair,
        [SentencePair(key, split, "by hand", 1.0, pivot, target, pivot, target) for key, split, pivot, target in pairs],
    )
    alone = [Caption("", "train", "zh", said, said) for said in ("猫", "狗 猫 狗 猫")]
    write_records(text / "unpaired.parquet", Caption, alone)
    features = np.array([[1, 2, 3], [0, 0, 0]], dtype=np.float16)
    seen = [(name, graph("dog", features)) for name in ("10", "2", "3")]
    write_graphs(structures / "visual_graphs.parquet", seen)
    write_graphs(structures / "language_graphs.parquet", [(s, graph(s.split()[1])) for s in ("a cat", "a dog")])
    for side, sentences in (("pivot", ["a cat", "a dog"]), ("target", ["狗", "猫"])):
        rows = [(sentence, flat_tree(sentence.split()), True) for sentence in sentences]
        write_trees(structures / f"trees.{side}.parquet", rows)
    write_graphs(structures / "generated_graphs.parquet", [("p1", graph("dog", features))])
    return text, structures


def test_what_is_kept_and_what_is_counted(folders, tmp_path: Path) -> None:
    store(*folders, 3, tmp_path / "data")
    data = load(folders[0], tmp_path / "data")
    assert data.counts == {"captions": 2, "pairs": 1, "pairs_too_long": 1, "unpaired": 1, "unpaired_too_long": 1}
    assert data.feature_size == 3
    assert len(data.pictures) == 2  # "10" and "2", in this order
    assert data.captions.picture.tolist() == [1, 0]
    assert list(data.captions.tokens) == ["a dog", "a cat"]
    assert data.captions.sentence[1].words[0, 0] == PIVOT.index("cat")
    assert list(data.pairs.pivot_tokens) == ["a dog"]
    assert data.pairs.target_words[0].tolist() == [TARGET.index("狗")]
    assert [words.tolist() for words in data.unpaired] == [[TARGET.index("狗")], [TARGET.index("猫")]]
    assert data.pairs.pivot[0].tokens.tolist() == [PIVOT.index("a"), PIVOT.index("dog")]
    assert data.pairs.generated[0] is not None
    batch = data.scenes([1, 0])
    assert batch.node_features().tolist() == 2 * [[1, 2, 3], [0, 0, 0]]


def test_no_generated_scene_before_there_are_any(folders, tmp_path: Path) -> None:
    (folders[1] / "generated_graphs.parquet").unlink()
    store(*folders, 3, tmp_path / "data")
    assert list(load(folders[0], tmp_path / "data").pairs.generated) == [None]


@pytest.mark.parametrize(
    ("table", "said"),
    [("visual_graphs", "nothing of the picture '10'"), ("language_graphs", "nothing of the sentence 'a dog'")],
)
def test_a_structure_that_is_not_there_is_named(folders, tmp_path: Path, table: str, said: str) -> None:
    write_graphs(folders[1] / f"{table}.parquet", [("2", graph("dog"))])
    with pytest.raises(ValueError, match=f"{table}.parquet: {said}; make the file again"):
        store(*folders, 3, tmp_path / "data")
