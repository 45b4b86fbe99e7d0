"""The learned picture generator: its layout by brute force, its scores by hand, and the folder of drawn pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from cross2stra.configuration import Generator, Pictures
from cross2stra.data.records import Image, read_records
from cross2stra.structures.generation.pictures import painters
from cross2stra.structures.generation.pictures.batches import Labels, batched
from cross2stra.structures.generation.pictures.decoder import RefinementDecoder
from cross2stra.structures.generation.pictures.layout import BoxRegressor, place, scatter
from cross2stra.structures.generation.pictures.network import PictureGenerator, Shape
from cross2stra.structures.generation.pictures.scores import frechet_distance, layout_overlap
from cross2stra.structures.generation.pictures.training import Material, train
from cross2stra.structures.graph import GraphBuilder, SceneGraph, empty_graph

SIZE = (64, 64)


def scene(*objects: tuple[str, tuple[float, float, float, float]], related: str = "") -> SceneGraph:
    builder = GraphBuilder()
    nodes = [builder.add_object(label, box) for label, box in objects]
    builder.add_attribute(nodes[0], "red")
    if related:
        builder.add_relation(nodes[0], related, nodes[1])
    return builder.build(SIZE)


DOG = scene(("dog", (0, 0, 32, 32)), ("ball", (32, 32, 64, 64)), related="chases")
CAT = scene(("cat", (16, 16, 48, 48)))


@pytest.fixture(scope="module")
def generator() -> PictureGenerator:
    torch.manual_seed(1)
    return PictureGenerator(Shape(16, 8, 64, list(Labels.of([DOG, CAT]).known)))


def test_graphs_are_put_together_with_a_node_for_each_picture() -> None:
    labels = Labels.of([DOG])
    batch = batched([DOG, empty_graph(SIZE)], labels)
    assert labels.known == ("0:ball", "0:dog", "1:red", "2:chases")
    # picture, dog, ball, red, chases; picture, and a scene that no training graph has
    assert batch.labels.tolist() == [0, 5, 4, 6, 7, 0, Labels.unknown(0)]
    assert batch.drawn.tolist() == [0, 1, 2, 5, 6]
    assert batch.owners.tolist() == [0, 0, 0, 1, 1]
    assert batch.whole.tolist() == [True, False, False, True, False]
    assert batch.boxes[1].tolist() == [0, 0, 0.5, 0.5]
    assert batch.placed.all()
    pairs = set(zip(*batch.edges.tolist(), strict=True))
    assert {(1, 3), (3, 1), (1, 4), (4, 2), (1, 0), (0, 2), (6, 5)} <= pairs
    assert (3, 0) not in pairs
    assert len(batch.edge_types) == batch.edges.shape[1] == 2 * (3 + 2 + 1)
    hidden = batched([DOG], labels, forget=1.0)
    assert hidden.labels.tolist() == [0, 1, 1, 2, 3]


def test_a_patch_fills_its_box_and_nothing_else() -> None:
    patches = torch.ones(2, 1, 16, 16)
    boxes = torch.tensor([[0, 0, 0.5, 0.25], [0.5, 0.5, 0.5, 0.5]])
    placed = place(patches, boxes, 16)[:, 0]
    inside = torch.zeros(16, 16)
    inside[:4, :8] = 1
    assert torch.allclose((placed[0] > 0.5).float(), inside)
    assert placed[0, 5:].abs().max() == 0
    assert placed[1].max() >= 0  # a box without an area is read as a very small one, not as a division by zero
    assert torch.isfinite(placed).all()


def test_the_layout_is_the_sum_of_its_objects() -> None:
    torch.manual_seed(1)
    vectors, patches, boxes = torch.randn(5, 3), torch.rand(5, 1 + 2, 16, 16), torch.rand(5, 4).sort(1).values
    owners = torch.tensor([0, 0, 1, 1, 1])
    layout = scatter(vectors, patches, boxes, owners, 2, 32)
    assert layout.shape == (2, 5, 32, 32)
    for number in range(2):
        expected = torch.zeros(5, 32, 32)
        for i in (owners == number).nonzero()[:, 0].tolist():
            own = place(patches[i : i + 1], boxes[i : i + 1], 32)[0]
            expected[:3] += vectors[i][:, None, None] * own[0]
            expected[3:] += own[1:]
        assert torch.allclose(layout[number], expected, atol=1e-5)


def test_boxes_lie_in_the_picture() -> None:
    torch.manual_seed(1)
    boxes = BoxRegressor(8)(10 * torch.randn(100, 8))
    assert boxes.min() >= 0
    assert boxes.max() <= 1
    assert (boxes[:, 2:] >= boxes[:, :2]).all()


@pytest.mark.parametrize("size", [4, 60, 96])
def test_a_size_that_steps_do_not_reach_is_an_error(size: int) -> None:
    with pytest.raises(ValueError, match=r"pictures\.size: expected 8 times a power of two"):
        RefinementDecoder(3, 8, size)


def test_a_picture_depends_on_its_graph_and_its_seed(generator: PictureGenerator) -> None:
    together = [np.asarray(picture) for picture in generator.draw([DOG, CAT], [1, 2])]
    alone = np.asarray(next(generator.draw([CAT], [2])))
    assert together[1].shape == (64, 64, 3)
    assert np.abs(together[1].astype(int) - alone).max() <= 1
    assert not np.array_equal(alone, np.asarray(next(generator.draw([CAT], [3]))))
    assert not np.array_equal(alone, np.asarray(next(generator.draw([DOG], [2]))))


def test_an_object_without_a_box_is_placed_by_the_regressor(generator: PictureGenerator) -> None:
    nowhere = scene(("cat", (0, 0, 0, 0)))
    given, own = (np.asarray(next(generator.draw([CAT], [1], own_boxes=own))) for own in (False, True))
    assert np.array_equal(np.asarray(next(generator.draw([nowhere], [1]))), own)
    assert not np.array_equal(given, own)


def test_frechet_distance_of_known_normal_distributions() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=(400, 3))
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(first, first + np.array([3, 0, 4])) == pytest.approx(25, abs=1e-6)
    # of diagonal covariances: the sum of squared differences of means and of standard deviations
    second = first.mean(0) + (first - first.mean(0)) * 3
    assert frechet_distance(first, second) == pytest.approx(4 * np.trace(np.cov(first, rowvar=False)), rel=1e-6)


def test_layout_overlap_is_beside_the_mean_box_of_the_class(generator: PictureGenerator) -> None:
    trained = [scene(("cat", (0, 0, 32, 32))), scene(("cat", (32, 0, 64, 32))), scene(("cat", (0, 0, 64, 64)))]
    ours, mean = layout_overlap(generator, [scene(("cat", (0, 0, 32, 32))), scene(("cat", (0, 0, 64, 64)))], trained)
    batch = batched([scene(("cat", (0, 0, 32, 32)))], generator.labels)
    found = generator.boxes(generator.encode(batch))[1].tolist()  # a box of the regressor, by hand
    shared = max(0, min(found[2], 0.5) - found[0]) * max(0, min(found[3], 0.5) - found[1])
    area = (found[2] - found[0]) * (found[3] - found[1])
    assert ours == pytest.approx(shared / (area + 0.25 - shared), abs=1e-5)
    # mean box: (32/3, 0, 160/3, 128/3) of 64; what fills the picture does not count
    width = 32 - 32 / 3
    assert mean == pytest.approx(width * 32 / (128 / 3 * 128 / 3 + 32 * 32 - width * 32), abs=1e-5)


def material(folder: Path, count: int) -> Material:
    files = []
    for number in range(count):
        files.append(folder / f"{number}.png")
        Pillow.new("RGB", (80, 80), (10 * number, 100, 0)).save(files[-1])
    return Material([(DOG, CAT)[number % 2] for number in range(count)], files)


def test_training_writes_a_generator_that_draws_into_a_folder(tmp_path: Path) -> None:
    settings = Pictures(size=64, width=16, channels=8, updates=3, batch=2)
    train(settings, material(tmp_path, 6), material(tmp_path, 4), tmp_path / "pictures", seed=1)
    painter = painters.painter(Generator(pictures="learned"), tmp_path / "pictures")
    rows = list(enumerate([("a", DOG), ("b", CAT), ("c", DOG)]))
    painters.draw(painter, rows, tmp_path / "all")
    painters.draw(painter, rows[1:], tmp_path / "part")
    table = read_records(tmp_path / "part" / "images.parquet", Image)
    assert [(row.image_id, row.path, row.width) for row in table] == [
        ("b", "0000001.png", 64),
        ("c", "0000002.png", 64),
    ]
    for row in table:
        whole, part = (np.asarray(Pillow.open(tmp_path / name / row.path)).astype(int) for name in ("all", "part"))
        assert np.abs(whole - part).max() <= 1


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"needs two pictures or more of split train"):
        train(Pictures(), Material([empty_graph(SIZE)], [tmp_path]), material(tmp_path, 2), tmp_path / "x", 1)
    with pytest.raises(ValueError, match=r"generator\.pictures is 'none'"):
        painters.painter(Generator(), None)
