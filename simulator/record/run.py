"""One finished replication: its facts as columns, the paths of its levels, its audit and its stories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from simulator.foundation.errors import UserError, nearest, some
from simulator.model.amounts import in_units
from simulator.model.nouns import World
from simulator.record.audit import audit
from simulator.record.facts import Facts, Promised
from simulator.record.ledger import FactColumns, Floats, Ints, ItemLevels, Ledger
from simulator.record.levels import Level, StepFunction, path
from simulator.record.story import story


class Run(Facts):
    """The facts of one replication of one policy, and the questions that users ask of them."""

    def __init__(
        self,
        world: World,
        policy: str,
        seed: int,
        replication: int,
        ledger: Ledger,
        initial: tuple[int, ...],
        final: tuple[ItemLevels, ...],
        promised: Promised | None = None,
    ) -> None:
        super().__init__(world, ledger, initial, final)
        self.policy, self.seed, self.replication = policy, seed, replication
        self.promised = promised
        self.suppliers: dict[str, Run] = {}
        self.measured: Callable[[Run, Iterable[str] | None], Mapping[str, Any]] | None = None
        """Computes KPIs; `simulate` sets it."""

    def __repr__(self) -> str:
        orders = "no records of orders" if self.totals is not None else f"{len(self.demand.times):,} orders"
        which = f"policy {self.policy!r}, seed {self.seed}, replication {self.replication}"
        return f"<Run of {which}: {orders} in {self.world.horizon:g} d>"

    def kpis(self, only: Iterable[str] | None = None) -> dict[str, Any]:
        """The KPIs of this run by key: numbers, or `Undefined` with the reason where there is none.

        Args:
            only: identifiers such as `fill_rate`; all that the run has unless given.

        >>> import simulator
        >>> run = simulator.simulate(simulator.load("textbook/base-stock", ["clock.horizon=600 d"]), "base", seed=1)
        >>> sorted(run.kpis(["fill_rate", "wait_mean"]))
        ['fill_rate', 'wait_mean']

        Raises:
            UserError: there is no such KPI, or the run is not one that `simulate` returned.
        """
        if self.measured is None:
            raise UserError("only a run that `simulate` returned has KPIs")
        return dict(self.measured(self, only))

    def orders(self, first: int = 0, last: int | None = None) -> dict[str, Floats]:
        """Returns a table of one row for each order, by column.

        Args:
            first, last: only the orders first, first + 1, ... last - 1; all by default.

        Returns:
            placed, first_shipped, delivered (the last parcel delivered before the horizon) and cancelled (the last
            cancellation) in days, nan if it never happened; units, units_at_once and parcels; shape (orders,) each.
        """
        orders = slice(first, len(self.demand.times) if last is None else last)
        placed = self.demand.times[orders]
        n = len(placed)

        def mine(facts: FactColumns) -> FactColumns:
            found = facts.where((facts["order"] >= orders.start) & (facts["order"] < orders.stop))
            return FactColumns({**found, "order": found["order"] - first})

        parcels, gone = mine(self.parcels), mine(self.cancelled)
        number = parcels.numbers("order")
        first_shipped, cancelled = np.full(n, np.nan), np.full(n, np.nan)
        first_shipped[number[::-1]] = parcels["shipped"][::-1]  # reversed: the first parcel of an order is kept
        cancelled[gone.numbers("order")] = gone["time"]
        delivered = np.full(n, -np.inf)
        there = parcels["delivered"] < self.world.horizon
        np.maximum.at(delivered, number[there], parcels["delivered"][there])
        delivered[np.isneginf(delivered)] = np.nan
        lines = slice(self.line_starts[first], self.line_starts[first + n])
        owners = np.repeat(np.arange(n), self.demand.counts[orders])
        units = np.bincount(owners, weights=self.demand.quantities[lines], minlength=n)
        short = sum(mine(facts).sums("order", n) for facts in (self.backordered, self.refused))
        return {
            "placed": placed,
            "first_shipped": first_shipped,
            "delivered": delivered,
            "cancelled": cancelled,
            "units": in_units(self.world, units),
            "units_at_once": in_units(self.world, units - short),
            "parcels": np.bincount(number, minlength=n).astype(np.float64),
        }

    def lines(self, first: int = 0, last: int | None = None) -> dict[str, Floats]:
        """Returns a table of one row for each line of the orders first, first + 1, … last - 1 (all by default).

        Returns:
            placed and wanted, days; units demanded, and of these units_at_once, units_backordered, units_refused and
            units_cancelled; filled and cancelled: the day on which the last unit was; first_shipped, delivered and
            parcels of the whole order, see `orders`; nan if it never happened, shape (lines,) each.
        """
        last = len(self.demand.times) if last is None else last
        orders, heads = self.orders(first, last), self.line_starts
        begin, end = int(heads[first]), int(heads[last])
        owner = np.repeat(np.arange(last - first), self.demand.counts[first:last])

        def mine(facts: FactColumns) -> tuple[FactColumns, Ints]:
            found = facts.where((facts["order"] >= first) & (facts["order"] < last))
            return found, heads[found.numbers("order")] + found.numbers("line") - begin

        def units(facts: FactColumns) -> Floats:
            found, places = mine(facts)
            found_units = np.bincount(places, weights=found["units"], minlength=end - begin).astype(np.float64)
            return in_units(self.world, found_units)

        def latest(facts: FactColumns) -> Floats:
            found, places = mine(facts)
            times = np.full(end - begin, -np.inf)
            np.maximum.at(times, places, found["time"])
            return np.where(np.isneginf(times), np.nan, times)

        at_once, opens = self.at_once[begin:end].astype(np.float64), self.opens[first:last][owner]
        filled = np.fmax(latest(self.fills), np.where(at_once > 0, opens, np.nan))
        wanted = self.demand.wanted
        return {
            "placed": orders["placed"][owner],
            "wanted": np.full(end - begin, np.nan) if wanted is None else wanted[first:last][owner],
            "units": in_units(self.world, self.demand.quantities[begin:end].astype(np.float64)),
            "units_at_once": in_units(self.world, at_once),
            "units_backordered": units(self.backordered),
            "units_refused": units(self.refused),
            "units_cancelled": units(self.cancelled),
            "filled": filled,
            "cancelled": latest(self.cancelled),
            **{name: orders[name][owner] for name in ("first_shipped", "delivered", "parcels")},
        }

    def level(self, level: Level, item: str | None = None) -> StepFunction:
        """Returns a level of one item (at all sites) over time, or of all items together (see `record.levels`).

        Raises:
            UserError: there is no such item.
        """
        if item is None:
            return self._in_units(path(self, level, None))
        numbers = [k for k, facts in enumerate(self.world.items) if facts.name == item]
        if not numbers:
            known = [facts.name for facts in self.world.items]
            raise UserError(f"no item {item!r}{nearest(item, known)}; items: {some(known)}")
        return self._in_units(path(self, level, numbers))

    def _in_units(self, path: StepFunction) -> StepFunction:
        return StepFunction(path.times, in_units(self.world, path.values))

    def audit(self) -> None:
        """Proves conservation of goods, orders and time.

        Raises:
            AuditError: a law is broken; the message names the law, the policy, the replication and the seed.
        """
        if self.totals is not None:
            self.totals.audit(self.final)
        else:
            audit(self, f"policy {self.policy!r}, replication {self.replication}, seed {self.seed}")
        for supplier in self.suppliers.values():
            supplier.audit()

    def story(self, order: int) -> list[str]:
        """Returns the life of one order as dated lines."""
        return story(self, order)
