"""The FTC's rule on late shipments (16 CFR 435) as a state machine: notices, silence, consent, cancellation.

A seller ships within the time stated, else within 30 days, or asks the customer before that day. Silence counts as
consent to a first notice with a definite new date at most 30 days later. With a later date or none, the seller needs
express consent; otherwise the order is cancelled 30 days after the missed day, unless it is shipped by then. A renewed
notice precedes every further date, and silence then cancels. Express consent to an indefinite delay ends the notices.
Source: the FTC's business guide to the rule (grade A; the 30 days after the missed day from memory of the text, M).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

LEGAL = 30.0
"""Days to ship if no time was stated; also the longest delay for which silence counts as consent."""
REFUND_WORKING_DAYS = 7
"""Working days until a cancelled order is refunded (cash, check, third-party credit)."""

Answer = Literal["consent", "silence", "cancel"]


class Stand(NamedTuple):
    """The state of an order under the rule."""

    due: float
    """Day by which it must be shipped, or the customer asked."""
    asked: bool = False
    """A first notice was sent; the next one is a renewed notice."""
    free: bool = False
    """The customer agreed to wait without a date; no more notices are needed."""


class Question(NamedTuple):
    """A notice, and what silence means."""

    renewed: bool
    date: float | None
    """The new day; None: none can be given."""
    silence: Literal["consent", "cancel"]
    until: float
    """The day on which silence takes effect."""


def stand_of(placed: float, promised: float | None) -> Stand:
    """The state of a new order: to be shipped by the day stated, else within 30 days of the order."""
    return Stand(placed + LEGAL if promised is None else promised)


def question(stand: Stand, date: float | None) -> Question:
    """The notice that the rule requires when the day cannot be met and `date` is the new one."""
    if stand.asked:
        return Question(True, date, "cancel", stand.due)
    if date is not None and date <= stand.due + LEGAL:
        return Question(False, date, "consent", stand.due)
    return Question(False, date, "cancel", stand.due + LEGAL)


def answered(stand: Stand, asked: Question, answer: Answer) -> Stand | None:
    """The state after the answer; None: the order is cancelled (on `asked.until` after silence)."""
    if answer == "cancel" or (answer == "silence" and asked.silence == "cancel"):
        return None
    if asked.date is None:
        return Stand(stand.due, True, True)
    return Stand(asked.date, True, False)
