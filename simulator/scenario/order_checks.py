"""Checks of what happens to orders that wait: whose names an allocation or a fulfilment uses."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.policies.backorder_processing import BackorderProcessing
from simulator.scenario.checks import Finding, check, stranger
from simulator.scenario.schema import Scenario


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
