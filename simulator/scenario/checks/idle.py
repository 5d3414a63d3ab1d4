"""Checks of what has no effect: suppliers and carriers that nobody uses, reviews and promises that come too late."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.foundation.errors import some
from simulator.policies.decisions import decision_for, each
from simulator.policies.procurement import Spot, measures_of
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.checks.lookups import decisions, procurements, sites
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath


@check("plausibility")
def suppliers_are_asked(s: Scenario) -> Iterator[Finding]:
    """Some policy buys from every supplier, or goods of it are under way at the start."""
    used = {name for name, spec in s.suppliers.items() if spec.under_way}
    if s.opening is not None:
        sells = s.first_suppliers()
        used.update(bought.supplier or sells.get(bought.item, "") for bought in s.opening.bought())
    for _, _, _, decision in decisions(s):
        given = vars(decision)  # pydantic is slow to say that there is no such field
        for field in ("supplier", "regular", "fast"):
            named = given.get(field)
            used.update([named] if isinstance(named, str) else named or ())
    for spec in s.policies.values():
        bought = [measure for _, decision in procurements(spec) for measure in measures_of(decision)]
        used.update(measure.supplier for measure in bought if isinstance(measure, Spot))
        for item, first in s.first_suppliers().items():
            found = [decision_for(spec.replenishment, item, site) for site in s.sites]
            if any(getattr(d, "kind", "none") != "none" and d is not None and d.supplier is None for d in found):
                used.add(first)
    buys = any(getattr(decision, "kind", "none") != "none" for _, _, _, decision in decisions(s))
    idle = [name for name in s.suppliers if name not in used]
    if idle and buys:
        message = (
            "no policy buys here: its items have an earlier supplier, which is asked unless `supplier` names another"
        )
        more = f" (likewise {some(idle[1:], 5)})" if len(idle) > 1 else ""
        yield Finding(("suppliers", idle[0]), message + more, warning=True, on_key=True)


@check("plausibility")
def carriers_deliver(s: Scenario) -> Iterator[Finding]:
    """Every carrier serves some segment."""
    used = {s.carrier_of(segment) for segment in s.customers}
    idle = [name for name in s.carriers if name not in used]
    if idle and s.customers:
        message = "delivers to no customers: segments use the first carrier unless they name another"
        more = f" (likewise {some(idle[1:], 5)})" if len(idle) > 1 else ""
        yield Finding(("carriers", idle[0]), message + more, warning=True, on_key=True)


@check("plausibility")
def rhythms_begin_in_the_run(s: Scenario) -> Iterator[Finding]:
    """What happens every so many days happens at least once before the horizon."""
    horizon = s.clock.horizon
    periods: list[tuple[KeyPath, float | None, str]] = []
    for path, _, _, decision in decisions(s):
        given = vars(decision)  # pydantic is slow to say that there is no such field
        first = given.get("first")
        key, day = ("R", given.get("R")) if first is None else ("first", first)
        periods.append(((*path, key), day, "stock is never reviewed"))
        periods.append(((*path, "retune"), given.get("retune"), "levels are never recomputed"))
    for path, site in sites(s):
        if site.records is not None:
            periods.append(((*path, "records", "count_every"), site.records.count_every, "stock is never counted"))
    for name, spec in s.policies.items():
        for step, promise in each(spec.promise):
            here = ("policies", name, "promise", *step, "every")
            periods.append((here, promise.every, "dates are never looked at again"))
    for path, period, effect in periods:
        if period is not None and period >= horizon:
            yield Finding(path, f"{period:g} d is not before the horizon ({horizon:g} d): {effect}", warning=True)


@check("plausibility")
def promises_lie_in_the_window(s: Scenario) -> Iterator[Finding]:
    """The seller cancels no order before the day that was promised for it."""
    for name, spec in s.policies.items():
        longest = max((window.length for window in spec.window.values()), default=math.inf)
        for step, promise in each(spec.promise):
            for key in ("within", "no_supply"):
                days = getattr(promise, key, None)
                if days is not None and days > longest:
                    message = f"{days:g} d is after the seller's own cancellation (`window`: {longest:g} d)"
                    yield Finding(("policies", name, "promise", *step, key), message, warning=True)
