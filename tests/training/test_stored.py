"""Rows of arrays in a mapped file: what is written is what is read, from any place, and nothing is read before it is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cross2stra.training.stored import Chosen, ChosenOrNone, Layout, Places, Stored, write_stored

LAYOUT: Layout = {"words": (np.int32, (-1, 2)), "edges": (np.int16, (2, -1)), "kinds": (np.int8, (-1,))}
ROWS = 2500  # more than two batches


def row(number: int) -> dict[str, np.ndarray]:
    length = number % 5
    return {
        "words": np.arange(2 * length).reshape(-1, 2) + number,
        "edges": np.arange(2 * length).reshape(2, -1) % 100,
        "kinds": np.full(length, number % 7),
    }


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored[dict[str, np.ndarray]]:
    path = tmp_path_factory.mktemp("stored") / "rows.arrow"
    write_stored(path, LAYOUT, map(row, range(ROWS)))
    return Stored(path, LAYOUT, dict)


@pytest.mark.parametrize("number", [0, 1, 4, 1023, 1024, 2047, 2048, ROWS - 1])
def test_a_row_is_what_was_written(stored, number: int) -> None:
    found, expected = stored[number], row(number)
    for name, (kind, _) in LAYOUT.items():
        assert found[name].dtype == kind
        assert found[name].shape == expected[name].shape
        assert np.array_equal(found[name], expected[name])


def test_its_length_and_ends(stored) -> None:
    assert len(stored) == ROWS
    assert len(list(stored)) == ROWS
    assert np.array_equal(stored[-1]["words"], row(ROWS - 1)["words"])
    assert [len(found["kinds"]) for found in stored[3:6]] == [3, 4, 0]
    with pytest.raises(IndexError, match="row 2500"):
        stored[ROWS]


def test_rows_are_views_of_the_file(stored) -> None:
    assert not stored[7]["words"].flags.writeable
    assert not stored[7]["words"].flags.owndata


def test_no_row_at_all(tmp_path: Path) -> None:
    write_stored(tmp_path / "none.arrow", LAYOUT, [])
    assert list(Stored(tmp_path / "none.arrow", LAYOUT, dict)) == []


def test_chosen_rows() -> None:
    letters = "abcd"
    assert list(Chosen(letters, np.array([3, 0, 0]))) == ["d", "a", "a"]
    assert list(ChosenOrNone(letters, np.array([2, -1]))) == ["c", None]
    assert list(ChosenOrNone(letters, np.array([2, -1, 1]))[1:]) == [None, "b"]


def test_places_of_keys() -> None:
    places = Places()
    keys = [f"sentence {number}" for number in range(300)]
    assert list(places.watch((key, number) for number, key in enumerate(keys))) == list(range(300))
    assert [places(key) for key in keys] == list(range(300))
    assert places("sentence 300") == -1
    assert Places()("anything") == -1
