"""Decoding of FastestDet's output, by hand; the network itself where the real files are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cross2stra.structures.visual.fastestdet import FastestDet, decode


def test_decoding_by_hand() -> None:
    cells = np.zeros((85, 4, 8), dtype=np.float32)
    cells[0, 1, 2], cells[5 + 16, 1, 2] = 0.9, 0.8
    cells[1, 1, 2], cells[2, 1, 2] = np.arctanh(0.5), 0.0
    cells[3, 1, 2], cells[4, 1, 2] = 0.0, np.log(0.25 / 0.75)
    cells[0, 1, 3], cells[5 + 16, 1, 3] = 0.8, 0.8  # the same object, seen from the next cell
    cells[1, 1, 3] = np.arctanh(-0.5)
    cells[4, 1, 3] = np.log(0.25 / 0.75)
    cells[0, 3, 7], cells[5, 3, 7] = 0.3, 0.9  # below the threshold
    found = decode(cells, threshold=0.6, overlap=0.45)
    assert found.classes.tolist() == [16]
    assert found.scores[0] == pytest.approx(0.9**0.6 * 0.8**0.4)
    assert found.boxes[0].tolist() == pytest.approx([2.5 / 8 - 0.25, 0.25 - 0.125, 2.5 / 8 + 0.25, 0.25 + 0.125])


def test_nothing_is_found_in_nothing() -> None:
    found = decode(np.zeros((85, 2, 2), dtype=np.float32), 0.4, 0.45)
    assert found.boxes.shape == (0, 4)


def test_the_published_network_finds_things_in_a_photo(mirror: Path, tmp_path: Path) -> None:
    network, photos = mirror / "fastestdet" / "FastestDet.onnx", sorted((mirror / "flickr8k_photos").glob("*.jpg"))[:8]
    if not network.exists() or not photos:
        pytest.skip("the folder of real data has no FastestDet, or no photos")
    detector = FastestDet(network)
    found = list(detector.detect(photos))
    assert sum(len(boxes.classes) for boxes in found) >= 8
    assert all((boxes.boxes[:, 2:] >= boxes.boxes[:, :2]).all() for boxes in found)
    Image.new("RGB", (64, 64), "white").save(tmp_path / "white.png")
    (nothing,) = detector.detect([tmp_path / "white.png"])
    assert len(nothing.classes) == 0
