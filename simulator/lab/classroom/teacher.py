"""What the teacher asks for: rooms, the board, and everything that moves a game on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.game.catalogue import games
from simulator.lab.classroom.access import Doors
from simulator.lab.classroom.rooms import OpenRoom, now
from simulator.lab.classroom.students import listened, titles
from simulator.lab.server.answers import Refused, events, json_body
from simulator.lab.server.listen import qr_svg

CHOICES: dict[str, type | tuple[type, ...]] = {
    "teams": (int, list),
    "rounds": int,
    "seed": int,
    "bots": dict,
    "shown": str,
    "timer": (int, float),
}
"""What a teacher may choose for a room, and the types."""
ACTS = ("start", "pause", "resume", "extend", "timer", "next", "rewind", "end", "free", "policy", "say")
LONGEST_EXTENSION = 3600.0


class Teachers:
    """The routes of the teacher.

    Args:
        doors: asks for the teacher's token.
        link: the address under which students reach this server, with a slash at the end.
        made: called with every new room.
    """

    def __init__(self, doors: Doors, link: str, made: Callable[[OpenRoom], None]) -> None:
        self.doors, self.link, self.made = doors, link, made

    def routes(self) -> list[Route]:
        """Under `/api/teacher`."""
        return [
            Route("/api/teacher/rooms", self.rooms, methods=["GET"]),
            Route("/api/teacher/rooms", self.create, methods=["POST"]),
            Route("/api/teacher/rooms/{code}", self.board, methods=["GET"]),
            Route("/api/teacher/rooms/{code}/close", self.close, methods=["POST"]),
            Route("/api/teacher/rooms/{code}/act", self.act, methods=["POST"]),
            Route("/api/teacher/rooms/{code}/events", self.events, methods=["GET"]),
            Route("/api/teacher/rooms/{code}/qr.svg", self.qr, methods=["GET"]),
        ]

    def room(self, request: Request) -> OpenRoom:
        """The room, if the teacher asks."""
        self.doors.teacher(request)
        return self.doors.room(request)

    async def rooms(self, request: Request) -> Response:
        """The games that there are, and the rooms."""
        self.doors.teacher(request)
        rooms = [{**found.state(), "code": code} for code, found in reversed(self.doors.rooms.open.items())]
        return JSONResponse({"games": [game.described() for game in games().values()], "rooms": rooms})

    async def create(self, request: Request) -> Response:
        """Makes a room: {game, teams, rounds, timer, seed, shown, bots: role -> bot}."""
        self.doors.teacher(request)
        body = await json_body(request)
        game = body.pop("game", "")
        found = await run_in_threadpool(self.doors.rooms.create, str(game), choices_of(body))
        self.made(found)
        return JSONResponse({"code": found.code})

    async def board(self, request: Request) -> Response:
        """The board, see `simulator.game.debrief.board_of`."""
        found = self.room(request)
        board = await run_in_threadpool(found.room.board, now())
        return JSONResponse(
            {
                **found.state(),
                **board,
                "code": found.code,
                "link": f"{self.link}{found.code}",
                "roles": titles(found),
                "news": found.news,
            }
        )

    async def act(self, request: Request) -> Response:
        """Moves the game on: {act: start | pause | …, …}, see `act_on`."""
        found = self.room(request)
        body = await json_body(request)
        await run_in_threadpool(act_on, found, body)
        found.bell.ring()
        return JSONResponse({})

    async def close(self, request: Request) -> Response:
        """Takes a room off the list; its folder stays."""
        found = self.room(request)
        await run_in_threadpool(self.doors.rooms.put_away, found.code)
        return JSONResponse({})

    async def events(self, request: Request) -> Response:
        """Tells the board of every change."""
        found = self.room(request)
        return events(listened(found, found.state))

    async def qr(self, request: Request) -> Response:
        """The address of the room as a QR code."""
        found = self.room(request)
        return Response(qr_svg(f"{self.link}{found.code}"), media_type="image/svg+xml")


def choices_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The choices for a room, of the right types; what is missing or null is the game's own.

    Raises:
        Refused: a choice is unknown or of another type.
    """
    found = {}
    for name, value in body.items():
        if value is None:
            continue
        if name not in CHOICES or isinstance(value, bool) or not isinstance(value, CHOICES[name]):
            raise Refused(422, f"{name}: not a choice of a room; choices: {', '.join(CHOICES)}")
        found[name] = value
    return found


def _number(body: Mapping[str, Any], name: str, most: float) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        raise Refused(422, f"{name} must be a number from {-most:g} to {most:g}.")
    return value


def _word(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Refused(422, f"{name} must be a text, got {json.dumps(value)[:40]}.")
    return value


def act_on(found: OpenRoom, body: Mapping[str, Any]) -> None:
    """Does to a room what {act: …} says, with the other fields of the request.

    Raises:
        Refused: there is no such act, or a field is missing.
        GameError: the rules do not allow it now.
    """
    room = found.room
    match body.get("act"):
        case "start":
            room.start(now())
        case "pause":
            room.pause(now())
        case "resume":
            room.resume(now())
        case "extend":
            room.extend(_number(body, "seconds", LONGEST_EXTENSION))
        case "timer":
            room.set_timer(_number(body, "seconds", LONGEST_EXTENSION))
        case "next":
            room.next_round(now())
        case "rewind":
            room.rewind(int(_number(body, "round", 1e6)))
        case "end":
            room.end()
        case "free":
            room.free(_word(body, "seat"))
        case "policy":
            room.set_policy(_word(body, "seat"), _word(body, "text"))
        case "say":
            found.announce(_word(body, "text"))
        case _:
            raise Refused(422, f"There is no such act; acts: {', '.join(ACTS)}.")
