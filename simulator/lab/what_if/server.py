"""The server of the what-if page."""

from __future__ import annotations

from starlette.applications import Starlette

from simulator.lab.server.app import application
from simulator.lab.server.assets import asset
from simulator.lab.server.guard import with_port
from simulator.lab.server.listen import Listening
from simulator.scenario.schema.schema import Scenario

PACKAGE = "simulator.lab.what_if"


def what_if(scenario: Scenario | None, place: Listening, token: str | None = None) -> Starlette:
    """The application: page, files, and what the page asks for.

    Args:
        scenario: the first one that the page shows; without one it shows the examples.
        place: where the server listens.
        token: see `application`.
    """
    del scenario  # shown by the page that follows
    routes = [asset("/", PACKAGE, "page.html")]
    return application(routes, with_port(["localhost", "[::1]", *place.addresses], place.port), token=token)
