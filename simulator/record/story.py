"""The life of one order, in dated lines, from the facts of a run."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.foundation.errors import UserError
from simulator.model.nouns import Answer, Cause, Exit, Message
from simulator.record.ledger import Floats
from simulator.record.levels import at_once

if TYPE_CHECKING:
    from simulator.record.run import Run

WHY = {
    Cause.PATIENCE: "the customer had waited long enough",
    Cause.WINDOW: "the seller's window had passed",
    Cause.CALLED_OFF: "called off by the customer, says the record",
    Cause.NO_CONSENT: "the customer did not agree to the delay",
    Cause.OFFER: "the customer was offered to keep, switch or cancel, and did not keep it",
    Cause.NEED_BY: "it could no longer be there when the customer needs it",
    Cause.SELLER: "the seller called it off",
    Cause.RECORD: "the record had shown stock that was not there",
    Cause.PAYMENT: "the card could not be charged",
    Cause.INFLATED: "more had been ordered than was needed",
}


LEFT = {
    Exit.REFUSED: "cannot be ordered, out of stock",
    Exit.WALKED: "not there; the shopper goes without",
    Exit.SWITCHED: "not there; the shopper buys from a rival",
    Exit.WAITLISTED: "not there; the shopper signs up for the wait-list",
    Exit.SUBSTITUTED: "not there; the shopper takes another item",
    Exit.DETERRED: "the order does not come: the shop's reputation keeps the shopper away",
    Exit.UNCALLED: "the order does not come: nothing called for it (a paused promotion, an item that is not scarce)",
}
INSTEAD = {
    Exit.SUBSTITUTED: "taken in its place",
    Exit.WAITLISTED: "back in stock; the wait-listed shopper buys",
}


WRITTEN = {
    Message.CONFIRMED: "the order is on backorder",
    Message.CHANGED: "the date has moved",
    Message.BREACH: "the date that was promised will not be kept",
    Message.DELAYED: "as it stands, the date has moved",
    Message.ON_TRACK: "still on track",
    Message.DELAY: "first notice of a delay",
    Message.RENEWED: "renewed notice of a delay",
    Message.RECONFIRM: "does the order stand?",
    Message.SHIPPED: "a parcel has left",
    Message.HELD: "a parcel is held for the rest of the order",
    Message.FOLLOW_UP: "is all well?",
}
ANSWERED = {
    Answer.KEEP: "keep it",
    Answer.SWITCH: "switch to another item",
    Answer.CANCEL: "cancel it",
    Answer.CONSENT: "agreed to the delay",
    Answer.SILENCE: "nothing",
}


class Happening(NamedTuple):
    """One thing that happened to an order."""

    time: float
    """Days from the start of the run."""
    what: str
    """One word: placed, promised, notified, answered, asked, filled, backordered, confirmed, held, refused, picked,
    shipped, delivered, cancelled, returned, open."""
    text: str


def story(run: Run, order: int) -> list[str]:
    """The happenings of an order as lines; with dates where the scenario has a start, else with days."""
    return [f"{when(run, h.time)}  {h.text}" for h in happenings(run, order)]


def when(run: Run, time: float) -> str:
    """'2025-03-14 09:26', or 'day   72.394' where the scenario has no dates."""
    date = date_of(run, time)
    return f"day {time:9.3f}" if date is None else date.strftime("%Y-%m-%d %H:%M")


def date_of(run: Run, time: float) -> dt.datetime | None:
    """The date of a time of the run; None where the scenario has no dates, or the calendar none so late."""
    try:
        return None if run.world.start is None else run.world.start + dt.timedelta(days=time)
    except OverflowError:
        return None


def happenings(run: Run, order: int) -> list[Happening]:
    """Everything that happened to an order, in order of time.

    Orders are numbered from 0 as they were placed; below 0 stand the backlogs from before the start, -1 for the first
    item.

    Raises:
        UserError: the run has no such order.
    """
    check(run, order)
    found = [*_Order(run, order).life()]
    return sorted(found, key=lambda h: h.time)  # what happened at one instant stays in its order


def check(run: Run, order: int) -> None:
    """Whether the run has this order.

    Raises:
        UserError: it has not; says which numbers there are.
    """
    n = len(run.demand.times)
    if 0 <= order < n or (order < 0 and (run.backordered["order"] == order).any()):
        return
    there = f"this run has orders 0 to {n - 1}" if n else "no order was placed in this run"
    raise UserError(f"no order {order}: {there}")


class _Order:
    """One order and the rows of every table that are about it."""

    def __init__(self, run: Run, number: int) -> None:
        self.run, self.number = run, number
        self.placed = float(run.demand.times[number]) if number >= 0 else 0.0
        self.horizon = run.world.horizon

    def rows(self, table: dict[str, Floats]) -> list[dict[str, float]]:
        mine = np.flatnonzero(table["order"] == self.number)
        return [{name: float(column[row]) for name, column in table.items()} for row in mine]

    def units(self, fact: dict[str, float]) -> str:
        return self.of(fact["units"], fact["item"])

    def of(self, units: float, item: float) -> str:
        return f"{units:g} {self.run.world.items[int(item)].name}"

    def age(self, time: float) -> str:
        return f"{time - self.placed:.2f} d after the order"

    def life(self) -> Iterator[Happening]:
        yield from self.placing()
        yield from self.promising()
        yield from self.talking()
        yield from self.filling()
        yield from self.leaving()
        yield from self.losing()
        yield from self.ending()
        yield from self.horizon_comes()

    def placing(self) -> Iterator[Happening]:
        backordered, refused = self.rows(self.run.backordered), self.rows(self.run.refused)
        if self.number >= 0:
            world, demand = self.run.world, self.run.demand
            start, end = self.run.line_starts[self.number : self.number + 2]
            asked = ", ".join(
                self.of(u, i) for u, i in zip(demand.quantities[start:end], demand.items[start:end], strict=True)
            )
            segment = world.segments[int(demand.segments[self.number])].name
            early = " (before the warm-up ends: not counted)" if self.placed < world.warm_up else ""
            yield Happening(self.placed, "placed", f"order {self.number} placed by {segment}: {asked}{early}")
            taken = at_once(self.run)[start:end]
            there = [self.of(u, i) for u, i in zip(taken, demand.items[start:end], strict=True) if u]
            if there:
                yield Happening(self.placed, "filled", f"filled from stock at once: {', '.join(there)}")
        for fact in backordered:
            since = "on backorder" if self.number >= 0 else "on backorder since before the start"
            yield Happening(self.placed, "backordered", f"{since}: {self.units(fact)}")
        for fact in self.rows(self.run.oversold):
            text = f"shown as there, and is not: {self.units(fact)}"
            yield Happening(self.placed, "backordered", text)
        for fact in refused:
            yield Happening(self.placed, "refused", f"{LEFT[Exit(int(fact['exit']))]}: {self.units(fact)}")
        for fact in self.rows(self.run.recovered):
            yield Happening(fact["time"], "filled", f"{INSTEAD[Exit(int(fact['exit']))]}: {self.units(fact)}")

    def promising(self) -> Iterator[Happening]:
        """Dates for what waits: known to the customer, or only worked out."""
        facts = self.rows(self.run.promises)
        known = {(fact["time"], fact["date"]) for fact in facts if fact["told"]}
        before = False
        for fact in facts:
            date = "no date" if fact["date"] == np.inf else f"delivery by {when(self.run, fact['date']).strip()}"
            if fact["told"]:
                yield Happening(fact["time"], "promised", f"promised{' anew' * before}: {date}")
                before = True
            elif (fact["time"], fact["date"]) not in known:
                yield Happening(fact["time"], "promised", f"now expected: {date}; the customer does not know it")

    def talking(self) -> Iterator[Happening]:
        """Messages, answers, and questions where the order is."""
        for fact in self.rows(self.run.notices):
            read = "read" if fact["read"] else "not read"
            text = f"message to the customer: {WRITTEN[Message(int(fact['message']))]} ({read})"
            yield Happening(fact["time"], "notified", text)
        for fact in self.rows(self.run.answers):
            text = f"the customer answers: {ANSWERED[Answer(int(fact['answer']))]}"
            yield Happening(fact["time"], "answered", text)
        for fact in self.rows(self.run.contacts):
            who = "the tracking page answers" if fact["page"] else f"an agent answers after {self.hours(fact)}"
            yield Happening(fact["time"], "asked", f"the customer asks where the order is; {who}")

    def hours(self, contact: dict[str, float]) -> str:
        """How long a caller waited for an agent."""
        waited = 24 * (contact["started"] - contact["time"])
        return f"{waited:.1f} h" if np.isfinite(waited) else "the run has ended"

    def filling(self) -> Iterator[Happening]:
        for fact in self.rows(self.run.holds):
            until = (
                "" if fact["until"] == math.inf else f", until {when(self.run, fact['until']).strip()} at the latest"
            )
            text = f"held for the rest of the order: {fact['units']:g} unit{'s' * (fact['units'] != 1)}{until}"
            yield Happening(fact["time"], "held", text)
        for fact in self.rows(self.run.confirmed):
            units = self.of(abs(fact["units"]), fact["item"])
            text = f"confirmed: {units}" if fact["units"] > 0 else f"confirmation taken away: {units}"
            yield Happening(fact["time"], "confirmed", text)
        for fact in self.rows(self.run.exceptions):
            text = f"exception: {self.units(fact)} owed to it could not be confirmed"
            yield Happening(fact["time"], "confirmed", text)
        for fact in self.rows(self.run.fills):
            wait = fact["time"] - fact["placed"]
            text = f"filled: {self.units(fact)}, after {wait:.2f} d on backorder{self.source(fact)}"
            yield Happening(fact["time"], "filled", text)

    def source(self, fill: dict[str, float]) -> str:
        """What came in at that instant."""
        receipts = self.run.receipts
        came = np.flatnonzero((receipts["time"] == fill["time"]) & (receipts["item"] == fill["item"]))
        if not came.size:
            return ", from stock that came free"
        row = int(came[0])
        bought = self.run.purchases["time"][int(receipts["purchase"][row])]
        supplier = self.run.world.suppliers[int(receipts["supplier"][row])].name
        days = fill["time"] - bought
        return f", from {receipts['units'][row]:g} received from {supplier} (bought {days:.2f} d before)"

    def leaving(self) -> Iterator[Happening]:
        for fact in self.rows(self.run.picks):
            if fact["started"] < self.horizon:
                yield Happening(fact["started"], "picked", "picking of a parcel begins")
        for number, fact in enumerate(self.rows(self.run.parcels), 1):
            shipped, delivered = fact["shipped"], fact["delivered"]
            units = f"{fact['units']:g} unit{'s' * (fact['units'] != 1)}"
            if shipped == delivered:
                text = f"parcel {number} handed over: {units}, {self.age(shipped)}"
                yield Happening(delivered, "delivered", text)
                continue
            yield Happening(shipped, "shipped", f"parcel {number} shipped: {units}, {self.age(shipped)}")
            if delivered < self.horizon:
                text = f"parcel {number} delivered: {delivered - shipped:.2f} d in transit, {self.age(delivered)}"
                yield Happening(delivered, "delivered", text)

    def losing(self) -> Iterator[Happening]:
        """What went wrong on the way, and what was done about it."""
        for fact in self.rows(self.run.stalled):
            text = f"a parcel of {fact['units']:g} will be stuck on its way for {fact['days']:.2f} d"
            yield Happening(fact["time"], "stalled", text)
        for fact in self.rows(self.run.lost):
            yield Happening(fact["time"], "lost", f"a parcel of {fact['units']:g} is handed over and never arrives")
        for fact in self.rows(self.run.replaced):
            yield Happening(fact["time"], "replaced", f"missed, and taken from stock again: {self.units(fact)}")

    def ending(self) -> Iterator[Happening]:
        for fact in self.rows(self.run.cancelled):
            cause = Cause(int(fact["cause"]))
            why = WHY.get(cause, cause.name.lower().replace("_", " "))
            back = "; it was held for the order and goes back to the shelf" if fact["held"] else ""
            text = f"cancelled: {self.units(fact)}, {self.age(fact['time'])}: {why}{back}"
            yield Happening(fact["time"], "cancelled", text)
        for fact in self.rows(self.run.surplus):
            text = f"sent back, not needed: {self.units(fact)}, {self.age(fact['time'])}"
            yield Happening(fact["time"], "returned", text)
        for fact in self.rows(self.run.returned):
            yield Happening(fact["time"], "returned", f"returned: {self.units(fact)}, {self.age(fact['time'])}")

    def horizon_comes(self) -> Iterator[Happening]:
        """What is still open when the run ends."""
        late = [p for p in self.rows(self.run.parcels) if p["delivered"] >= self.horizon]
        for fact in late:
            due = fact["delivered"] - fact["shipped"]
            text = f"the run ends: a parcel of {fact['units']:g} is on its way (its transit takes {due:.2f} d)"
            yield Happening(self.horizon, "open", text)
        waiting = self.still_waiting()
        if waiting:
            text = f"the run ends: still on backorder {', '.join(waiting)}, for {self.horizon - self.placed:.2f} d"
            yield Happening(self.horizon, "open", text)
        if held := self.held():
            yield Happening(self.horizon, "open", f"the run ends: {held:g} filled and not shipped yet")

    def still_waiting(self) -> list[str]:
        lines: dict[tuple[float, float], float] = {}
        for facts, sign in ((self.run.backordered, 1), (self.run.fills, -1), (self.run.cancelled, -1)):
            for fact in self.rows(facts):
                if not fact.get("held"):
                    key = (fact["line"], fact["item"])
                    lines[key] = lines.get(key, 0.0) + sign * fact["units"]
        return [self.of(units, item) for (_, item), units in sorted(lines.items()) if units > 0]

    def held(self) -> float:
        """Units that were filled and have neither left nor gone back to the shelf."""
        units = 0.0
        if self.number >= 0:
            start, end = self.run.line_starts[self.number : self.number + 2]
            units = float(at_once(self.run)[start:end].sum())
        units += sum(f["units"] for f in (*self.rows(self.run.fills), *self.rows(self.run.recovered)))
        units -= sum(f["units"] for f in self.rows(self.run.cancelled) if f["held"])
        units -= sum(f["units"] for table in (self.run.parcels, self.run.lost) for f in self.rows(table))
        return units + sum(f["units"] for f in self.rows(self.run.replaced))
