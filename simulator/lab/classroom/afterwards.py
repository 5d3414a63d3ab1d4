"""What is left after a game: the debrief, the table of decisions, and for each team its scenario file and report."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.experiment.run import run
from simulator.lab.classroom.access import Doors
from simulator.lab.classroom.rooms import OpenRoom
from simulator.lab.classroom.students import titles
from simulator.lab.server.answers import Refused, download, self_contained
from simulator.lab.server.worker import Worker
from simulator.report.page.page import page, sections, view_of
from simulator.scenario.loader import load_text


class Afterwards:
    """The routes of the debrief: for the teacher at any time, for students once the game has ended.

    Args:
        doors: knows who asks.
    """

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self._worker: Worker | None = None
        """Writes the reports; started with the first one."""
        self._starting = asyncio.Lock()

    async def stop(self) -> None:
        """Ends the process that writes reports."""
        if self._worker is not None:
            await self._worker.stop()

    async def _written(self, text: str) -> str:
        async with self._starting:
            if self._worker is None:
                self._worker = Worker("reports")
                await self._worker.start()
        found: str = await self._worker.one(team_report, text)
        return found

    def routes(self) -> list[Route]:
        """Under `/api/debrief/CODE`."""
        return [
            Route("/api/debrief/{code}", self.debrief, methods=["GET"]),
            Route("/api/debrief/{code}/decisions.csv", self.decisions, methods=["GET"]),
            Route("/api/debrief/{code}/scenario/{team:int}", self.scenario, methods=["GET"]),
            Route("/api/debrief/{code}/report/{team:int}", self.report, methods=["GET"]),
        ]

    def room(self, request: Request) -> OpenRoom:
        """The room, if the one who asks may see its debrief."""
        if self.doors.is_teacher(request):
            return self.doors.room(request)
        found, _ = self.doors.seat(request)
        if found.room.phase != "ended":
            raise Refused(403, "The debrief opens when the game has ended.", message={"text": "class.not-ended"})
        return found

    def team(self, request: Request) -> tuple[OpenRoom, str]:
        """The room and one of its teams, by its place."""
        found, place = self.room(request), request.path_params["team"]
        if not 0 <= place < len(found.room.teams):
            raise Refused(404, "There is no such team.")
        return found, found.room.teams[place]

    async def debrief(self, request: Request) -> Response:
        """The debrief, see `simulator.game.debrief.debrief_of`."""
        found = self.room(request)
        told = await run_in_threadpool(found.room.debrief)
        return JSONResponse({**told, "code": found.code, "roles_of_game": titles(found)})

    async def decisions(self, request: Request) -> Response:
        """Every decision of the finished rounds as CSV."""
        found = self.room(request)
        table = await run_in_threadpool(found.room.decisions_csv)
        return download(table.encode(), f"decisions-{found.code}.csv", "text/csv; charset=utf-8")

    async def scenario(self, request: Request) -> Response:
        """A team's game as a scenario file, which `backorder run` repeats to the digit."""
        found, team = self.team(request)
        text = await run_in_threadpool(found.room.scenario, team)
        return download(text.encode(), f"{found.room.game.name}-{found.code}-{team}.yaml", "application/yaml")

    async def report(self, request: Request) -> Response:
        """The report of a team's game, as `backorder run --report` writes it."""
        found, team = self.team(request)
        text = await run_in_threadpool(found.room.scenario, team)
        return self_contained(await self._written(text))


def team_report(_state: dict[str, Any], text: str) -> Iterator[str]:
    """The report page of a scenario, run once with its own seed."""
    with tempfile.TemporaryDirectory(prefix="backorder-class-") as folder:
        view = view_of(run(load_text(text), 1, out=Path(folder), workers=1))
        yield page(view, sections(view))
