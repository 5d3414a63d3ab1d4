"""Using plug-ins: their kinds and KPIs take their places among the simulator's own."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.foundation.errors import UserError
from simulator.foundation.extensions import IN_USE, imported
from simulator.foundation.plugin import FAMILIES, Spec
from simulator.kpis.evaluate import group_together
from simulator.kpis.kpi import KPIS
from simulator.scenario.schema.schema import Scenario


def use_plugin(name: str) -> None:
    """Allow a plug-in: import it, so that scenarios can name its kinds and results have its KPIs.

    Its code is part of the fingerprint, and worker processes import it too.

    Args:
        name: the name of an installed plug-in, or of a module that can be imported.

    Example: `simulator.use_plugin("two_bin")`.

    Raises:
        UserError: no plug-in has this name, it cannot be imported, or it registers nothing.
    """
    before = set(IN_USE)
    module = imported(name).__name__
    if module in before:
        return
    made = [cls.__module__ for family in FAMILIES.values() for cls in family.kinds.values()]
    made += [kpi.function.__module__ for kpi in KPIS.values()]
    if not any(f"{place}.".startswith(f"{module}.") for place in made):
        del IN_USE[module]
        raise UserError(f"--plugin {name}: registers no kind and no KPI")
    group_together(KPIS)
    if Scenario.__pydantic_complete__:  # a scenario was read before: its schema has only the kinds of then
        _rebuild(Spec)


def use_plugins(names: Iterable[str]) -> None:
    """Use several plug-ins; those in use already cost nothing."""
    for name in names:
        if name not in IN_USE:
            use_plugin(name)


def _rebuild(spec: type[Spec]) -> None:
    for below in spec.__subclasses__():
        _rebuild(below)
        below.model_rebuild(force=True)
