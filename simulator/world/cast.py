"""Who takes part: the scenario's objects, numbered in the order of the names of their random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from simulator.model.nouns import CarrierFacts, CostFacts, EventFacts, ItemFacts, SegmentFacts, SupplierFacts, World
from simulator.randomness.basket import Catalogue
from simulator.scenario.schema import Scenario


class Named(Protocol):
    """Anything that may keep its random numbers under another name."""

    @property
    def stream(self) -> str | None: ...


def by_key(things: Mapping[str, Named]) -> list[str]:
    """Names in the order of the names of their random numbers: the order of the file must not matter."""
    return sorted(things, key=lambda name: things[name].stream or name)


class Cast:
    """Names by number; a number is an object's place in its list."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.items = by_key(scenario.items)
        self.index = {name: k for k, name in enumerate(self.items)}
        self.catalogue = Catalogue(self.index, {name: scenario.items[name].stream or name for name in self.items})
        self.segments = by_key(scenario.customers)
        self.suppliers = by_key(scenario.suppliers)
        self.carriers = by_key(scenario.carriers)

    def stream(self, family: str, name: str) -> str:
        """The name of an object's random numbers."""
        things: Mapping[str, Named] = getattr(self.scenario, family) if name else {}
        return (things[name].stream or name) if name in things else name

    def world(self) -> World:
        """What the facts refer to."""
        s = self.scenario
        carriers = {name: number for number, name in enumerate(self.carriers)}
        segments = [
            SegmentFacts(name, s.customers[name].priority, carriers.get(s.carrier_of(name) or "", -1))
            for name in self.segments
        ]
        return World(
            tuple(ItemFacts(name, s.items[name].price, s.items[name].unit_cost) for name in self.items),
            tuple(segments),
            tuple(
                SupplierFacts(
                    name,
                    tuple(s.suppliers[name].unit_cost.get(item, s.items[item].unit_cost) for item in self.items),
                )
                for name in self.suppliers
            ),
            tuple(CarrierFacts(n, s.carriers[n].cost.parcel, s.carriers[n].cost.unit) for n in self.carriers),
            CostFacts(s.costs.holding.of_value, s.costs.holding.money, s.costs.order, s.costs.backorder),
            s.clock.horizon,
            s.clock.warm_up,
            s.clock.start,
            s.currency,
            tuple(EventFacts(e.name or e.key(lambda _, name: name), getattr(e, "kind", "")) for e in s.all_events()),
            s.warehouse.picking.workers,
        )
