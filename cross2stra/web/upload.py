"""An uploaded photo: read from the request within limits, in memory alone, or refused with a reason for its sender."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

from PIL import Image
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from cross2stra.structures.visual.photos import open_photo

FIELD = "photo"
_ENVELOPE = 1 << 16
"""Bytes that a multipart form may add to its photo."""
_NAME = 60


@dataclass
class Refused(Exception):
    """A request that is not answered: HTTP `status`, and what is wrong and what helps."""

    status: int
    message: str


def too_large(most: int) -> Refused:
    """What is said of a photo of more than `most` bytes."""
    return Refused(413, f"The file is larger than {most / 1e6:g} MB; make it smaller")


async def discard(chunks: AsyncIterator[bytes], seconds: float) -> None:
    """Take a request that is not going to be served, so that a browser hears the answer instead of a reset."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for _ in chunks:
                pass


async def read_body(chunks: AsyncIterator[bytes], most: int, seconds: float) -> bytes:
    """A request's body. Raises Refused once it is longer than a form with a photo of `most` bytes, or takes `seconds`.

    Of a longer one, up to as much again is thrown away first, so that a browser hears the answer instead of a reset.
    """
    body, limit, thrown = bytearray(), most + _ENVELOPE, 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in chunks:
                if thrown or len(body) + len(chunk) > limit:
                    thrown += len(body) + len(chunk)
                    body.clear()
                    if thrown > 2 * limit:
                        break
                else:
                    body += chunk
    except TimeoutError as error:
        raise Refused(408, f"The file did not arrive within {seconds:g} seconds; send it again") from error
    if thrown:
        raise too_large(most)
    return bytes(body)


def photo_of(content_type: str, body: bytes, most: int) -> tuple[str, bytes]:
    """Name (for messages only) and content of the form's one file `photo`. Raises Refused where there is none."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Refused(415, f"Expected multipart/form-data with a file {FIELD!r}, found {kind.decode('latin-1')!r}")
    form = _Form()
    try:
        parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": form.begin, "on_header_field": form.header_name, "on_header_value": form.header_value,
                "on_header_end": form.header_end, "on_part_data": form.data, "on_end": form.end,
            },
        )  # fmt: skip
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise Refused(400, "The form is broken; send the photo again") from error
    if not form.whole:
        raise Refused(400, "The form ends too early; send the photo again")
    files = [(name, bytes(content)) for field, name, content in form.parts if field == FIELD]
    if len(files) != 1:
        raise Refused(400, f"Expected one file in the field {FIELD!r}, found {len(files)}; send one photo")
    ((name, content),) = files
    if not content:
        raise Refused(422, f"{name}: the file is empty; choose another")
    if len(content) > most:
        raise too_large(most)
    return name, content


class _Form:
    """Collects a form's parts as the parser calls: (field, file name, content)."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str, bytearray]] = []
        self.whole = False
        self.name, self.value = bytearray(), bytearray()

    def begin(self) -> None:
        self.parts.append(("", "the picture", bytearray()))

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self.name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def header_end(self) -> None:
        if bytes(self.name).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self.value))
            field = options.get(b"name", b"").decode("utf-8", "replace")
            self.parts[-1] = (field, _plain(options.get(b"filename", b"")), self.parts[-1][2])
        self.name.clear()
        self.value.clear()

    def data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1][2].extend(data[start:end])

    def end(self) -> None:
        self.whole = True


def _plain(name: bytes) -> str:
    """A file's name without folders and control characters, short enough for a message."""
    last = name.decode("utf-8", "replace").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:_NAME] or "the picture"


def opened(name: str, content: bytes) -> Image.Image:
    """The photo, upright and RGB, by `open_photo`. Raises Refused with what that says of anything else."""
    try:
        return open_photo(content, name)
    except ValueError as error:
        raise Refused(422, str(error)) from error


def preview(photo: Image.Image, edge: int) -> bytes:
    """A JPEG of the photo of at most `edge` pixels, without anything that a camera noted in the file."""
    share = min(1.0, edge / max(photo.size))
    size = (max(1, round(photo.width * share)), max(1, round(photo.height * share)))
    buffer = io.BytesIO()
    photo.resize(size, reducing_gap=2.0).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
