"""Checks of what happens to orders that wait: whose names an allocation or a fulfilment uses."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.policies.allocation.backorder_processing import BackorderProcessing
from simulator.scenario.checks.check import Finding, check, sites, stranger
from simulator.scenario.schema.schema import Scenario


@check("consistency")
def segments_are_of_known_customers_and_items(s: Scenario) -> Iterator[Finding]:
    """Segments of backorder processing name customers and items that are defined."""
    for policy, spec in s.policies.items():
        if not isinstance(spec.allocation, BackorderProcessing):
            continue
        for field in ("segments", "fallback"):
            for k, segment in enumerate(getattr(spec.allocation, field)):
                for family, known in (("customers", s.customers), ("items", s.items)):
                    names = getattr(segment, family) or []
                    for j, name in enumerate(names):
                        if name not in known:
                            path = ("policies", policy, "allocation", field, k, family, j)
                            yield stranger(path, name, family, known, noun=family.removesuffix("s"))


@check("consistency")
def critical_items_are_known(s: Scenario) -> Iterator[Finding]:
    """What an order waits for is an item that is defined."""
    for policy, spec in s.policies.items():
        for k, name in enumerate(spec.fulfilment.critical()):
            if name not in s.items:
                yield stranger(("policies", policy, "fulfilment", "items", k), name, "items", s.items)


@check("consistency")
def suppliers_ship_as_suppliers_can(s: Scenario) -> Iterator[Finding]:
    """A supplier that holds stock has no customers to hold goods for, and no segments but the sites that buy."""
    for path, _, spec in s.all_suppliers():
        if not spec.fulfilment.whole_at_suppliers or spec.fulfilment.must_arrive:
            message = "a supplier ships as_available, line_complete or order_complete, without `must_arrive`"
            yield Finding((*path, "fulfilment"), message, rests_on=())
        if isinstance(spec.allocation, BackorderProcessing):
            for k, segment in enumerate([*spec.allocation.segments, *spec.allocation.fallback]):
                for name in segment.customers or []:
                    if name not in s.warehouses:
                        message = f"{name!r} is none of the sites that buy"
                        yield Finding((*path, "allocation"), f"segment {k}: {message}", rests_on=(("warehouses",),))


@check("sense")
def a_date_can_be_met_only_where_one_is_named(s: Scenario) -> Iterator[Finding]:
    """`must_arrive` does nothing where no customer names a date."""
    for policy, spec in s.policies.items():
        if spec.fulfilment.must_arrive and not any(c.need_by for c in s.customers.values()):
            path = ("policies", policy, "fulfilment", "must_arrive")
            yield Finding(path, "no segment names a date (`need_by`)", warning=True)


@check("consistency")
def carts_and_records_do_not_meet(s: Scenario) -> Iterator[Finding]:
    """A count cannot tell units in carts from units that are missing."""
    carts = [name for name, spec in s.customers.items() if spec.carts is not None]
    recorded = any(site.records is not None for _, site in sites(s))
    for policy, spec in s.policies.items():
        if carts and recorded and spec.reservation == "at_cart":
            message = "`reservation: at_cart` and `warehouse: records` do not go together; leave one of them out"
            yield Finding(("policies", policy, "reservation"), message)
