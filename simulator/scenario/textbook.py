"""The textbook scenarios, which are examples of the package."""

from __future__ import annotations

from functools import cache

from simulator.foundation.errors import UserError, nearest
from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.examples import examples_folder


@cache
def textbook(name: str) -> Scenario:
    """A textbook scenario by name; read once.

    Raises:
        UserError: no textbook scenario has this name.
    """
    folder = examples_folder() / "textbook"
    if not (folder / f"{name}.yaml").is_file():
        known = sorted(path.stem for path in folder.glob("*.yaml"))
        raise UserError(f"no textbook scenario {name!r}{nearest(name, known)}; available: {', '.join(known)}")
    return load(folder / f"{name}.yaml")
