"""Recorded replenishment: given units of each item on given days, whatever the stock."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import ClassVar, Self

from pydantic import PrivateAttr

from simulator.foundation.datafiles import DataTable
from simulator.foundation.quantities import Sizes, as_steps
from simulator.foundation.units import Text
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.replenishment.view import Buy, Rhythm, StockView


class Recorded(DataTable, Replenishment, kind="recorded"):
    """Buys what a file says, when it says so: a production plan, or the deliveries of a real year."""

    only_for_warehouses = True

    example: ClassVar = {
        "kind": "recorded",
        "file": "data/orders.csv",
        "time": "ts",
        "item": "sku",
        "units": "qty",
    }

    time: Text
    """Column of times: ISO dates (which need `clock.start`) or days from the start; earlier rows are ignored."""
    item: Text
    """Column of items."""
    units: Text
    """Column of quantities, whole or multiples of the item's `granularity`; rows of 0 units buy nothing."""
    _plan: dict[str, tuple[tuple[float, int], ...]] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: object) -> None:
        times = self.column(self.time).days().tolist()
        items = self.column(self.item).names()
        units = self.column(self.units).quantities(items, 0).tolist()
        found: dict[str, list[tuple[float, int]]] = {}
        for time, item, quantity in zip(times, items, units, strict=True):
            if quantity and time >= 0:
                found.setdefault(item, []).append((time, quantity))
        self._plan = {item: tuple(sorted(plan)) for item, plan in found.items()}

    def in_steps(self, sizes: Sizes) -> Self:
        """The same plan in steps of the items' granularities."""
        found = self.model_copy()
        found._plan = {
            item: tuple((day, as_steps(units, item, sizes)) for day, units in plan) for item, plan in self._plan.items()
        }
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recorded) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def plan(self, item: str) -> tuple[tuple[float, int], ...]:
        """(day, units) of every recorded purchase of an item, in order of time."""
        return self._plan.get(item, ())

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm(days=tuple(dict.fromkeys(day for day, _ in self.plan(item))))

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        plan = self.plan(view.item)
        start, end = bisect_left(plan, (view.now, 0)), bisect_left(plan, (view.now, math.inf))
        return tuple(Buy(units) for _, units in plan[start:end])
