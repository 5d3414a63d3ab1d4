"""Two suppliers at once: a slow, cheap one for the base and a fast, expensive one for the surge."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from simulator.foundation.quantities import Units
from simulator.foundation.units import Text, wrong
from simulator.policies.replenishment.replenishment import Periodic
from simulator.policies.replenishment.view import Buy, StockView


class DualSourcing(Periodic):
    """At every review, buy from two suppliers."""

    sees_pipeline = True
    only_for_warehouses = True

    regular: Text
    """The slow and cheap supplier."""
    fast: Text
    """The fast and expensive supplier."""

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.regular == self.fast:
            raise wrong(f"`regular` and `fast` are both {self.fast!r}; they must be two suppliers")
        if self.supplier is not None:
            raise wrong("`supplier` has no effect here; the suppliers are `regular` and `fast`")
        return self

    def surge(self, view: StockView, level: int) -> int:
        """Units that lift net stock and all that arrives by the fast supplier's lead time up to a level."""
        lead = view.lead_time(self.fast)
        return max(level - view.net - sum(units for days, units in view.pipeline if days <= lead), 0)

    def split(self, fast: int, regular: int) -> tuple[Buy, ...]:
        """Purchases from the two suppliers."""
        both = (Buy(fast, self.fast), Buy(regular, self.regular))
        return tuple(purchase for purchase in both if purchase.units > 0)


class DualIndex(DualSourcing, kind="dual_index"):
    """Two order-up-to levels: the fast supplier covers its own lead time, the slow one the whole position."""

    example: ClassVar = {
        "kind": "dual_index",
        "R": "7 d",
        "regular": "pottery",
        "fast": "importer",
        "S_fast": 60,
        "S": 200,
    }

    S_fast: Units
    """Order-up-to level of the stock that is available within the fast supplier's lead time (Veeraraghavan &
    Scheller-Wolf 2008)."""
    S: Units
    """Order-up-to level of the whole position."""

    def model_post_init(self, context: object) -> None:
        if self.S_fast > self.S:
            raise wrong(f"S_fast = {self.S_fast} is above S = {self.S}; must be at most S")

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        fast = self.surge(view, self.S_fast)
        return self.split(fast, self.S - view.position - fast)


class BaseSurge(DualSourcing, kind="base_surge"):
    """At every review Q from the slow supplier, and from the fast one what lifts the near stock up to S_fast."""

    example: ClassVar = {
        "kind": "base_surge",
        "R": "7 d",
        "regular": "pottery",
        "fast": "importer",
        "Q": 40,
        "S_fast": 60,
    }

    Q: Units
    """Units from the slow supplier at every review, whatever the stock (Allon & Van Mieghem 2010)."""
    S_fast: Units
    """Order-up-to level of the stock that is available within the fast supplier's lead time."""

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return self.split(self.surge(view, self.S_fast), self.Q)
