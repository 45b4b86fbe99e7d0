"""The page of all test pictures: what it holds, and what a reader can do with it in a real Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cross2stra.configuration import Profile
from cross2stra.data.dictionary import Dictionary
from cross2stra.evaluation.metrics import COLUMNS
from cross2stra.evaluation.statistics import PictureStatistics, write_statistics
from cross2stra.reporting.explorer import Explored, write_explorers
from cross2stra.reporting.glosses import Glosses

TITLES = {"late_translation": "Late", "cross2stra": "Ours"}
SCORES = {"late_translation": [0.1, 0.9, 0.5, 0.5], "cross2stra": [0.5, 0.2, 0.4, 0.3]}


@pytest.fixture
def written(results: Path, profile: Profile, tmp_path: Path) -> Path:
    parts = []
    for system, values in SCORES.items():
        table = np.zeros((4, len(COLUMNS)))
        table[:, COLUMNS.index("cider_d")] = values
        parts.append(PictureStatistics("en-zh_aic", system, 1, "test", "word", ("a", "b", "c", "d"), table))
    write_statistics(results / "scores/en-zh_aic/1/statistics.parquet", parts)
    same = results / "captions/en-zh_aic/cross2stra/1.jsonl"
    rows = [json.loads(line) for line in same.read_text("utf-8").splitlines()]
    rows[2]["text"] = "一只<蝙蝠>late_translation"
    rows[3]["text"] = "</script><b>狗</b>在草地上"
    same.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = write_explorers(profile, TITLES, results, tmp_path / "pictures")
    assert found == [Explored("en-zh_aic.html", "En → Zh (world, aic)", 4)]
    return tmp_path / "pictures" / "en-zh_aic.html"


def data_of(page: Path) -> dict[str, object]:
    text = page.read_text("utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]


def test_the_data_of_the_page(written: Path) -> None:
    data = data_of(written)
    assert data["systems"] == [["late_translation", "Late"], ["cross2stra", "Ours"]]
    rows = {row["id"]: row for row in data["rows"]}  # type: ignore[attr-defined]
    assert rows["a"]["scores"] == [10.0, 50.0]
    assert rows["c"]["apart"] == 0 < rows["d"]["apart"]
    assert "dog" in rows["d"]["glosses"][1]
    assert (written.parent / rows["a"]["picture"]).read_bytes()[8:12] == b"WEBP"


def test_glosses_of_numbers_grammar_and_unknown_words() -> None:
    glosses = Glosses(Dictionary(frozenset(), frozenset(), {"hound": ["狗"], "big": ["大", "狗"]}).translations)
    assert glosses.gloss(["一只", "狗", "在", "龘"]) == "a · hound · at · 龘"


@pytest.fixture
def page(browser: Browser, written: Path) -> Page:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
    page.set_default_timeout(10_000)
    page.goto(written.as_uri())
    page.said = said  # type: ignore[attr-defined]
    return page


def test_sort_search_and_filter(page: Page) -> None:
    expect(page.locator("#count")).to_have_text("4 of 4 pictures")
    page.select_option("#order", "better")
    assert page.locator(".picture .id").all_text_contents() == ["a", "c", "d", "b"]
    page.select_option("#order", "apart")
    assert page.locator(".picture .id").all_text_contents()[0] == "d"
    page.fill("#search", "草地")
    expect(page.locator("#count")).to_have_text("1 of 4 pictures")
    expect(page.locator(".picture dd").nth(1)).to_contain_text("</script><b>狗</b>在草地上")
    page.fill("#search", "")
    page.check("#differ")
    expect(page.locator("#count")).to_have_text("3 of 4 pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.said == []  # type: ignore[attr-defined]
