"""The web application of `serve`: a page, its JSON interface and its limits."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cross2stra.data.letters import chinese_font_file, font_face
from cross2stra.systems.bundle import Card
from cross2stra.systems.photos import PhotoCaptioner
from cross2stra.web.answer import answer
from cross2stra.web.upload import Refused, discard, opened, photo_of, read_body, too_large

LANGUAGES = {"en": "English", "zh": "Chinese"}
_FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "drawing.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True)
class Limits:
    """`photo_bytes` of a file; `places` for photos in hand, one computed and the others waiting; seconds of a request."""

    photo_bytes: int = 20_000_000
    places: int = 4
    upload_seconds: float = 60.0
    caption_seconds: float = 60.0


class Counter:
    """One photo is computed at a time, and few wait.

    A computation that is past its time cannot be stopped: its sender is told so, and it keeps its place until it ends.
    """

    def __init__(self, captioner: PhotoCaptioner, limits: Limits) -> None:
        self.captioner, self.limits = captioner, limits
        self.places = BoundedSemaphore(limits.places)
        self.worker = ThreadPoolExecutor(1, "caption")

    async def serve(self, request: Request) -> dict[str, Any]:
        """The answer to a form with a photo. Raises Refused: 4xx for what was sent, 503 when full, 504 when too slow."""
        limits = self.limits
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > 4 * limits.photo_bytes:
            raise too_large(limits.photo_bytes)
        if not self.places.acquire(blocking=False):
            await discard(request.stream(), min(10.0, limits.upload_seconds))
            raise Refused(503, f"{limits.places} photos are in hand already; try again in a few seconds")
        try:
            body = await read_body(request.stream(), limits.photo_bytes, limits.upload_seconds)
            name, content = photo_of(request.headers.get("content-type", ""), body, limits.photo_bytes)
            del body
            work: Future[dict[str, Any]] = self.worker.submit(self._compute, name, content)
        except BaseException:
            self.places.release()
            raise
        work.add_done_callback(lambda _: self.places.release())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(work), limits.caption_seconds)
        except TimeoutError as error:
            raise Refused(504, f"No caption within {limits.caption_seconds:g} seconds; try a smaller photo") from error

    def _compute(self, name: str, content: bytes) -> dict[str, Any]:
        photo = opened(name, content)
        return answer(self.captioner.explain(photo), photo, self.captioner.card)


def application(captioner: PhotoCaptioner, limits: Limits | None = None) -> ASGIApp:
    """GET / is the page, POST /caption (file `photo` of a form) its JSON interface (`answer`), GET /health says `ok`.

    What goes wrong is answered as {"error": sentence}.
    """
    limits = limits or Limits()
    counter, card = Counter(captioner, limits), captioner.card
    page = page_of(card, limits)
    here = Path(__file__).parent
    files = {name: (here / name).read_bytes() for name in _FILES}
    files["page.css"] = font_face("/chinese.otf", "opentype").encode() + b"\n" + files["page.css"]

    async def show(_: Request) -> Response:
        return HTMLResponse(page)

    async def file(request: Request) -> Response:
        name = request.url.path.removeprefix("/")
        return Response(files[name], media_type=_FILES[name])

    async def font(_: Request) -> Response:
        return FileResponse(chinese_font_file(), media_type="font/otf")

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "system": card.system, "pivot": card.pivot, "target": card.target})

    async def caption(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            raise Refused(403, "Another site's page may not send photos here; open this server's own page")
        return JSONResponse(await counter.serve(request))

    routes = [
        Route("/", show), Route("/chinese.otf", font), Route("/health", health), Route("/caption", caption, methods=["POST"]),
        *(Route(f"/{name}", file) for name in _FILES),
    ]  # fmt: skip
    return secured(
        Starlette(routes=routes, exception_handlers={Refused: _refused, HTTPException: _http, Exception: _failed})
    )


def page_of(card: Card, limits: Limits) -> str:
    """The page's HTML for a model."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("page.html").render(
        card=card,
        pivot=LANGUAGES[card.pivot],
        target=LANGUAGES[card.target],
        photo_bytes=limits.photo_bytes,
        megabytes=f"{limits.photo_bytes / 1e6:g}",
    )


def secured(wrapped: ASGIApp) -> ASGIApp:
    """The same application; every answer of it, errors too, says that the page loads nothing from elsewhere."""
    fixed = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *fixed]}
            await send(message)

        await wrapped(scope, receive, add)

    return call


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    headers = {"retry-after": "5"} if error.status == 503 else {}
    return JSONResponse({"error": error.message}, error.status, headers)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _failed(_: Request, error: Exception) -> Response:
    logging.getLogger(__name__).error("captioning failed", exc_info=error)
    return JSONResponse({"error": "The server could not caption this photo; its log says why"}, 500)
