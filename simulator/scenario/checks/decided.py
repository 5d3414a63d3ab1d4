"""Checks of decisions about customers' orders: caps that need to know the customer."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.foundation.errors import some
from simulator.policies.decisions import each, reach_of
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.schema.schema import Scenario


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
