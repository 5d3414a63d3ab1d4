"""The tracking page of one order: what its customer was shown on any day, beside what really happened to it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from simulator.model.calendar import working_days_later
from simulator.model.nouns import Answer, Cause, Exit, Message
from simulator.record.parts import NEVER, Part, parts_of
from simulator.record.run import Run
from simulator.record.story import check, date_of, happenings
from simulator.report.templates import page

STEPS = ("Ordered", "In stock", "Shipped", "Delivered")
CUSTOMER, SHOP, SUPPLIER, CARRIER = "customer", "warehouse", "supplier", "carrier"
PLACES = {
    "placed": CUSTOMER, "cancelled": CUSTOMER, "refused": CUSTOMER, "shipped": CARRIER, "delivered": CARRIER,
    "returned": CARRIER, "answered": CUSTOMER, "asked": CUSTOMER,
}  # fmt: skip
"""Where a happening of the story takes place; in the warehouse unless it stands here."""
WHY = {
    Cause.PATIENCE: "as you asked us to",
    Cause.OFFER: "as you asked us to",
    Cause.CALLED_OFF: "as you asked us to",
    Cause.WINDOW: "because we could not send it in time",
    Cause.NO_CONSENT: "because you did not agree to a later date",
    Cause.NEED_BY: "because it could not be there when you need it",
    Cause.SELLER: "because we cannot get it any more",
    Cause.RECORD: "because it was sold out after all",
    Cause.PAYMENT: "because the payment did not go through",
}


NOT_ORDERED = {
    Exit.REFUSED: "sorry, sold out",
    Exit.WALKED: "sorry, sold out",
    Exit.SWITCHED: "sorry, sold out",
    Exit.WAITLISTED: "sold out; we tell you as soon as it is back",
    Exit.SUBSTITUTED: "sold out; you took something else instead",
    Exit.DETERRED: "never ordered",
    Exit.UNCALLED: "never ordered",
}


LETTERS = {
    Message.CONFIRMED: "your order is on backorder",
    Message.CHANGED: "the date has moved",
    Message.BREACH: "we will not keep the date that we promised",
    Message.DELAYED: "your order takes longer",
    Message.ON_TRACK: "your order is still on track",
    Message.DELAY: "your order is delayed; you may cancel and get your money back",
    Message.RENEWED: "your order is delayed again; without your consent we cancel it",
    Message.RECONFIRM: "do you still want your order?",
    Message.SHIPPED: "your parcel has left",
    Message.HELD: "we hold your parcel until the rest is there",
    Message.FOLLOW_UP: "is everything all right?",
}
DELAYS = (Message.CHANGED, Message.BREACH, Message.DELAYED, Message.DELAY, Message.RENEWED)
CHOSEN = {
    Answer.KEEP: "You chose to keep your order.",
    Answer.SWITCH: "You chose another item instead.",
    Answer.CANCEL: "You chose to cancel.",
    Answer.CONSENT: "You agreed to the later date.",
    Answer.SILENCE: "You did not answer.",
}


class Told(NamedTuple):
    """Something that the customer is told."""

    time: float
    text: str


@dataclass(frozen=True)
class View:
    """The page as it stands from `time` on, until the next view."""

    time: float
    headline: str
    note: str
    tone: str
    """good, waiting, late or over."""
    step: int
    """How many of the steps are done for at least a part of the order."""
    lines: list[dict[str, str]]
    parcels: list[dict[str, str]]
    promise: dict[str, str] = field(default_factory=dict)
    options: list[dict[str, str]] = field(default_factory=list)
    money: dict[str, str] = field(default_factory=dict)


def tracking(run: Run, order: int, title: str, offered: Sequence[str] = ()) -> str:
    """The page, self-contained.

    Args:
        run, order: whose page.
        title: the scenario's.
        offered: what the policy offers with a message about a delay: keep, switch, cancel.

    Raises:
        UserError: the run has no such order.
    """
    check(run, order)
    told = Tracked(run, order, offered)
    segment = "" if order < 0 else run.world.segments[int(run.demand.segments[order])].name
    data = {
        "title": title,
        "order": order,
        "segment": segment,
        "policy": run.policy,
        "seed": run.seed,
        "replication": run.replication,
        "start": None if run.world.start is None else run.world.start.isoformat(),
        "steps": STEPS,
        "views": [asdict(view) for view in told.views()],
        "messages": [[m.time, told.day(m.time), m.text] for m in told.messages()],
        "behind": told.behind(),
    }
    return page("tracking", data, f"{title}: order {order}")


class Tracked:
    """One order as its customer sees it."""

    def __init__(self, run: Run, order: int, offered: Sequence[str] = ()) -> None:
        self.run, self.order, self.offered = run, order, offered
        self.parts = parts_of(run, order)
        self.placed = self.parts[0].placed
        self.promises = promises(run, order)
        """(told on, date), in order."""
        rows = sorted({p.parcel for p in self.parts if p.parcel >= 0}, key=lambda row: run.parcels["shipped"][row])
        self.parcels = [[p for p in self.parts if p.parcel == row] for row in rows]

    def day(self, time: float) -> str:
        """'14 March', or 'day 72'."""
        date = date_of(self.run, time)
        return f"day {time:.0f}" if date is None else f"{date.day} {date:%B}"

    def name(self, part: Part) -> str:
        return self.run.world.items[part.item].name

    # -------------------------------------------------------------------------------- what the customer is told
    def messages(self) -> list[Told]:
        """Every message, one function a kind of fact, in order of time."""
        kinds = (
            *(self._ordered, self._paid, self._promised, self._written, self._asked, self._answered),
            *(self._ready, self._shipped, self._delivered, self._cancelled),
        )
        found = [message for kind in kinds for message in kind() if message.time < self.run.world.horizon]
        return sorted(found, key=lambda message: message.time)

    def _ordered(self) -> Iterator[Told]:
        taken = [p for p in self.parts if p.exit < 0 or (p.exit == Exit.SUBSTITUTED and p.gone == NEVER)]
        wish = _list(taken, self.name)
        waits = [p for p in taken if p.filled > p.placed]
        then = f" {_capital(_list(waits, self.name))} must come in first." if waits else " Everything is in stock."
        if taken:
            yield Told(self.placed, f"Thank you for your order of {wish}.{then}")
        for how in sorted({p.exit for p in self.parts if p.cause < 0 and p.gone < NEVER}):
            some = [p for p in self.parts if p.exit == how and p.gone < NEVER]
            yield Told(self.placed, f"{_capital(_list(some, self.name))}: {NOT_ORDERED[Exit(how)]}.")

    def _promised(self) -> Iterator[Told]:
        for k, (told, date) in enumerate(self.promises):
            text = f"Your order will be with you by {self.day(date)}."
            if k:
                before = self.promises[k - 1][1]
                text = (
                    f"{'Earlier' if date < before else 'Later'} than we said: {self.day(date)}, not {self.day(before)}."
                )
            yield Told(told, text)

    def _paid(self) -> Iterator[Told]:
        if paid := self.money(self.placed)["paid"]:
            yield Told(self.placed, f"You paid {self._in_currency(paid)}.")

    def _written(self) -> Iterator[Told]:
        for fact in self.rows("notices"):
            date = f" ({self.day(fact['date'])})" if 0 < fact["date"] < NEVER else ""
            read = "" if fact["read"] else " Not read."
            yield Told(fact["time"], f"We wrote to you: {LETTERS[Message(int(fact['message']))]}{date}.{read}")

    def _asked(self) -> Iterator[Told]:
        for fact in self.rows("contacts"):
            who = "this page told you" if fact["page"] else "an agent told you"
            yield Told(fact["time"], f"You asked where your order is; {who}.")

    def _answered(self) -> Iterator[Told]:
        for fact in self.rows("answers"):
            yield Told(fact["time"], CHOSEN[Answer(int(fact["answer"]))])

    def rows(self, table: str) -> list[dict[str, float]]:
        """The facts of a table that are about this order."""
        facts = getattr(self.run, table)
        mine = np.flatnonzero(facts["order"] == self.order).tolist()
        return [{name: float(column[row]) for name, column in facts.items()} for row in mine]

    # ------------------------------------------------------------------------------------------------------------ money
    def money(self, time: float) -> dict[str, float]:
        """Paid, paid back, and still to be paid back at a time, currency; a discount for lateness is not in it."""
        when, price = self.run.world.payment, [self.run.world.items[p.item].price * p.units for p in self.parts]
        at_door = 1 - when.at_order - when.at_shipment
        paid = back = due = 0.0
        for part, money in zip(self.parts, price, strict=True):
            if part.cause < 0 and part.gone < NEVER:
                continue
            paid += money * when.at_order * (part.placed <= time)
            paid += money * (when.at_shipment * (part.shipped <= time) + at_door * (part.delivered <= time))
            if part.gone <= time:
                returned = self.refunded(part.gone) <= time
                back += money * when.at_order * returned
                due += money * when.at_order * (not returned)
        return {"paid": paid, "back": back, "due": due}

    def refunded(self, cancelled: float) -> float:
        """Day on which what was paid for goods cancelled on a day is paid back."""
        when = self.run.world.payment
        if when.working_days:
            return float(working_days_later(np.array([cancelled]), when.refund_days, self.run.world.start)[0])
        return cancelled + when.refund_days

    def _in_currency(self, money: float) -> str:
        return f"{money:,.2f} {self.run.world.currency}"

    def _money(self, time: float) -> dict[str, str]:
        said = {key: self._in_currency(money) for key, money in self.money(time).items() if money > 0}
        found = {"paid": f"Paid: {said['paid']}." if "paid" in said else "Nothing has been charged yet."}
        if "due" in said:
            found["due"] = f"You get {said['due']} back."
        if "back" in said:
            found["back"] = f"Paid back: {said['back']}."
        return found

    def _ready(self) -> Iterator[Told]:
        for filled in sorted({p.filled for p in self.parts if p.placed < p.filled < NEVER}):
            there = [p for p in self.parts if p.filled == filled]
            if min(p.shipped for p in there) > filled:
                yield Told(filled, f"{_capital(_list(there, self.name))} came in and is put aside for you.")

    def _shipped(self) -> Iterator[Told]:
        for number, parcel in enumerate(self.parcels, 1):
            of = f" {number} of {len(self.parcels)}" if len(self.parcels) > 1 else ""
            yield Told(parcel[0].shipped, f"Parcel{of} is on its way: {_list(parcel, self.name)}.")

    def _delivered(self) -> Iterator[Told]:
        for number, parcel in enumerate(self.parcels, 1):
            of = f" {number} of {len(self.parcels)}" if len(self.parcels) > 1 else ""
            if parcel[0].delivered < self.run.world.horizon:
                yield Told(parcel[0].delivered, f"Parcel{of} has been delivered.")

    def _cancelled(self) -> Iterator[Told]:
        gone: dict[tuple[float, int], list[Part]] = defaultdict(list)
        for part in self.parts:
            if part.cause >= 0:
                gone[part.gone, part.cause].append(part)
        for (time, cause), some in gone.items():
            back = self.run.world.payment.at_order > 0 and any(self.run.world.items[p.item].price for p in some)
            then = f" Your money is back by {self.day(self.refunded(time))}." if back else ""
            yield Told(time, f"We have cancelled {_list(some, self.name)}, {WHY[Cause(cause)]}.{then}")

    # ---------------------------------------------------------------------------------------- the page on a day
    def views(self) -> list[View]:
        """The page from each moment on at which something in it changes."""
        dates = {self.placed, *(told for told, _ in self.promises), *self._breaches()}
        for part in self.parts:
            dates |= {part.filled, part.shipped, part.delivered, part.gone}
            if part.cause >= 0 and self.run.world.payment.at_order > 0:
                dates.add(self.refunded(part.gone))
        for table in ("notices", "answers", "contacts"):
            dates |= {fact["time"] for fact in self.rows(table)}
        return [self.view(time) for time in sorted(dates) if self.placed <= time < self.run.world.horizon]

    def _breaches(self) -> list[float]:
        """When a date that was the last one told has passed and not everything is there."""
        nexts = [*(told for told, _ in self.promises[1:]), NEVER][: len(self.promises)]
        done = max(part.over for part in self.parts)
        return [date for (_, date), until in zip(self.promises, nexts, strict=True) if date < until and date < done]

    def view(self, time: float) -> View:
        """What the page shows at a time."""
        live = [p for p in self.parts if p.gone > time]
        waiting = [p for p in live if p.filled > time]
        ready = [p for p in live if p.filled <= time < p.shipped]
        moving = [p for p in live if p.shipped <= time < p.delivered]
        there = [p for p in live if p.delivered <= time]
        date = next((date for told, date in reversed(self.promises) if told <= time), None)
        late = date is not None and date <= time and len(there) < len(live)
        if not live:
            headline, note, tone = "Cancelled", "Nothing is under way any more.", "over"
        elif len(there) == len(live):
            headline, note, tone = "Delivered", "Everything is with you.", "good"
        elif moving or there:
            rest = [*waiting, *ready]
            headline = "A part is on its way" if rest and moving else "On its way" if moving else "A part is with you"
            note = f"Still to come: {_list(rest, self.name)}." if rest else "The carrier has it."
            tone = "waiting" if rest else "good"
        elif waiting:
            headline, note = "We are waiting for stock", f"{_capital(_list(waiting, self.name))} must come in first."
            tone = "waiting"
        else:
            headline, note, tone = "Being packed", "Everything is here.", "good"
        if late:
            note, tone = f"Later than we said ({self.day(date or 0.0)}). {note}", "late"
        step = 0 if not live else 4 if len(there) == len(live) else 3 if moving or there else 2 if not waiting else 1
        return View(
            time,
            headline,
            note,
            tone,
            step,
            [self._line(line, some, time) for line, some in self._by_line().items()],
            [self._parcel(k, parcel, time) for k, parcel in enumerate(self.parcels, 1) if parcel[0].shipped <= time],
            self._promise(time, there if len(there) == len(live) and live else []),
            self._options(waiting, ready, time),
            self._money(time),
        )

    def _by_line(self) -> dict[tuple[int, int], list[Part]]:
        lines: dict[tuple[int, int], list[Part]] = defaultdict(list)
        for part in self.parts:
            lines[part.line, part.item].append(part)
        return lines

    def _line(self, line: tuple[int, int], some: Sequence[Part], time: float) -> dict[str, str]:
        count: dict[str, float] = defaultdict(float)
        for part in some:
            count[_state(part, time)] += part.units
        said = ", ".join(f"{units:g} {state}" if len(count) > 1 else state for state, units in count.items())
        return {"item": self.name(some[0]), "units": f"{sum(p.units for p in some):g}", "state": said}

    def _parcel(self, number: int, parcel: Sequence[Part], time: float) -> dict[str, str]:
        shipped, delivered = parcel[0].shipped, parcel[0].delivered
        with_you = delivered <= time
        state = f"delivered {self.day(delivered)}" if with_you else f"with the carrier since {self.day(shipped)}"
        return {
            "number": str(number),
            "holds": _list(parcel, self.name),
            "state": state,
            "tone": "good" if with_you else "",
        }

    def _promise(self, time: float, all_there: Sequence[Part]) -> dict[str, str]:
        told = [date for when, date in self.promises if when <= time]
        if not told:
            return {"now": "No date was promised."}
        found = {"now": "No date at the moment" if told[-1] == NEVER else f"By {self.day(told[-1])}"}
        if len(told) > 1:
            changes = f"{len(told) - 1} change{'s' * (len(told) > 2)}"
            first = "no date" if told[0] == NEVER else self.day(told[0])
            found["first"] = f"First said: {first}; {changes} since."
        if all_there and told[-1] < NEVER:
            slip = max(p.delivered for p in all_there) - told[-1]
            found["kept"] = "Kept." if slip <= 0 else f"Missed by {slip:.1f} days."
        return found

    def _options(self, waiting: Sequence[Part], ready: Sequence[Part], time: float) -> list[dict[str, str]]:
        """Keep, switch, cancel: as the policy offers them with a message about a delay, until there is an answer."""
        if not waiting and not ready:
            return []
        asked = any(f["time"] <= time and Message(int(f["message"])) in DELAYS for f in self.rows("notices"))
        answered = any(fact["time"] <= time for fact in self.rows("answers"))
        open_ = _capital(_list([*waiting, *ready], self.name))
        texts = {
            "keep": f"Go on waiting for {_list(waiting, self.name)}." if waiting else "",
            "switch": f"Take something else in place of {_list(waiting, self.name)}." if waiting else "",
            "cancel": f"{open_}: not sent yet, can be cancelled.",
        }
        names = self.offered if self.offered and asked and not answered else ("keep", "cancel")
        return [{"name": name.capitalize(), "text": texts[name]} for name in names if texts.get(name)]

    # -------------------------------------------------------------------------------------- what really happened
    def behind(self) -> list[list[Any]]:
        """[day, date, place, text] of every happening, the supplier's among them, in order of time."""
        found = [(h.time, PLACES.get(h.what, SHOP), h.text) for h in happenings(self.run, self.order)]
        found += self._supply()
        return [[time, self._stamp(time), place, text] for time, place, text in sorted(found, key=_by_time)]

    def _supply(self) -> list[tuple[float, str, str]]:
        """The purchases that filled the order, when they were made and received."""
        facts, found = self.run.receipts, []
        for part in self.parts:
            if not part.placed < part.filled < NEVER:
                continue
            for row in np.flatnonzero((facts["time"] == part.filled) & (facts["item"] == part.item)).tolist():
                supplier = self.run.world.suppliers[int(facts["supplier"][row])].name
                what = f"{facts['units'][row]:g} {self.name(part)}"
                bought = float(self.run.purchases["time"][int(facts["purchase"][row])])
                before = "before the order came" if bought < self.placed else "after the order came"
                found.append((bought, SUPPLIER, f"{what} are bought from {supplier}, {before}"))
                found.append(
                    (part.filled, SUPPLIER, f"{what} arrive from {supplier}, {part.filled - bought:.1f} d later")
                )
        return list(dict.fromkeys(found))

    def _stamp(self, time: float) -> str:
        date: dt.datetime | None = date_of(self.run, time)
        return f"day {time:.2f}" if date is None else f"{date:%Y-%m-%d %H:%M}"


