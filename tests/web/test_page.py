"""The page in a real Chromium: a photo is dropped, seen, captioned, and its words show what they read."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Error, Page, expect

from cross2stra.systems.photos import PhotoCaptioner
from cross2stra.web.application import Limits, application

DROP = """([name, kind, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: kind }));
  const event = { dataTransfer: data, bubbles: true, cancelable: true };
  document.querySelector("#drop").dispatchEvent(new DragEvent("dragover", event));
  document.querySelector("#drop").dispatchEvent(new DragEvent("drop", event));
}"""


@pytest.fixture(scope="module")
def address(captioner: PhotoCaptioner) -> Iterator[str]:
    """A running server's page."""
    served = application(captioner, Limits(photo_bytes=100_000))
    server = uvicorn.Server(uvicorn.Config(served, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, opened; in the end it has written no error, save that a refusal was a refusal."""
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.set_default_timeout(20_000)
    opened.goto(address)
    yield opened
    opened.close()
    assert not [text for text in said if "responded with a status of 4" not in text]
    assert all(url.startswith((address, "data:")) for url in asked), asked


def drop(page: Page, content: bytes, name: str = "dog.jpg", kind: str = "image/jpeg") -> None:
    page.evaluate(DROP, [name, kind, base64.b64encode(content).decode()])


def test_a_dropped_photo_shows_boxes_and_captions(page: Page, photo: bytes) -> None:
    drop(page, photo)
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator(".box")).to_have_count(2)
    box, frame = page.locator(".box.tone0").bounding_box(), page.locator(".frame").bounding_box()
    assert box is not None
    assert frame is not None
    assert (box["x"] - frame["x"]) / frame["width"] == pytest.approx(0.25, abs=0.01)
    assert box["height"] / frame["height"] == pytest.approx(0.5, abs=0.02)
    expect(page.locator("#photo")).to_have_attribute("alt", "The photo; regions: dog, <b>& grass")
    assert page.locator("#target .words").get_attribute("lang") == "zh-Hans"
    assert page.locator("#pivot .words").get_attribute("lang") == "en"
    words = page.locator("#target .word").count()
    assert page.locator("#target .tree text.leaf").count() == words
    expect(page.locator(".relations li")).to_have_text("1 dog→ on→ 2 <b>& grass")
    expect(page.locator(".objects .attribute")).to_have_text("red")


def test_chinese_letters_come_with_the_page(page: Page) -> None:
    assert page.evaluate(
        "document.fonts.load('16px Chinese', '狗').then((found) => found.map((one) => one.status))"
    ) == ["loaded"]


def test_a_word_lights_what_it_reads_by_keyboard_pointer_and_click(page: Page, photo: bytes) -> None:
    drop(page, photo)
    first, second = page.locator("#target .word").nth(0), page.locator("#target .word").nth(1)
    expect(page.locator("#heading")).to_be_focused()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    expect(page.locator("#boxes")).to_have_class("lit")
    shares = page.locator(".box .share").all_inner_texts()
    assert sum(int(share.removesuffix(" %")) for share in shares) in (99, 100, 101)
    expect(page.locator("#reading")).to_contain_text("reads")
    filled = page.locator(".box.read").first.evaluate("box => getComputedStyle(box, '::before').opacity")
    assert float(filled) > 0.2
    assert all(page.locator(".chip .share").all_inner_texts())
    first.blur()
    expect(page.locator("#boxes")).not_to_have_class("lit")
    second.hover()
    expect(second).to_have_class("word on")
    second.click()
    page.mouse.move(5, 5)
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#boxes")).to_have_class("lit")
    page.keyboard.press("Escape")
    expect(page.locator("#boxes")).not_to_have_class("lit")
    page.locator("#pivot .word").first.hover()
    expect(page.locator("#boxes")).to_have_class("lit")


def test_a_bad_upload_says_what_is_wrong_and_the_next_photo_works(page: Page, photo: bytes) -> None:
    drop(page, b"hello", "<img src=x>.txt", "text/plain")
    expect(page.locator("#error")).to_have_text(
        "<img src=x>.txt: not a picture (JPEG, PNG, WEBP, BMP, TIFF, GIF are read)"
    )
    expect(page.locator("#result")).to_be_hidden()
    drop(page, bytes(150_000), "large.jpg")
    expect(page.locator("#error")).to_contain_text("larger than 0.1 MB")
    page.set_input_files("#file", {"name": "dog.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#error")).to_be_empty()


def test_a_server_that_went_away_is_said(page: Page, photo: bytes) -> None:
    page.route("**/caption", lambda route: route.fulfill(status=400, body="no JSON"))
    drop(page, photo)
    expect(page.locator("#error")).to_contain_text("did not answer")


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_a_narrow_page(page: Page, photo: bytes, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    drop(page, photo)
    expect(page.locator("#result")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    smallest = page.locator(".word").evaluate_all(
        "words => Math.min(...words.map(w => w.getBoundingClientRect().height))"
    )
    assert smallest >= 24


def test_the_policy_stops_other_scripts(browser: Browser, address: str) -> None:
    opened = browser.new_page()
    opened.goto(address)
    with pytest.raises(Error):
        opened.add_script_tag(content="window.injected = 1")
    assert opened.evaluate("window.injected") is None
    opened.close()
