"""What raters saved, on a tiny fixture that no person rated: every value is written out here."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pandas as pd
import pytest

from cross2stra.ratings.answers import (
    COLUMNS,
    agreement,
    files_of,
    means,
    paired_tests,
    read_answers,
    read_key,
    write_answers,
)
from cross2stra.ratings.form import KEY_COLUMNS, Item, draw_items, form_of, order_of
from cross2stra.ratings.questions import NAMES

ITEMS = [
    (f"{picture:03d}-{slot}", f"p{picture}", system)
    for picture in range(1, 9)
    for slot, system in enumerate(("cross2stra", "no_sg"), 1)
]


@pytest.fixture
def key(tmp_path: Path) -> pd.DataFrame:
    rows = [("abc", item, image, system, "text") for item, image, system in ITEMS]
    pd.DataFrame(rows, columns=KEY_COLUMNS).to_csv(tmp_path / "key.csv", index=False)
    return read_key(tmp_path / "key.csv")


def tiny_fixture(folder: Path, rater: str, values: dict[str, int], **changed: str) -> Path:
    """A rater's file: of each item the same value for all questions; `changed`: item_question -> what stands there."""
    rows = []
    for item, value in values.items():
        own = [changed.get(f"{item}_{name}", str(value)) for name in NAMES]
        rows.append(("abc", rater, item, *own))
    path = folder / f"ratings-{rater}.csv"
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(path, index=False)
    return path


def test_means_and_tests_by_hand(key: pd.DataFrame, tmp_path: Path) -> None:
    first = {item: 8 if system == "cross2stra" else 4 for item, _, system in ITEMS}
    second = {item: 6 if system == "cross2stra" else 4 for item, _, system in ITEMS}
    files = [tiny_fixture(tmp_path, "01", first), tiny_fixture(tmp_path, "02", second, **{"001-1_fluency": ""})]
    answers, left_open = read_answers(key, files)
    assert left_open == 1
    assert len(answers) == 2 * len(ITEMS) * len(NAMES) - 1
    table = means(answers, 200, 1).set_index(["system", "question"])
    assert table.loc[("cross2stra", "relevancy"), "mean"] == 7
    assert table.loc[("cross2stra", "fluency"), "mean"] == pytest.approx((7 * 7 + 8) / 8)
    assert table.loc[("no_sg", "syntax"), ["mean", "low", "high"]].tolist() == [4, 4, 4]
    found = paired_tests(answers).set_index(["system", "question"])
    assert found.loc[("no_sg", "relevancy"), "difference"] == 3
    assert found.loc[("no_sg", "relevancy"), "p"] == pytest.approx(2 / 2**8)  # all eight signs alike


