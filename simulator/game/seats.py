"""Seats: who sits where, and how a player proves it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Seat(NamedTuple):
    """A player's place: the `token` is the player's alone and proves who it is."""

    id: str
    """`team/role`."""
    team: str
    role: str
    token: str
    name: str


def digest(token: str) -> str:
    """What the log keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