def _by_time(row: tuple[float, str, str]) -> tuple[float, bool]:
    """Goods arrive before they are used."""
    return row[0], row[1] != SUPPLIER


def promises(run: Run, order: int) -> list[tuple[float, float]]:
    """(told on, promised date) of an order, days, as the customer was told; inf: no date any more."""
    facts = run.promises
    mine = (facts["order"] == order) & (facts["told"] > 0)
    found = list(zip(facts["time"][mine].tolist(), facts["date"][mine].tolist(), strict=True))
    if run.promised is not None and order >= 0 and not found:
        placed = float(run.demand.times[order])
        waits = bool((run.backordered["order"] == order).any())
        if run.promised.waiting or not waits:
            found = [(placed, placed + run.promised.days[int(run.demand.segments[order])])]
    return found


def _state(part: Part, time: float) -> str:
    if part.gone <= time:
        return "cancelled" if part.cause >= 0 else "sold out, not ordered"
    if part.delivered <= time:
        return "with you"
    if part.shipped <= time:
        return "on its way"
    return "in stock for you" if part.filled <= time else "waiting for stock"


def _list(some: Sequence[Part], name: Any) -> str:
    """'2 mug and 1 plate', one number an item."""
    units: dict[str, float] = defaultdict(float)
    for part in some:
        units[name(part)] += part.units
    words = [f"{count:g} {item}" for item, count in units.items()]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else "nothing"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
