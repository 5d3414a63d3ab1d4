"""Files of pages: read once when the server starts, and found by their address in a fixed table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
}


def asset(address: str, package: str, name: str) -> Route:
    """A route that answers with a file of a package: `asset("/look.css", "simulator.lab.pages", "look.css")`."""
    return content(address, read(package, name), name.rpartition(".")[2])


def read(package: str, *names: str) -> bytes:
    """The bytes of files of a package, one after another."""
    place = files(package)
    return b"\n".join(place.joinpath(name).read_bytes() for name in names)


def content(address: str, body: bytes, suffix: str) -> Route:
    """A route that answers with these bytes; a browser that has them already is told so."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}

    async def answer(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=TYPES[suffix], headers=headers)

    return Route(address, answer, methods=["GET"])


def spoken_page(address: str, pages: Mapping[str, str]) -> Route:
    """A route that answers with a page in the language that the browser asks for first; the first of them unless it is
    there.

    Args:
        address: of the route.
        pages: the HTML by language.
    """
    first = next(iter(pages))

    async def answer(request: Request) -> Response:
        asked = request.headers.get("accept-language", "")[:2].lower()
        headers = {"cache-control": "no-cache", "vary": "accept-language"}
        return HTMLResponse(pages.get(asked, pages[first]), headers=headers)

    return Route(address, answer, methods=["GET"])


def assets(package: str, names: Iterable[str], under: str = "/") -> list[Route]:
    """Routes for files of a package, each at `under` and its name."""
    return [asset(f"{under}{name}", package, name) for name in names]
