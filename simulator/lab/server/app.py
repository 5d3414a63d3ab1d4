"""The application factory: routes in, a guarded Starlette application out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.foundation.errors import UserError
from simulator.lab.server.access import RateLimit, same_token
from simulator.lab.server.answers import Refused, refusal, sentence
from simulator.lab.server.guard import MOST_BODY, BodyTooLarge, Guard, secure

COOKIE = "backorder-lab"
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[Any]]


def application(
    routes: Sequence[BaseRoute],
    hosts: Collection[str],
    *,
    lifespan: Lifespan | None = None,
    token: str | None = None,
    rate: RateLimit | None = None,
    most_body: int = MOST_BODY,
) -> Starlette:
    """The application: every answer has the security headers, and every request has passed the guard.

    Routes raise `Refused` or `UserError` to answer `{"error": "…"}`; other errors answer with a sentence and nothing
    of the error. State that routes share belongs in `app.state`, or in the object whose methods they are.

    Args:
        routes: Starlette routes; see `assets` for files.
        hosts: Host headers that are answered: `guard.loopback_hosts(port)`, and with --share also the own addresses.
        lifespan: async context manager around the time in which the server runs; start and stop workers in it.
        token: if given, only who has opened `/?token=…` once is answered (a cookie keeps it).
        rate: how often each address may ask; ten thousand times a minute unless given.
        most_body: bytes of a request's body.
    """
    guards = [Middleware(Guard, hosts=hosts, most_body=most_body), Middleware(Slow, rate=rate or RateLimit(160.0, 400))]
    if token is not None:
        guards.append(Middleware(Locked, token=token))
    return Starlette(
        routes=list(routes),
        middleware=guards,
        lifespan=lifespan,
        exception_handlers={
            Refused: _refused,
            UserError: _wrong,
            BodyTooLarge: _too_large,
            404: _not_found,
            405: _not_found,
            Exception: _failed,
        },
    )


class Slow:
    """ASGI middleware that answers 429 to addresses that ask too often."""

    def __init__(self, app: ASGIApp, rate: RateLimit) -> None:
        self.app, self.rate = app, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.rate.allows(client_of(scope)):
            answer = PlainTextResponse("Too many requests; try again in a moment.", 429, {"retry-after": "1"})
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Locked:
    """ASGI middleware that answers only who has the token: in the link once, then in a cookie."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        held = request.cookies.get(COOKIE)
        if same_token(held, self.token):
            await self.app(scope, receive, send)
            return
        answer: Response = PlainTextResponse("Open the link that the command `backorder lab --share` printed.", 403)
        if request.method == "GET" and same_token(request.query_params.get("token"), self.token):
            answer = RedirectResponse(request.url.path, 303)
            # `lax`, because the link may be in a mail: a `strict` cookie would not follow its redirection.
            answer.set_cookie(COOKIE, self.token, httponly=True, samesite="lax")
        await answer(scope, receive, send)


def client_of(scope: Scope) -> str:
    """The address that a request came from."""
    client = scope.get("client")
    return client[0] if client else ""


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal(error)


def _wrong(_request: Request, error: Exception) -> Response:
    return refusal(Refused(422, sentence(error)))


def _too_large(_request: Request, _error: Exception) -> Response:
    return refusal(Refused(413, "The body is too large."))


def _not_found(_request: Request, _error: Exception) -> Response:
    return refusal(Refused(404, "There is no such page."))


def _failed(_request: Request, _error: Exception) -> Response:
    """Uvicorn writes the error to the terminal; the browser learns nothing of it."""
    answer = refusal(Refused(500, "The server failed; the terminal says why."))
    secure(answer.headers)  # this answer does not pass the guard
    return answer
