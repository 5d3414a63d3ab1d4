"""The server of the class: pages, and what they ask for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulator.game.errors import GameError
from simulator.lab.classroom.access import Doors, kept_token
from simulator.lab.classroom.afterwards import Afterwards
from simulator.lab.classroom.rooms import OpenRoom, Rooms, now
from simulator.lab.classroom.students import Students
from simulator.lab.classroom.teacher import Teachers
from simulator.lab.pages import LANGUAGES, script, spoken, style
from simulator.lab.server.access import same_token
from simulator.lab.server.answers import Refused, refusal
from simulator.lab.server.app import application
from simulator.lab.server.assets import content, read, spoken_page
from simulator.lab.server.guard import with_port
from simulator.lab.server.listen import Listening

PACKAGE = "simulator.lab.classroom"
PAGES = {
    "student": ("Backorder class", "class.title"),
    "teacher": ("Backorder class: teacher", "class.teacher"),
    "debrief": ("Backorder class: debrief", "debrief.title"),
}
"""By page, its title before the script runs, and the key of its heading."""
MOST_BODY = 16 << 10
"""Bytes of a request's body."""
BEAT = 0.25
"""Seconds between two looks at the clocks."""
REST = 4
"""Beats between two things that are played for a room because there is time."""
AHEAD = 12.0
"""Seconds before the end of a round from which on teams are played as if they stayed silent: one a beat, 40 in all."""


class ClassServer:
    """The rooms of a folder, and the application that serves them.

    Args:
        home: the folder of the rooms.
        place: where the server listens.
        made: called with every new room.
    """

    def __init__(self, home: Path, place: Listening, made: Callable[[OpenRoom], None] | None = None) -> None:
        self.rooms, self.place = Rooms(home), place
        self.doors = Doors(self.rooms, kept_token(home))
        self.afterwards = Afterwards(self.doors)
        self.teacher_page = spoken_page("/teacher", whole_page("teacher"))
        self.teachers = Teachers(self.doors, place.link, made or (lambda _room: None))

    @property
    def teacher_link(self) -> str:
        """The address of the board, with the teacher's token."""
        return f"{self.place.link}teacher?token={self.doors.token}"

    def application(self) -> Starlette:
        """The application; the rooms are closed when it ends."""
        pages = [
            Route("/teacher", self.board),
            Route("/teacher/{code}", self.board),
            spoken_page("/debrief/{code}", whole_page("debrief")),
            spoken_page("/", whole_page("student")),
            spoken_page("/{code:str}", whole_page("student")),
        ]
        api = [
            *Students(self.doors).routes(),
            *self.teachers.routes(),
            *self.afterwards.routes(),
        ]
        hosts = with_port(["localhost", "[::1]", *self.place.addresses], self.place.port)
        app = application([*files(), *api, *pages], hosts, lifespan=self.running, most_body=MOST_BODY)
        app.add_exception_handler(GameError, _not_allowed)
        return app

    @contextlib.asynccontextmanager
    async def running(self, _app: Starlette) -> AsyncIterator[None]:
        """While the server runs, rounds end when their time is up, and are played ahead shortly before."""
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat
            await self.afterwards.stop()
            self.rooms.close()

    async def _beat(self) -> None:
        for beat in itertools.count():
            await asyncio.sleep(BEAT)
            for found in self.rooms.due():
                if await asyncio.to_thread(found.room.tick, now()):
                    found.bell.ring()
            for found in self.rooms.due(within=AHEAD):
                await asyncio.to_thread(found.room.foresee)
            if beat % REST == 0:  # what decisions ask for goes first
                for found in list(self.rooms.open.values()):
                    await asyncio.to_thread(found.room.prepare)

    async def board(self, request: Request) -> Response:
        """The teacher's page; its link with the token leads here once, and a cookie remembers it."""
        if same_token(request.query_params.get("token"), self.doors.token):
            return self.doors.entered(RedirectResponse(request.url.path, 303))
        answer: Response = await self.teacher_page.endpoint(request)
        return answer


def files() -> list[Route]:
    """Scripts and styles of the pages."""
    elsewhere = ("engine", "kpi.", "lab.")
    scripts = [content(f"/class/{name}.js", script(PACKAGE, f"{name}.js", without=elsewhere), "js") for name in PAGES]
    return [*scripts, *(content(f"/class/{name}.css", style(PACKAGE, f"{name}.css"), "css") for name in PAGES)]


def whole_page(name: str) -> dict[str, str]:
    """A page by language: the frame that all pages share, with its own part."""
    title, heading = PAGES[name]
    found = read(PACKAGE, "page.html").decode()
    parts = {"name": name, "title": title, "heading": heading, "main": read(PACKAGE, f"{name}.html").decode()}
    for part, text in parts.items():
        found = found.replace(f"{{{{{part}}}}}", text)
    return {language: spoken(found, language) for language in LANGUAGES}


def _not_allowed(_request: Request, error: Exception) -> Response:
    """What the rules refuse, as a sentence and as a message that pages translate."""
    assert isinstance(error, GameError)
    return refusal(Refused(409, str(error), message=error.message))
