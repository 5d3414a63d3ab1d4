"""What really happened to an order, by place, with the purchases that filled it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from simulator.model.amounts import of_item
from simulator.record.ledger import BEFORE
from simulator.record.sources import component_sources, sources, transfers_at
from simulator.record.story import date_of, story_lines
from simulator.report.tracking.order import Tracked

CUSTOMER, SHOP, SUPPLIER, CARRIER = "customer", "warehouse", "supplier", "carrier"
PLACES = {
    "placed": CUSTOMER, "cancelled": CUSTOMER, "refused": CUSTOMER, "shipped": CARRIER, "delivered": CARRIER,
    "returned": CARRIER, "answered": CUSTOMER, "asked": CUSTOMER,
}  # fmt: skip
"""The place of each kind of event of an order's life; others happen in the warehouse."""


def behind(order: Tracked) -> list[list[Any]]:
    """[day, date, place, text] of every event, including those at suppliers, in order of time."""
    found = [(h.time, PLACES.get(h.what, SHOP), h.text) for h in story_lines(order.run, order.number)]
    found += _supply(order)
    found.sort(key=lambda row: (row[0], row[1] != SUPPLIER))  # goods arrive before they are used
    return [[time, _stamp(order, time), place, text] for time, place, text in found]


def _supply(order: Tracked) -> list[tuple[float, str, str]]:
    """When the purchases that filled the order were made and received."""
    run, facts, found = order.run, order.run.receipts, []
    sent = run.transfers
    for fill in np.flatnonzero(run.fills["order"] == order.number).tolist():
        for row in transfers_at(run, fill).tolist():
            what = (
                f"{order.amount(sent['units'][row], sent['item'][row])} {run.world.items[int(sent['item'][row])].name}"
            )
            origin, to = (run.world.items[int(sent[way][row])].site for way in ("origin", "item"))
            found.append((float(sent["time"][row]), SHOP, f"{what} sent from {origin} to {to}"))
            found.append((float(sent["arrives"][row]), SHOP, f"{what} arrived at {to} from {origin}"))
        for row, _ in [*sources(run, fill), *component_sources(run, fill)]:
            supplier = run.world.suppliers[int(facts["supplier"][row])].name
            what = of_item(run.world, facts["units"][row], facts["item"][row])
            received, bought = float(facts["time"][row]), float(facts["bought"][row])
            if bought == BEFORE:
                known = run.opening.purchases.get(int(facts["purchase"][row]))
                with_ = f" with purchase {known.name}" if known is not None and known.name else ""
                found.append((received, SUPPLIER, f"{what} received from {supplier}{with_}, bought before the start"))
                continue
            before = "before the order was placed" if bought < order.placed else "after the order was placed"
            found.append((bought, SUPPLIER, f"{what} bought from {supplier}, {before}"))
            found.append((received, SUPPLIER, f"{what} received from {supplier}, {received - bought:.1f} d later"))
    return list(dict.fromkeys(found))


def _stamp(order: Tracked, time: float) -> str:
    date: dt.datetime | None = date_of(order.run, time)
    return f"day {time:.2f}" if date is None else f"{date:%Y-%m-%d %H:%M}"
