"""A raw file comes whole and verified, or one sentence says why not."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cross2stra.configuration import Sources, read_profile
from cross2stra.data.sources import MIRROR_VARIABLE, Source, names_for, obtain, read_sources, verify

ROOT = Path(__file__).parents[2]
BODY = b"a line of a raw file\n" * 5000
GOOD = Source(
    "x.txt",
    "mirror",
    "captions",
    "coco",
    "",
    "",
    "sub/x.txt",
    str(len(BODY)),
    hashlib.sha256(BODY).hexdigest(),
    "MIT",
    "Ask.",
)


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)


def table(folder: Path, *rows: Source) -> str:
    path = folder / "sources.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(GOOD)))
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    return str(path)


def settings(folder: Path, row: Source, mirror: str = "") -> Sources:
    return Sources(variant=row.variant, mirror=mirror, table=table(folder, row))


@pytest.fixture
def mirror_with(tmp_path: Path) -> Path:
    (tmp_path / "mirror/sub").mkdir(parents=True)
    (tmp_path / "mirror/sub/x.txt").write_bytes(BODY)
    return tmp_path / "mirror"


def test_mirror_is_verified_and_delivered(tmp_path: Path, mirror_with: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    obtain(settings(tmp_path, GOOD, str(mirror_with)), "x.txt", tmp_path / "raw/x.txt")
    assert (tmp_path / "raw/x.txt").read_bytes() == BODY
    monkeypatch.setenv(MIRROR_VARIABLE, str(mirror_with))
    obtain(settings(tmp_path, GOOD), "x.txt", tmp_path / "raw/y.txt")
    assert (tmp_path / "raw/y.txt").read_bytes() == BODY


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "expected sha256 0000"),
        ({"bytes": "7"}, "expected 7 bytes of x.txt, found 105000; get the file again"),
    ],
)
def test_wrong_content_is_refused(tmp_path: Path, mirror_with: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        obtain(settings(tmp_path, replace(GOOD, **change), str(mirror_with)), "x.txt", tmp_path / "raw/x.txt")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "raw/x.txt").exists()


def test_missing_manual_file_says_what_to_do(tmp_path: Path) -> None:
    expected = r"x\.txt cannot be downloaded: Ask\. Put it as sub/x\.txt in the folder that sources\.mirror or"
    with pytest.raises(OSError, match=expected):
        obtain(settings(tmp_path, GOOD), "x.txt", tmp_path / "x.txt")
    with pytest.raises(ValueError, match=r"no row 'z' of variant 'mirror'"):
        obtain(settings(tmp_path, GOOD), "z", tmp_path / "z")


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_truncated_archive(tmp_path: Path, mirror_with: Path, kind: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", BODY)
    whole = gzip.compress(BODY) if kind == "gzip" else packed.getvalue()
    (mirror_with / "sub/x.txt").write_bytes(whole[:-30])
    row = replace(GOOD, bytes="", sha256="")
    with pytest.raises(ValueError, match="truncated or damaged archive"):
        obtain(settings(tmp_path, row, str(mirror_with)), "x.txt", tmp_path / "x.txt")
    assert not (tmp_path / "x.txt").exists()


def test_unknown_checksum_is_said(tmp_path: Path, mirror_with: Path, capsys: pytest.CaptureFixture[str]) -> None:
    obtain(settings(tmp_path, replace(GOOD, sha256=""), str(mirror_with)), "x.txt", tmp_path / "x.txt")
    assert "x.txt: the table has no checksum" in capsys.readouterr().err


class Server(ThreadingHTTPServer):
    """Serves `body`; cuts the first `failures` answers short. `tag`: of its version, where it tells them apart."""

    body = BODY
    tag = ""
    failures = 0
    ranges: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/none":
            self.send_error(404)
            return
        asked = self.headers.get("Range", "")
        self.server.ranges.append(asked)
        if self.headers.get("If-Range", self.server.tag) != self.server.tag:
            asked = ""
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(self.server.body) - start))
        if self.server.tag:
            self.send_header("ETag", self.server.tag)
        self.end_headers()
        rest = self.server.body[start:]
        if self.server.failures:
            self.server.failures -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(("127.0.0.1", 0), Handler)
    running.ranges = []
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def address(server: Server, path: str = "/x.txt") -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_download_in_order_of_preference(tmp_path: Path, server: Server) -> None:
    row = replace(GOOD, urls=f"{address(server, '/none')} {address(server)}", mirror_path="")
    obtain(settings(tmp_path, row), "x.txt", tmp_path / "raw/x.txt")
    assert (tmp_path / "raw/x.txt").read_bytes() == BODY
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["x.txt"]


def test_interrupted_download_is_resumed(tmp_path: Path, server: Server) -> None:
    server.failures = 1
    row = replace(GOOD, urls=address(server))
    with pytest.raises(OSError, match=r"x\.txt could not be obtained"):
        obtain(settings(tmp_path, row), "x.txt", tmp_path / "x.txt")
    assert not (tmp_path / "x.txt").exists()
    obtain(settings(tmp_path, row), "x.txt", tmp_path / "x.txt")
    assert (tmp_path / "x.txt").read_bytes() == BODY
    assert server.ranges[0] == ""
    assert server.ranges[1] == f"bytes={len(BODY) // 2 // 16384 * 16384}-"


def test_a_file_that_changed_meanwhile_is_not_joined_to_the_old_ones_part(tmp_path: Path, server: Server) -> None:
    server.failures, server.body, server.tag = 1, b"!" * len(BODY), '"old"'
    row = replace(GOOD, urls=address(server), bytes="", sha256="")
    with pytest.raises(OSError, match=r"x\.txt could not be obtained"):
        obtain(settings(tmp_path, row), "x.txt", tmp_path / "raw/x.txt")
    server.body, server.tag = BODY, '"new"'
    obtain(settings(tmp_path, row), "x.txt", tmp_path / "raw/x.txt")
    assert (tmp_path / "raw/x.txt").read_bytes() == BODY
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["x.txt"]


def test_a_damaged_part_does_not_stay(tmp_path: Path, server: Server) -> None:
    server.failures, server.body = 1, b"!" + BODY[1:]
    row = replace(GOOD, urls=address(server))
    with pytest.raises(OSError, match="could not be obtained"):
        obtain(settings(tmp_path, row), "x.txt", tmp_path / "x.txt")
    server.body = BODY
    obtain(settings(tmp_path, row), "x.txt", tmp_path / "x.txt")
    assert (tmp_path / "x.txt").read_bytes() == BODY
    assert [bool(asked) for asked in server.ranges] == [False, True, False]


def test_downloaded_bytes_are_verified(tmp_path: Path, server: Server) -> None:
    server.body = BODY[:-1] + b"!"
    with pytest.raises(OSError, match="expected sha256") as caught:
        obtain(settings(tmp_path, replace(GOOD, urls=address(server))), "x.txt", tmp_path / "x.txt")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob(".x*"))


def test_member_of_an_archive(tmp_path: Path, server: Server) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("deep/a.json", "[]")
    server.body = packed.getvalue()
    row = replace(GOOD, urls=address(server), member="deep/a.json", bytes="", sha256="")
    obtain(settings(tmp_path, row), "x.txt", tmp_path / "x.txt")
    assert (tmp_path / "x.txt").read_text() == "[]"
    with pytest.raises(OSError, match=r"expected none\.json in the archive"):
        obtain(settings(tmp_path, replace(row, member="none.json")), "x.txt", tmp_path / "y.txt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bytes": "many"}, "line 2: x.txt: field bytes"),
        ({"sha256": "12"}, "line 2: x.txt: field sha256"),
        ({"sha256": GOOD.sha256.upper()}, "line 2: x.txt: field sha256"),
        ({"name": "x.txt;rm"}, "field name: expected a file name of letters"),
        ({"variant": "copy"}, "line 2: x.txt: field variant"),
        ({"how_to_obtain": ""}, "needs mirror_path and how_to_obtain"),
    ],
)
def test_faulty_row(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_sources(table(tmp_path, replace(GOOD, **change)))


def test_committed_table() -> None:
    rows = read_sources(ROOT / "config" / "sources.csv")
    mirrored = {row.name for row in rows if row.variant == "mirror"}
    assert all(row.bytes and row.sha256 for row in rows if row.variant == "mirror")
    assert all(row.licence for row in rows)
    assert mirrored <= {row.name for row in rows if row.variant == "upstream"}
    assert not [row.name for row in rows if row.mirror_path.startswith("/") or "shared" in row.mirror_path]
    needed = names_for(read_profile(ROOT / "config" / "mini.yaml"))
    assert {"captions_val2017.json", "3am_train.zh", "treebank.zip", "coco_boxes_joined.jsonl"} <= set(needed)
    assert "flickr8kzhb.train.caption.txt" not in mirrored
    assert names_for(read_profile(ROOT / "config" / "demo.yaml")) == []


def test_mirror_rows_match_the_real_files(mirror: Path) -> None:
    with open(mirror / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        manifest = {row["path"]: row for row in csv.DictReader(file, delimiter="\t")}
    for row in read_sources(ROOT / "config" / "sources.csv"):
        if row.variant == "mirror" and (mirror / row.mirror_path).is_dir():
            verify(mirror / row.mirror_path, row)
        elif row.variant == "mirror":
            assert (row.bytes, row.sha256) == (manifest[row.mirror_path]["bytes"], manifest[row.mirror_path]["sha256"])


def test_a_folder_is_copied_and_verified_as_one(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    (mirror / "photos").mkdir(parents=True)
    for name in ("b.jpg", "a.jpg"):
        (mirror / "photos" / name).write_bytes(name.encode())
    listing = "".join(f"{n} {hashlib.sha256(n.encode()).hexdigest()}\n" for n in ("a.jpg", "b.jpg"))
    digest = hashlib.sha256(listing.encode()).hexdigest()
    header = ",".join(Source.__dataclass_fields__)
    table = tmp_path / "sources.csv"
    table.write_text(f"{header}\nphotos,mirror,photos,x,,,photos,10,{digest},none,ask\n", encoding="utf-8")
    sources = Sources(variant="mirror", mirror=str(mirror), table=str(table))
    obtain(sources, "photos", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.jpg", "b.jpg"]
    (mirror / "photos" / "a.jpg").write_bytes(b"A.jpg")
    with pytest.raises(ValueError, match="expected sha256"):
        obtain(sources, "photos", tmp_path / "again")
    assert not (tmp_path / "again").exists()
