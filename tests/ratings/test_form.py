"""The form in a real Chromium, filled in as by two raters, saved, and ingested. The answers are a fixture: no person's."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from cross2stra.cli import app
from cross2stra.ratings.form import Item, draw_items, write_forms
from cross2stra.ratings.questions import NAMES

DOT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SYSTEMS = ("cross2stra", "no_sg")


@pytest.fixture
def items() -> list[Item]:
    captions = {system: {f"p{i}": f"{system.title()} <b>说</b> {i}" for i in range(3)} for system in SYSTEMS}
    return draw_items(captions, 3, 1)


@pytest.fixture
def forms(items: list[Item], tmp_path: Path) -> Path:
    write_forms(items, {item.image_id: DOT for item in items}, "zh", tmp_path / "form", 1, raters=2)
    return tmp_path / "form"


def opened(browser: Browser, path: Path, width: int = 1000) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 800})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:", "blob:")) else None,
    )
    page.set_default_timeout(10_000)
    page.goto(path.as_uri())
    return page, said


def save(page: Page, path: Path) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_form_names_no_system(forms: Path) -> None:
    with (forms / "key.csv").open(encoding="utf-8", newline="") as file:
        key = list(csv.DictReader(file))
    assert {row["system"] for row in key} == set(SYSTEMS)
    for path in forms.glob("rater-*.html"):
        text = path.read_text("utf-8")
        document = json.loads(text.split('type="application/json">')[1].split("</script>")[0])
        assert {item for item, _, _ in document["items"]} == {row["item"] for row in key}
        captions = {row["text"] for row in key}
        outside = text.replace(json.dumps(document), "")
        assert not any(system in outside.split('type="application/json">')[0] for system in SYSTEMS)
        assert {caption for _, _, caption in document["items"]} == captions
        assert set(document) == {"form", "rater", "language", "pictures", "items", "questions"}


def test_two_raters_fill_it_in_and_it_is_ingested(browser: Browser, forms: Path, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    # The first uses the keyboard alone: 8 for every question of every caption, 10 for the last.
    page, said = opened(browser, forms / "rater-01.html")
    for caption in range(6):
        for question in range(6):
            page.keyboard.press("0" if (caption, question) == (5, 5) else "8")
        page.keyboard.press("ArrowRight")
    expect(page.locator("#count")).to_contain_text("6 rated")
    expect(page.locator("#open")).to_be_disabled()
    rows = save(page, tmp_path / "saved" / "ratings-01.csv")
    assert len(rows) == 6
    assert [rows[-1][name] for name in NAMES] == ["8"] * 5 + ["10"]
    page.close()
    assert not said
    # The second clicks, leaves, comes back to what is kept, and leaves one question open.
    page, said = opened(browser, forms / "rater-02.html", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown = page.locator("#caption").text_content()
    assert "<b>说</b>" in (shown or "")
    for name in NAMES:
        page.locator(f'label:has(input[name="{name}"][value="3"])').click()
    page.reload()
    expect(page.locator("#count")).to_contain_text("2 / 6 · 1 rated")
    page.click("#back")
    expect(page.locator('input[name="fluency"][value="3"]')).to_be_checked()
    for _ in range(5):
        page.click("#next")
        for name in NAMES:
            page.locator(f'label:has(input[name="{name}"][value="5"])').click()
    page.click("#back")
    page.locator('label:has(input[name="syntax"][value="7"])').click()
    assert len(save(page, tmp_path / "saved" / "ratings-02.csv")) == 6
    page.close()
    assert not said

    shutil.copyfile(forms / "key.csv", tmp_path / "saved" / "key.csv")
    config = Path(__file__).parents[2] / "config" / "test.yaml"
    arguments = ["--config", str(config), "--answers", str(tmp_path / "saved")]
    done = CliRunner().invoke(app, ["ratings", "ingest", *arguments, "--output", str(tmp_path / "read")])
    assert done.exit_code == 0, done.output
    answers = pd.read_csv(tmp_path / "read" / "answers.csv")
    assert len(answers) == 2 * 6 * 6
    assert answers[answers["rater"] == 2]["value"].value_counts().to_dict() == {5: 29, 3: 6, 7: 1}
    assert pd.read_csv(tmp_path / "read" / "agreement.csv")["raters"].eq(2).all()


def test_answers_are_not_lost_where_the_browser_keeps_none(browser: Browser, forms: Path, tmp_path: Path) -> None:
    page, _ = opened(browser, forms / "rater-01.html")
    expect(page.locator("#unkept")).to_be_hidden()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })")
    page.reload()
    expect(page.locator("#unkept")).to_be_visible()
    for _ in range(6):
        page.keyboard.press("8")
    expect(page.locator("#count")).to_contain_text("1 rated")
    (row,) = save(page, tmp_path / "ratings-01.csv")
    assert [row[name] for name in NAMES] == ["8"] * 6
    page.close()


def test_a_digit_after_the_last_question_or_held_down_answers_nothing(
    browser: Browser, forms: Path, tmp_path: Path
) -> None:
    page, said = opened(browser, forms / "rater-01.html")
    page.keyboard.press("8")
    for _ in range(3):  # down again without having been up is a key that is held
        page.keyboard.down("7")
    page.keyboard.up("7")
    for _ in range(4):
        page.keyboard.press("6")
    page.keyboard.press("3")
    (row,) = save(page, tmp_path / "ratings-01.csv")
    assert [row[name] for name in NAMES] == ["8", "7", "6", "6", "6", "6"]
    page.close()
    assert not said


def test_an_arrow_held_after_a_click_answers_nothing(browser: Browser, forms: Path, tmp_path: Path) -> None:
    page, said = opened(browser, forms / "rater-01.html")
    page.locator(f'input[name="{NAMES[0]}"][value="5"]').locator("..").click()
    for arrow in ("ArrowDown", "ArrowRight"):
        for _ in range(3):
            page.keyboard.down(arrow)
        page.keyboard.up(arrow)
    expect(page.locator("#count")).to_contain_text("2 / ")
    (row,) = save(page, tmp_path / "ratings-01.csv")
    assert [row[name] for name in NAMES] == ["5", "", "", "", "", ""]
    page.close()
    assert not said


def test_a_picture_without_a_file_is_an_error(items: list[Item], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file to show, nor of 2 more"):
        write_forms(items, {}, "zh", tmp_path / "form", 1, raters=1)
    assert not (tmp_path / "form").exists()
