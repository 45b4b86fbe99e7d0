"""The web application: what it answers, what it refuses, and that it says why."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cross2stra.cli.photos import app
from cross2stra.systems.photos import Explained, PhotoCaptioner
from cross2stra.web.application import Limits, application
from cross2stra.web.upload import Refused, read_body

LIMITS = Limits(photo_bytes=200_000, places=1)
FRAMES = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green")]
LARGE = Image.new("1", (9000, 7000))


@pytest.fixture
def client(captioner: PhotoCaptioner) -> TestClient:
    return TestClient(application(captioner, LIMITS), raise_server_exceptions=False)


def send(client: TestClient, content: bytes, name: str = "photo.jpg"):  # type: ignore[no-untyped-def]
    return client.post("/caption", files={"photo": (name, content)})


def test_a_photo_is_captioned(client: TestClient, photo: bytes) -> None:
    response = send(client, photo)
    assert response.status_code == 200
    said = response.json()
    assert said["photo"]["width"] == 80
    assert said["target"]["language"] == "zh"
    assert len(said["target"]["attention"]["regions"]) == len(said["target"]["words"])


def test_a_camera_s_rotation_is_undone(client: TestClient, encode: Callable[..., bytes]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    said = send(client, encode(Image.new("RGB", (80, 40), "grey"), exif=exif)).json()
    assert (said["photo"]["width"], said["photo"]["height"]) == (40, 80)


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("RGBA", "PNG"), ("I;16", "PNG"), ("L", "TIFF")])
def test_other_colours_are_captioned(client: TestClient, encode: Callable[..., bytes], mode: str, kind: str) -> None:
    assert send(client, encode(Image.new(mode, (40, 40), None), kind)).status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (lambda encode: b"", 422, "the file is empty"),
        (lambda encode: b"hello", 422, "not a picture"),
        (lambda encode: b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "not a picture"),
        (lambda encode: encode(Image.effect_noise((300, 300), 50))[:9000], 422, "broken or cut off"),
        (lambda encode: encode(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:]), 422, "an animation of 2"),
        (lambda encode: encode(LARGE, "PNG"), 422, "more than 60 megapixels"),
        (lambda encode: encode(Image.new("RGB", (3, 300)), "PNG"), 422, "at least 16"),
        (lambda encode: bytes(210_000), 413, "larger than 0.2 MB"),
        (lambda encode: bytes(300_000), 413, "larger than 0.2 MB"),
        (lambda encode: bytes(2_000_000), 413, "larger than 0.2 MB"),
    ],
)  # fmt: skip
def test_a_bad_upload_is_told_why(
    client: TestClient, encode: Callable[..., bytes], content: Callable[..., bytes], status: int, said: str
) -> None:
    response = send(client, content(encode), "../up/<i>name.jpg")
    assert response.status_code == status
    assert said in response.json()["error"]
    if status == 422:
        assert response.json()["error"].startswith("<i>name.jpg: ")


def test_a_stream_without_a_length_is_cut_where_it_is_too_long(client: TestClient) -> None:
    def long() -> Iterator[bytes]:
        for _ in range(200):
            yield bytes(10_000)

    response = client.post("/caption", content=long(), headers={"content-type": "multipart/form-data; boundary=b"})
    assert response.status_code == 413


def test_a_file_that_does_not_arrive_is_given_up() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"some"
        await asyncio.sleep(20)

    with pytest.raises(Refused, match=r"408, 'The file did not arrive within 0\.05 seconds"):
        asyncio.run(read_body(stalled(), 100, 0.05))


def test_an_endless_file_is_not_read_to_its_end() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(10_000)

    with pytest.raises(Refused, match="413"):
        asyncio.run(read_body(endless(), 100, 20))


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"", 415),
        ("multipart/form-data; boundary=b", b"", 400),
        ("multipart/form-data; boundary=b", b"nonsense", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=photo\r\n\r\nabc", 400),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\na\r\n--b--\r\n",
            400,
        ),
    ],
)
def test_a_form_without_a_photo_is_refused(client: TestClient, kind: str, body: bytes, status: int) -> None:
    response = client.post("/caption", content=body, headers={"content-type": kind})
    assert response.status_code == status
    assert response.json()["error"]


def test_two_photos_at_once_are_refused(client: TestClient, photo: bytes) -> None:
    response = client.post("/caption", files=[("photo", ("a.jpg", photo)), ("photo", ("b.jpg", photo))])
    assert response.status_code == 400
    assert "found 2" in response.json()["error"]


def test_no_file_is_made(
    captioner: PhotoCaptioner, encode: Callable[..., bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))  # a temporary file would fail here
    noisy = encode(Image.effect_noise((1600, 1200), 90).convert("RGB"), "PNG")
    assert len(noisy) > 1 << 20  # more than what a form parser usually keeps in memory
    assert send(TestClient(application(captioner)), noisy).status_code == 200


def test_another_site_may_not_send(client: TestClient, photo: bytes) -> None:
    response = client.post("/caption", files={"photo": photo}, headers={"origin": "http://elsewhere.example"})
    assert response.status_code == 403
    same = client.post("/caption", files={"photo": photo}, headers={"origin": "http://testserver"})
    assert same.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/page.css", "/page.js", "/drawing.js", "/icon.svg", "/chinese.otf", "/health", "/nothing", "/caption"],
)
def test_every_answer_forbids_what_is_from_elsewhere(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == {"/nothing": 404, "/caption": 405}.get(path, 200)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/../bundle.py", "/%2e%2e/systems/bundle.py", "/page.html", "/page.css/../answer.py"])
def test_no_other_file_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/page.css", "/page.js", "/drawing.js"):
        text = client.get(path).text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
    page = client.get("/").text
    assert "Not for commercial use: treebank" in page
    assert "<style" not in page
    assert 'style="' not in page


def test_health(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "system": "cross2stra", "pivot": "en", "target": "zh"}


def test_the_verb_listens_to_this_machine_unless_told_otherwise(
    captioner: PhotoCaptioner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[dict] = []
    monkeypatch.setattr("uvicorn.run", lambda served, **options: runs.append(options))
    monkeypatch.setattr("cross2stra.systems.photos.PhotoCaptioner", lambda folder: captioner)
    plain = CliRunner().invoke(app, ["serve", "--model", str(tmp_path)])
    assert plain.exit_code == 0, plain.output
    assert "http://127.0.0.1:8000" in plain.output
    assert "whoever reaches" not in plain.output
    told = CliRunner().invoke(app, ["serve", "--model", str(tmp_path), "--host", "0.0.0.0", "--port", "9000"])
    assert "whoever reaches" in told.output
    assert [(run["host"], run["port"]) for run in runs] == [("127.0.0.1", 8000), ("0.0.0.0", 9000)]


class Slow:
    """A captioner that waits until it is let go."""

    def __init__(self, captioner: PhotoCaptioner) -> None:
        self.card, self.captioner = captioner.card, captioner
        self.begun, self.go = threading.Event(), threading.Event()

    def explain(self, photo: Image.Image) -> Explained:
        self.begun.set()
        assert self.go.wait(20)
        return self.captioner.explain(photo)


def test_who_comes_when_it_is_full_is_told_to_come_again(captioner: PhotoCaptioner, photo: bytes) -> None:
    slow = Slow(captioner)
    client = TestClient(application(slow, LIMITS))  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send, client, photo)
        assert slow.begun.wait(20)
        second = send(client, photo)
        slow.go.set()
        assert first.result().status_code == 200
    assert second.status_code == 503
    assert second.headers["retry-after"]
    assert "try again" in second.json()["error"]
    assert send(client, photo).status_code == 200


def test_a_place_is_given_back_after_every_refusal(client: TestClient, photo: bytes) -> None:
    for content in (b"", b"hello", bytes(300_000)):
        assert send(client, content).status_code in (413, 422)
    assert send(client, photo).status_code == 200


def test_what_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends(
    captioner: PhotoCaptioner, photo: bytes
) -> None:
    slow = Slow(captioner)
    client = TestClient(application(slow, replace(LIMITS, caption_seconds=0.1)))  # type: ignore[arg-type]
    assert send(client, photo).status_code == 504
    assert send(client, photo).status_code == 503
    slow.go.set()


def test_what_breaks_inside_is_not_told_outside(captioner: PhotoCaptioner, photo: bytes) -> None:
    def explain(_: Image.Image) -> Explained:
        raise ValueError("secret")

    broken = SimpleNamespace(card=captioner.card, explain=explain)
    client = TestClient(application(broken, LIMITS), raise_server_exceptions=False)  # type: ignore[arg-type]
    response = send(client, photo)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert json.loads(response.text)["error"]
    assert "content-security-policy" in response.headers
    assert send(client, photo).status_code == 500


def test_broken_headers_of_every_format_are_refused(client: TestClient, encode: Callable[..., bytes]) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"):
        whole = encode(Image.effect_noise((64, 48), 80).convert("RGB"), kind)
        for end in (12, 30, 64, 200, len(whole) // 2):
            assert send(client, whole[:end]).status_code in (200, 422), (kind, end)
        for place in (8, 20, 40, 100):
            changed = io.BytesIO(whole)
            changed.seek(place)
            changed.write(b"\xff\x00\xff\xff")
            assert send(client, changed.getvalue()).status_code in (200, 422), (kind, place)
