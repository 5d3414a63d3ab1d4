"""What belongs together in an event log: purchases and the backorders that they fill, parcels and the lines in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from simulator.record.facts import Facts


def line_id(order: float, line: float) -> str:
    """The identifier of an order line."""
    return f"line:{int(order)}/{int(line)}"


def purchases_of_fills(facts: Facts) -> dict[int, list[int]]:
    """The purchases whose receipts filled each row of the fills; see `record.sources`, which asks for a single one."""
    receipts, fills = facts.receipts, facts.fills
    arrived: dict[tuple[float, float], list[tuple[int, float]]] = defaultdict(list)
    columns = (receipts[name].tolist() for name in ("time", "item", "purchase", "units"))
    for time, item, purchase, units in zip(*columns, strict=True):
        arrived[time, item].append((int(purchase), units))
    used: dict[tuple[float, float], float] = defaultdict(float)
    found: dict[int, list[int]] = {}
    columns = (fills[name].tolist() for name in ("time", "item", "units"))
    for row, (time, item, units) in enumerate(zip(*columns, strict=True)):
        if (time, item) not in arrived:
            continue
        start = used[time, item]
        end = used[time, item] = start + units
        begin = 0.0
        for purchase, received in arrived[time, item]:
            until = begin + received
            if min(end, until) > max(start, begin):
                found.setdefault(row, []).append(purchase)
            begin = until
    return found


def lines_of_parcels(facts: Facts) -> Callable[[int], list[str]]:
    """A function from the row of a parcel to the lines in it.

    Units of a line leave in the first parcels of the order that are shipped after they were filled and have room.
    """
    parcels = facts.parcels
    orders, units, shipped = parcels.numbers("order"), parcels["units"], parcels["shipped"]
    filled: dict[int, list[list[float]]] = defaultdict(list)
    taken = np.flatnonzero(facts.at_once)
    owners = facts.line_orders[taken]
    for owner, line, count in zip(
        owners.tolist(), (taken - facts.line_starts[owners]).tolist(), facts.at_once[taken].tolist(), strict=True
    ):
        filled[owner].append([-np.inf, line, float(count)])
    for table in (facts.recovered, facts.fills):
        columns = (table[name].tolist() for name in ("order", "time", "line", "units"))
        for owner, time, line, count in zip(*columns, strict=True):
            filled[int(owner)].append([time, line, count])
    found: dict[int, list[str]] = {}
    for row in np.argsort(shipped, kind="stable").tolist():
        room = float(units[row])
        inside: dict[str, None] = {}
        for part in filled[int(orders[row])]:
            some = min(room, part[2]) if part[0] <= shipped[row] else 0.0
            if some > 0:
                part[2] -= some
                room -= some
                inside[line_id(orders[row], part[1])] = None
        found[row] = list(inside)
    return lambda row: found.get(row, [])
