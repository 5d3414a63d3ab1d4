"""The states of an order's tracking page over time: headline, lines, parcels, promise, options, payment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.model.nouns import Message
from simulator.record.parts import NEVER, OrderPart
from simulator.report.tracking.order import Tracked

DELAYS = (Message.CHANGED, Message.BREACH, Message.DELAYED, Message.DELAY, Message.RENEWED)


@dataclass(frozen=True)
class PageState:
    """The page from `time` until the next state."""

    time: float
    headline: str
    note: str
    tone: str
    """good, waiting, late or over."""
    step: int
    """Steps that are complete for at least a part of the order."""
    lines: list[dict[str, str]]
    parcels: list[dict[str, str]]
    promise: dict[str, str] = field(default_factory=dict)
    options: list[dict[str, str]] = field(default_factory=list)
    money: dict[str, str] = field(default_factory=dict)


def views(order: Tracked) -> list[PageState]:
    """A state for each moment at which something on the page changes."""
    dates = {order.placed, order.opens, *(time for time, _ in order.promises), *_breaches(order)}
    for part in order.parts:
        dates |= {part.filled, part.shipped, part.delivered, part.gone}
        if part.cause >= 0 and order.payment.at_order > 0:
            dates.add(order.refunded(part.gone))
    for table in ("notices", "answers", "contacts"):
        dates |= {fact["time"] for fact in order.rows(table)}
    return [view(order, time) for time in sorted(dates) if order.placed <= time < order.run.world.horizon]


def _breaches(order: Tracked) -> list[float]:
    """When the date promised last passes before everything has arrived or was cancelled."""
    nexts = [*(time for time, _ in order.promises[1:]), NEVER][: len(order.promises)]
    done = max(part.over for part in order.parts)
    return [date for (_, date), until in zip(order.promises, nexts, strict=True) if date < until and date < done]


def view(order: Tracked, time: float) -> PageState:
    """The page at a time."""
    live = [p for p in order.parts if p.gone > time]
    waiting = [p for p in live if p.filled > time]
    ready = [p for p in live if p.filled <= time < p.shipped]
    moving = [p for p in live if p.shipped <= time < p.delivered]
    there = [p for p in live if p.delivered <= time]
    date = next((date for said, date in reversed(order.promises) if said <= time), None)
    late = date is not None and date <= time and len(there) < len(live)
    if not live:
        headline, note, tone = "Cancelled", "Nothing more will be delivered.", "over"
    elif len(there) == len(live):
        headline, note, tone = "Delivered", "Everything has arrived.", "good"
    elif moving or there:
        rest = [*waiting, *ready]
        headline = "Partly on its way" if rest and moving else "On its way" if moving else "Partly delivered"
        note = f"Still to come: {order.listed(rest)}." if rest else "It is with the carrier."
        tone = "waiting" if rest else "good"
    elif order.wanted is not None and time < order.wanted and not late:
        there_is = "reserved" if not waiting else "ordered" if time >= order.opens else "noted"
        headline, tone = f"Planned for {order.day(order.wanted)}", "good"
        note = f"Your order is {there_is} and will leave in time for that day."
    elif order.held_until is not None and time < order.held_until:
        headline, note, tone = "Being checked", "Nothing leaves before your order is approved.", "waiting"
    elif waiting:
        headline, note = "Waiting for stock", f"We are waiting for {order.listed(waiting)}."
        tone = "waiting"
    else:
        headline, note, tone = "Being packed", "Everything is in stock.", "good"
    if late:
        note, tone = f"Later than promised ({order.day(date or 0.0)}). {note}", "late"
    step = 0 if not live else 4 if len(there) == len(live) else 3 if moving or there else 2 if not waiting else 1
    return PageState(
        time,
        headline,
        note,
        tone,
        step,
        [_line(order, some, time) for some in _by_line(order)],
        [_parcel(order, k, parcel, time) for k, parcel in enumerate(order.parcels, 1) if parcel[0].shipped <= time],
        _promise(order, time, there if len(there) == len(live) and live else []),
        _options(order, waiting, ready, time),
        _money(order, time),
    )


def _by_line(order: Tracked) -> list[list[OrderPart]]:
    lines: dict[tuple[int, int], list[OrderPart]] = defaultdict(list)
    for part in order.parts:
        lines[part.line, part.item].append(part)
    return list(lines.values())


def _line(order: Tracked, some: Sequence[OrderPart], time: float) -> dict[str, str]:
    count: dict[str, float] = defaultdict(float)
    item = some[0].item
    for part in some:
        count[_state(part, time)] += part.units
    said = ", ".join(
        f"{order.amount(units, item)} {state}" if len(count) > 1 else state for state, units in count.items()
    )
    return {"item": order.name(some[0]), "units": order.amount(sum(p.units for p in some), item), "state": said}


def _parcel(order: Tracked, number: int, parcel: Sequence[OrderPart], time: float) -> dict[str, str]:
    shipped, delivered = parcel[0].shipped, parcel[0].delivered
    with_you = delivered <= time
    state = f"delivered {order.day(delivered)}" if with_you else f"with the carrier since {order.day(shipped)}"
    return {
        "number": str(number),
        "holds": order.listed(parcel) + order.sent_from(parcel),
        "state": state,
        "tone": "good" if with_you else "",
    }


def _promise(order: Tracked, time: float, all_there: Sequence[OrderPart]) -> dict[str, str]:
    dates = [date for when, date in order.promises if when <= time]
    if not dates:
        return {"now": "No date was promised."}
    found = {"now": "No date at the moment" if dates[-1] == NEVER else f"By {order.day(dates[-1])}"}
    if len(dates) > 1:
        changes = f"{len(dates) - 1} change{'s' * (len(dates) > 2)}"
        first = "no date" if dates[0] == NEVER else order.day(dates[0])
        found["first"] = f"First date: {first}; {changes} since."
    if all_there and dates[-1] < NEVER:
        slip = max(p.delivered for p in all_there) - dates[-1]
        found["kept"] = "Kept." if slip <= 0 else f"Missed by {slip:.1f} days."
    return found


def _options(
    order: Tracked, waiting: Sequence[OrderPart], ready: Sequence[OrderPart], time: float
) -> list[dict[str, str]]:
    """Keep, switch, cancel: as offered by the policy in a message about a delay, until the customer answers."""
    if not waiting and not ready:
        return []
    asked = any(f["time"] <= time and Message(int(f["message"])) in DELAYS for f in order.rows("notices"))
    answered = any(fact["time"] <= time for fact in order.rows("answers"))
    open_ = order.listed([*waiting, *ready])
    texts = {
        "keep": f"Keep waiting for {order.listed(waiting)}." if waiting else "",
        "switch": f"Take another item instead of {order.listed(waiting)}." if waiting else "",
        "cancel": f"Cancel {open_}, not shipped yet.",
    }
    names = order.offered if order.offered and asked and not answered else ("keep", "cancel")
    return [{"name": name.capitalize(), "text": texts[name]} for name in names if texts.get(name)]


def _money(order: Tracked, time: float) -> dict[str, str]:
    said = {key: order.in_currency(money) for key, money in order.money(time).items() if money > 0}
    found = {"paid": f"Paid: {said['paid']}." if "paid" in said else "Nothing has been charged yet."}
    if "due" in said:
        found["due"] = f"To be refunded: {said['due']}."
    if "back" in said:
        found["back"] = f"Refunded: {said['back']}."
    return found


def _state(part: OrderPart, time: float) -> str:
    if part.gone <= time:
        return "cancelled" if part.cause >= 0 else "sold out, not ordered"
    if part.delivered <= time:
        return "delivered"
    if part.shipped <= time:
        return "on its way"
    return "reserved for you" if part.filled <= time else "waiting for stock"
