"""The life of one order as dated lines, from the facts of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from simulator.model.amounts import amount, many, of_item, unit_of
from simulator.model.choice import in_force
from simulator.model.nouns import Answer, Cause, Exit, Message, Refusal
from simulator.record.facts import Facts
from simulator.record.order_numbers import check
from simulator.record.parts import NEVER, origins_of_parcels, parts_of, place_of
from simulator.record.sources import assembled_from, kit_source, sources, transferred, when_bought
from simulator.record.wishes import changes, why_cancelled, wish

INSTEAD = {
    Exit.SUBSTITUTED: "taken in its place",
    Exit.WAITLISTED: "back in stock; the wait-listed shopper buys",
    Exit.EXCHANGED: "sent in exchange for what came back",
}
Fact = dict[str, float]
_Line = tuple[float, str, str]
"""A `StoryLine` in the making."""


class StoryLine(NamedTuple):
    """One thing that happened to an order."""

    time: float
    """Days from the start of the run."""
    what: str
    """One word: placed, promised, notified, answered, asked, filled, backordered, confirmed, held, refused, picked,
    shipped, delivered, stalled, lost, replaced, changed, cancelled, returned, open."""
    text: str


def story(facts: Facts, order: int) -> list[str]:
    """The life of an order as lines, with dates if the scenario has a start, otherwise with days."""
    return [f"{when(facts, line.time)}  {line.text}" for line in story_lines(facts, order)]


def when(facts: Facts, time: float) -> str:
    """'2025-03-14 09:26', or 'day   72.394' if the scenario has no dates."""
    date = date_of(facts, time)
    return f"day {time:9.3f}" if date is None else date.strftime("%Y-%m-%d %H:%M")


def date_of(facts: Facts, time: float) -> dt.datetime | None:
    """The date of a time of the run; None if the scenario has no dates, or the time is beyond the calendar."""
    try:
        return None if facts.world.start is None else facts.world.start + dt.timedelta(days=time)
    except OverflowError:
        return None


def story_lines(facts: Facts, order: int) -> list[StoryLine]:
    """Everything that happened to an order, in order of time.

    Orders are numbered from 0 as they were placed; numbers below 0 are backlogs from before the start, -1 for the first
    item.

    Raises:
        UserError: the run has no such order.
    """
    check(facts, order)
    lines = [StoryLine(*line) for line in _Life(facts, order).lines()]
    return sorted(lines, key=lambda line: line.time)  # stable: lines of one instant keep their order


class _Life:
    """One order and the rows of every table that are about it."""

    def __init__(self, facts: Facts, number: int) -> None:
        self.facts, self.number = facts, number
        self.placed = float(facts.demand.times[number]) if number >= 0 else 0.0
        self.opens = float(facts.opens[number]) if number >= 0 and facts.came[number] else self.placed
        self.horizon = facts.world.horizon
        self.taken: list[tuple[float, float]] = []
        """Item and units of every line that were filled at once."""
        if number >= 0:
            lines = slice(*facts.line_starts[number : number + 2])
            self.taken = list(zip(facts.demand.items[lines], facts.at_once[lines], strict=True))
            elsewhere = self.rows("sourced")
            for fact in elsewhere:
                self.taken[int(fact["line"])] = (fact["home"], self.taken[int(fact["line"])][1] - fact["taken"])
            self.taken += [(fact["item"], fact["taken"]) for fact in elsewhere]

    def rows(self, table: str) -> list[Fact]:
        columns = getattr(self.facts, table)
        mine = np.flatnonzero(columns["order"] == self.number)
        return [{"row": row, **{name: float(column[row]) for name, column in columns.items()}} for row in mine.tolist()]

    def each(self, table: str, what: str, text: Callable[[Fact], str], time: str = "time") -> Iterator[_Line]:
        for fact in self.rows(table):
            yield fact.get(time, self.opens), what, text(fact)

    def units(self, fact: Fact) -> str:
        return self.of(fact["units"], fact["item"])

    def of(self, units: float, item: float) -> str:
        return of_item(self.facts.world, units, item)

    def amount(self, units: float, item: float) -> str:
        """Units of an item without its name."""
        return amount(self.facts.world, units, self.facts.world.items[int(item)].unit)

    def parcel(self, fact: Fact) -> str:
        """Units of one item or several, as a number."""
        return amount(self.facts.world, fact["units"], unit_of(self.facts.world))

    def at(self, units: float, item: float) -> str:
        """The same with the site, where sites serve each other's customers."""
        site = self.facts.world.items[int(item)].site if self.facts.world.shared else ""
        return self.of(units, item) + (f" at {site}" if site else "")

    def scheduled(self) -> list[int]:
        """Entries of the policy's schedule that were in force when it was placed, numbered from 0."""
        placed = np.array([self.placed])
        return [entry for entry, spans in self.facts.schedule.items() if in_force(placed, spans)[0]]

    def age(self, time: float) -> str:
        return f"{time - self.placed:.2f} d after the order"

    def date(self, time: float) -> str:
        return when(self.facts, time).strip()

    def lines(self) -> Iterator[_Line]:
        yield from self.placing()
        yield from self.promising()
        yield from self.communicating()
        yield from self.filling()
        yield from self.shipping()
        yield from self.ending()
        yield from self.at_horizon()

    def placing(self) -> Iterator[_Line]:
        if self.number >= 0:
            world, demand = self.facts.world, self.facts.demand
            lines = slice(*self.facts.line_starts[self.number : self.number + 2])
            asked = ", ".join(map(self.of, demand.quantities[lines], demand.items[lines]))
            segment = world.segments[int(demand.segments[self.number])].name
            name, early = self.facts.name_of(self.number), wish(self.facts, self.number, self.date)
            if self.number < self.facts.opening.count:
                early += f" (open at the start; number {self.number} of the run)"
            elif self.placed < world.warm_up:
                early += " (before the warm-up ends: not counted)"
            yield self.placed, "placed", f"order {name} placed by {segment}: {asked}{early}"
            for entry in self.scheduled():
                yield self.placed, "placed", f"in force: entry {entry} of the policy's schedule"
            filled = [self.at(units, item) for item, units in self.taken if units]
            if filled:
                made = assembled_from(self.facts, dict(self.taken), ", assembled from ")
                how = "at once" if self.opens == self.placed else "for the wanted day"
                yield self.opens, "filled", f"filled from stock {how}: {', '.join(filled)}{made}"
        for time, what, added in changes(self.facts, self.number):
            less = f"the customer asks for less {what}, but it has left"
            yield time, "changed", f"the customer adds {what}: see order {added}" if added else less
        here = self.number >= self.facts.opening.count
        since = "on backorder" if here else "on backorder since before the start"
        yield from self.each("backordered", "backordered", lambda f: f"{since}: {self.at(f['units'], f['item'])}")
        lacking = "components that are not there"
        yield from self.each("lacking", "backordered", lambda f: f"{lacking}: {self.units(f)}", "placed")
        yield from self.each("split_choices", "placed", self.choice)
        shown = "shown as available, but not in stock"
        yield from self.each("oversold", "backordered", lambda f: f"{shown}: {self.units(f)}", "placed")
        yield from self.each("blocked", "refused", lambda f: f"rule: {Refusal(int(f['why'])).text}: {self.units(f)}")
        yield from self.each("refused", "refused", lambda f: f"{Exit(int(f['exit'])).text}: {self.units(f)}")
        yield from self.each("recovered", "filled", lambda f: f"{INSTEAD[Exit(int(f['exit']))]}: {self.units(f)}")

    @staticmethod
    def choice(fact: Fact) -> str:
        """What the customer chose for what is there."""
        come = "at an unknown time" if fact["days"] == np.inf else f"in {fact['days']:.1f} d"
        chosen = "what is there is sent at once" if fact["parts"] else "all of it is sent together"
        return f"the customer, told that the rest comes {come}, chooses: {chosen}"

    @property
    def was_promised_before(self) -> bool:
        """Whether it was open at the start and had been promised a day."""
        opening = self.facts.opening
        return 0 <= self.number < opening.count and opening.was_promised(self.number, self.facts.line_starts)

    def promising(self) -> Iterator[_Line]:
        """Dates of backordered units: those that the customer knows, and those only worked out."""
        facts = self.rows("promises")
        known = {(fact["time"], fact["date"]) for fact in facts if fact["told"]}
        again = ""
        for fact in facts:
            date = "no date" if fact["date"] == np.inf else f"delivery by {self.date(fact['date'])}"
            if fact["told"]:
                before = not again and self.was_promised_before
                yield fact["time"], "promised", f"promised{' before the start' if before else again}: {date}"
                again = " again"
            elif (fact["time"], fact["date"]) not in known:
                yield fact["time"], "promised", f"now expected: {date}; the customer does not know it"

    def communicating(self) -> Iterator[_Line]:
        """Messages, answers, and questions where the order is."""

        def message(fact: Fact) -> str:
            read = "read" if fact["read"] else "not read"
            return f"message to the customer: {Message(int(fact['message'])).text} ({read})"

        def contact(fact: Fact) -> str:
            hours = 24 * (fact["started"] - fact["time"])
            waited = f"after {hours:.1f} h" if np.isfinite(hours) else "only after the run has ended"
            who = "the tracking page answers" if fact["page"] else f"an agent answers {waited}"
            return f"the customer asks where the order is; {who}"

        yield from self.each("notices", "notified", message)
        yield from self.each("answers", "answered", lambda f: f"the customer answers: {Answer(int(f['answer'])).text}")
        yield from self.each("contacts", "asked", contact)

    def filling(self) -> Iterator[_Line]:
        def hold(fact: Fact) -> str:
            until = "" if fact["until"] == np.inf else f", until {self.date(fact['until'])} at the latest"
            return f"held for the rest of the order: {many(self.facts.world, fact['units'])}{until}"

        def confirmation(fact: Fact) -> str:
            what = "confirmed" if fact["units"] > 0 else "confirmation withdrawn"
            return f"{what}: {self.of(abs(fact['units']), fact['item'])}"

        def fill(fact: Fact) -> str:
            days = fact["time"] - self.opens
            what, source = self.at(fact["units"], fact["item"]), self.source(fact)
            how = "assembled from" if self.facts.world.items[int(fact["item"])].kit else "from"
            return f"filled: {what}, after {days:.2f} d on backorder, {how} {source}"

        yield from self.putting_aside()
        owed = "owed to it could not be confirmed"
        yield from self.each("holds", "held", hold)
        yield from self.each("confirmed", "confirmed", confirmation)
        yield from self.each("exceptions", "confirmed", lambda f: f"exception: {self.units(f)} {owed}")
        yield from self.each("fills", "filled", fill)

    def putting_aside(self) -> Iterator[_Line]:
        """Components that are kept for waiting kits, or put back; that they are used is told with the kit."""
        filled = {(fact["time"], fact["line"]) for fact in self.rows("fills")}
        for fact in self.rows("aside"):
            what = self.of(abs(fact["units"]), fact["item"])
            if fact["units"] > 0:
                yield fact["time"], "held", f"put aside for it: {what}"
            elif (fact["time"], fact["line"]) not in filled:
                yield fact["time"], "held", f"put back on the shelf: {what}"

    def source(self, fill: Fact) -> str:
        """The components of a kit, or the receipts of that instant whose units it got, and other stock."""
        receipts, found, rest = self.facts.receipts, [], fill["units"]
        if components := kit_source(self.facts, int(fill["row"])):
            return components
        for row, units in sources(self.facts, int(fill["row"])):
            supplier = self.facts.world.suppliers[int(receipts["supplier"][row])].name
            what = f"{self.amount(receipts['units'][row], fill['item'])} received from {supplier}"
            known = self.facts.opening.purchases.get(int(receipts["purchase"][row]))
            number = f"purchase {known.name}, " if known is not None and known.name else ""
            found.append(f"{what} ({number}{when_bought(self.facts, row)})")
            rest -= units
        if rest > 0 and (origin := transferred(self.facts, int(fill["row"]))):
            found.append(f"units sent by {origin}")
        elif rest > 0:
            found.append("stock that became available")
        return " and ".join(found)

    def shipping(self) -> Iterator[_Line]:
        for fact in self.rows("picks"):
            if fact["started"] < self.horizon:
                yield fact["started"], "picked", "picking of a parcel begins"
        origins = origins_of_parcels(self.facts)
        for number, fact in enumerate(self.rows("parcels"), 1):
            shipped, delivered, units = fact["shipped"], fact["delivered"], many(self.facts.world, fact["units"])
            place = place_of(self.facts, origins.get(int(fact["row"]), -1))
            where = f" from {place}" if place else ""
            if shipped == delivered:
                yield delivered, "delivered", f"parcel {number} handed over{where}: {units}, {self.age(shipped)}"
                continue
            yield shipped, "shipped", f"parcel {number} shipped{where}: {units}, {self.age(shipped)}"
            if delivered < self.horizon:
                days = f"{delivered - shipped:.2f} d in transit, {self.age(delivered)}"
                yield delivered, "delivered", f"parcel {number} delivered: {days}"

        def stalled(fact: Fact) -> str:
            return f"a parcel of {self.parcel(fact)} will be stuck in transit for {fact['days']:.2f} d"

        lost = "is handed over and never arrives"
        yield from self.each("stalled", "stalled", stalled)
        yield from self.each("lost", "lost", lambda f: f"a parcel of {self.parcel(f)} {lost}")
        yield from self.each("replaced", "replaced", lambda f: f"missed, and taken from stock again: {self.units(f)}")

    def ending(self) -> Iterator[_Line]:
        def left(what: str) -> Callable[[Fact], str]:
            return lambda fact: f"{what}: {self.units(fact)}, {self.age(fact['time'])}"

        def cancelled(fact: Fact) -> str:
            back = "; it was held for the order and goes back to the shelf" if fact["held"] else ""
            return f"{left('cancelled')(fact)}: {why_cancelled(self.facts, fact)}{self.agreed_before(fact)}{back}"

        yield from self.each("cancelled", "cancelled", cancelled)
        yield from self.each("surplus", "returned", left("sent back, not needed"))
        yield from self.each("returned", "returned", left("returned"))
        yield from self.each("unsellable", "returned", lambda f: f"cannot be sold again: {self.units(f)}")

    def agreed_before(self, cancelled: Fact) -> str:
        """How often a customer who did not agree to a delay had agreed to one before."""
        if cancelled["cause"] != Cause.NO_CONSENT:
            return ""
        before = [f for f in self.rows("answers") if f["answer"] == Answer.CONSENT and f["time"] <= cancelled["time"]]
        times = {1: "once", 2: "twice"}.get(len(before), f"{len(before)} times")
        return f" (after agreeing {times} before)" if before else ""

    def at_horizon(self) -> Iterator[_Line]:
        """What is still open when the run ends."""
        for fact in self.rows("parcels"):
            if fact["delivered"] >= self.horizon:
                days = fact["delivered"] - fact["shipped"]
                text = f"the run ends: a parcel of {self.parcel(fact)} is in transit (its transit takes {days:.2f} d)"
                yield self.horizon, "open", text
        if waiting := [p for p in parts_of(self.facts, self.number) if p.filled == p.gone == NEVER]:
            names, days = ", ".join(self.of(p.units, p.item) for p in waiting), self.horizon - self.placed
            yield self.horizon, "open", f"the run ends: still on backorder {names}, for {days:.2f} d"
        if held := self.held():
            yield self.horizon, "open", f"the run ends: {self.parcel({'units': held})} filled and not shipped yet"

    def held(self) -> float:
        """Units that were filled and have neither left nor gone back to the shelf."""
        units = float(sum(units for _, units in self.taken)) - sum(
            f["units"] * f["held"] for f in self.rows("cancelled")
        )
        for table, sign in (("fills", 1), ("recovered", 1), ("replaced", 1), ("parcels", -1), ("lost", -1)):
            units += sign * sum(fact["units"] for fact in self.rows(table))
        return units
