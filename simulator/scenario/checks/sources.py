"""Checks of where numbers come from: notes are about keys that exist, and there is data to resample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from simulator.foundation.errors import UserError
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.faults.shape import children
from simulator.scenario.recorded_data import recorded_laws
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import Place
from simulator.scenario.tree.paths import steps


@check("consistency")
def sources_are_of_existing_keys(scenario: Scenario) -> Iterator[Finding]:
    """A note about a key that no longer exists misleads."""
    for key in scenario.sources:
        try:
            missing = _first_missing(scenario, steps(key, Place("", 0, 0)))
        except UserError:
            message = f"{key!r} is not a valid path; write for example customers.web.patience"
            yield Finding(("sources", key), message, on_key=True)
            continue
        if missing is not None:
            yield Finding(("sources", key), f"the file has no {missing!r} there", on_key=True)


def _first_missing(value: Any, path: list[str]) -> str | None:
    """The first step that leads nowhere; steps below a single value (a duration, a constant) are accepted."""
    for step in path:
        if not isinstance(value, BaseModel | dict | list):
            return None
        inside = {str(key): inner for key, inner in children(value)}
        if step not in inside:
            return step
        value = inside[step]
    return None


@check("consistency")
def there_is_data_to_resample(scenario: Scenario) -> Iterator[Finding]:
    """`inputs: resample` draws recorded values again, of which there must be some."""
    if scenario.experiment.inputs == "resample" and next(recorded_laws(scenario), None) is None:
        message = "no distribution of kind empirical: there are no recorded values to draw again"
        yield Finding(("experiment", "inputs"), message)
