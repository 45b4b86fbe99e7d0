"""The two-stage detector: anchors, matching, average precision by hand, and that it learns to find squares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from cross2stra.structures.visual.anchors import anchors, decode, encode, matches, sample
from cross2stra.structures.visual.detector import Detections, Truth
from cross2stra.structures.visual.detector_training import Budget, TrainedDetector, train
from cross2stra.structures.visual.looking import detect_files
from cross2stra.structures.visual.precision import average_precision

COLOURS = ("red", "blue")


def test_anchors_are_centred_in_their_cells_and_have_their_area() -> None:
    found = anchors((2, 4), (0.2,), torch.device("cpu")).reshape(2, 4, 3, 4)
    assert torch.allclose((found[1, 2, :, 0] + found[1, 2, :, 2]) / 2, torch.full((3,), 2.5 / 4))
    assert torch.allclose((found[1, 2, :, 1] + found[1, 2, :, 3]) / 2, torch.full((3,), 1.5 / 2))
    size = found[0, 0, :, 2:] - found[0, 0, :, :2]
    assert torch.allclose(size.prod(-1), torch.full((3,), 0.04))
    assert torch.allclose(size[:, 0] / size[:, 1], torch.tensor([0.5, 1.0, 2.0]))


def test_decoding_undoes_encoding() -> None:
    generator = torch.Generator().manual_seed(1)
    low = torch.rand(2, 9, 2, generator=generator) * 0.5
    boxes, references = torch.cat([low, low + 0.1 + torch.rand(2, 9, 2, generator=generator) * 0.4], -1)
    assert torch.allclose(decode(encode(boxes, references), references), boxes, atol=1e-6)


def test_matching_knows_boxes_background_and_neither() -> None:
    boxes = torch.tensor([[0.0, 0.0, 0.4, 0.4], [0.6, 0.6, 0.7, 0.7]])
    references = torch.tensor([[0.0, 0.0, 0.4, 0.4], [0.0, 0.0, 0.4, 0.2], [0.8, 0.0, 1.0, 0.2], [0.5, 0.5, 1.0, 1.0]])
    assert matches(boxes, references, 0.3, 0.7).tolist() == [0, -2, -1, -1]
    assert matches(boxes, references, 0.3, 0.7, each=True).tolist() == [0, -2, -1, 1]
    assert matches(boxes[:0], references, 0.3, 0.7).tolist() == [-1] * 4


def test_samples_are_background_and_a_share_of_matches() -> None:
    matched = torch.tensor([0] * 10 + [-1] * 50 + [-2] * 10)
    rows = sample(matched, 20, 0.25, torch.Generator().manual_seed(1))
    assert (matched[rows] >= 0).sum() == 5
    assert (matched[rows] == -1).sum() == 15


def detections(boxes: list[list[float]], classes: list[int], scores: list[float]) -> Detections:
    count = len(classes)
    return Detections(
        torch.tensor(boxes).reshape(-1, 4), torch.tensor(classes, dtype=torch.long), torch.tensor(scores),
        torch.zeros(count, 2), torch.zeros(count, 0),
    )  # fmt: skip


def test_average_precision_by_hand() -> None:
    box, other = [0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9]
    truth = Truth(torch.tensor([box, other]), torch.tensor([0, 0]), torch.zeros(2, 0))
    right_then_wrong = detections([box, [0.0, 0.6, 0.2, 0.9]], [0, 0], [0.9, 0.8])
    assert average_precision([truth], [right_then_wrong])[0] == pytest.approx(100 * 51 / 101, abs=0.01)
    assert average_precision([truth], [detections([box, other], [0, 0], [0.9, 0.8])]) == {0: pytest.approx(100)}
    assert average_precision([truth], [detections([box, other], [1, 1], [0.9, 0.8])]) == {0: 0}
    assert average_precision([truth], [detections([], [], [])]) == {0: 0}


def squares(folder: Path, count: int) -> tuple[list[Path], list[Truth]]:
    """Pictures with one or two squares; the attribute is whether a square is large."""
    rng = np.random.default_rng(1)
    files, truths = [], []
    for number in range(count):
        picture = Image.new("RGB", (160, 160), "white")
        boxes, classes = [], []
        for left in (rng.integers(5, 25), rng.integers(85, 100))[: rng.integers(1, 3)]:
            top, edge, kind = rng.integers(5, 95), rng.choice([28, 56]), int(rng.integers(2))
            ImageDraw.Draw(picture).rectangle([left, top, left + edge, top + edge], fill=COLOURS[kind])
            boxes.append([left, top, left + edge, top + edge])
            classes.append(kind)
        files.append(folder / f"{number}.png")
        picture.save(files[-1])
        corners = torch.tensor(np.asarray(boxes) / 160, dtype=torch.float32)
        large = ((corners[:, 2] - corners[:, 0]) > 0.25).float()[:, None]
        truths.append(Truth(corners, torch.tensor(classes), large))
    return files, truths


def test_it_learns_to_find_squares_and_is_kept(tmp_path: Path) -> None:
    files, truths = squares(tmp_path, 60)
    trained = train(files[:48], truths[:48], COLOURS, ("large",), Budget(updates=120, pictures=6), seed=1)
    found = list(detect_files(trained, files[48:]))
    scores = average_precision(truths[48:], found)
    assert min(scores.values()) > 60
    trained.save(tmp_path / "detector")
    again = list(detect_files(TrainedDetector.load(tmp_path / "detector"), files[48:]))
    assert all(torch.equal(one.boxes, other.boxes) for one, other in zip(found, again, strict=True))
    assert all(torch.equal(one.attributes, other.attributes) for one, other in zip(found, again, strict=True))


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    nothing = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long), torch.zeros(0, 0))
    with pytest.raises(ValueError, match="no picture with a region"):
        train([tmp_path / "a.png"], [nothing], COLOURS, (), Budget(updates=1), seed=1)
