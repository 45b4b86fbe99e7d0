"""The written world: complete, the same for a seed, within the measures that were set for it."""

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cross2stra.configuration import World
from cross2stra.data.languages import tokenise
from cross2stra.data.records import Image
from cross2stra.structures.graph import read_graphs
from cross2stra.world import write_world
from cross2stra.world.ambiguity import AMBIGUITIES, SENSES
from cross2stra.world.knobs import KNOBS, digest, turned
from cross2stra.world.lexicon import CLASSES
from cross2stra.world.paired import paired_captions
from cross2stra.world.writers import CAPTIONS, collections, draw_collection
from tests.world.measures import statistics

SMALL = World(
    pivot_images=14,
    pivot_validation_images=3,
    validation_images=3,
    test_images=5,
    annotated_images=6,
    parallel_sentences=150,
    picture_size=64,
)
WORDY = World(
    pivot_images=450,
    pivot_validation_images=1,
    validation_images=1,
    test_images=1,
    parallel_sentences=4000,
    picture_size=24,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "world"
    write_world(SMALL, path)
    return path


def test_equal_seeds_give_equal_bytes_on_any_number_of_processes(folder: Path, tmp_path: Path) -> None:
    write_world(SMALL, tmp_path / "again", processes=2)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files
    assert all((folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)


def test_no_two_pictures_are_alike(folder: Path) -> None:
    pictures = [path.read_bytes() for path in (folder / "pictures").iterdir()]
    assert len(set(pictures)) == len(pictures) == 2 * 14 + 2 * 6 + 2 * 5 + 3 + 5 + 6


def test_annotated_pictures_have_graphs_and_a_treebank_but_no_caption(folder: Path) -> None:
    graphs = read_graphs(folder / "gold" / "annotated_graphs.parquet")
    assert len(graphs) == 6
    assert not graphs.keys() & read_graphs(folder / "gold" / "visual_graphs.parquet").keys()
    for language in ("en", "zh"):
        rows = pq.read_table(folder / "gold" / f"annotated_trees.{language}.parquet").to_pydict()
        assert 6 < len(set(rows["text"])) == len(rows["tree"]) <= 12


@pytest.mark.parametrize(("language", "file"), [("en", "captions_en_train.json"), ("zh", "aic_train.json")])
def test_every_caption_has_its_tree_and_graph(folder: Path, language: str, file: str) -> None:
    value = json.loads((folder / file).read_text(encoding="utf-8"))
    captions = (
        [note["caption"] for note in value["annotations"]]
        if language == "en"
        else [text for row in value for text in row["caption"]]
    )
    assert len(captions) == 14 * 5
    trees = set(pq.read_table(folder / "gold" / f"trees.{language}.parquet")["text"].to_pylist())
    assert set(captions) <= trees
    assert set(captions) <= read_graphs(folder / "gold" / f"language_graphs.{language}.parquet").keys()


def test_every_picture_has_its_graph_and_every_label_a_name(folder: Path) -> None:
    graphs = read_graphs(folder / "gold" / "visual_graphs.parquet")
    graphs |= read_graphs(folder / "gold" / "annotated_graphs.parquet")
    names = json.loads((folder / "gold" / "names.json").read_text(encoding="utf-8"))
    assert graphs.keys() == {path.stem for path in (folder / "pictures").iterdir()}
    assert {label for graph in graphs.values() for label in graph.node_labels} <= names.keys()
    for ambiguity in AMBIGUITIES:
        other = "zh" if ambiguity.language == "en" else "en"
        first, second = (names[sense] for sense in ambiguity.senses)
        assert first[ambiguity.language] == second[ambiguity.language] == ambiguity.word
        assert first[other] != second[other]


def test_parallel_text_has_its_share_of_each_fate(folder: Path) -> None:
    fates = Counter(pq.read_table(folder / "gold" / "parallel_truth.parquet")["fate"].to_pylist())
    assert set(fates) == {"picture_like", "off_topic", "misaligned", "duplicate", "broken"}
    assert fates["off_topic"] / 150 == pytest.approx(KNOBS.off_topic, abs=0.12)


def test_the_ids_of_the_truth_are_those_of_the_readers(folder: Path) -> None:
    from cross2stra.data.readers.parallel import read_aligned, read_alternating
    from cross2stra.data.streams import Ledger

    truth = {row["id"]: row for row in pq.read_table(folder / "gold" / "parallel_truth.parquet").to_pylist()}
    read = [*read_alternating(folder / "um_corpus.txt", Ledger(), "um_corpus")]
    read += read_aligned(folder / "wmt19.en", folder / "wmt19.zh", Ledger(), "wmt19")
    good = [pair for pair in read if pair.id in truth and truth[pair.id]["fate"] == "picture_like"]
    assert len(good) == sum(row["fate"] == "picture_like" for row in truth.values())
    assert all((pair.en, pair.zh) == (truth[pair.id]["en"], truth[pair.id]["zh"]) for pair in good)


def test_statistics_are_those_that_were_set(tmp_path: Path) -> None:
    write_world(WORDY, tmp_path / "wordy")
    found = statistics(tmp_path / "wordy")
    assert found["movement"] >= 40
    assert 25 <= found["parallel.noise"] <= 40
    for language in ("en", "zh"):
        assert found[f"all.types.{language}"] <= 1500
        assert 5 <= found[f"unseen.types.{language}"] <= 13  # tends to 5 to 10 as the corpora grow
        assert found[f"parallel.length.{language}"] > found[f"captions.length.{language}"] + 2
        assert found[f"stated.captions.{language}"] < 45


def test_senses_name_the_words_of_both_sides(folder: Path) -> None:
    for row in pq.read_table(folder / "gold" / "senses.parquet").to_pylist():
        target = "zh" if row["language"] == "en" else "en"
        assert not set(row["right"]) & set(row["wrong"])
        assert (row["kind"] == "cued") == bool(row["cue_words"])
        assert all(tokenise(target, row["right"]))


def test_the_statement_has_the_digest_of_the_knobs(folder: Path) -> None:
    assert json.loads((folder / "gold" / "statement.json").read_text(encoding="utf-8"))["digest"] == digest()


def test_a_turned_knob_changes_its_world_alone() -> None:
    world = World(pivot_images=40, parallel_sentences=0)
    collection = collections(world)["coco_train"]
    ambiguous = [any(thing.name in SENSES for thing in row.scene.things) for row in draw_collection(collection, world)]
    off = world.model_copy(update={"knobs": {"ambiguous_scene": 0.0}})
    without = [any(thing.name in SENSES for thing in row.scene.things) for row in draw_collection(collection, off)]
    assert any(ambiguous)
    assert not any(without)
    same = world.model_copy(update={"knobs": {"ambiguous_scene": KNOBS.ambiguous_scene}})
    sentences = [[caption.text for caption in row.captions] for row in draw_collection(collection, same)]
    assert sentences == [[caption.text for caption in row.captions] for row in draw_collection(collection, world)]
    for changes in ({"ambiguous": 0.0}, {"clutter": 1.5}):
        with pytest.raises(ValueError, match="expected one of ambiguous_scene"):
            turned(changes)


def test_the_knobs_are_frozen() -> None:
    """The digest that config/expected was made with; a new one discards those rows (docs/readings.md, 23)."""
    statement = Path(__file__).parents[2] / "config" / "expected" / "world_knobs.txt"
    assert statement.read_text(encoding="utf-8").strip() == digest()


def test_paired_captions_say_the_same_scene_in_the_other_language() -> None:
    rows = draw_collection(collections(SMALL)["coco_train"], SMALL)
    images = [Image(str(row.number), "train", "", 64, 64) for row in rows]
    said = list(paired_captions(SMALL, images, "zh"))
    assert [row.image_id for row in said] == [image.image_id for image in images for _ in range(CAPTIONS)]
    assert said == list(paired_captions(SMALL, images, "zh"))
    for row in rows:
        names = {name for thing in row.scene.things for name in CLASSES[thing.name].zh.all}
        own = [caption.text for caption in said if caption.image_id == str(row.number)]
        assert any(name in text for text in own for name in names)
    with pytest.raises(ValueError, match="picture 77: none of this world"):
        list(paired_captions(SMALL, [Image("77", "train", "", 64, 64)], "zh"))
