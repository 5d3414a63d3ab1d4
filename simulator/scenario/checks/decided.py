"""Checks of decisions that differ: caps that need to know the customer, and schedules."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.foundation.errors import some
from simulator.policies.allocation.allocation import CriticalLevel, Dividing
from simulator.policies.allocation.played import PlayedAllocation
from simulator.policies.decisions import decision_for, each, reach_of
from simulator.policies.policy import Policy
from simulator.policies.replenishment.planned import Planned
from simulator.policies.schedule import ScheduleEntry, contested, keys_below
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.checks.check import Finding, check, strangers
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath


@check("consistency")
def caps_by_customer_need_customers(s: Scenario) -> Iterator[Finding]:
    """`per_customer` counts what a customer has on backorder, so that orders must say whose they are."""
    for policy, spec in s.policies.items():
        for (step, acceptance), key in zip(each(spec.acceptance), spec.acceptance, strict=True):
            if acceptance.per_customer is None:
                continue
            segment = reach_of(key).segment
            unknown = [name for name in ([segment] if segment else s.customers) if not _names_customers(s, name)]
            if unknown:
                message = (
                    f"needs to know the customer of each order, which {some(unknown, 5)} cannot tell: use recorded "
                    "orders (`arrivals: {kind: trace, customer: COLUMN}`), or `per_order`"
                )
                about = tuple(("customers", name, "arrivals") for name in unknown)
                yield Finding(("policies", policy, "acceptance", *step, "per_customer"), message, rests_on=about)


def _names_customers(s: Scenario, segment: str) -> bool:
    spec = s.customers.get(segment)
    return spec is None or (isinstance(spec.arrivals, Trace) and spec.arrivals.customer is not None)


# ------------------------------------------------------------------------------------------------------ schedule
@check("consistency")
def conditions_are_about_known_suppliers(s: Scenario) -> Iterator[Finding]:
    """`while` names suppliers of the warehouses."""
    for path, entry, _ in _entries(s):
        if entry.while_ is not None:
            for key in ("late", "closed", "slowed"):
                yield from strangers((*path, "while", key), getattr(entry.while_, key), "suppliers", s.suppliers)


@check("consistency")
def entries_are_in_order(s: Scenario) -> Iterator[Finding]:
    """Of two entries that change the same decision and may be in force at once, one goes first."""
    for path, entry, policy in _entries(s):
        for other in range(int(path[-1])):
            if family := contested(policy.schedule[other], entry):
                message = (
                    f"may be in force at the same time as entry {other} and changes `{family}`, too: give the two "
                    "different `priority` (1 goes first), or dates that do not overlap"
                )
                about = ((*path[:-1], other),)
                yield Finding(path, message, rests_on=about)
                break


@check("consistency")
def schedules_change_what_can_change(s: Scenario) -> Iterator[Finding]:
    """Forecast levels follow the demand by themselves, and suppliers with stock keep one decision."""
    stocks = {name for _, name, spec in s.all_suppliers() if spec.stock}
    for path, entry, policy in _entries(s):
        for key, decision in entry.replenishment.items():
            here = keys_below((*path, "replenishment"), key)
            items = [name for name in s.items if reach_of(key).item in (name, "default")]
            usual = [decision_for(policy.replenishment, name, site) for name in items for site in s.sites]
            if isinstance(decision, Planned) or any(isinstance(one, Planned) for one in usual):
                message = "a schedule cannot change replenishment by forecast, whose levels move by themselves"
                yield Finding(here, message, rests_on=((*path[:2], "replenishment"),))
            elif {reach_of(key).site, reach_of(key).item} & stocks:
                message = "a schedule cannot change the replenishment of a supplier with stock"
                yield Finding(here, message, on_key=True, rests_on=(("suppliers",),))


@check("consistency")
def allocations_and_reservations_can_take_turns(s: Scenario) -> Iterator[Finding]:
    """Allocations that take turns keep nothing for later; which reservation an order has is known when it is placed."""
    for name, policy in s.policies.items():
        allocations = policy.all_allocations
        for path, one in allocations if len(allocations) > 1 else ():
            lasting = isinstance(one, Dividing) and (one.hour is not None or one.keeps_record)
            if lasting or isinstance(one, CriticalLevel | PlayedAllocation):
                others = "use fifo, lifo, priority, margin, earliest_promise or a rule that divides at once"
                kind = f"`{getattr(one, 'kind', '')}`"
                message = f"{kind} keeps units for later and cannot take turns with others in a schedule; {others}"
                yield Finding(("policies", name, *path), message, rests_on=(("policies", name, "schedule"),))
        for (*_, k, _), _ in allocations[1:] if s.kits else ():
            message = f"the allocation of kits ({some(s.kits)}) holds for the whole run"
            yield Finding(("policies", name, "schedule", k, "allocation"), message, rests_on=(("items",),))
        for (*_, k, _), reservation in policy.all_reservations[1:]:
            here = ("policies", name, "schedule", k, "reservation")
            if policy.schedule[int(k)].while_ is not None:
                message = "changes on dates only: the days of an order are on record when it is placed, without `while`"
                yield Finding(here, message, rests_on=(("policies", name, "schedule", k, "while"),))
            if (reservation.at == "at_cart") != policy.in_carts:
                usual = "at_cart" if policy.in_carts else "at_checkout"
                yield Finding((*here, "at"), f"where stock is reserved holds for the whole run: {usual}")


@check("plausibility")
def entries_lie_in_the_run(s: Scenario) -> Iterator[Finding]:
    """An entry is in force at some time between the start and the horizon."""
    for path, entry, _ in _entries(s):
        if entry.start >= s.clock.horizon:
            message = f"is at or after the horizon ({s.clock.horizon:g} d): the entry is never in force"
            yield Finding((*path, "from"), message, warning=True)
        elif entry.end <= 0:
            yield Finding((*path, "to"), "is at or before the start: the entry is never in force", warning=True)


def _entries(s: Scenario) -> Iterator[tuple[KeyPath, ScheduleEntry, Policy]]:
    """Every entry of the schedules, with its path and its policy."""
    for name, policy in s.policies.items():
        for number, entry in enumerate(policy.schedule):
            yield ("policies", name, "schedule", number), entry, policy
