"""What happened in a replication as events about objects: orders, lines, parcels, purchases, items, customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from simulator.experiment.keeping.related import line_id, lines_of_parcels, purchases_of_fills
from simulator.model.amounts import in_units
from simulator.model.nouns import (
    NEVER_CAME,
    Adjustment,
    Answer,
    Cause,
    Exit,
    HurryKind,
    Message,
    Refusal,
    Worded,
    World,
)
from simulator.record.ledger import BEFORE, FactColumns, Floats, Ints
from simulator.record.run import Run

EPOCH = dt.datetime(1970, 1, 1)
"""Day 0 of a scenario without dates."""
ORDER, LINE, PARCEL, PURCHASE = "order", "line", "parcel", "purchase"
ITEM, CUSTOMER, SUPPLIER = "item", "customer", "supplier"
TYPES = (ORDER, LINE, PARCEL, PURCHASE, ITEM, CUSTOMER, SUPPLIER)
Ids = Callable[[int], Sequence[str]]
"""Row of an event -> the objects of one type that it is about."""
Value = str | int | float | bool
NUMBER, TEXT, FLAG, DATE, FRACTION = "integer", "string", "boolean", "time", "float"


class Attribute(NamedTuple):
    """An attribute of events of one type: its name, its type, and its value by row (None: it has none)."""

    name: str
    type: str
    value: Callable[[int], Value | None]


@dataclass(frozen=True)
class EventTable:
    """Events of one type, one to a row, in the order in which the facts were written."""

    name: str
    times: Floats
    """Days; events at or after the horizon, and those without a time, do not belong to the log."""
    orders: Ints
    """The order of each event; `NO_ORDER` where it is about none."""
    about: dict[str, Ids]
    """The objects by type, besides the order and its customer."""
    attributes: tuple[Attribute, ...] = ()


NO_ORDER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class EventLog:
    """The events of a run, in order of time, and the objects that they are about."""

    run: Run
    tables: tuple[EventTable, ...]
    start: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        start = self.run.world.start
        object.__setattr__(self, "start", EPOCH if start is None else start.replace(tzinfo=None))

    @cached_property
    def sequence(self) -> tuple[Ints, Ints]:
        """Table and row of every event, in order of time; at one instant in the order of the tables."""
        kinds = [np.full(table.times.size, k) for k, table in enumerate(self.tables)]
        rows = [np.arange(table.times.size) for table in self.tables]
        times = np.concatenate([table.times for table in self.tables])
        kind, row = np.concatenate(kinds), np.concatenate(rows)
        there = np.isfinite(times) & (times < self.run.world.horizon)
        place = np.lexsort((row[there], kind[there], times[there]))
        return kind[there][place], row[there][place]

    @cached_property
    def sequence_by_order(self) -> tuple[Ints, Ints, Ints]:
        """Order, table and row of every event about an order, order by order, each in order of time."""
        kind, row = self.sequence
        owners = np.concatenate([table.orders for table in self.tables])
        starts = np.concatenate(([0], np.cumsum([table.times.size for table in self.tables])))
        owner = owners[starts[kind] + row]
        mine = owner != NO_ORDER
        place = np.argsort(owner[mine], kind="stable")
        return owner[mine][place], kind[mine][place], row[mine][place]

    def stamps(self, times: Floats) -> list[str]:
        """Times as ISO 8601 in UTC, to the microsecond."""
        micros = np.round(times * 86_400e6).astype("timedelta64[us]")
        return [f"{text}Z" for text in np.datetime_as_string(np.datetime64(self.start, "us") + micros, unit="us")]

    def stamp(self, day: float) -> str | None:
        """One time; None where it is not known or beyond the calendar."""
        return self.stamps(np.array([day]))[0] if abs(day) < 2e6 else None

    # --------------------------------------------------------------- objects
    @cached_property
    def names(self) -> list[str]:
        """The user's own number of every order."""
        return self.run.own_names(0, len(self.run.demand.times))

    @cached_property
    def customers(self) -> list[str]:
        """The recorded customer of every order, '' where there is none."""
        return self.run.customers_of(0, len(self.run.demand.times))

    def item(self, number: float) -> str:
        """The identifier of an item."""
        return f"item:{self.run.world.items[int(number)].name}"

    def supplier(self, number: float) -> str:
        """The identifier of a supplier."""
        return f"supplier:{self.run.world.suppliers[int(number)].name}"

    def customer(self, order: int) -> str:
        """The identifier of an order's customer: that of the record, or else all customers of its segment."""
        if order < 0:
            return ""
        segment = self.run.world.segments[int(self.run.demand.segments[order])].name
        name = self.customers[order]
        return f"customer:{segment}/{name}" if name else f"customer:{segment}"


