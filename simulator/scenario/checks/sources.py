"""Where numbers of a file come from: each note is about a key that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from simulator.foundation.errors import UserError
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.faults.shape import fields_of
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import Place
from simulator.scenario.tree.paths import steps


@check("consistency")
def sources_are_of_keys_that_are_there(scenario: Scenario) -> Iterator[Finding]:
    """A note about a key that no longer exists misleads."""
    for key in scenario.sources:
        try:
            path = steps(key, Place("", 0, 0))
        except UserError:
            yield Finding(
                ("sources", key), f"{key!r} is not a path; write for example customers.web.patience", on_key=True
            )
            continue
        if (step := _first_missing(scenario, path)) is not None:
            yield Finding(("sources", key), f"the file has no {step!r} there", on_key=True)


def _first_missing(found: Any, path: list[str]) -> str | None:
    """The first step that leads nowhere; below a value that was read into one (a duration, a law) all is well."""
    for step in path:
        if isinstance(found, BaseModel):
            fields = fields_of(type(found))
            if step not in fields:
                return step
            found = getattr(found, next(name for name, f in type(found).model_fields.items() if f is fields[step]))
        elif isinstance(found, dict):
            if step not in found:
                return step
            found = found[step]
        elif isinstance(found, list):
            if not step.isdecimal() or int(step) >= len(found):
                return step
            found = found[int(step)]
    return None
