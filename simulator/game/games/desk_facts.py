"""What happened at the Backorder desk, week by week: goods, customers, trust and cash, from the facts of a run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.game.game import Move
from simulator.kpis.evidence.cash import Cash
from simulator.model.nouns import NEVER_CAME, Exit, HurryKind
from simulator.record.run import Run

WEEK = 7.0
FIRST_TRUST = 80.0
FITTER = 4.0
"""Weight of a fitter, who tells others, where a shopper has 1."""
MEMORY = 0.35
"""Weight of the last week in the trust."""
WORTH = {
    "at_once": 1.0,
    "kept": 1.0,
    "no_date": 0.7,
    "walked": 0.75,
    "refused": 0.6,
    "slow": 0.3,
    "broken": 0,
    "gave_up": 0,
}
"""What each experience of a customer is worth: 1 is the best, 0 the worst."""
SLOW = 7.0
"""Days from which a wait without a date is slow."""
HOLDING, CONTACT, CANCELLED = 0.12, 5.0, 15.0
"""Currency a unit and day, a call, and an order that is cancelled (refund and voucher): as in the scenario."""

Weeks = NDArray[np.float64]


class Experiences(NamedTuple):
    """How each order went, once it is known; one row for each order that is known."""

    day: Weeks
    """When it became known."""
    kind: NDArray[np.str_]
    """A key of `WORTH`."""
    segment: NDArray[np.int64]
    units: Weeks
    fitters: int
    """Number of the segment of the fitters."""


def per_week(times: Any, weeks: int, values: Any = None) -> Weeks:
    """Sums of values (1 each unless given) by week, shape (weeks,)."""
    times = np.asarray(times, dtype=np.float64)
    week = np.floor(times / WEEK + 1e-9).astype(np.int64)
    inside = (week >= 0) & (week < weeks)
    found: Weeks = np.bincount(
        week[inside], weights=None if values is None else np.asarray(values)[inside], minlength=weeks
    ).astype(np.float64)
    return found


def promised(run: Run, moves: Sequence[Move]) -> Weeks:
    """The day that every order was promised, inf for none, shape (n,)."""
    demand = run.demand
    if not moves:
        return np.full(len(demand.times), np.inf)
    names = [segment.name for segment in run.world.segments]
    days = np.array([[move["promiser"][name] for name in names] for move in moves], dtype=np.float64)
    week = np.minimum((demand.times / WEEK + 1e-9).astype(np.int64), len(moves) - 1)
    within = days[week, demand.segments.astype(np.int64)]
    return np.where(within > 0, demand.times + within, np.inf)


def experiences(run: Run, date: Weeks) -> Experiences:
    """How the orders went, given the day that each was promised."""
    orders, demand = run.orders(), run.demand
    n, horizon = len(demand.times), run.world.horizon
    left = run.refused.own
    never = left.having("exit", *NEVER_CAME)
    shut = left.having("exit", Exit.REFUSED)
    came = np.ones(n, dtype=bool)
    came[never.numbers("order")] = False
    ordered = orders["units"] - run.per_order(run.refused)
    cancelled = run.per_order(run.cancelled)
    there = run.parcels.where(run.parcels["delivered"] < horizon)
    arrived = run.per_order(there)
    done = (arrived >= ordered - cancelled) & (ordered > cancelled)
    given_up = np.where(cancelled > 0, orders["cancelled"], np.inf)
    finished = np.where(done, orders["delivered"], np.inf)
    at_once = run.per_order(run.backordered) == 0
    kind = np.full(n, "", dtype="U8")
    day = np.full(n, np.inf)

    def note(which: Any, name: str, when: Any) -> None:
        mine = which & (kind == "")
        kind[mine], day[mine] = name, np.broadcast_to(when, n)[mine]

    nothing = ordered <= 0
    refused = np.zeros(n, dtype=bool)
    refused[shut.numbers("order")] = True
    note(~came, "-", np.inf)
    note(nothing & refused, "refused", demand.times)
    note(nothing, "walked", demand.times)
    note(at_once, "at_once", demand.times)
    late = np.minimum(date, horizon)
    note((given_up < np.minimum(date, finished)) & (given_up < horizon), "gave_up", given_up)
    note(np.isfinite(date) & (finished <= date + 1e-9), "kept", finished)
    note(date < late + 1e-9, "broken", date)
    note(done & np.isinf(date) & (finished - demand.times <= SLOW), "no_date", finished)
    note(done & np.isinf(date), "slow", finished)
    names = [segment.name for segment in run.world.segments]
    known = (kind != "") & (kind != "-") & (day < horizon)
    return Experiences(
        day[known], kind[known], demand.segments[known].astype(np.int64), orders["units"][known], names.index("fitters")
    )


class TrustCause(NamedTuple):
    """What the orders that went one way did to the trust in one week."""

    kind: str
    """A key of `WORTH`."""
    shoppers: int
    fitters: int
    """Orders."""
    points: float
    """By how much they moved the trust; the causes of a week add up to its change."""


def causes(found: Experiences, weeks: int) -> list[list[TrustCause]]:
    """Why trust moved, week by week: each order pulls it towards what its experience was worth, 0 to 100.

    Trust goes `MEMORY` of the way to the mean of the week, in which a fitter counts as `FITTER` shoppers.
    """
    orders = {
        kind: [
            per_week(found.day[found.kind == kind], weeks, (found.segment == found.fitters)[found.kind == kind] == mine)
            for mine in (False, True)
        ]
        for kind in WORTH
    }
    total = np.sum([shoppers + FITTER * fitters for shoppers, fitters in orders.values()], axis=0)
    level, told = FIRST_TRUST, []
    for week in range(weeks):
        now = []
        for kind, worth in WORTH.items():
            shoppers, fitters = (float(count[week]) for count in orders[kind])
            if shoppers or fitters:
                share = (shoppers + FITTER * fitters) / float(total[week])
                now.append(TrustCause(kind, int(shoppers), int(fitters), MEMORY * share * (100 * worth - level)))
        level += sum(cause.points for cause in now)
        told.append(now)
    return told


def trust(found: Experiences, weeks: int) -> Weeks:
    """Trust at the end of each week, 0 to 100: where the causes have moved it."""
    return FIRST_TRUST + np.cumsum([sum(cause.points for cause in week) for week in causes(found, weeks)])


def review_counts(run: Run, weeks: int) -> tuple[int, int]:
    """Bad reviews and all reviews of the last four weeks."""
    times, bad = run.reviews["time"], run.reviews["bad"]
    recent = (times < weeks * WEEK) & (times >= (weeks - 4) * WEEK)
    return int(bad[recent].sum()), int(recent.sum())


def money(run: Run, weeks: int) -> dict[str, Weeks]:
    """Cash by week and cause (income above 0, expenses below): sales, late, goods, parcels, holding, hurry, calls,
    vouchers (what cancelled orders cost)."""
    cash, horizon = Cash(run), run.world.horizon
    ends = np.minimum(np.arange(1, weeks + 1) * WEEK, horizon)
    stock = run.level("on_hand")
    edges = np.concatenate(([0.0], ends))
    held = [stock.mean(a, b) * (b - a) if b > a else 0.0 for a, b in pairwise(edges)]
    hurried = run.hurried.having("kind", HurryKind.EXPEDITED)

    def by(moves: Any, sign: int) -> Weeks:
        return sign * per_week(moves.times, weeks, moves.money)

    return {
        "sales": by(cash.received, 1) - by(cash.refunds, 1),
        "late": by(cash.knocked_off, -1),
        "goods": by(cash.purchases, -1),
        "parcels": by(cash.freight, -1),
        "holding": -HOLDING * np.array(held),
        "hurry": -per_week(hurried["time"], weeks, hurried["cost"]),
        "calls": -CONTACT * per_week(run.contacts["time"], weeks),
        "vouchers": -CANCELLED * per_week(_cancellations(run), weeks),
    }


def _cancellations(run: Run) -> Weeks:
    """When customers gave up: what one order loses at one time is one cancellation."""
    pairs = np.column_stack((run.cancelled["order"], run.cancelled["time"])).reshape(-1, 2)
    found: Weeks = np.unique(pairs, axis=0)[:, 1]
    return found


def goods(run: Run, weeks: int) -> dict[str, Weeks]:
    """Units by week: demand, received, shipped, refused, walked, gave_up, deterred; on_hand and backlog at its end."""
    facts, demand = run, run.demand
    left = facts.refused.own
    placed = demand.times[left.numbers("order")]

    def went(ways: tuple[Exit, ...]) -> Weeks:
        mine = np.isin(left["exit"], ways)
        return per_week(placed[mine], weeks, left["units"][mine])

    never = went(NEVER_CAME)
    ends = np.minimum(np.arange(1, weeks + 1) * WEEK, facts.world.horizon)
    return {
        "demand": per_week(facts.line_times, weeks, demand.quantities) - never,
        "received": per_week(facts.receipts["time"], weeks, facts.receipts["units"]),
        "shipped": per_week(facts.parcels["shipped"], weeks, facts.parcels["units"]),
        "refused": went((Exit.REFUSED,)),
        "walked": went((Exit.WALKED, Exit.SWITCHED)),
        "gave_up": per_week(facts.cancelled["time"], weeks, facts.cancelled["units"]),
        "deterred": never,
        "sent": per_week(facts.parcels["shipped"], weeks),
        "on_hand": run.level("on_hand").before(ends),
        "backlog": run.level("backlog").before(ends),
    }
