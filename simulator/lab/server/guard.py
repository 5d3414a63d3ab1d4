"""The guard before every route: whom it answers, how much it reads, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 1 << 20
"""Bytes of a request's body."""
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""Content-Security-Policy of every page: only files of this server, and no script or style inside a page."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
SAFE = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""


def content_policy(**changes: str) -> str:
    """The text of the Content-Security-Policy, with some directives changed (`script_src="'self' 'sha256-…'"`)."""
    whole = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in whole.items())


def secure(headers: MutableHeaders) -> None:
    """Adds the security headers; those that the answer has already stay."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("content-security-policy", content_policy())
    headers.setdefault("cache-control", "no-store")


class Guard:
    """ASGI middleware that refuses requests to other hosts and from other sites, and bodies that are too large.

    A page of another site that resolves its own name to this machine (DNS rebinding) sends a wrong Host; one that sends
    a form or a script's request across sites has a wrong Origin or Sec-Fetch-Site.

    Args:
        app: what is guarded.
        hosts: the values of the Host header that are answered, with the port where it is not 80.
        most_body: bytes of a body.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], most_body: int = MOST_BODY) -> None:
        self.app, self.most_body = app, most_body
        self.hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message))
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            status, why = refused
            await PlainTextResponse(why, status)(scope, receive, send_with_headers)
            return
        await self.app(scope, _limited(receive, self.most_body), send_with_headers)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason if the request is not answered."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if host not in self.hosts:
            return 421, "This server does not answer for this host name."
        if scope["method"] not in SAFE:
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc.lower() != host:
                return 403, "This request came from a page of another site."
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return 403, "This request came from a page of another site."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self.most_body:
            return 413, f"The body is too large: at most {self.most_body:,} bytes."
        return None


class BodyTooLarge(Exception):
    """A body without a length turned out to be too large."""


def _limited(receive: Receive, most: int) -> Receive:
    """`receive` that stops where a body gets too large; its length need not have been told."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise BodyTooLarge
        return message

    return limited


def loopback_hosts(port: int) -> list[str]:
    """The Host headers of a server that only this machine reaches."""
    return with_port(("localhost", "127.0.0.1", "[::1]"), port)


def with_port(names: Iterable[str], port: int) -> list[str]:
    """Host headers for names: with the port, and without it where it is 80."""
    return [host for name in names for host in ([f"{name}:{port}", name] if port == 80 else [f"{name}:{port}"])]
