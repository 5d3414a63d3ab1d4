"""The FTC's rule on late shipments (16 CFR 435) as a state machine: notices, silence, consent, cancellation.

A seller ships in the time stated, else within 30 days. Who cannot must ask before that day. A first notice with a
definite new date at most 30 days later counts silence as consent; one with a later or no date needs express consent,
else the order is cancelled 30 days after the day that was missed unless it is shipped by then. Before every further
date a renewed notice is due, and silence then cancels. Express consent to an indefinite delay ends the notices.
Source: the FTC's business guide to the rule (grade A; the 30 days after the missed day from memory of the text, M).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

LEGAL = 30.0
"""Days to ship where no time was stated; also how far a first notice may move the day with silence as consent."""
REFUND_WORKING_DAYS = 7
"""Working days in which a cancelled order is refunded (cash, check, third-party credit)."""

Answer = Literal["consent", "silence", "cancel"]


class Stand(NamedTuple):
    """Where an order stands under the rule."""

    due: float
    """Day by which it is shipped, or the customer asked."""
    asked: bool = False
    """A first notice was given; the next one is a renewed one."""
    free: bool = False
    """The customer agreed to wait without a date; no more notices are due."""


class Question(NamedTuple):
    """A notice, and what no answer to it means."""

    renewed: bool
    date: float | None
    """The new day; None: none can be given."""
    silence: Literal["consent", "cancel"]
    until: float
    """The day on which no answer takes effect."""


def stand_of(placed: float, promised: float | None) -> Stand:
    """A new order: due on the day stated, else 30 days after the order."""
    return Stand(placed + LEGAL if promised is None else promised)


def question(stand: Stand, date: float | None) -> Question:
    """The notice that is due when the day cannot be met and `date` is the new one."""
    if stand.asked:
        return Question(True, date, "cancel", stand.due)
    if date is not None and date <= stand.due + LEGAL:
        return Question(False, date, "consent", stand.due)
    return Question(False, date, "cancel", stand.due + LEGAL)


def answered(stand: Stand, asked: Question, answer: Answer) -> Stand | None:
    """Where the order stands after the answer; None: it is cancelled (on `asked.until` if nobody answered)."""
    if answer == "cancel" or (answer == "silence" and asked.silence == "cancel"):
        return None
    if asked.date is None:
        return Stand(stand.due, True, True)
    return Stand(asked.date, True, False)
