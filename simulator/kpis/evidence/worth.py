"""What the goods are worth at the customers' prices: those ordered, given to orders, sent in parcels and cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.sorting import stable_order, worth_of_parcels
from simulator.model.nouns import World
from simulator.record.columns import KeptIfShort
from simulator.record.facts import Facts
from simulator.record.ledger import Bools, FactColumns, Floats, Ints
from simulator.record.levels import joined

NEVER = np.empty(0)
"""In place of times that are not needed."""


class Moves(NamedTuple):
    """Money, such as payments: when (days) and how much (currency), in any order."""

    times: Floats
    money: Floats

    def before(self, end: float) -> Moves:
        """What moves before `end`."""
        early = self.times < end
        return self if early.all() else Moves(self.times[early], self.money[early])

    def __neg__(self) -> Moves:
        return Moves(self.times, -self.money)


class Filled(NamedTuple):
    """Units that were given to orders, sorted by group and time."""

    group: Ints
    """One number for the goods of an order that leave from one place (see `Worth.group`)."""
    units: Floats
    value: Floats
    """Price of a unit."""


class Shipped(NamedTuple):
    """Parcels: when they left and arrived, and the price of their contents before any discount."""

    order: NDArray[np.int32]
    shipped: Floats
    delivered: Floats
    value: Floats

    def rows(self, which: slice) -> Shipped:
        """Some of the parcels."""
        return Shipped(self.order[which], self.shipped[which], self.delivered[which], self.value[which])


def marks_down(world: World) -> bool:
    """Whether a price is ever taken down."""
    return any(item.marked_down for item in world.items)


class Worth:
    """The price of the goods of one run; a pure function of its facts.

    Goods are shipped in the order in which they were filled, which determines the contents of each parcel.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts, self.is_long = facts, facts.is_long
        self.first = len(facts.world.items)
        """Added to order numbers to make them an index: a backlog from before the start is one order for each item."""
        self.sites = max(len(facts.world.sites), 1)
        self.places = len(facts.world.suppliers) + self.sites
        """Number of places from which goods may leave."""
        self.prices = np.array([item.price for item in facts.world.items])
        self.marked_down = marks_down(facts.world)

    def markdown(self, items: NDArray[np.integer], placed: Floats) -> Floats:
        """Share of the price of these items that is taken off for orders placed at these times."""
        lower = [item.marked_down or (0.0, 0.0, 0.0) for item in self.facts.world.items]
        start, end, cut = np.array(lower).T[:, items]
        return np.asarray(cut * ((placed >= start) & (placed < end)))

    def price(self, items: NDArray[np.integer], placed: Floats, own: Floats | None) -> Floats:
        """Price of a unit of these items for orders placed at these times, currency; the lines' own prices, where they
        have some, are what was paid after all markdowns."""
        found: Floats = self.prices[items]
        if self.marked_down:
            found = found * (1 - self.markdown(items, placed))
        return found if own is None else np.where(np.isnan(own), found, own)

    def price_of(self, facts: FactColumns) -> Floats:
        """Price of a unit of each of these facts, which say when their order was placed, currency."""
        return self.price(facts.numbers("item"), self.facts.placed(facts), self.facts.own_prices(facts))

    @KeptIfShort
    def placed(self) -> Floats:
        """When every order was placed, those from before the start first (at 0)."""
        return np.concatenate((np.zeros(self.first), self.facts.demand.times))

    @cached_property
    def by_order(self) -> Floats:
        """The price of the units ordered by every order, shape (n,)."""
        facts, refused = self.facts, self.facts.refused.own
        placed = facts.line_times if self.marked_down else NEVER
        worth = self.price(facts.demand.items, placed, facts.demand.prices)
        lines = facts.lines_at(refused)
        less = refused["units"] * worth[lines]
        worth *= facts.demand.quantities  # in place: a long run has no memory to spare
        np.subtract.at(worth, lines, less)
        if facts.demand.opens is not None:
            worth[~facts.came[facts.line_orders]] = 0.0
        return facts.by_order(worth)

    @cached_property
    def recovered(self) -> Moves:
        """The price of units sold in place of what had left."""
        facts = self.facts.recovered
        return Moves(facts["time"], facts["units"] * self.facts.prices_of(facts))

    @property
    def ordered(self) -> Moves:
        """The price of all units ordered since the start, when ordered or sold in place of what had left."""
        new = slice(self.facts.opening.count, None)
        return together([(self.facts.demand.times[new], self.by_order[new]), self.recovered])

    @cached_property
    def apart(self) -> Bools:
        """Which orders did not ship as one parcel of all units ordered; those from before the start first."""
        facts, parcels, n = self.facts, self.facts.parcels, self.first + len(self.facts.demand.times)
        units = np.concatenate((np.zeros(self.first), facts.units_by_order))
        for table, sign in ((facts.refused, -1), (facts.recovered, 1)):
            np.add.at(units, table.numbers("order") + self.first, sign * table["units"])
        number = parcels.numbers("order") + self.first
        apart: Bools = np.bincount(number, minlength=n) != 1
        apart[number] |= parcels["units"] != units[number]
        apart[: self.first] = True
        apart[facts.recovered.numbers("order") + self.first] = True
        return apart

    @cached_property
    def opening(self) -> float:
        """The price of the backlog from before the start."""
        before = np.maximum(-np.array(self.facts.initial, dtype=np.float64), 0)
        return float((before * self.prices).sum())

    @cached_property
    def cancelled(self) -> Moves:
        """The price of cancelled units, when they were cancelled."""
        facts = self.facts.cancelled
        return Moves(facts["time"], facts["units"] * self.price_of(facts))

    @cached_property
    def returned(self) -> Moves:
        """The price of returned units, when they were back."""
        facts = self.facts.returned
        return Moves(facts["time"], facts["units"] * self.price_of(facts))

    @property
    def filled(self) -> Filled:
        """Units that were given to orders which shipped apart, and not taken back from them."""
        facts = self.facts
        origins = np.array([item.origin for item in facts.world.items])
        sourced = facts.sourced
        taken = facts.at_once
        if sourced.size:  # these were taken at other sites
            times = facts.demand.times[sourced.numbers("order")]
            sourced = FactColumns({**sourced, "units": sourced["taken"], "time": times, "placed": times})
            taken = taken - facts.per_line(sourced).astype(taken.dtype)
        lines = np.flatnonzero((taken > 0) & np.repeat(self.apart[self.first :], facts.demand.counts))
        owner, item, own = facts.line_orders[lines].astype(np.int64), facts.demand.items[lines], facts.demand.prices
        takes_back, mixed = bool((facts.cancelled["held"] > 0).any()), bool(facts.recovered.size)
        orders, which = [owner + self.first], [origins[item]]
        units: list[NDArray[Any]] = [taken[lines]]
        when = [facts.demand.times[owner] if mixed or self.marked_down else NEVER]
        value = [self.price(item, when[0], None if own is None else own[lines])]
        places = [lines - facts.line_starts[owner] if takes_back else np.empty(0)]
        for table in (facts.fills, facts.recovered, *([sourced] if sourced.size else [])):
            mine = table.where(self.apart[table.numbers("order") + self.first])
            orders.append(mine.numbers("order") + self.first)
            which.append(origins[mine.numbers("item")])
            units.append(mine["units"])
            value.append(self.price_of(mine) if "placed" in mine else facts.prices_of(mine))
            when.append(mine["time"])
            places.append(mine["line"])
        group = self.group(joined(orders), joined(which))
        # Fills come in order of time, after what the order got at once; only what is recovered may come between them.
        place = np.lexsort((joined(when), group)) if mixed else stable_order(group)
        group, kept = group[place], joined(units)[place].astype(np.float64, copy=False)
        if takes_back:
            self._take_back(group, joined(places)[place], kept, origins)
        return Filled(group, kept, joined(value)[place])

    def group(self, order: Ints, origin: Ints) -> Ints:
        """A number for each order and place from which goods leave (see `ItemFacts.origin`), in order of both."""
        return order * self.places + origin + self.sites

    def _take_back(self, group: Ints, line: Ints, units: Floats, origins: Ints) -> None:
        """Takes held goods that went back to the shelf out of these units: those that a line was given last."""
        held = self.facts.cancelled.where(self.facts.cancelled["held"] > 0)
        groups = self.group(held.numbers("order") + self.first, origins[held.numbers("item")])
        most = max(int(line.max(initial=0)), int(held["line"].max())) + 1
        keys, which = np.unique(groups * most + held.numbers("line"), return_inverse=True)
        back = np.bincount(which, weights=held["units"])
        rows = np.flatnonzero(np.isin(group, groups))
        mine = group[rows] * most + line[rows].astype(np.int64)
        place = np.minimum(np.searchsorted(keys, mine), keys.size - 1)
        rows, place = rows[keys[place] == mine], place[keys[place] == mine]
        once = np.bincount(place, minlength=keys.size)[place] == 1
        units[rows[once]] -= np.minimum(units[rows[once]], back[place[once]])
        for row, key in zip(rows[~once][::-1].tolist(), place[~once][::-1].tolist(), strict=True):
            less = min(units[row], back[key])
            units[row] -= less
            back[key] -= less

    @cached_property
    def shipped(self) -> Shipped:
        """Every parcel with the price of its contents: those that hold all of an order, then the others, by order."""
        parcels = self.facts.parcels
        undivided = np.flatnonzero(~self._in_parts)
        divided, worth = self._divided()

        def column(values: NDArray[Any]) -> NDArray[Any]:
            """One at a time: a long run has no memory to spare."""
            found = np.empty(undivided.size + divided.size, dtype=values.dtype)
            found[: undivided.size] = values[undivided]
            found[undivided.size :] = values[divided]
            return found

        order = column(parcels["order"].astype(np.int32))
        value = np.concatenate((self.by_order[order[: undivided.size]], worth))
        order += self.first
        return Shipped(order, column(parcels["shipped"]), column(parcels["delivered"]), value)

    @property
    def undivided(self) -> int:
        """How many of `shipped`, its first, hold all of an order."""
        return int((~self._in_parts).sum())

    @property
    def _in_parts(self) -> Bools:
        """Which parcels are of orders that shipped apart."""
        return self.apart[self.facts.parcels.numbers("order") + self.first]

    @property
    def of_parcels(self) -> Floats:
        """The price of the contents of every parcel, by its row in the facts."""
        apart = self._in_parts
        found = np.empty(apart.size)
        found[~apart] = self.by_order[self.facts.parcels.numbers("order")[~apart]]
        rows, worth = self._divided()
        found[rows] = worth
        return found

    def _divided(self) -> tuple[Ints, Floats]:
        """The rows of the parcels of orders that shipped apart, sorted by order, and the price of their contents.

        The facts do not say which units a parcel holds: the units given to an order (and leaving from one place) are
        put in a row, in the order in which they were given, and its first parcel holds the first of them, and so on.
        """
        goods = self.filled  # first, because that takes the most memory on the way
        parcels, vendors = self.facts.parcels, self.facts.drop_shipped
        origin = np.full(parcels["order"].size, -1)
        origin[vendors.numbers("parcel")] = vendors.numbers("supplier")
        sites = self.facts.sent_from
        origin[sites.numbers("parcel")] = -1 - sites.numbers("site")
        mine = np.flatnonzero(self._in_parts)
        group = self.group(parcels.numbers("order")[mine] + self.first, origin[mine])
        place = stable_order(group)
        rows, group = mine[place], group[place]
        return rows, worth_of_parcels(*goods, group, parcels["units"][rows])


def together(parts: Sequence[tuple[Floats, Floats]]) -> Moves:
    """All of these moves; a single part is not copied."""
    some = [part for part in parts if part[0].size]
    if len(some) == 1:
        return Moves(*some[0])
    return Moves(np.concatenate([times for times, _ in parts]), np.concatenate([money for _, money in parts]))
