"""Address and port of the server, the invitation to it, and running until Ctrl-C."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import os
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass

import segno
import uvicorn
from starlette.types import ASGIApp

from simulator.foundation.errors import UserError

PORT = 8765
"""The first port that is tried."""
TRIED = 20
"""Ports that are tried if none is given."""
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Listening:
    """A socket that is bound but not served yet."""

    socket: socket.socket
    port: int
    addresses: tuple[str, ...]
    """Under which browsers reach it, the best one first; without the port."""

    @property
    def link(self) -> str:
        """The address of the first page."""
        return f"http://{self.addresses[0]}:{self.port}/"


def listening(share: bool = False, port: int | None = None) -> Listening:
    """A socket on this machine alone, or on all of its networks with `share`.

    Args:
        share: whether other machines may connect.
        port: the port; the first free one from 8765 unless given, 0 for any.

    Raises:
        UserError: the port is taken.
    """
    host = "0.0.0.0" if share else LOOPBACK
    for tried in [port] if port is not None else range(PORT, PORT + TRIED):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere it would share a port that is in use
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, tried))
        except OSError as error:
            found.close()
            why = error.strerror
            continue
        names = tuple(dict.fromkeys([*own_addresses(), LOOPBACK])) if share else (LOOPBACK,)
        return Listening(found, found.getsockname()[1], names)
    what = f"--port {port}" if port is not None else f"ports {PORT} to {PORT + TRIED - 1}"
    raise UserError(f"{what}: cannot be used ({why}); choose another with --port")


def own_addresses() -> list[str]:
    """The addresses of this machine in its networks, the one of the default route first; nothing is sent."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # chooses a route, and sends nothing
        found.append(str(probe.getsockname()[0]))
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [a for a in dict.fromkeys(found) if not ipaddress.ip_address(a).is_loopback]


def qr_text(link: str) -> str:
    """The QR code of a link for a terminal."""
    out = io.StringIO()
    segno.make(link, error="l").terminal(out, border=2, compact=True)
    return out.getvalue()


def qr_svg(link: str) -> str:
    """The QR code of a link as SVG, dark modules in the colour of the text around it."""
    out = io.BytesIO()
    segno.make(link, error="m").save(out, kind="svg", xmldecl=False, svgns=True, border=2, scale=8)
    return out.getvalue().decode()


def serve(app: ASGIApp, place: Listening, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until Ctrl-C; `ready` is called when the first request can come."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        h11_max_incomplete_event_size=64 << 10,
        limit_concurrency=512,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    _Server(config, ready).run(sockets=[place.socket])


class _Server(uvicorn.Server):
    """Uvicorn's server, which tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()


def open_browser(link: str) -> bool:
    """Opens the page in the browser of this desktop; False where there is none."""
    try:
        return webbrowser.open(link)
    except webbrowser.Error:
        return False