def test_agreement_by_hand(key: pd.DataFrame, tmp_path: Path) -> None:
    same = {item: 1 + number % 10 for number, (item, _, _) in enumerate(ITEMS)}
    answers, _ = read_answers(key, [tiny_fixture(tmp_path, name, same) for name in ("01", "02")])
    assert agreement(answers)["alpha"].tolist() == pytest.approx([1.0] * len(NAMES))
    # Two items, two raters, interval distance: values 1 2 and 3 3. Observed disagreement (1 + 1) / 4; expected over the
    # twelve ordered pairs of 1 2 3 3: 2 (1 + 4 + 4 + 1 + 1 + 0) / 12.
    pair = {"001-1": (1, 2), "001-2": (3, 3)}
    files = [tiny_fixture(tmp_path, f"1{i}", {item: values[i] for item, values in pair.items()}) for i in (0, 1)]
    answers, left_open = read_answers(key, files)
    assert agreement(answers)["alpha"].iloc[0] == pytest.approx(1 - (2 / 4) / (22 / 12))
    assert left_open == 2 * (len(ITEMS) - 2) * len(NAMES)
    alone, _ = read_answers(key, files[:1])
    assert agreement(alone)["alpha"].isna().all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"001-1_fluency": "11"}, r"ratings-01\.csv:2: fluency is '11', expected a whole number from 1 to 10"),
        ({"001-1_fluency": "7.5"}, "expected a whole number"),
        ({"001-1_fluency": "0"}, "expected a whole number"),
    ],
)
def test_a_value_that_is_none_is_named(key: pd.DataFrame, tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_answers(key, [tiny_fixture(tmp_path, "01", {"001-1": 5}, **change)])


def test_files_that_do_not_belong_are_refused(key: pd.DataFrame, tmp_path: Path) -> None:
    path = tiny_fixture(tmp_path, "01", {"001-1": 5})
    good = path.read_text("utf-8")
    for text, said in [
        (good.replace("abc", "other"), "answers form other, the key is of abc"),
        (good.replace("001-1", "999-1"), "no item '999-1' in the key"),
        (good + good.splitlines()[1] + "\n", "item 001-1 is rated twice"),
        (good.replace("wording", "word"), "lacks the columns wording"),
        ("", "not a table that a form saved"),
    ]:
        path.write_text(text, "utf-8")
        with pytest.raises(ValueError, match=said):
            read_answers(key, [path])
    path.write_text(good, "utf-8")
    (tmp_path / "again.csv").write_text(good, "utf-8")
    with pytest.raises(ValueError, match="rater 01 is in"):
        read_answers(key, [path, tmp_path / "again.csv"])
    with pytest.raises(ValueError, match="no answer"):
        read_answers(key, [])


def test_what_is_written(key: pd.DataFrame, tmp_path: Path) -> None:
    answers, left_open = read_answers(key, [tiny_fixture(tmp_path, "01", {"001-1": 5, "001-2": 5})])
    write_answers(key, answers, left_open, tmp_path / "read", 50, 1)
    assert {path.name for path in (tmp_path / "read").iterdir()} == {
        "key.csv", "answers.csv", "means.csv", "agreement.csv", "tests.csv", "left_open.csv",
    }  # fmt: skip
    assert pd.read_csv(tmp_path / "read/tests.csv")["p"].eq(1).all()
    assert read_key(tmp_path / "read" / "key.csv").equals(key)


def test_what_raters_saved_is_never_replaced(key: pd.DataFrame, tmp_path: Path) -> None:
    path = tiny_fixture(tmp_path, "01", {"001-1": 5})
    assert files_of(tmp_path) == (tmp_path / "key.csv", [path])
    answers, left_open = read_answers(key, [path])
    with pytest.raises(ValueError, match="a folder with other files"):
        write_answers(key, answers, left_open, tmp_path, 50, 1)
    assert path.exists()
    (tmp_path / "key.csv").rename(tmp_path / "key of others.txt")
    with pytest.raises(ValueError, match=r"key\.csv: not there; put in the key that was written with the forms"):
        files_of(tmp_path)
    path.unlink()
    (tmp_path / "key of others.txt").rename(tmp_path / "key.csv")
    with pytest.raises(ValueError, match="no CSV file of a rater"):
        files_of(tmp_path)


def test_pictures_are_drawn_and_systems_blinded_and_shuffled() -> None:
    captions = {system: {f"p{i}": f"{system} {i}" for i in range(40)} for system in ("fg", "ssr", "cross2stra")}
    captions["ssr"].pop("p7")
    items = draw_items(captions, 30, 1)
    assert items == draw_items(captions, 30, 1) != draw_items(captions, 30, 2)
    assert len(items) == 90
    assert "p7" not in {item.image_id for item in items}
    slots = {slot: {item.system for item in items if item.item.endswith(f"-{slot}")} for slot in (1, 2, 3)}
    assert all(systems == set(captions) for systems in slots.values())
    first, second = order_of(items, 1, 1), order_of(items, 2, 1)
    assert first != second
    assert sorted(first, key=lambda item: item.item) == sorted(items, key=lambda item: item.item)
    together = [item.image_id for item in first]
    assert len([1 for a, b in itertools.pairwise(together) if a != b]) == 29
    assert form_of(items) != form_of([*items[:-1], Item(items[-1].item, items[-1].image_id, "fg", "other")])
    with pytest.raises(ValueError, match="39 pictures have a caption of every system, 40 were asked for"):
        draw_items(captions, 40, 1)


def test_nothing_is_made_of_nothing(key: pd.DataFrame, tmp_path: Path) -> None:
    answers, _ = read_answers(key, [tiny_fixture(tmp_path, "01", {"001-2": 5})])  # Cross2StrA is not among them
    assert paired_tests(answers).empty
    assert not math.isnan(means(answers, 50, 1)["mean"].iloc[0])


def test_the_interval_of_a_system_that_few_pictures_have_stays_on_the_scale() -> None:
    rows = [("01", f"p{picture}", "cross2stra", "relevancy", 8) for picture in range(100)]
    rows += [("01", f"p{picture}", "no_sg", "relevancy", 7) for picture in range(2)]
    found = means(pd.DataFrame(rows, columns=["rater", "image_id", "system", "question", "value"]), 500, 1)
    assert found.set_index("system").loc["no_sg", ["mean", "low", "high"]].tolist() == [7, 7, 7]
