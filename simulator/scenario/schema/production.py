"""Production in a scenario: how fast a supplier produces, and what delays it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import PositiveUnits, Units
from simulator.foundation.units import NonNegativeDuration, Rate, Whole, current_start, wrong
from simulator.model.calendar import WEEK
from simulator.randomness.distribution import Distribution, Waits
from simulator.scenario.schema.common import constant

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"^(\w{3})(?:-(\w{3}))?(?: (\d{1,2}):(\d\d)-(\d{1,2}):(\d\d))?$")


Hours = tuple[tuple[float, float], ...]
"""Opening hours as ordered, disjoint [from, to) in days since Monday 0:00."""


def hours(value: object) -> Hours:
    """Parse the opening hours of a week; a day without hours is open all day.

    >>> hours("Mon-Fri 08:00-17:00")[0], len(hours("Mon-Fri 08:00-17:00, Sat 09:00-12:00"))
    ((0.3333333333333333, 0.7083333333333334), 6)
    >>> hours("Mon-Fri")
    ((0.0, 5.0),)
    """
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise wrong("expected opening hours such as 'Mon-Fri 08:00-17:00, Sat 09:00-12:00'")
    found = []
    for part in value.split(","):
        match = _HOURS.match(part.strip())
        if not match or match[1] not in DAYS or (match[2] or match[1]) not in DAYS:
            raise wrong(f"{part.strip()!r} is not a valid range of opening hours; write 'Mon-Fri 08:00-17:00'")
        opens, closes = 0.0, 1.0
        if match[3]:
            opens, closes = (int(match[k]) / 24 + int(match[k + 1]) / 1440 for k in (3, 5))
        if not opens < closes <= 1:
            raise wrong(f"{part.strip()!r} must open before it closes, and close by 24:00")
        first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
        if last < first:
            raise wrong(f"{part.strip()!r} must name its days in the order of the week")
        found += [(day + opens, day + closes) for day in range(first, last + 1)]
    found.sort()
    joined: list[tuple[float, float]] = []
    for opens, closes in found:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def days_off(open_hours: Hours, start: float) -> list[tuple[float, float]]:
    """The times of a week in which nothing is open, [from, to) in days from the start; the first begins at 0 or later.

    Args:
        open_hours: see `hours`.
        start: days from Monday 0:00 to the start.

    >>> days_off(hours("Mon-Fri"), 0.0), days_off(hours("Mon-Fri"), 6.0)
    ([(5.0, 7.0)], [(6.0, 8.0)])
    """
    begins = [closes for _, closes in open_hours]
    ends = [opens for opens, _ in (*open_hours[1:], open_hours[0])]
    found = []
    for begin, end in zip(begins, ends, strict=True):
        length = (end - begin) % WEEK
        if length:
            first = (begin - start) % WEEK
            found.append((first, first + length))
    return found


OpeningHours = Annotated[Hours, BeforeValidator(hours, json_schema_input_type=str)]


class Breakdown(Spec):
    """Random failures of a line; work in progress is finished after the repair."""

    every: Waits
    """Time from a repair to the next failure of a line."""
    repair: Waits
    """Time to repair it."""

    def model_post_init(self, context: object) -> None:
        if self.every.moments().mean < 1e-3:
            raise wrong("`every` must be at least 1e-3 d on average")


class Chase(Spec):
    """Overtime while the backlog is large."""

    above: Units
    """Units waiting or in production above which the lines run faster."""
    factor: Annotated[float, Field(gt=1)] = 1.5
    """How much faster (grade D: our assumption)."""


class Capacity(Spec):
    """How fast a supplier produces: purchases that it cannot serve from stock queue for a line."""

    rate: Annotated[Rate, Field(gt=0)] | None = None
    """Units that one line makes per day."""
    time: Waits | None = None
    """Time to make one unit, instead of `rate`; the n-th unit of an item uses the n-th draw."""
    lines: Annotated[Whole, Field(ge=1, le=10_000)] = 1
    """Purchases that can be in production at the same time."""
    setup: Waits = Field(default_factory=lambda: constant(0.0))
    """Time to set up a line for another item than its last one."""
    batch: PositiveUnits | None = None
    """Units after which a line must be set up again, even for the same item; unlimited unless given."""
    breakdown: Breakdown | None = None
    """Failures of a line."""
    hours: OpeningHours | None = None
    """Working hours, `Mon-Fri 08:00-17:00`; always unless given."""
    chase: Chase | None = None
    """Overtime while the backlog is large; a constant pace unless given."""
    urgent_first: bool = False
    """Whether purchases of items that the buyer has on backorder are made before others."""
    jump_loss: NonNegativeDuration = 0.0
    """Line time that is lost whenever a purchase is moved to the front of the queue."""

    def model_post_init(self, context: object) -> None:
        if (self.rate is None) == (self.time is None):
            raise wrong("give `rate` (units per day) or `time` (to make one unit)")
        if self.hours is not None and current_start() is None:
            raise wrong("`hours` uses weekdays, which need clock.start")

    @property
    def open_days(self) -> float:
        """Working days of 24 hours in a week."""
        return sum(closes - opens for opens, closes in self.hours) if self.hours else 7.0

    @property
    def unit_time(self) -> Distribution:
        """Time to make one unit, days."""
        return constant(1 / self.rate) if self.rate is not None else self.time or constant(0.0)