def event_log(run: Run) -> EventLog:
    """The log of a run; what happens inside suppliers with stock of their own is left out."""
    tables: list[EventTable] = []
    log = EventLog(run, ())
    tables += _placing(log)
    tables += _waiting(log)
    tables += _shipping(log)
    tables += _ending(log)
    tables += _buying(log)
    return EventLog(run, tuple(table for table in tables if table.times.size))


# ------------------------------------------------------------------- makers
def counted(world: World, units: float) -> float:
    """A quantity: a whole number, unless items have a granularity."""
    return int(units) if world.grain == 1.0 else float(in_units(world, units))


def type_of_units(world: World) -> str:
    """The type of attributes that are quantities."""
    return NUMBER if world.grain == 1.0 else FRACTION


def units_of(run: Run, name: str, column: Floats) -> Attribute:
    """A quantity."""
    return Attribute(name, type_of_units(run.world), lambda row: counted(run.world, column[row]))


def flag(name: str, column: Floats) -> Attribute:
    """Yes or no."""
    return Attribute(name, FLAG, lambda row: bool(column[row]))


def word(name: str, column: Floats, kinds: type[Any]) -> Attribute:
    """A number with a name: the words for it, or else its name."""

    def value(row: int) -> str:
        kind = kinds(int(column[row]))
        return kind.text if isinstance(kind, Worded) else kind.name.lower()

    return Attribute(name, TEXT, value)


def date(log: EventLog, name: str, column: Floats) -> Attribute:
    """A date; none where it is not known."""
    return Attribute(name, DATE, lambda row: log.stamp(float(column[row])))


def of_lines(log: EventLog, name: str, facts: FactColumns, times: Floats, *attributes: Attribute) -> EventTable:
    """Events about order lines: units of an item."""
    about: dict[str, Ids] = {
        LINE: lambda row: [line_id(facts["order"][row], facts["line"][row])],
        ITEM: lambda row: [log.item(facts["item"][row])],
    }
    return EventTable(
        name, times, facts.numbers("order"), about, (units_of(log.run, "units", facts["units"]), *attributes)
    )


def of_orders(name: str, facts: FactColumns, times: Floats, *attributes: Attribute) -> EventTable:
    """Events about whole orders."""
    return EventTable(name, times, facts.numbers("order"), {}, attributes)


def _opens(log: EventLog, facts: FactColumns) -> Floats:
    """When the orders of these facts took their units; 0 for backlogs from before the start."""
    orders = facts.numbers("order")
    found = np.zeros(orders.size)
    own = orders >= 0
    found[own] = log.run.opens[orders[own]]
    return found


def _placing(log: EventLog) -> Iterator[EventTable]:

    run, demand = log.run, log.run.demand
    orders = np.flatnonzero(run.came)

    def lines(row: int) -> list[str]:
        order = int(orders[row])
        return [line_id(order, line) for line in range(int(demand.counts[order]))]

    segment = Attribute("segment", TEXT, lambda row: run.world.segments[int(demand.segments[orders[row]])].name)
    units = Attribute(
        "units",
        type_of_units(run.world),
        lambda row: counted(run.world, demand.quantities[slice(*run.line_starts[orders[row] : orders[row] + 2])].sum()),
    )
    yield EventTable("place order", demand.times[orders], orders, {LINE: lines}, (segment, units))
    taken = np.flatnonzero((run.at_once > 0) & run.came[run.line_orders])
    owners = run.line_orders[taken].astype(np.int64)
    at_once = FactColumns(
        {
            "order": owners.astype(np.float64),
            "line": (taken - run.line_starts[owners]).astype(np.float64),
            "item": demand.items[taken].astype(np.float64),
            "units": run.at_once[taken].astype(np.float64),
        }
    )
    yield of_lines(log, "fill from stock", at_once, _opens(log, at_once))
    yield of_lines(log, "put on backorder", run.backordered, _opens(log, run.backordered))
    yield of_lines(log, "refuse by rule", run.blocked, run.blocked["time"], word("rule", run.blocked["why"], Refusal))
    gone = run.refused.having("exit", *(way for way in Exit if way not in NEVER_CAME))
    yield of_lines(log, "leave at checkout", gone, _opens(log, gone), word("reason", gone["exit"], Exit))
    instead = run.recovered
    yield of_lines(log, "sell in its place", instead, instead["time"], word("reason", instead["exit"], Exit))


