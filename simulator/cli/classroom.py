"""`backorder lab --class`: serve rooms in which a class plays, and print how students and the teacher reach them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.screen import say

if TYPE_CHECKING:
    from simulator.lab.classroom.rooms import OpenRoom

ROOMS = Path("results/class")
"""Where rooms are kept unless --rooms is given."""


def serve_class(game: str | None, home: Path, share: bool, port: int | None, browser: bool) -> None:
    """Serve the rooms of a folder until Ctrl-C.

    Args:
        game: if given, a room of this game is opened at once.
        home: the folder of the rooms.
        share: whether other machines of the network may connect.
        port: see `listening`.
        browser: whether the teacher's board is opened.
    """
    from simulator.lab.classroom.server import ClassServer
    from simulator.lab.server.listen import listening, open_browser, qr_text, serve

    def announce(found: OpenRoom) -> None:
        link = f"{place.link}{found.code}"
        say(f"Room {found.code} ({found.room.game.name}): {link}")
        if share:
            click.echo(qr_text(link))

    place = listening(share, port)
    server = ClassServer(home, place, announce)

    def ready() -> None:
        say(f"Students: {place.link} and the code of a room")
        say(f"Teacher: {server.teacher_link} (Ctrl-C ends it; the rooms stay in {home})")
        for code, why in server.rooms.shut.items():
            say(f"Room {code} cannot be opened: {why}")
        for found in server.rooms.open.values():
            announce(found)
        if browser:
            open_browser(server.teacher_link)

    with contextlib.closing(place.socket), contextlib.closing(server.rooms):
        if game is not None:
            server.rooms.create(game, {})
        serve(server.application(), place, ready)
