"""One finished replication: its facts as columns, the paths of its levels, its audit and its stories."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import UserError, nearest, some
from simulator.model.nouns import NEVER_CAME, World
from simulator.record.audit import audit
from simulator.record.ledger import Demand, Floats, Ints, Ledger
from simulator.record.levels import Level, Path, path
from simulator.record.story import story


class Levels(NamedTuple):
    """An item's levels at the end, as the engine holds them (units)."""

    on_hand: int
    on_order: int
    backordered: int
    phantom: int = 0


class Promised(NamedTuple):
    """What is promised without a word in the facts."""

    days: tuple[float, ...]
    """By segment, days from the order to the promised delivery of what is there at once."""
    waiting: bool
    """Whether the same holds for what waits; else what waits has the dates in the facts, or none."""


class Run:
    """The facts of one replication of one policy."""

    def __init__(
        self,
        world: World,
        policy: str,
        seed: int,
        replication: int,
        ledger: Ledger,
        initial: tuple[int, ...],
        final: tuple[Levels, ...],
        promised: Promised | None = None,
        suppliers: Mapping[str, Run] | None = None,
    ) -> None:
        self.world, self.policy, self.seed, self.replication = world, policy, seed, replication
        self.initial, self.final = initial, final
        self.promised = promised
        """None where no date is promised."""
        self.suppliers = dict(suppliers or {})
        """What happened at the suppliers that hold stock, by name, downstream first: each as a run whose customers
        are its buyers."""
        self.totals = ledger.close()
        """Sums in place of facts, where no records were kept."""
        self.demand = Demand.join(ledger.books)
        self.backordered = ledger.backordered.freeze()
        self.refused = ledger.refused.freeze()
        self.recovered = ledger.recovered.freeze()
        self.fills = ledger.fills.freeze()
        self.holds = ledger.holds.freeze()
        self.confirmed = ledger.confirmed.freeze()
        self.exceptions = ledger.exceptions.freeze()
        self.parcels = ledger.parcels.freeze()
        self.picks = ledger.picks.freeze()
        self.lost = ledger.lost.freeze()
        self.stalled = ledger.stalled.freeze()
        self.replaced = ledger.replaced.freeze()
        self.cancelled = ledger.cancelled.freeze()
        self.returned = ledger.returned.freeze()
        self.surplus = ledger.surplus.freeze()
        self.promises = ledger.promises.freeze()
        self.notices = ledger.notices.freeze()
        self.answers = ledger.answers.freeze()
        self.contacts = ledger.contacts.freeze()
        self.experiences = ledger.experiences.freeze()
        self.reviews = ledger.reviews.freeze()
        self.purchases = ledger.purchases.freeze()
        self.withdrawn = ledger.withdrawn.freeze()
        self.receipts = ledger.receipts.freeze()
        self.adjusted = ledger.adjusted.freeze()
        self.oversold = ledger.oversold.freeze()
        self.forecasts = ledger.forecasts.freeze()
        self.hurried = ledger.hurried.freeze()
        self.happened = ledger.happened.freeze()
        self.served = ledger.served.freeze()
        self.worked = ledger.worked.freeze()
        self.shipped = ledger.shipped.freeze()
        self.rolled = ledger.rolled.freeze()

    @cached_property
    def line_starts(self) -> Ints:
        """Place of each order's first line among all lines, shape (n + 1,)."""
        return np.concatenate(([0], np.cumsum(self.demand.counts, dtype=np.int64)))

    @cached_property
    def line_orders(self) -> Ints:
        """Number of the order of every line, shape (L,)."""
        return np.repeat(np.arange(len(self.demand.times)), self.demand.counts)

    @cached_property
    def came(self) -> NDArray[np.bool_]:
        """Which orders of the book were placed at all, shape (n,); reputation kept the others away."""
        placed = np.ones(len(self.demand.times), dtype=bool)
        kept_away = np.isin(self.refused["exit"], NEVER_CAME) & (self.refused["order"] >= 0)
        placed[self.refused["order"][kept_away].astype(np.int64)] = False
        return placed

    def lines_at(self, facts: dict[str, Floats]) -> Ints:
        """Place among all lines of each fact's line (facts of orders below 0 must be left out before)."""
        return self.line_starts[facts["order"].astype(np.int64)] + facts["line"].astype(np.int64)

    def orders(self, first: int = 0, last: int | None = None) -> dict[str, Floats]:
        """One row an order, by column: placed, first_shipped, delivered (its last parcel, before the horizon),
        cancelled (the last cancellation) in days, nan where it never was; units, units_at_once, parcels.

        Args:
            first, last: only the orders first, first + 1, … last - 1; all by default.
        """
        orders = slice(first, len(self.demand.times) if last is None else last)
        placed = self.demand.times[orders]
        n = len(placed)

        def own(facts: dict[str, Floats]) -> tuple[Ints, NDArray[np.bool_]]:
            inside = (facts["order"] >= orders.start) & (facts["order"] < orders.stop)
            return facts["order"][inside].astype(np.int64) - first, inside

        number, inside = own(self.parcels)
        shipped, arrived = self.parcels["shipped"][inside], self.parcels["delivered"][inside]
        first_shipped = np.full(n, np.nan)
        first_shipped[number[::-1]] = shipped[::-1]
        delivered = np.full(n, -np.inf)
        there = arrived < self.world.horizon
        np.maximum.at(delivered, number[there], arrived[there])
        delivered[np.isneginf(delivered)] = np.nan
        gone, inside = own(self.cancelled)
        cancelled = np.full(n, np.nan)
        cancelled[gone] = self.cancelled["time"][inside]
        lines = slice(self.line_starts[first], self.line_starts[first + n])
        owners = np.repeat(np.arange(n), self.demand.counts[orders])
        units = np.bincount(owners, weights=self.demand.quantities[lines], minlength=n)
        at_once = units.copy()
        for short in (self.backordered, self.refused):
            late, inside = own(short)
            np.subtract.at(at_once, late, short["units"][inside])
        return {
            "placed": placed,
            "first_shipped": first_shipped,
            "delivered": delivered,
            "cancelled": cancelled,
            "units": units,
            "units_at_once": at_once,
            "parcels": np.bincount(number, minlength=n).astype(np.float64),
        }

    def level(self, level: Level, item: str | None = None) -> Path:
        """The path of a level of one item (at all sites), or of all items together (see `record.levels`).

        Raises:
            UserError: there is no such item.
        """
        if item is None:
            return path(self, level, None)
        numbers = [k for k, facts in enumerate(self.world.items) if facts.name == item]
        if not numbers:
            known = [facts.name for facts in self.world.items]
            raise UserError(f"no item {item!r}{nearest(item, known)}; items: {some(known)}")
        return path(self, level, numbers)

    def audit(self) -> None:
        """Proves conservation of goods, orders and time.

        Raises:
            AuditError: a law does not hold; the message names law, replication, seed and policy.
        """
        if self.totals is not None:
            self.totals.audit(self.final)
        else:
            audit(self)
        for supplier in self.suppliers.values():
            supplier.audit()

    def story(self, order: int) -> list[str]:
        """The life of one order in dated lines."""
        return story(self, order)
