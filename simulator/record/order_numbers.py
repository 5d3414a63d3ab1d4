"""Which order of a run is meant: by its number, by the user's own number, or by how long it waited."""

from __future__ import annotations

from simulator.foundation.errors import UserError, nearest, some
from simulator.record.facts import Facts


def number_of(facts: Facts, order: str) -> int:
    """The number in the run of an order, by its number in the user's books or in the run.

    Raises:
        UserError: the run has no such order.
    """
    if order in facts.opening.orders:
        return facts.opening.orders.index(order)
    try:
        number = int(order)
    except ValueError:
        known = facts.opening.orders
        open_ = f"; open at the start: {some(known)}" if known else ""
        raise UserError(f"no order {order[:60]!r}{nearest(order, known)}{open_}") from None
    check(facts, number)
    return number


def longest_wait(facts: Facts) -> int:
    """The order, among those placed in the run, that waited longest until its goods arrived; the first of several.

    Raises:
        UserError: no order waited and was filled.
    """
    mine = facts.fills.where(facts.fills["order"] >= 0)
    if not len(mine["order"]):
        raise UserError("no order waited for goods that arrived; name an order with --order")
    waited = mine["time"] - mine["placed"]
    return int(mine["order"][waited == waited.max()].min())


def check(facts: Facts, order: int) -> None:
    """Checks that the run has this order.

    Raises:
        UserError: it has not; the message gives the numbers that exist.
    """
    n = len(facts.demand.times)
    if 0 <= order < n or (order < 0 and (facts.backordered["order"] == order).any()):
        return
    there = f"this run has orders 0 to {n - 1}" if n else "no order was placed in this run"
    raise UserError(f"no order {order}: {there}")
