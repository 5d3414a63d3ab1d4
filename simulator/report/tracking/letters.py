"""The messages that the customer of an order receives, in the shop's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from simulator.model.nouns import Answer, Cause, Exit, Message
from simulator.record.parts import NEVER, OrderPart
from simulator.record.wishes import changes, was_lowered, was_not_released
from simulator.report.text.kpi_names import capital
from simulator.report.tracking.order import Tracked

WHY = {
    Cause.PATIENCE: "as you requested",
    Cause.OFFER: "as you requested",
    Cause.CALLED_OFF: "as you requested",
    Cause.INFLATED: "as you requested",
    Cause.WINDOW: "because we could not ship it in time",
    Cause.NO_CONSENT: "because you did not agree to a later date",
    Cause.NEED_BY: "because it would not arrive by the date you need it",
    Cause.SELLER: "because we can no longer get it",
    Cause.RECORD: "because it turned out to be sold out",
    Cause.PAYMENT: "because the payment did not go through",
}
NOT_ORDERED = {
    Exit.REFUSED: "sorry, sold out",
    Exit.WALKED: "sorry, sold out",
    Exit.SWITCHED: "sorry, sold out",
    Exit.WAITLISTED: "sold out; we will let you know when it is back in stock",
    Exit.SUBSTITUTED: "sold out; you took something else instead",
    Exit.DETERRED: "never ordered",
    Exit.UNCALLED: "never ordered",
}
LETTERS = {
    Message.CONFIRMED: "your order is on backorder",
    Message.CHANGED: "the delivery date has changed",
    Message.BREACH: "we will not meet the date that we promised",
    Message.DELAYED: "your order is taking longer than expected",
    Message.ON_TRACK: "your order is still on track",
    Message.DELAY: "your order is delayed; you may cancel it for a refund",
    Message.RENEWED: "your order is delayed again; without your consent we will cancel it",
    Message.RECONFIRM: "do you still want your order?",
    Message.SHIPPED: "your parcel has been shipped",
    Message.HELD: "we are holding your parcel until the rest arrives",
    Message.FOLLOW_UP: "is everything all right?",
}
ANSWERS = {
    Answer.KEEP: "You chose to keep your order.",
    Answer.SWITCH: "You chose another item instead.",
    Answer.CANCEL: "You chose to cancel.",
    Answer.CONSENT: "You agreed to the later date.",
    Answer.SILENCE: "You did not answer.",
}


class Letter(NamedTuple):
    """A message to the customer."""

    time: float
    text: str


def messages(order: Tracked) -> list[Letter]:
    """Every message until the horizon, in order of time."""
    kinds = (_ordered, _changed, _paid, _promised, _written, _asked, _answered, _ready, _parcels, _cancelled, _returned)
    found = [letter for kind in kinds for letter in kind(order) if letter.time < order.run.world.horizon]
    return sorted(found, key=lambda letter: letter.time)


def _ordered(order: Tracked) -> Iterator[Letter]:
    # An order may hold substitutes (their exit is SUBSTITUTED) of items that it could not have.
    taken = [p for p in order.parts if p.exit < 0 or (p.exit == Exit.SUBSTITUTED and p.gone == NEVER)]
    waits = [p for p in taken if p.filled > max(p.placed, order.opens)]
    then = f" We are waiting for {order.listed(waits)}." if waits else " Everything is in stock."
    for fact in order.rows("split_choices"):
        then += " What is there comes at once." if fact["parts"] else " We send it all together."
    if order.wanted is not None:
        then = f" You want it on {order.day(order.wanted)}."
    if taken:
        yield Letter(order.placed, f"Thank you for your order of {order.listed(taken)}.{then}")
    for how in sorted({p.exit for p in order.parts if p.cause < 0 and p.gone < NEVER}):
        left = [p for p in order.parts if p.exit == how and p.gone < NEVER]
        yield Letter(order.placed, f"{capital(order.listed(left))}: {NOT_ORDERED[Exit(how)]}.")


def _changed(order: Tracked) -> Iterator[Letter]:
    for time, what, added in changes(order.run, order.number):
        less = f"You asked for less {what}, but it had left our warehouse."
        yield Letter(time, f"You asked for {what} more: they come with your order {added}." if added else less)


def _promised(order: Tracked) -> Iterator[Letter]:
    before = None
    for time, date in order.promises:
        text = f"Your order will arrive by {order.day(date)}."
        if before is not None:
            how = "Earlier" if date < before else "Later"
            text = f"{how} than announced: {order.day(date)} instead of {order.day(before)}."
        before = date
        yield Letter(time, text)


def _paid(order: Tracked) -> Iterator[Letter]:
    if paid := order.money(order.placed)["paid"]:
        yield Letter(order.placed, f"You paid {order.in_currency(paid)}.")


def _written(order: Tracked) -> Iterator[Letter]:
    for fact in order.rows("notices"):
        date = f" ({order.day(fact['date'])})" if 0 < fact["date"] < NEVER else ""
        read = "" if fact["read"] else " Not read."
        yield Letter(fact["time"], f"We wrote to you: {LETTERS[Message(int(fact['message']))]}{date}.{read}")


def _asked(order: Tracked) -> Iterator[Letter]:
    for fact in order.rows("contacts"):
        who = "this page" if fact["page"] else "an agent"
        yield Letter(fact["time"], f"You asked where your order is and got the answer from {who}.")


def _answered(order: Tracked) -> Iterator[Letter]:
    for fact in order.rows("answers"):
        yield Letter(fact["time"], ANSWERS[Answer(int(fact["answer"]))])


def _ready(order: Tracked) -> Iterator[Letter]:
    for filled in sorted({p.filled for p in order.parts if p.placed < p.filled < NEVER}):
        found = [p for p in order.parts if p.filled == filled]
        if min(p.shipped for p in found) > filled:
            yield Letter(filled, f"{capital(order.listed(found))} came in and is reserved for you.")


def _parcels(order: Tracked) -> Iterator[Letter]:
    for number, parcel in enumerate(order.parcels, 1):
        of = f" {number} of {len(order.parcels)}" if len(order.parcels) > 1 else ""
        yield Letter(parcel[0].shipped, f"Parcel{of} is on its way{order.sent_from(parcel)}: {order.listed(parcel)}.")
        yield Letter(parcel[0].delivered, f"Parcel{of} has been delivered.")


def _returned(order: Tracked) -> Iterator[Letter]:
    for fact in order.rows("returned"):
        item = order.run.world.items[int(fact["item"])]
        then = f" Your refund will arrive by {order.day(order.refunded(fact['time']))}." if item.price else ""
        yield Letter(
            fact["time"],
            f"We have received {order.goods(fact)} that you sent back.{then}",
        )
    for fact in order.rows("recovered"):
        if fact["exit"] == Exit.EXCHANGED:
            yield Letter(
                fact["time"],
                f"In exchange for what you sent back, {order.goods(fact)} are on their way.",
            )


def _cancelled(order: Tracked) -> Iterator[Letter]:
    gone: dict[tuple[float, int], list[OrderPart]] = defaultdict(list)
    for part in order.parts:
        if part.cause >= 0:
            gone[part.gone, part.cause].append(part)
    for (time, cause), parts in gone.items():
        back = order.payment.at_order > 0 and any(map(order.price, parts))
        not_released = was_not_released(order.run, {"order": order.number, "cause": cause, "time": time})
        why = "because the order could not be approved" if not_released else WHY[Cause(cause)]
        if was_lowered(order.run, {"order": order.number, "cause": cause, "time": time, "line": parts[0].line}):
            why = "as you asked for less"
        then = f" Your refund will arrive by {order.day(order.refunded(time))}." if back else ""
        yield Letter(time, f"We have cancelled {order.listed(parts)}, {why}.{then}")
