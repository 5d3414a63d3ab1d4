"""The textbook scenarios: in scenarios/textbook of the repository, or next to this module when installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from simulator.foundation.errors import UserError, nearest
from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario

HERE = Path(__file__).resolve().parent
PLACES = (HERE.parents[1] / "scenarios" / "textbook", HERE / "textbook")
"""In the repository, then in an installed package."""


def folder() -> Path:
    """The folder of the textbook scenarios.

    Raises:
        UserError: they are not installed.
    """
    for place in PLACES:
        if place.is_dir():
            return place
    raise UserError(f"the textbook scenarios are not in this installation (looked in {', '.join(map(str, PLACES))})")


@cache
def textbook(name: str) -> Scenario:
    """A textbook scenario by name; read once.

    Raises:
        UserError: no textbook scenario has this name.
    """
    path = folder() / f"{name}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder().glob("*.yaml"))
        raise UserError(f"no textbook scenario {name!r}{nearest(name, known)}; available: {', '.join(known)}")
    return load(path)
