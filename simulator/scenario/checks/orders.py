"""Checks of waiting orders: names in an allocation or a fulfilment, dates, carts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.policies.acceptance import Always
from simulator.policies.allocation.backorder_processing import BackorderProcessing
from simulator.policies.decisions import each, reach_of
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.checks.check import Finding, check, strangers
from simulator.scenario.checks.lookups import sites
from simulator.scenario.schema.customers import ONE_BY_ORDER
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath


@check("consistency")
def orders_wait_for_known_items(s: Scenario) -> Iterator[Finding]:
    """Critical items, and the customers and items in segments of backorder processing, are defined."""
    for policy, spec in s.policies.items():
        path: KeyPath = ("policies", policy)
        for key, fulfilment in each(spec.fulfilment):
            yield from strangers((*path, "fulfilment", *key, "items"), fulfilment.critical(), "items", s.items)
        if not isinstance(spec.allocation, BackorderProcessing):
            continue
        for field in ("segments", "fallback"):
            for k, segment in enumerate(getattr(spec.allocation, field)):
                here = (*path, "allocation", field, k)
                yield from strangers((*here, "customers"), segment.customers, "customers", s.customers)
                yield from strangers((*here, "items"), segment.items, "items", s.items)


@check("consistency")
def suppliers_ship_as_suppliers_can(s: Scenario) -> Iterator[Finding]:
    """A supplier with stock cannot hold goods for a customer, and its segments are the sites that buy from it."""
    for path, _, spec in s.all_suppliers():
        if not spec.fulfilment.whole_at_suppliers or spec.fulfilment.must_arrive:
            message = "a supplier supports as_available, line_complete or order_complete, without `must_arrive`"
            yield Finding((*path, "fulfilment"), message, rests_on=())
        if isinstance(spec.allocation, BackorderProcessing):
            for k, segment in enumerate([*spec.allocation.segments, *spec.allocation.fallback]):
                for name in segment.customers or []:
                    if name not in s.warehouses:
                        message = f"segment {k}: {name!r} is not one of the warehouses that buy here"
                        yield Finding((*path, "allocation"), message, rests_on=(("warehouses",),))


@check("plausibility")
def a_date_can_be_met_only_where_one_is_named(s: Scenario) -> Iterator[Finding]:
    """`must_arrive` needs customers with a date."""
    for policy, spec in s.policies.items():
        for key, fulfilment in each(spec.fulfilment):
            if fulfilment.must_arrive and not any(c.names_dates for c in s.customers.values()):
                path = ("policies", policy, "fulfilment", *key, "must_arrive")
                yield Finding(path, "has no effect: no customer segment has a `need_by`", warning=True)


@check("plausibility")
def values_of_order_lines_are_not_played_by_order(s: Scenario) -> Iterator[Finding]:
    """A sequence has one value for each order, and the file of an order book one for each line."""
    for segment, spec in s.customers.items():
        if not isinstance(spec.arrivals, Trace):
            continue
        for key in ONE_BY_ORDER:
            law = getattr(spec, key)
            book = (spec.arrivals.file, spec.arrivals.sheet)
            if law is not None and getattr(spec.arrivals, key) is None and _plays(law.model_dump(), book):
                message = (
                    f"gives its k-th value to the k-th order, but {spec.arrivals.label} has a row for each order line"
                )
                advice = f"to give each order the value in its rows, name the column in `arrivals: {{{key}: COLUMN}}`"
                yield Finding(("customers", segment, key), f"{message}; {advice}", warning=True)


def _plays(law: Any, book: tuple[str, str | None]) -> bool:
    """Whether a law, as plain data, contains a sequence from this file and sheet."""
    if isinstance(law, list):
        return any(_plays(part, book) for part in law)
    if not isinstance(law, dict):
        return False
    own = law.get("kind") == "sequence" and (law.get("file"), law.get("sheet")) == book
    return own or _plays([*law.values()], book)


@check("consistency")
def carts_and_records_do_not_meet(s: Scenario) -> Iterator[Finding]:
    """A stock count cannot tell units in carts from missing units."""
    carts = any(spec.carts is not None for spec in s.customers.values())
    recorded = any(site.records is not None for _, site in sites(s))
    for policy, spec in s.policies.items():
        if carts and recorded and spec.in_carts:
            message = "`reservation: at_cart` and `warehouse: records` cannot be combined; remove one of them"
            yield Finding(("policies", policy, "reservation"), message)


@check("consistency")
def orders_that_open_later_are_accepted(s: Scenario) -> Iterator[Finding]:
    """Whether an order is taken is decided when it is placed, before `reservation: ahead` looks at the stock."""
    later = [name for name, spec in s.customers.items() if spec.wants_later]
    for policy, spec in s.policies.items():
        if all(one.ahead is None for _, one in spec.all_reservations):
            continue
        for name in later:
            if s.customers[name].join is not None:
                message = "cannot be combined with `reservation: ahead`: whether stock will be there is not known yet"
                yield Finding(("customers", name, "join"), message, rests_on=(("policies", policy, "reservation"),))
        own = {reach_of(key).segment for key in spec.acceptance} - {""}
        for (step, acceptance), key in zip(each(spec.acceptance), spec.acceptance, strict=True):
            segment = reach_of(key).segment
            mine = segment in later if segment else any(name not in own for name in later)
            if mine and acceptance != Always():
                message = "`reservation: ahead` takes orders for a later day before it looks at the stock"
                yield Finding(
                    ("policies", policy, "acceptance", *step), f"{message}: accept them all with `kind: always`"
                )


@check("consistency")
def wanted_days_need_a_right_record(s: Scenario) -> Iterator[Finding]:
    """What a storefront with a wrong record shows belongs to the moment of the order."""
    recorded = any(site.records is not None for _, site in sites(s))
    for name, spec in s.customers.items():
        if recorded and spec.wants_later:
            message = "goods for a later day (`wanted`) and `warehouse: records` cannot be combined; remove one of them"
            yield Finding(("customers", name, "arrivals" if spec.wanted is None else "wanted"), message)


@check("plausibility")
def days_are_kept_only_where_some_are_wanted(s: Scenario) -> Iterator[Finding]:
    """`ahead` and `early` are about orders for a later day."""
    if any(spec.wants_later for spec in s.customers.values()):
        return
    for policy, spec in s.policies.items():
        for path, one in spec.all_reservations:
            for key in ("ahead", "early"):
                if getattr(one, key):
                    message = "has no effect: no customer segment has a `wanted` day"
                    yield Finding(("policies", policy, *path, key), message, warning=True)
