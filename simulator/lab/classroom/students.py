"""What students ask for: join a room, see what their role sees, decide, and be told of changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.game.views import mate_of
from simulator.lab.classroom.access import Doors
from simulator.lab.classroom.rooms import OpenRoom, now
from simulator.lab.server.answers import Refused, events, json_body

MOST_STREAMS = 200
"""Browsers that listen to one room."""
QUIET = 10.0
"""Seconds after which a browser is told the time although nothing has changed."""


class Students:
    """The routes of students."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def routes(self) -> list[Route]:
        """Under `/api/rooms/CODE`."""
        return [
            Route("/api/rooms/{code}", self.room, methods=["GET"]),
            Route("/api/rooms/{code}/join", self.join, methods=["POST"]),
            Route("/api/rooms/{code}/leave", self.leave, methods=["POST"]),
            Route("/api/rooms/{code}/view", self.view, methods=["GET"]),
            Route("/api/rooms/{code}/decide", self.decide, methods=["POST"]),
            Route("/api/rooms/{code}/events", self.events, methods=["GET"]),
        ]

    async def room(self, request: Request) -> Response:
        """The room as one sees it before joining: game, teams, which seats are free, and whether one has a seat."""
        found = self.doors.room(request)
        token = self.doors.returning(request, found)
        table = found.room.table
        return JSONResponse(
            {
                **found.state(),
                "code": found.code,
                "seated": bool(token) and found.room.seat(token or "") is not None,
                "roles": titles(found),
                "teams": [
                    {
                        "name": team,
                        "free": [r.name for r in table.game.roles if f"{team}/{r.name}" not in table.state.seats],
                    }
                    for team in table.teams
                ],
            }
        )

    async def join(self, request: Request) -> Response:
        """Takes a seat: {name, team?, role?}; the browser that has one in this room gets its own again."""
        found = self.doors.room(request)
        body = await json_body(request)
        name, team, role = (body.get(key) for key in ("name", "team", "role"))
        token = self.doors.returning(request, found)
        seat = await run_in_threadpool(found.room.join, _text(name) or "", _text(team), _text(role), token)
        found.bell.ring()
        return self.doors.seated(JSONResponse({"team": seat.team, "role": seat.role}), found, seat)

    async def leave(self, request: Request) -> Response:
        """Gives the seat back; a bot goes on."""
        found, seat = self.doors.seat(request)
        await run_in_threadpool(found.room.free, seat.id)
        found.bell.ring()
        return self.doors.left(JSONResponse({}), found)

    async def view(self, request: Request) -> Response:
        """What the seat sees, see `simulator.game.views.view_of`."""
        found, seat = self.doors.seat(request)
        seen = await run_in_threadpool(found.room.view, seat, now())
        return JSONResponse(_complete(found, seen))

    async def decide(self, request: Request) -> Response:
        """Takes {round, values}; it is on disk when the answer comes. Answers with what the seat sees now."""
        found, seat = self.doors.seat(request)
        body = await json_body(request)
        number, values = body.get("round"), body.get("values")
        if isinstance(number, bool) or not isinstance(number, int) or not isinstance(values, dict):
            raise Refused(422, "A decision has a round and values.")

        def taken() -> dict[str, Any]:
            found.room.decide(seat, number, values)
            found.room.tick(now())
            return found.room.view(seat, now())

        seen = await run_in_threadpool(taken)
        found.bell.ring()
        return JSONResponse(_complete(found, seen), background=BackgroundTask(found.room.foresee, seat))

    async def events(self, request: Request) -> Response:
        """Tells the browser whenever something changes in the room: clock, who has decided, the teacher's message."""
        found, seat = self.doors.seat(request)
        return events(listened(found, lambda: _told(found, seat.id, seat.token)))


async def listened(found: OpenRoom, told: Any) -> AsyncIterator[dict[str, Any]]:
    """What `told` returns at once and after every change, until it returns None or the room is closed: then `gone`.

    Raises:
        Refused: too many browsers listen.
    """
    if found.streams >= MOST_STREAMS:
        raise Refused(503, "Too many browsers listen to this room.")
    found.streams += 1
    try:
        while not found.closed and (message := told()) is not None:
            version = found.bell.version
            yield message
            await found.bell.after(version, QUIET)
        yield {"gone": True}
    finally:
        found.streams -= 1


def _told(found: OpenRoom, seat: str, token: str) -> dict[str, Any] | None:
    """The room's state and the mates of a seat; None once the seat is another's."""
    if found.room.seat(token) is None:
        return None
    table, team = found.room.table, seat.rpartition("/")[0]
    mates = {role.name: mate_of(table, f"{team}/{role.name}") for role in table.game.roles}
    return {**found.state(), "mates": mates}


def _complete(found: OpenRoom, seen: dict[str, Any]) -> dict[str, Any]:
    """A view with what the class adds: titles of the roles, the room's state."""
    return {**found.state(), **seen, "roles": titles(found)}


def titles(found: OpenRoom) -> list[dict[str, Any]]:
    """The roles of the game with the keys of their titles, and whether a student's policy can play them."""
    game = found.room.game
    return [{"name": one.name, "title": one.title, "policy": game.takes_policy(one.name)} for one in game.roles]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
