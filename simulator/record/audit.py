"""The closing audit: conservation of goods, orders and time, proved from the facts against the engine's own levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import AuditError
from simulator.model.nouns import Cause, Exit
from simulator.record.ledger import Floats
from simulator.record.levels import at_once, backorders, path, steps

if TYPE_CHECKING:
    from simulator.record.run import Run

TOLERANCE = 1e-9


def audit(run: Run) -> None:
    """Raises AuditError at the first law that does not hold."""
    for law in (
        _levels_agree,
        _lines_balance,
        _who_stays_away_gets_nothing,
        _recoveries_take_the_place_of_what_left,
        _parcels_hold_what_was_filled,
        _fills_were_confirmed,
        _purchases_balance,
        _suppliers_agree,
        _time_is_sane,
        _little,
    ):
        problem = law(run)
        if problem:
            where = f"policy {run.policy!r}, replication {run.replication}, seed {run.seed}"
            raise AuditError(f"{law.__name__.strip('_').replace('_', ' ')}: {problem} ({where})")


def _levels_agree(run: Run) -> str:
    """The facts lead to the levels that the engine holds, item by item; no level is ever below 0."""
    ends = {
        "on_hand": [levels.on_hand for levels in run.final],
        "backlog": [levels.backordered for levels in run.final],
        "on_order": [levels.on_order for levels in run.final],
        "phantom": [levels.phantom for levels in run.final],
    }
    for name, final in ends.items():
        items, times, units = steps(run, name)  # type: ignore[arg-type]
        found = units[np.append(items[1:] != items[:-1], True)]
        if not np.array_equal(found, np.array(final)):
            item = int(np.flatnonzero(found != np.array(final))[0])
            return f"{name} of {run.world.items[item].name!r}: facts say {found[item]:g}, the engine {final[item]}"
        last = np.append((items[1:] != items[:-1]) | (times[1:] != times[:-1]), True)
        below = np.flatnonzero(last & (units < 0)) if name != "phantom" else np.empty(0, dtype=np.int64)
        if below.size:
            k = int(below[0])
            return f"{name} of {run.world.items[items[k]].name!r} falls to {units[k]:g} on day {times[k]:g}"
    return ""


def _per_line(run: Run, facts: dict[str, Floats], keep: NDArray[np.bool_] | None = None) -> Floats:
    own = facts["order"] >= 0
    if keep is not None:
        own &= keep
    mine = {name: column[own] for name, column in facts.items()}
    return np.bincount(run.lines_at(mine), weights=mine["units"], minlength=len(run.demand.items)).astype(np.float64)


def _lines_balance(run: Run) -> str:
    """Every line: asked for = at once + refused + backordered; backordered = filled + cancelled + still open."""
    taken = at_once(run)
    waiting = run.cancelled["held"] == 0
    backordered, filled = _per_line(run, run.backordered), _per_line(run, run.fills)
    still_open = backordered - filled - _per_line(run, run.cancelled, waiting)
    held_back = _per_line(run, run.cancelled, ~waiting)
    for what, units in (("taken at once", taken), ("still open", still_open), ("kept", taken + filled - held_back)):
        if units.size and units.min() < 0:
            line = int(units.argmin())
            return f"order {int(run.line_orders[line])} has {units[line]:g} units {what}"
    return ""


def _who_stays_away_gets_nothing(run: Run) -> str:
    """An order that never came has all its units refused, and nothing else happens to it."""
    away = ~run.came
    if not away.any():
        return ""
    taken = np.bincount(run.line_orders, weights=at_once(run), minlength=away.size)
    if taken[away].any():
        return f"order {int(np.flatnonzero(away & (taken > 0))[0])} never came, and was given units"
    for name, facts in (
        ("backordered", run.backordered),
        ("shipped", run.parcels),
        ("recovered", run.recovered),
        ("reviewed", run.reviews),
    ):
        number = facts["order"][facts["order"] >= 0].astype(np.int64)
        if away[number].any():
            return f"order {int(number[away[number]][0])} never came, and was {name}"
    return ""


def _recoveries_take_the_place_of_what_left(run: Run) -> str:
    """No more units are recovered on a line than left it in that way."""
    n = len(run.demand.items)
    for exit_ in (Exit.SUBSTITUTED, Exit.WAITLISTED):
        gone = _per_line(run, run.refused, run.refused["exit"] == exit_)
        if exit_ is Exit.SUBSTITUTED:
            gone += _per_line(run, run.cancelled, run.cancelled["cause"] == Cause.OFFER)
        back = _per_line(run, run.recovered, run.recovered["exit"] == exit_)
        if n and (back > gone).any():
            line = int((back - gone).argmax())
            return f"order {int(run.line_orders[line])} got {back[line] - gone[line]:g} units that nobody had given up"
    return ""


def _parcels_hold_what_was_filled(run: Run) -> str:
    """Every order: shipped <= filled less what was taken back from it."""
    n = len(run.demand.times)
    filled: Floats = np.bincount(run.line_orders, weights=at_once(run), minlength=n).astype(np.float64)
    for facts, sign, mask in (
        (run.fills, 1.0, run.fills["order"] >= 0),
        (run.recovered, 1.0, run.recovered["order"] >= 0),
        (run.cancelled, -1.0, (run.cancelled["held"] > 0) & (run.cancelled["order"] >= 0)),
        (run.parcels, -1.0, run.parcels["order"] >= 0),
    ):
        filled += sign * np.bincount(facts["order"][mask].astype(np.int64), weights=facts["units"][mask], minlength=n)
    if filled.size and filled.min() < 0:
        return f"order {int(filled.argmin())} shipped {-filled.min():g} units more than it was given"
    return ""


def _fills_were_confirmed(run: Run) -> str:
    """Where confirmations are kept: a line is filled no more than it was confirmed, and confirmed no more than it
    waited for; an order from before the start is not looked at."""
    if not run.confirmed["time"].size:
        return ""
    confirmed = _per_line(run, run.confirmed)
    for what, over in (
        ("filled and not confirmed", _per_line(run, run.fills) - confirmed),
        ("confirmed and not on backorder", confirmed - _per_line(run, run.backordered)),
    ):
        if over.size and over.max() > 0:
            line = int(over.argmax())
            return f"order {int(run.line_orders[line])} has {over[line]:g} units {what}"
    return ""


def _purchases_balance(run: Run) -> str:
    """What is received and lost of a purchase, in parts or at once, is not more than was bought and not withdrawn; and
    at a supplier without stock, which ships once, it is received once and whole."""
    number = run.receipts["purchase"].astype(np.int64)
    due = run.purchases["units"].copy()
    np.subtract.at(due, run.withdrawn["purchase"].astype(np.int64), run.withdrawn["units"])
    gone = np.bincount(number, weights=run.receipts["units"] + run.receipts["lost"], minlength=due.size)
    if (gone > due).any():
        return "more was received of a purchase than was bought and not withdrawn"
    in_parts = [k for k, supplier in enumerate(run.world.suppliers) if supplier.in_parts]
    whole = number[~np.isin(run.receipts["supplier"], in_parts)]
    if np.unique(whole).size != whole.size:
        return "a purchase was received twice"
    if (gone[whole] != due[whole]).any():
        return "a receipt differs from its purchase less what was withdrawn"
    return ""


def _suppliers_agree(run: Run) -> str:
    """Every supplier that keeps books: what arrived of each purchase is what left there for it, and was asked for."""
    for buyer in (run, *run.suppliers.values()):
        for k, facts in enumerate(buyer.world.suppliers):
            if facts.name in run.suppliers:
                problem = _agrees(buyer, k, run.suppliers[facts.name])
                if problem:
                    return f"{facts.name!r}: {problem}"
    return ""


def _agrees(buyer: Run, number: int, supplier: Run) -> str:
    purchases = np.full(len(supplier.demand.times), -1, dtype=np.int64)
    purchases[supplier.served["order"].astype(np.int64)] = supplier.served["purchase"].astype(np.int64)
    due = buyer.purchases["units"]
    if (supplier.served["units"] > due[purchases[supplier.served["order"].astype(np.int64)]]).any():
        return "it was asked for more than was bought"
    there = (supplier.parcels["delivered"] < buyer.world.horizon) & np.isin(
        supplier.parcels["order"], supplier.served["order"]
    )
    sent = np.bincount(
        purchases[supplier.parcels["order"][there].astype(np.int64)],
        weights=supplier.parcels["units"][there],
        minlength=due.size,
    )
    mine = buyer.receipts["supplier"] == number
    kept = np.isin(buyer.receipts["purchase"], supplier.served["purchase"])  # the others never lay in its stock
    mine &= kept
    came = np.bincount(
        buyer.receipts["purchase"][mine].astype(np.int64),
        weights=(buyer.receipts["units"] + buyer.receipts["lost"])[mine],
        minlength=due.size,
    )
    if not np.array_equal(sent, came):
        purchase = int(np.flatnonzero(sent != came)[0])
        return f"{sent[purchase]:g} units of purchase {purchase} left and should be there, {came[purchase]:g} came"
    return ""


def _time_is_sane(run: Run) -> str:
    """Times never fall, lie in [0, horizon), no wait is negative, and waits begin with the order."""
    times = {
        "orders": run.demand.times,
        "fills": run.fills["time"],
        "recoveries": run.recovered["time"],
        "promises": run.promises["time"],
        "messages": run.notices["time"],
        "contacts": run.contacts["time"],
        "cancellations": run.cancelled["time"],
        "purchases": run.purchases["time"],
        "receipts": run.receipts["time"],
        "adjustments": run.adjusted["time"],
        "parcels": run.parcels["shipped"],
    }
    for name, column in times.items():
        if column.size and (np.diff(column).min(initial=0.0) < 0 or column[0] < 0 or column[-1] >= run.world.horizon):
            return f"the times of {name} fall or leave [0, horizon)"
    for name, wait in (
        ("fill", run.fills["time"] - run.fills["placed"]),
        ("cancellation", run.cancelled["time"] - run.cancelled["placed"]),
        ("transit", run.parcels["delivered"] - run.parcels["shipped"]),
    ):
        if wait.size and wait.min() < 0:
            return f"a {name} after {wait.min():g} days"
    for name, facts in (("fill", run.fills), ("cancellation", run.cancelled)):
        number = facts["order"].astype(np.int64)
        placed = np.append(run.demand.times, 0.0)[np.where(number < 0, -1, number)]  # from before: day 0
        if not np.array_equal(placed, facts["placed"]):
            return f"a {name} waits from another time than that of its order"
    return ""


def _little(run: Run) -> str:
    """The area under the backlog is the sum of unit waits, those still open cut at the horizon."""
    horizon = run.world.horizon
    level = path(run, "backlog", None)
    area = float(np.sum(level.values * np.diff(np.append(level.times, horizon))))
    waiting = run.cancelled["held"] == 0
    when, _, units = backorders(run)
    waits = float(np.sum(run.fills["units"] * (run.fills["time"] - run.fills["placed"])))
    waits += float(np.sum((run.cancelled["units"] * (run.cancelled["time"] - run.cancelled["placed"]))[waiting]))
    # Still open: every backordered unit waits to the horizon, less what filled and cancelled ones do not.
    ended = float(np.sum(run.fills["units"] * (horizon - run.fills["placed"])))
    ended += float(np.sum((run.cancelled["units"] * (horizon - run.cancelled["placed"]))[waiting]))
    waits += float(np.sum(units * (horizon - when))) - ended
    scale = max(1.0, float(np.sum(units * (horizon - when))))
    return "" if abs(area - waits) <= TOLERANCE * scale else f"area {area!r}, waits {waits!r}"
