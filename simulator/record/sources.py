"""Where the units came from that filled a backorder: the receipts of that instant, each used up in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from simulator.model.amounts import many, of_item
from simulator.record.facts import Facts
from simulator.record.ledger import BEFORE, Ints


def sources(facts: Facts, fill: int) -> list[tuple[int, float]]:
    """(row of a receipt, units of it) that filled row `fill` of the fills.

    Several receipts and fills of one item at one instant are matched in the order in which they were written: the first
    fills use up the first receipt. Units beyond all receipts were on the shelf, or came free in another way.
    """
    fills, receipts = facts.fills, facts.receipts
    time, item = fills["time"][fill], fills["item"][fill]
    same = (fills["time"][:fill] == time) & (fills["item"][:fill] == item)
    start = float(fills["units"][:fill][same].sum())
    end = start + float(fills["units"][fill])
    found, begin = [], 0.0
    for row in np.flatnonzero((receipts["time"] == time) & (receipts["item"] == item)).tolist():
        until = begin + float(receipts["units"][row])
        units = min(end, until) - max(start, begin)
        if units > 0:
            found.append((row, units))
        begin = until
    return found


def transfers_at(facts: Facts, fill: int) -> Ints:
    """Rows of the transfers that arrived when row `fill` of the fills was filled."""
    fills, sent = facts.fills, facts.transfers
    return np.flatnonzero((sent["arrives"] == fills["time"][fill]) & (sent["item"] == fills["item"][fill]))


def transferred(facts: Facts, fill: int) -> str:
    """The name of the site that sent the first of them; '' if there are none."""
    rows = transfers_at(facts, fill)
    return facts.world.items[int(facts.transfers["origin"][rows[0]])].site if rows.size else ""


def component_sources(facts: Facts, fill: int) -> list[tuple[int, float]]:
    """(row of a receipt, units of it) that brought components at the instant at which row `fill` of the fills filled
    kits, at most as many units as the kits need; [] where it is of no kit. Other components had been there before."""
    receipts, found = facts.receipts, []
    for part, each in facts.world.items[int(facts.fills["item"][fill])].kit:
        same = (receipts["time"] == facts.fills["time"][fill]) & (receipts["item"] == part)
        most = each * float(facts.fills["units"][fill])
        found += [(row, min(float(receipts["units"][row]), most)) for row in np.flatnonzero(same).tolist()]
    return found


def assembled_from(facts: Facts, units: Mapping[float, float], before: str = "") -> str:
    """'3 top, 12 leg', for units by item, with a text before it; '' where none of them is a kit."""
    items, parts = facts.world.items, Counter[int]()
    for item, kits in units.items():
        for part, each in items[int(item)].kit if kits else ():
            parts[part] += round(each * kits)
    made = ", ".join(of_item(facts.world, units, part) for part, units in parts.items())
    return f"{before}{made}" if parts else ""


def kit_source(facts: Facts, fill: int) -> str:
    """The components of the kits of row `fill` of the fills, and those of them that were received at that instant; ''
    where it is of no kit."""
    made = assembled_from(facts, {float(facts.fills["item"][fill]): float(facts.fills["units"][fill])})
    receipts, found = facts.receipts, []
    for row, _ in component_sources(facts, fill):
        what = of_item(facts.world, receipts["units"][row], receipts["item"][row])
        supplier = facts.world.suppliers[int(receipts["supplier"][row])].name
        known = facts.opening.purchases.get(int(receipts["purchase"][row]))
        number = f"purchase {known.name}, " if known is not None and known.name else ""
        found.append(f"{what} received from {supplier} ({number}{when_bought(facts, row)})")
    return made + (f", with {' and '.join(found)}" if found else "")


def when_bought(facts: Facts, receipt: int) -> str:
    """'bought 5.00 d before' the receipt, or 'bought before the start'; 'part 1 of 20 units, ' goes before it where the
    purchase arrives in parts."""
    bought = facts.receipts["bought"][receipt]
    before = "before the start" if bought == BEFORE else f"{facts.receipts['time'][receipt] - bought:.2f} d before"
    return f"{_part(facts, receipt)}bought {before}"


def _part(facts: Facts, receipt: int) -> str:
    receipts = facts.receipts
    purchase, units = int(receipts["purchase"][receipt]), receipts["units"] + receipts["lost"]
    whole = facts.purchases["units"][purchase]
    if units[receipt] >= whole or not facts.world.suppliers[int(receipts["supplier"][receipt])].in_parts:
        return ""
    return f"part {int((receipts['purchase'][: receipt + 1] == purchase).sum())} of {many(facts.world, whole)}, "
