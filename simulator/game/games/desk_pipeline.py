"""What is on the way to the Backorder desk, and when a careful buyer expects it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from simulator.game.games.desk_trouble import SharedTrouble
from simulator.record.run import Run

WEEK = 7.0
USUAL_DAYS = {"overseas": 18, "nearby": 5}
"""Days after which a purchase usually arrives."""
GAP = 3
"""Days between the two parts of a purchase from overseas."""
UNDER_WAY = (8, 15)
"""Days on which the purchases from before the start are expected; each arrives at once, not in halves."""


class ExpectedPart(NamedTuple):
    """A part of a purchase that is still to come."""

    units: int
    supplier: str
    bought: float
    """Day of the purchase; below 0: before the start."""
    day: float
    """When it is expected."""


def pipeline(run: Run, trouble: SharedTrouble, weeks: int) -> list[dict[str, Any]]:
    """What is to come: units, supplier, round of the purchase, `days` until it is expected (1 at least), and `late`,
    the days for which it is overdue.

    A part leaves on the day of its purchase, or three days later; a strike, or a closed workshop, counts for what
    leaves in it, from the week in which it is told.
    """
    today = weeks * WEEK
    found = []
    for part in _parts(run, trouble, weeks + 1):
        days = round(part.day - today)
        week = int(part.bought // WEEK) + 1 if part.bought >= 0 else 0
        what = {"units": part.units, "supplier": part.supplier, "bought": week}
        found.append({**what, "days": max(days, 1), "late": max(-days, 0)})
    return sorted(found, key=lambda one: (one["days"], -one["late"]))


def _parts(run: Run, trouble: SharedTrouble, week: int) -> Iterator[ExpectedPart]:
    """The parts that have not come by the start of a week (from 1)."""
    bought, names = run.purchases, [supplier.name for supplier in run.world.suppliers]
    came, last = np.zeros(bought.size), np.full(bought.size, -np.inf)
    number = run.receipts.numbers("purchase")
    np.add.at(came, number, run.receipts["units"])
    np.maximum.at(last, number, run.receipts["time"])
    saved = np.zeros(bought.size)
    np.add.at(saved, run.hurried.numbers("purchase"), run.hurried["days"])
    due = iter(UNDER_WAY)
    for k in range(bought.size):
        day, supplier, units = float(bought["time"][k]), names[int(bought["supplier"][k])], int(bought["units"][k])
        if day < 0:
            expected = [(units, float(next(due)))]
        elif supplier == "overseas":
            first = (units + 1) // 2
            expected = [
                (first, _expected(supplier, day, trouble, week)),
                (units - first, _expected(supplier, day + GAP, trouble, week)),
            ]
        else:
            expected = [(units, _expected(supplier, day, trouble, week))]
        there = int(came[k])
        for part, when in expected:
            left = max(part - there, 0)
            there = max(there - part, 0)
            if left:
                # The parts of a purchase come one after the other.
                yield ExpectedPart(left, supplier, day, max(when - saved[k], last[k] + 1.0))


def _expected(supplier: str, leaves: float, trouble: SharedTrouble, week: int) -> float:
    """When what leaves a supplier on a day is expected, by what is told in a week."""
    if supplier == "overseas":
        strike = trouble.strike
        held = strike.extra if week >= strike.told and strike.begins <= leaves < strike.ends else 0
        return leaves + USUAL_DAYS[supplier] + held
    shut = trouble.shut
    if week >= shut.told and shut.begins <= leaves < shut.ends:
        leaves = shut.ends
    return leaves + USUAL_DAYS[supplier]