def _waiting(log: EventLog) -> Iterator[EventTable]:

    run = log.run
    told = run.promises.where(run.promises["told"] > 0)
    yield of_orders("promise date", told, told["time"], date(log, "promised", told["date"]))
    sent = run.notices
    read = (word("message", sent["message"], Message), flag("read", sent["read"]))
    yield of_orders("notify customer", sent, sent["time"], *read)
    answers = run.answers
    yield of_orders("customer answers", answers, answers["time"], word("answer", answers["answer"], Answer))
    asked = run.contacts
    yield of_orders("customer asks", asked, asked["time"], flag("tracking page", asked["page"]))
    given = run.confirmed.where(run.confirmed["units"] > 0)
    yield of_lines(log, "confirm", given, given["time"])
    back = run.confirmed.where(run.confirmed["units"] < 0)
    yield of_lines(log, "withdraw confirmation", back, back["time"])
    fills = run.fills
    filled = of_lines(log, "fill backorder", fills, fills["time"])
    bought = purchases_of_fills(run)
    about: dict[str, Ids] = {**filled.about, PURCHASE: lambda row: [f"purchase:{p}" for p in bought.get(row, ())]}
    yield EventTable(filled.name, filled.times, filled.orders, about, filled.attributes)
    held = run.holds
    yield of_orders("hold goods", held, held["time"], units_of(run, "units", held["units"]))


def _shipping(log: EventLog) -> Iterator[EventTable]:
    run = log.run
    picks, parcels, lost = run.picks, run.parcels, run.lost
    yield of_orders("start picking", picks, picks["started"])
    yield of_orders("finish picking", picks, picks["done"])
    orders = parcels.numbers("order")
    contents = lines_of_parcels(run)
    about: dict[str, Ids] = {PARCEL: lambda row: [f"parcel:{row}"], LINE: lambda row: contents(row)}
    units = (units_of(run, "units", parcels["units"]),)
    yield EventTable("ship parcel", parcels["shipped"], orders, about, units)
    yield EventTable("deliver parcel", parcels["delivered"], orders, about, units)
    never: dict[str, Ids] = {PARCEL: lambda row: [f"parcel:lost/{row}"]}
    gone = (units_of(run, "units", lost["units"]),)
    yield EventTable("ship parcel", lost["time"], lost.numbers("order"), never, gone)
    yield EventTable("miss parcel", lost["missed"], lost.numbers("order"), never, gone)
    stuck = run.stalled
    yield of_orders("parcel is stuck", stuck, stuck["time"], units_of(run, "units", stuck["units"]))
    again: dict[str, Ids] = {ITEM: lambda row: [log.item(run.replaced["item"][row])]}
    replaced = run.replaced
    units = (units_of(run, "units", replaced["units"]),)
    yield EventTable("replace goods", replaced["time"], replaced.numbers("order"), again, units)


def _ending(log: EventLog) -> Iterator[EventTable]:

    run = log.run
    gone = run.cancelled
    yield of_lines(log, "cancel", gone, gone["time"], word("cause", gone["cause"], Cause), flag("held", gone["held"]))
    yield of_lines(log, "return goods", run.returned, run.returned["time"])
    yield of_lines(log, "send surplus back", run.surplus, run.surplus["time"])
    yield of_lines(log, "write off return", run.unsellable, run.unsellable["time"])
    yield of_orders("review", run.reviews, run.reviews["time"], flag("bad", run.reviews["bad"]))


def _buying(log: EventLog) -> Iterator[EventTable]:

    run = log.run

    def bought(name: str, facts: FactColumns, own: bool, *attributes: Attribute) -> EventTable:
        about: dict[str, Ids] = {
            PURCHASE: lambda row: [f"purchase:{row if own else int(facts['purchase'][row])}"],
            ITEM: lambda row: [log.item(facts["item"][row])],
            SUPPLIER: lambda row: [log.supplier(facts["supplier"][row])],
        }
        nobody = np.full(facts.size, NO_ORDER)
        return EventTable(name, facts["time"], nobody, about, (units_of(log.run, "units", facts["units"]), *attributes))

    yield bought("buy", run.purchases, True)
    yield bought("withdraw purchase", run.withdrawn, False)
    yield bought("hurry purchase", run.hurried, False, word("how", run.hurried["kind"], HurryKind))
    yield bought("purchase leaves supplier", run.shipped, False)
    yield bought("receive purchase", run.receipts, False, units_of(run, "lost", run.receipts["lost"]))

    def stocked(name: str, facts: FactColumns, time: str, *attributes: Attribute) -> EventTable:
        about: dict[str, Ids] = {ITEM: lambda row: [log.item(facts["item"][row])]}
        nobody = np.full(facts.size, NO_ORDER)
        return EventTable(name, facts[time], nobody, about, (units_of(log.run, "units", facts["units"]), *attributes))

    yield stocked("send to another site", run.transfers, "time")
    yield stocked("receive from another site", run.transfers, "arrives")
    yield stocked("adjust stock", run.adjusted, "time", word("reason", run.adjusted["why"], Adjustment))


def made_before(time: float) -> bool:
    """Whether a purchase was made before the start, on a day that is not known."""
    return time == BEFORE
