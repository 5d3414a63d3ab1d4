"""The server of the what-if page: files of the page, and what the page asks for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from simulator.lab.pages import LANGUAGES, script, spoken, style
from simulator.lab.server.access import new_token
from simulator.lab.server.answers import Refused, download, events, json_body, self_contained
from simulator.lab.server.app import application
from simulator.lab.server.assets import content, read, spoken_page
from simulator.lab.server.guard import with_port
from simulator.lab.server.listen import Listening
from simulator.lab.server.worker import Worker
from simulator.lab.what_if import jobs, saving, studies
from simulator.lab.what_if.sources import OpenScenarios, ScenarioSource

PACKAGE = "simulator.lab.what_if"
SOON, LATER = 60.0, 300.0
"""Seconds that a question may take, and one in the background."""
MOST_PAGES = 12
"""Pages, such as reports, that are kept until they are fetched."""
LONGEST_PAGE_ID = 40
Job = Callable[[jobs.State, ScenarioSource, Mapping[str, Any]], Iterator[Any]]


def what_if(
    first: ScenarioSource | None, place: Listening, token: str | None = None, writable: bool = True
) -> Starlette:
    """The application: page, files, and what the page asks for.

    Args:
        first: the scenario that the page shows first; without one it shows the examples.
        place: where the server listens.
        token: see `application`.
        writable: whether scenarios can be saved on this machine.
    """
    desk = Desk(first, writable)
    hosts = with_port(["localhost", "[::1]", *place.addresses], place.port)
    return application(desk.routes(), hosts, lifespan=desk.lifespan, token=token)


class Desk:
    """Answers what pages ask; two processes play, one for what is seen at once and one in the background."""

    def __init__(self, first: ScenarioSource | None, writable: bool) -> None:
        self.shelf, self.writable = OpenScenarios(first), writable
        self.soon, self.later = Worker("player", partial(jobs.warm, first)), Worker("background", studies.gently)
        self._pages: OrderedDict[str, str] = OrderedDict()

    def routes(self) -> list[BaseRoute]:
        """The routes of the page."""
        streams: dict[str, tuple[Worker, Job, float]] = {
            "play": (self.soon, jobs.play, SOON),
            "tornado": (self.later, studies.tornado, LATER),
            "best": (self.later, studies.best, LATER),
        }
        single: dict[str, Job] = {"film": jobs.film, "order": jobs.order, "explain": jobs.explain}
        pages: dict[str, tuple[Worker, Job]] = {
            "tracking": (self.soon, jobs.tracking_page),
            "report": (self.later, studies.report),
        }
        return [
            spoken_page(
                "/", {language: spoken(read(PACKAGE, "page.html").decode(), language) for language in LANGUAGES}
            ),
            content("/lab.js", script(PACKAGE, "lab.js", ("common.", "kpi.", "lab.")), "js"),
            content("/lab.css", style(PACKAGE, "lab.css"), "css"),
            Route("/api/start", self.start),
            _post("open", self.open),
            *(_post(name, self._stream(name, *how)) for name, how in streams.items()),
            *(_post(name, self._single(name, job)) for name, job in single.items()),
            *(_post(name, self._page(name, *how)) for name, how in pages.items()),
            _post("save", self.save),
            _post("yaml", self.yaml),
            _post("workbook", self.workbook),
            Route("/page/{id}", self.page),
        ]

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Starts and stops the processes with the server."""
        await self.soon.start()
        await self.later.start()
        try:
            yield
        finally:
            await self.soon.stop()
            await self.later.stop()

    # ---------------------------------------------------------------------------------------------------------- routes
    async def start(self, _request: Request) -> Response:
        """The examples, and the scenario that is shown first."""
        return JSONResponse(
            {
                "examples": [{"id": name, "title": title} for name, title in self.shelf.examples.items()],
                "first": None if self.shelf.first is None else self.shelf.first.id,
                "writable": self.writable,
            }
        )

    async def open(self, request: Request) -> Response:
        """A scenario by its identifier, or as a text: what the page needs to know about it."""
        plain = await json_body(request)
        source = self.shelf.dropped(plain["text"]) if "text" in plain else self.shelf.source(plain.get("id"))
        return JSONResponse(await self.soon.one(jobs.describe, source, key=_key("open", plain), limit=SOON))

    def _stream(self, name: str, worker: Worker, job: Job, limit: float) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            plain = await json_body(request)
            source = self.shelf.source(plain.get("id"))
            return events(worker.run(job, source, plain, key=_key(name, plain), limit=limit))

        return answer

    def _single(self, name: str, job: Job) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            plain = await json_body(request)
            source = self.shelf.source(plain.get("id"))
            return JSONResponse(await self.soon.one(job, source, plain, key=_key(name, plain), limit=SOON))

        return answer

    def _page(self, name: str, worker: Worker, job: Job) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            plain = await json_body(request)
            source = self.shelf.source(plain.get("id"))
            text = await worker.one(job, source, plain, key=_key(name, plain), limit=LATER)
            self._pages[made := new_token()] = text
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
            return JSONResponse({"page": f"/page/{made}"})

        return answer

    async def page(self, request: Request) -> Response:
        """A page that was made for a request."""
        text = self._pages.get(request.path_params["id"])
        if text is None:
            raise Refused(404, "This page is gone; make it again.")
        return self_contained(text, framed=True)

    async def save(self, request: Request) -> Response:
        """Writes the scenario as a file beside the one that was opened."""
        if not self.writable:
            raise Refused(403, "A shared page writes no files on this machine; download the file instead.")
        plain = await json_body(request)
        source = self.shelf.source(plain.get("id"))
        return JSONResponse(await self.soon.one(saving.save, source, plain, limit=SOON))

    async def yaml(self, request: Request) -> Response:
        """The scenario as a file for the browser."""
        plain = await json_body(request)
        text = await self.soon.one(saving.yaml_text, self.shelf.source(plain.get("id")), plain, limit=SOON)
        return download(text.encode(), "scenario.yaml", "application/yaml")

    async def workbook(self, request: Request) -> Response:
        """The workbook of all policies for the browser."""
        plain = await json_body(request)
        source = self.shelf.source(plain.get("id"))
        found = await self.later.one(studies.workbook, source, plain, key=_key("workbook", plain), limit=LATER)
        return download(found, "workbook.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _post(name: str, answer: Callable[[Request], Any]) -> Route:
    return Route(f"/api/{name}", answer, methods=["POST"])


def _key(name: str, plain: Mapping[str, Any]) -> str | None:
    """Requests of a page that replace each other: those of one kind."""
    page = plain.get("page")
    return f"{name} {page}" if isinstance(page, str) and 0 < len(page) <= LONGEST_PAGE_ID else None
