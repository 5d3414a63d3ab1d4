"""What it costs to send parcels to customers, and stock from one site to another."""

from __future__ import annotations

import numpy as np

from simulator.record.facts import Facts
from simulator.record.ledger import FactColumns, Floats, Ints


def postage(facts: Facts, sent: FactColumns) -> Floats:
    """Cost of these parcels, some of `Facts.sent` without those from before the start, currency."""
    world, orders, units = facts.world, sent.numbers("order"), sent["units"]
    costs = np.array([(c.parcel_cost, c.unit_cost) for c in world.carriers] + [(0.0, 0.0)])  # -1: no carrier
    carriers = np.array([s.carrier for s in world.segments] or [-1], dtype=np.int64)
    segments = facts.demand.segments[orders]
    carrier = carriers[segments]
    paid = np.asarray(costs[carrier, 0] + costs[carrier, 1] * units)
    if not any(site.postage for site in world.sites):
        return paid
    sites = sent.numbers("site")
    for number, site in enumerate(world.sites):
        for segment, own in enumerate(site.postage):
            if own is not None:
                mine = (sites == number) & (segments == segment)
                paid[mine] = own[0] + own[1] * units[mine]
    return paid


def transfer_costs(facts: Facts) -> Floats:
    """Cost of every transfer, currency; those that leave a site for another together share the cost of the shipment by
    units."""
    costs, units = facts.world.transfers, facts.transfers["units"]
    _, which = _shipments(facts)
    return np.asarray(costs.shipment * units / np.bincount(which, weights=units)[which] + costs.unit * units)


def shipment_times(facts: Facts) -> Floats:
    """When each shipment of stock left a site for another; what leaves together is one."""
    return _shipments(facts)[0]


def _shipments(facts: Facts) -> tuple[Floats, Ints]:
    """When each shipment left, and the number of the shipment of every transfer."""
    if not facts.transfers.size:
        return np.empty(0), np.empty(0, dtype=np.int64)
    sent, sites = facts.transfers, np.array(facts.world.shelf_sites, dtype=np.float64)
    ways = np.stack((sent["time"], sites[sent.numbers("origin")], sites[sent.numbers("item")]))
    found, which = np.unique(ways, axis=1, return_inverse=True)
    return found[0], which.reshape(-1)
