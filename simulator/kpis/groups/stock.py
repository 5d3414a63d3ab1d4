"""Stock and supply: what is on the shelf and on its record, what is bought, what is shipped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import NO_DEMAND, NOT_DELIVERED, share, wants_later
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Adjustment, World
from simulator.record.ledger import Floats
from simulator.record.levels import steps

NOTHING_EXPECTED = Undefined("no purchase was expected in the counted window")
NOTHING_BOUGHT = Undefined("nothing was bought in the counted window")
NOTHING_SHIPPED = Undefined("nothing was shipped")
NO_VARIANCE = Undefined("daily demand does not vary")
TOO_SHORT = Undefined("the counted window has fewer than two whole days")
LOSSES = (Adjustment.LOST, Adjustment.MISPLACED, Adjustment.FOUND)


@kpi("stock and supply", "units", "neither", "time")
def on_hand_mean(e: Evidence) -> Value:
    """Time average of the units on hand, all items together."""
    return float(e.on_hand_area.sum() / e.days)


@kpi("stock and supply", "units", "neither", "time")
def on_order_mean(e: Evidence) -> Value:
    """Time average of the units bought and not yet received, all items together."""
    return float(e.on_order_area.sum() / e.days)


@kpi("stock and supply", "units", "neither", "time", applies=lambda world: bool(world.parts))
def put_aside_mean(e: Evidence) -> Value:
    """Time average of the components that are put aside for waiting kits; they count as on hand."""
    moved = e.facts.aside
    return float((moved["units"] * (e.end - np.clip(moved["time"], e.start, e.end))).sum() / e.days)


@kpi("stock and supply", "1/y", "higher", "stock at cost")
def turns(e: Evidence) -> Value:
    """Units kept by customers, at cost, per year (365 d), over the mean stock on hand at cost."""
    cost = e.of_items("unit_cost")
    kept = e.asked - e.refused - e.waiting - e.cancelled() - e.returned
    sold = (float((kept * e.of_lines("unit_cost")).sum()) + float((e.recovered * cost).sum())) * 365 / e.days
    return share(sold, float((e.on_hand_area * cost).sum() / e.days), Undefined("no stock of any cost was held"))


@kpi("stock and supply", "d", "neither", "units demanded per day")
def days_of_supply(e: Evidence) -> Value:
    """Mean units on hand over mean units demanded per day."""
    return share(float(e.on_hand_area.sum()), float(e.asked.sum()), NO_DEMAND)


@kpi("stock and supply", "units", "lower")
def unsold_units(e: Evidence) -> Value:
    """Units left over and cleared at the end of their season in the window."""
    return float(e.cleared.sum())


@kpi("stock and supply", "units", "lower")
def write_off_units(e: Evidence) -> Value:
    """Units written off in the window: at the end of their shelf life, cleared at the end of season or sale, or sent
    back by customers in no state to be sold again."""
    return float(e.written_off.sum())


@kpi("stock and supply", "ratio", "neither", "space for stock")
def space_used(e: Evidence) -> Value:
    """Time average of the space that stock on hand takes, over the space available."""
    if e.world.space is None:
        return Undefined("no warehouse says how much `space` it has")
    volumes = e.of_items("volume")
    return float((e.on_hand_area * volumes).sum() / e.days / e.world.space)


@kpi("stock and supply", "share", "higher", "units ordered before the release")
def release_fill(e: Evidence) -> Value:
    """Units ordered ahead of a release (or of a season) that were filled within a day of it; backlogs from before the
    start are left out."""
    ships_from = e.of_items("ships_from")
    short, fills = e.facts.backordered.own, e.facts.fills.own
    early = e.facts.demand.times[short.numbers("order")] < ships_from[short.numbers("item")]
    release = ships_from[fills.numbers("item")]
    on_day = (fills["placed"] < release) & (fills["time"] < release + 1)
    ahead = float(short["units"][early].sum())
    return share(fills["units"][on_day].sum(), ahead, Undefined("nothing was ordered ahead of a release"))


@kpi("stock and supply", "purchases", "neither")
def purchases(e: Evidence) -> Value:
    """Purchases made in the window; those made before the start (`under_way`) are not among them."""
    return float(e.bought[0])


@kpi("stock and supply", "units", "neither", "purchases")
def purchase_size(e: Evidence) -> Value:
    """Mean units of a purchase."""
    return share(e.bought[1], e.bought[0], NOTHING_BOUGHT)


@kpi("stock and supply", "d", "lower", "receipts")
def lead_time_effective(e: Evidence) -> Value:
    """Mean days from the decision to buy to the receipt, including closures, delays and the effect of purchases that
    may not overtake one another; purchases from before the start are left out."""
    return share(e.lead_times[1], e.lead_times[0], Undefined("no goods were received in the counted window"))


@kpi("stock and supply", "share", "higher", "purchases expected")
def supplier_otif(e: Evidence) -> Value:
    """Purchases received in full within the days that their supplier quotes, of those expected in the window."""
    expected, kept = e.on_time
    return share(float(kept.sum()), float(expected.sum()), NOTHING_EXPECTED)


@kpi("stock and supply", "ratio", "lower", "daily demand")
def bullwhip(e: Evidence) -> Value:
    """Variance of the units bought per day over variance of the units demanded per day, all items together."""
    return bullwhip_of(e, demand_variance(e))


def bullwhip_of(e: Evidence, demand: float | Undefined) -> Value:
    """Variance of the units bought per day over that of the demand, if that is known."""
    if isinstance(demand, Undefined):
        return demand
    return _daily_variance(e, e.facts.purchases["time"], e.facts.purchases["units"]) / demand


def demand_variance(e: Evidence) -> float | Undefined:
    """Variance of the units demanded per day over the whole days of the window; undefined if there is none."""
    if int(e.days) < 2:
        return TOO_SHORT
    return _daily_variance(e, e.facts.demand.times, e.facts.units_by_order) or NO_VARIANCE


def _daily_variance(e: Evidence, times: Floats, units: NDArray[np.generic]) -> float:
    days = int(e.days)
    day = np.floor(times - e.start)
    inside = (day >= 0) & (day < days)
    return float(np.bincount(day[inside].astype(np.int64), weights=units[inside], minlength=days).var())


@kpi("stock and supply", "share", "neither", "working time of the pickers")
def utilisation(e: Evidence) -> Value:
    """Share of their time that the warehouse's pickers are busy."""
    workers = e.world.pickers
    if workers is None:
        return Undefined("the warehouse has no limited number of pickers")
    picks = e.facts.picks
    busy = np.clip(picks["done"], e.start, e.end) - np.clip(picks["started"], e.start, e.end)
    return float(busy.sum() / (workers * e.days))


