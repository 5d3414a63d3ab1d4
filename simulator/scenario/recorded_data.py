"""The recorded values behind the distributions of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.randomness.distributions.combined import Empirical
from simulator.scenario.faults.shape import children
from simulator.scenario.schema.schema import Scenario


def recorded_laws(scenario: Scenario) -> Iterator[tuple[str, Empirical]]:
    """Every distribution that samples recorded values, with the name of its data.

    Distributions of the same column have the same name; one with values of its own is named by its path.
    """
    yield from _found(scenario, ())


def _found(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Empirical]]:
    if isinstance(value, Empirical):
        named = (value.file, value.sheet, value.column)
        yield " ".join(filter(None, named)) or ".".join(path), value
        return
    for key, inner in children(value):
        yield from _found(inner, (*path, str(key)))
