"""What routes read and answer: JSON, errors as sentences, self-contained pages, server-sent events."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from simulator.foundation.errors import MOST_LINES, RunError, UserError, visible
from simulator.lab.server.guard import content_policy
from simulator.scenario.tree.paths import EDIT

DEEPEST = 40
"""Levels of lists and objects in a body."""


class Refused(Exception):
    """A request that is answered with a sentence: `{"error": text}` with a status, and what else pages need."""

    def __init__(self, status: int, text: str, **more: Any) -> None:
        super().__init__(text)
        self.status, self.text, self.more = status, text, more

    def __reduce__(self) -> tuple[Any, ...]:
        return _refused, (self.status, self.text, self.more)


def _refused(status: int, text: str, more: dict[str, Any]) -> Refused:
    return Refused(status, text, **more)


def refusal(error: Refused) -> Response:
    """The answer to a request that is refused: `{"error": "…"}`."""
    return JSONResponse({"error": error.text, **error.more}, error.status)


def sentence(error: Exception) -> str:
    """What an error says to readers of a page: without the place of a change that the page itself has made."""
    if not isinstance(error, UserError) or not error.problems:
        return str(error)
    told = [
        f"{problem.key}: {problem.message}" if problem.file.startswith(f"{EDIT} ") else str(problem)
        for problem in error.problems[:MOST_LINES]
    ]
    return visible("\n".join(dict.fromkeys(told)), "\n")


async def json_body(request: Request) -> dict[str, Any]:
    """The object in the body of a request.

    Raises:
        Refused: the body is not JSON, or not an object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "The body must be JSON (content-type: application/json).")
    try:
        found = json.loads(await request.body(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Refused(400, "The body must be a JSON object.")
    if _depth(found) > DEEPEST:
        raise Refused(400, f"The body is nested more than {DEEPEST} levels deep.")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return deepest


def self_contained(page: str, framed: bool = False) -> Response:
    """A page with its own script and style inside, such as a report: each is allowed by its SHA-256, nothing else is.

    Args:
        page: the HTML.
        framed: whether pages of this server may show it in a frame.
    """

    def sources(tag: str) -> str:
        found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.DOTALL)
        digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found)
        return " ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)])

    policy = content_policy(
        script_src=sources("script"),
        style_src=sources("style"),
        # Attributes of style carry no script; the pages of the report set widths and colours with them.
        style_src_attr="'unsafe-inline'",
        frame_ancestors="'self'" if framed else "'none'",
    )
    return HTMLResponse(page, headers={"content-security-policy": policy})


def download(body: bytes, name: str, media_type: str) -> Response:
    """A file that the browser saves; `name` is a plain file name of letters, digits, dots and dashes."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    return Response(body, media_type=media_type, headers={"content-disposition": f'attachment; filename="{safe}"'})


def events(messages: AsyncIterator[Mapping[str, Any]]) -> Response:
    """Messages as server-sent events, each one JSON object; `messages` is closed when the browser goes away.

    A `UserError`, `RunError` or `Refused` becomes a last message `{"error": "…"}`.
    """

    async def lines() -> AsyncIterator[str]:
        try:
            async for message in messages:
                yield _event(message)
        except (UserError, RunError, Refused) as error:
            yield _event({"error": sentence(error)})
        finally:
            close = getattr(messages, "aclose", None)
            if close is not None:
                await close()

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _event(message: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(',', ':'))}\n\n"