@kpi("stock and supply", "parcels", "lower", "orders of which something was shipped")
def parcels_per_order(e: Evidence) -> Value:
    """Parcels of one order, mean over the orders of which something was shipped."""
    parcels = np.bincount(e.counted(e.facts.parcels).numbers("order"))
    return share(float(parcels.sum()), int(np.count_nonzero(parcels)), NOTHING_SHIPPED)


def _splits(world: World) -> bool:
    return world.splits


@kpi("stock and supply", "share", "neither", "orders of which some units were there and some were not", applies=_splits)
def chose_parts(e: Evidence) -> Value:
    """Orders whose customer had what was there sent at once, of those whose customer was asked (`split`)."""
    asked = e.counted(e.facts.split_choices)["parts"]
    return share(asked.sum(), asked.size, Undefined("no customer was asked"))


def _share_of_parcels(e: Evidence, some: Floats) -> Value:
    return share(float(e.in_window(some).sum()), float(e.in_window(e.facts.sent["time"]).sum()), NOTHING_SHIPPED)


@kpi("stock and supply", "share", "lower", "parcels handed over")
def lost_parcels(e: Evidence) -> Value:
    """Parcels handed over in the window that never arrive."""
    return _share_of_parcels(e, e.facts.lost["time"])


@kpi("stock and supply", "share", "lower", "parcels handed over")
def stalled_parcels(e: Evidence) -> Value:
    """Parcels handed over in the window that get stuck in transit."""
    return _share_of_parcels(e, e.facts.stalled["time"])


@kpi("stock and supply", "units", "lower")
def oversold_units(e: Evidence) -> Value:
    """Units of counted orders that the storefront showed as available when they were out of stock."""
    return float(e.counted(e.facts.oversold)["units"].sum())


@kpi("stock and supply", "units", "lower", "time")
def phantom_units(e: Evidence) -> Value:
    """Time average of the units on record in excess of the stock on hand, all items together."""
    level = steps(e.facts, "phantom")
    return float((np.maximum(level.units, 0) * level.durations(e.start, e.end)).sum() / e.days)


@kpi("stock and supply", "share", "lower", "items and time")
def records_wrong(e: Evidence) -> Value:
    """Share of items x time during which the record differs from the stock on hand."""
    level = steps(e.facts, "phantom")
    wrong = ((level.units != 0) * level.durations(e.start, e.end)).sum()
    return float(wrong / e.days) / len(e.world.items)


@kpi("stock and supply", "units", "lower")
def lost_units(e: Evidence) -> Value:
    """Units that vanished from the shelf in the window, or were misplaced and not found in it."""
    facts = e.window(e.facts.adjusted)
    return max(-float(facts.having("why", *LOSSES)["units"].sum()), 0.0)


@kpi("stock and supply", "d", "lower", "units with a wanted day, shipped in full", applies=wants_later)
def reserved_days(e: Evidence) -> Value:
    """Days from the day on which a unit was taken off the shelf for an order with a wanted day to the day on which it
    was handed to the carrier, mean over the units of orders of which all that was taken has been shipped."""
    facts, wanted = e.facts, e.facts.demand.wanted
    if wanted is None:
        return NOT_DELIVERED
    parcels, fills = facts.parcels.own, facts.fills.own
    n = wanted.size
    once = facts.taken_by_order
    taken = once + facts.per_order(fills)
    days = np.zeros(n)
    np.add.at(days, parcels.numbers("order"), parcels["shipped"] * parcels["units"])
    np.subtract.at(days, fills.numbers("order"), fills["time"] * fills["units"])
    counted = e.orders & ~np.isnan(wanted) & (taken > 0) & (facts.per_order(parcels) == taken)
    days[counted] -= once[counted] * facts.opens[counted]
    return share(days[counted].sum(), taken[counted].sum(), NOT_DELIVERED)
