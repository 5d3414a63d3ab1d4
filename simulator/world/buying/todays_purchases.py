"""Purchases of today's books: on their way when the run starts, some of them overdue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.model.opening import KnownPurchase
from simulator.randomness.estimate import LeadTimeEstimate
from simulator.scenario.schema.tables.opening import OpeningPurchases
from simulator.world.state import ReplicationState
from simulator.world.suppliers.vendor import Vendor


def purchases_of_today(
    state: ReplicationState,
    books: OpeningPurchases,
    vendors: Mapping[str, Vendor],
    sites: Mapping[str, Mapping[int, str]],
) -> None:
    """Adds the purchases of today's books; each comes as late after its day as the law of delays says.

    Args:
        state, books: the replication, and the purchases.
        vendors: the suppliers of the warehouses, by name.
        sites: the items of every site by number of the shelf, by name of the site in the order of the file.
    """
    first, purchasing = state.scenario.first_suppliers(), state.flow.purchasing
    places = {site: {name: shelf for shelf, name in items.items()} for site, items in sites.items()}
    for number, bought in enumerate(books.found):
        vendor = vendors[bought.supplier or first[bought.item]]
        item = places[bought.site or next(iter(sites))][bought.item]
        due = bought.due
        delay = None
        if books.late is not None:
            if vendor.name not in state.delays:
                rng = state.streams.keyed("belief", "late", vendor.key)
                state.delays[vendor.name] = LeadTimeEstimate.of(books.late, rng)
            delay = state.delays[vendor.name]
            overdue = max(-due, 0.0)
            at = np.array([state.streams.keyed("late", vendor.key, vendor.keys[item], str(number)).random()])
            due = max(due, 0.0) + float(delay.quantiles(overdue, at)[0])
        purchase = purchasing.inherit(vendor, purchasing.engine.shelves[item], bought.units, due)
        if delay is not None and not vendor.announces:
            purchase.delay, purchase.released = delay, bought.due
            purchase.announced = max(bought.due, 0.0) + delay.remaining(max(-bought.due, 0.0))
        state.known_purchases[purchase.number] = KnownPurchase(bought.label, bought.due)
