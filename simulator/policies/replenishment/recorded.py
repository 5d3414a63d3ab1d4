"""Replenishment as it was recorded: so many units of each item on each day, whatever the stock."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from typing import ClassVar, Self

from pydantic import PrivateAttr, model_validator

from simulator.foundation.datafiles import current_files
from simulator.foundation.units import Text, current_start, date, wrong
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.replenishment.view import Buy, Rhythm, StockView


class Recorded(Replenishment, kind="recorded"):
    """Buys what a file says, when it says so: a production plan, or the deliveries of a real year."""

    only_for_warehouses = True

    example: ClassVar = {
        "kind": "recorded",
        "file": "data/orders.csv",
        "time": "ts",
        "item": "sku",
        "units": "qty",
    }

    file: Text
    """CSV or Parquet file, relative to the scenario file."""
    time: Text
    """Column of times: ISO dates (which need `clock.start`) or days from the start; earlier ones are left out."""
    item: Text
    """Column of items."""
    units: Text
    """Column of whole quantities; rows of 0 units buy nothing."""
    _plan: dict[str, tuple[tuple[float, int], ...]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _load(self) -> Self:
        files = current_files()
        found: dict[str, list[tuple[float, int]]] = {}
        rows = zip(*(files.column(self.file, c) for c in (self.time, self.item, self.units)), strict=True)
        for row, (when, item, units) in enumerate(rows, 2):
            try:
                time, quantity = _days(when), _whole(units)
            except ValueError as error:
                raise wrong(f"{self.file}:{row}: {error}") from None
            if quantity and time >= 0:
                found.setdefault(item, []).append((time, quantity))
        self._plan = {item: tuple(sorted(plan)) for item, plan in found.items()}
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recorded) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def plan(self, item: str) -> tuple[tuple[float, int], ...]:
        """(day, units) of every purchase of an item on record, in order of time."""
        return self._plan.get(item, ())

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm(days=tuple(dict.fromkeys(day for day, _ in self.plan(item))))

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        plan = self.plan(view.item)
        start, end = bisect_left(plan, (view.now, 0)), bisect_left(plan, (view.now, math.inf))
        return tuple(Buy(units) for _, units in plan[start:end])


def _days(cell: str) -> float:
    if not re.match(r"\s*\d{4}-", cell):
        return float(cell)
    start = current_start()
    if start is None:
        raise ValueError("dates need clock.start")
    return (date(cell) - start).total_seconds() / 86400


def _whole(cell: str) -> int:
    value = float(cell)
    if not math.isfinite(value) or value != math.floor(value) or value < 0:
        raise ValueError(f"{cell[:40]!r} is not a whole number of units")
    return int(value)
