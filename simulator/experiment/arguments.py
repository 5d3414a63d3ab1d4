"""What a caller asks of an experiment, checked: names of policies and KPIs, whole numbers, shares."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.foundation.errors import UserError, nearest
from simulator.kpis.kpi import KPIS
from simulator.scenario.schema.schema import Scenario

MOST_REPLICATIONS = 1_000_000


def policies_of(scenario: Scenario, names: Sequence[str] | None) -> tuple[str, ...]:
    """The named policies of a scenario, all of them unless named.

    Raises:
        UserError: there is no such policy.
    """
    known = tuple(scenario.policies)
    if names is None:
        return known
    chosen = tuple(dict.fromkeys([names] if isinstance(names, str) else names))
    if not chosen:
        raise UserError("policies: at least one is due")
    for name in chosen:
        if name not in known:
            raise UserError(f"no policy {name!r}{nearest(name, known)}; policies: {', '.join(known)}")
    return chosen


def kpis_of(names: Sequence[str]) -> tuple[str, ...]:
    """Keys of KPIs, each known.

    Raises:
        UserError: there is no such KPI.
    """
    chosen = tuple([names] if isinstance(names, str) else names)
    for name in chosen:
        described = KPIS.get(name.split("[")[0])
        if described is None or (name not in KPIS and not described.has_key(name)):
            raise UserError(f"no KPI {name!r}{nearest(name, KPIS)}; `backorder list kpi` shows all")
    return chosen


def whole(what: str, value: object, low: int, high: int) -> int:
    """A whole number from `low` to `high`, or the user's mistake."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UserError(f"{what}: {value!r} is not a whole number from {low} to {high}")
    return value


def between(what: str, value: object, low: float, high: float) -> float:
    """A number between `low` and `high`, or the user's mistake."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low < value < high:
        raise UserError(f"{what}: {value!r} is not between {low:g} and {high:g} (write 0.95 or, in a file, 95 %)")
    return float(value)
