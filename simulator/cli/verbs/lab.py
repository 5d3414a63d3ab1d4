"""Open a page in the browser on which a scenario can be changed and answers at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from simulator.cli.classroom import ROOMS, serve_class
from simulator.cli.options import data_option, settings_option
from simulator.cli.screen import say
from simulator.foundation.errors import UserError
from simulator.foundation.signals import Terminated
from simulator.scenario.tree.examples import file_or_example


@click.command("lab")
@click.argument("file", required=False, metavar="[FILE]")
@settings_option
@data_option
@click.option("--share", is_flag=True, help="Let other machines of the network open the page by its secret link.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Port (the first free one from 8765).")
@click.option("--no-browser", is_flag=True, help="Print the address and do not open the browser.")
@click.option("--class", "as_class", is_flag=True, help="Serve rooms in which a class plays; FILE names a game.")
@click.option(
    "--rooms", metavar="FOLDER", type=click.Path(path_type=Path), help=f"Where --class keeps rooms ({ROOMS})."
)
def command(
    file: str | None,
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    share: bool,
    port: int | None,
    no_browser: bool,
    as_class: bool,
    rooms: Path | None,
) -> None:
    """Serve a page on which the scenario FILE, or a shipped example by its name, can be changed, until Ctrl-C.

    The page plays every change with the same random numbers as `backorder run`, and shows the command that repeats its
    numbers. Only this machine can open it unless --share is given.

    With --class, students join rooms on their phones and play a game; FILE may name one (such as beer-game) to open a
    room at once. Rooms are kept in a folder and go on after a restart.
    """
    if rooms is not None and not as_class:
        raise UserError("--rooms needs --class")
    if as_class and (settings or data):
        raise UserError("--class plays the games as they are: leave --set and --data out")
    try:
        from simulator.lab.server.access import new_token
        from simulator.lab.server.listen import listening, open_browser, qr_text, serve
        from simulator.lab.what_if.server import what_if
        from simulator.lab.what_if.sources import FILE, ScenarioSource
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn", "segno"):
            raise
        raise UserError("lab needs the extra `pip install 'backorder-simulator[lab]'`") from None
    if as_class:
        with _until_ctrl_c():
            serve_class(file, rooms or ROOMS, share, port, not no_browser)
        return
    first = None
    if file is not None:
        path = file_or_example(Path(file))
        first = ScenarioSource(FILE if path == Path(file) else file, path, "", settings, data)
        first.load()  # so that its faults are told here
    elif settings or data:
        raise click.UsageError("--set and --data have no effect without a FILE")
    place = listening(share, port)
    token = new_token() if share else None
    link = place.link if token is None else f"{place.link}?token={token}"

    def ready() -> None:
        say(f"Lab: {link} (Ctrl-C ends it)")
        if share:
            click.echo(qr_text(link))
        if not no_browser:
            open_browser(link)

    with _until_ctrl_c():
        serve(what_if(first, place, token, writable=not share), place, ready)


@contextlib.contextmanager
def _until_ctrl_c() -> Iterator[None]:
    """Ends the command without an error when Ctrl-C is pressed."""
    try:
        yield
    except Terminated:
        raise
    except KeyboardInterrupt:
        say("")  # the terminal has printed ^C
