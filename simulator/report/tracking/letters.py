"""What the customer of an order is told, message by message, in the shop's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from simulator.model.nouns import Answer, Cause, Exit, Message
from simulator.record.parts import NEVER, Part
from simulator.report.tracking.order import Tracked, capital

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


def messages(order: Tracked) -> list[Told]:
    """Every message, one function a kind of fact, in order of time."""
    kinds = (_ordered, _paid, _promised, _written, _asked, _answered, _ready, _shipped, _delivered, _cancelled)
    found = [message for kind in kinds for message in kind(order) if message.time < order.run.world.horizon]
    return sorted(found, key=lambda message: message.time)


def _ordered(order: Tracked) -> Iterator[Told]:
    taken = [p for p in order.parts if p.exit < 0 or (p.exit == Exit.SUBSTITUTED and p.gone == NEVER)]
    wish = order.listed(taken)
    waits = [p for p in taken if p.filled > p.placed]
    then = f" {capital(order.listed(waits))} must come in first." if waits else " Everything is in stock."
    if taken:
        yield Told(order.placed, f"Thank you for your order of {wish}.{then}")
    for how in sorted({p.exit for p in order.parts if p.cause < 0 and p.gone < NEVER}):
        some = [p for p in order.parts if p.exit == how and p.gone < NEVER]
        yield Told(order.placed, f"{capital(order.listed(some))}: {NOT_ORDERED[Exit(how)]}.")


def _promised(order: Tracked) -> Iterator[Told]:
    for k, (told, date) in enumerate(order.promises):
        text = f"Your order will be with you by {order.day(date)}."
        if k:
            before = order.promises[k - 1][1]
            text = (
                f"{'Earlier' if date < before else 'Later'} than we said: {order.day(date)}, not {order.day(before)}."
            )
        yield Told(told, text)


def _paid(order: Tracked) -> Iterator[Told]:
    if paid := order.money(order.placed)["paid"]:
        yield Told(order.placed, f"You paid {order.in_currency(paid)}.")


def _written(order: Tracked) -> Iterator[Told]:
    for fact in order.rows("notices"):
        date = f" ({order.day(fact['date'])})" if 0 < fact["date"] < NEVER else ""
        read = "" if fact["read"] else " Not read."
        yield Told(fact["time"], f"We wrote to you: {LETTERS[Message(int(fact['message']))]}{date}.{read}")


def _asked(order: Tracked) -> Iterator[Told]:
    for fact in order.rows("contacts"):
        who = "this page told you" if fact["page"] else "an agent told you"
        yield Told(fact["time"], f"You asked where your order is; {who}.")


def _answered(order: Tracked) -> Iterator[Told]:
    for fact in order.rows("answers"):
        yield Told(fact["time"], CHOSEN[Answer(int(fact["answer"]))])


def _ready(order: Tracked) -> Iterator[Told]:
    for filled in sorted({p.filled for p in order.parts if p.placed < p.filled < NEVER}):
        there = [p for p in order.parts if p.filled == filled]
        if min(p.shipped for p in there) > filled:
            yield Told(filled, f"{capital(order.listed(there))} came in and is put aside for you.")


def _shipped(order: Tracked) -> Iterator[Told]:
    for number, parcel in enumerate(order.parcels, 1):
        of = f" {number} of {len(order.parcels)}" if len(order.parcels) > 1 else ""
        yield Told(parcel[0].shipped, f"Parcel{of} is on its way: {order.listed(parcel)}.")


def _delivered(order: Tracked) -> Iterator[Told]:
    for number, parcel in enumerate(order.parcels, 1):
        of = f" {number} of {len(order.parcels)}" if len(order.parcels) > 1 else ""
        if parcel[0].delivered < order.run.world.horizon:
            yield Told(parcel[0].delivered, f"Parcel{of} has been delivered.")


def _cancelled(order: Tracked) -> Iterator[Told]:
    gone: dict[tuple[float, int], list[Part]] = defaultdict(list)
    for part in order.parts:
        if part.cause >= 0:
            gone[part.gone, part.cause].append(part)
    for (time, cause), some in gone.items():
        back = order.run.world.payment.at_order > 0 and any(order.run.world.items[p.item].price for p in some)
        then = f" Your money is back by {order.day(order.refunded(time))}." if back else ""
        yield Told(time, f"We have cancelled {order.listed(some)}, {WHY[Cause(cause)]}.{then}")
