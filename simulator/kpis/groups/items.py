"""By item: which items are short, which wait, and what each of them earns; worked out when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import AuditError
from simulator.kpis.evidence.by_item import by_item
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.money import contribution, revenue
from simulator.kpis.kpi import KPIS, Better, RequestedParts, Undefined, Value, kpi, reported
from simulator.model.nouns import World
from simulator.record.ledger import Floats

SUFFIX = "_by_item"
NOT_DEMANDED = Undefined("nobody demanded the item in the counted window")
NOT_ORDERED = Undefined("nobody ordered the item in the counted window")
NOT_IN_KITS = Undefined("no kit with the item was demanded in the counted window")
NOT_HELD = Undefined("the item was never on hand in the counted window")
ROUNDING = 1e-9
"""Largest relative difference between a total and the sum over items."""


class ItemKpi(NamedTuple):
    """A KPI of single items, all of them at once."""

    values: Callable[[Evidence], Floats]
    """Its values, shape (items,); nan for an item without one."""
    undefined: Undefined
    """Why there is none."""
    total: Callable[[Evidence], float] | None
    """What the items add up to; None if they do not add up."""
    applies: Callable[[World], bool] | None
    """Whether a world has it; None: every world has."""


ITEM_KPIS: dict[str, ItemKpi] = {}
"""The KPIs of items by identifier, in the order of the reports."""


def item_kpis(world: World) -> dict[str, ItemKpi]:
    """The KPIs of items that a world has."""
    return {name: known for name, known in ITEM_KPIS.items() if known.applies is None or known.applies(world)}


def _items(world: World) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.name for item in world.items))


def item_kpi(
    unit: str,
    better: Better,
    denominator: str = "",
    undefined: Undefined = NOT_DEMANDED,
    total: Callable[[Evidence], float] | None = None,
    applies: Callable[[World], bool] | None = None,
) -> Callable[[Callable[[Evidence], Floats]], Callable[[Evidence], Floats]]:
    """Registers a function of the evidence as a KPI of items; its docstring is the definition."""

    def register(function: Callable[[Evidence], Floats]) -> Callable[[Evidence], Floats]:
        def values(e: Evidence) -> Mapping[str, Value]:
            found = function(e).tolist()
            return {n: undefined if v != v else v for n, v in zip(by_item(e).names, found, strict=True)}

        name = function.__name__
        kpi("by item", unit, better, denominator, RequestedParts(_items), name, function.__doc__, applies)(values)
        ITEM_KPIS[name] = ItemKpi(lambda e: reported(function(e), unit, e.world), undefined, total, applies)
        return function

    return register


def _share(part: NDArray[Any], whole: Floats) -> Floats:
    """part / whole; nan where the whole is 0."""
    found: Floats = np.divide(part, whole, out=np.full(whole.size, np.nan), where=whole > 0)
    return found


@item_kpi("units", "neither", total=lambda e: float(e.asked.sum()))
def demand_by_item(e: Evidence) -> Floats:
    """Units of the item demanded in the window, including refused and cancelled ones."""
    return by_item(e).asked


@item_kpi("currency", "neither", total=lambda e: float((e.asked * e.prices).sum()))
def demand_value_by_item(e: Evidence) -> Floats:
    """Price of the units of the item demanded in the window; ABC classes are made from it."""
    return by_item(e).lines(e.asked * e.prices)


@item_kpi("share", "higher", "units demanded of the item")
def fill_rate_by_item(e: Evidence) -> Floats:
    """Units of the item filled from stock at once, of all units demanded of it in the window."""
    return _share(by_item(e).lines(e.at_once), by_item(e).asked)


@item_kpi("units", "lower", "time", total=lambda e: float(e.backlog_area.sum() / e.days))
def backlog_mean_by_item(e: Evidence) -> Floats:
    """Time average of the item's units on backorder."""
    return by_item(e).shelves(e.backlog_area) / e.days


@item_kpi("units", "lower")
def backlog_peak_by_item(e: Evidence) -> Floats:
    """Most units of the item on backorder at any time in the window."""
    return by_item(e).backlog_peak


@item_kpi("unit-days", "lower", total=lambda e: float(e.backlog_area.sum()))
def backorder_days_by_item(e: Evidence) -> Floats:
    """Area under the item's backlog in the window: units on backorder x days."""
    return by_item(e).shelves(e.backlog_area)


@item_kpi("d", "lower", "units ordered of the item", NOT_ORDERED)
def wait_mean_by_item(e: Evidence) -> Floats:
    """Mean wait of the item's units, counted as in `wait_mean`."""
    once, items, days, units = by_item(e).waits
    waited = np.bincount(items, weights=units, minlength=once.size)
    return _share(np.bincount(items, weights=units * days, minlength=once.size), once + waited)


@item_kpi("d", "lower", "units ordered of the item", NOT_ORDERED)
def wait_p95_by_item(e: Evidence) -> Floats:
    """95 of 100 units ordered of the item waited no longer than this, including cancelled ones."""
    once, items, days, units = by_item(e).waits
    running = np.cumsum(units)
    ends = np.searchsorted(items, np.arange(once.size), side="right")
    upto = np.concatenate(([0.0], running))[ends]
    before = np.concatenate(([0.0], upto[:-1]))
    total = once + upto - before
    # The wait of the first unit, in order of waits, at or beyond the share; waits of 0 come first.
    wanted = 0.95 * total * (1 - 1e-12) - once
    found = np.where(total > 0, 0.0, np.nan)
    late = np.flatnonzero(wanted > 0)
    place = np.searchsorted(running, before[late] + wanted[late], side="left")
    found[late] = days[np.minimum(place, ends[late] - 1)]
    return found


@item_kpi("units", "lower", total=lambda e: float(e.cancelled().sum()))
def cancelled_units_by_item(e: Evidence) -> Floats:
    """Units of the item that were cancelled, for any cause."""
    return by_item(e).lines(e.cancelled())


@item_kpi("share", "lower", "lines demanded of the item")
def cancellation_rate_by_item(e: Evidence) -> Floats:
    """Lines of the item of which at least one unit was cancelled, for any cause."""
    return _share(by_item(e).lines(e.cancelled() > 0), by_item(e).lines(np.ones(e.line_count)))


@item_kpi("units", "lower", total=lambda e: float(e.refused.sum()))
def lost_units_by_item(e: Evidence) -> Floats:
    """Units of the item demanded but not ordered, counted as in `lost_at_checkout`."""
    return by_item(e).lines(e.refused)


@item_kpi("share", "lower", "units demanded of the item")
def lost_at_checkout_by_item(e: Evidence) -> Floats:
    """Units of the item demanded but not ordered, of all units demanded of it."""
    return _share(by_item(e).lines(e.refused), by_item(e).asked)


@item_kpi("units", "neither", "time", total=lambda e: float(e.on_hand_area.sum() / e.days))
def on_hand_mean_by_item(e: Evidence) -> Floats:
    """Time average of the item's units on hand."""
    return by_item(e).shelves(e.on_hand_area) / e.days


@item_kpi("1/y", "higher", "stock of the item", NOT_HELD)
def turns_by_item(e: Evidence) -> Floats:
    """Units of the item kept by customers or used in kits per year (365 d), over its mean units on hand."""
    return _share((by_item(e).kept + by_item(e).used_in_kits) * 365, by_item(e).shelves(e.on_hand_area))


@item_kpi("purchases", "neither", total=lambda e: float(e.bought[0]))
def purchases_by_item(e: Evidence) -> Floats:
    """Purchases of the item made in the window; those made before the start (`under_way`) are not among them."""
    bought = e.window(e.facts.purchases)
    return by_item(e).rows(bought, np.ones(bought["item"].size))


@item_kpi("currency", "higher", total=revenue)
def revenue_by_item(e: Evidence) -> Floats:
    """Price of the item's units, counted as in `revenue`."""
    return by_item(e).revenue


@item_kpi("currency", "higher", total=contribution)
def contribution_by_item(e: Evidence) -> Floats:
    """What the item contributes to `contribution`. Costs of an order (parcels, contacts, messages, refunds, lateness)
    are split over its lines in proportion to the units demanded."""
    return by_item(e).contribution


@item_kpi("currency", "lower")
def lost_margin_by_item(e: Evidence) -> Floats:
    """Price less unit cost of the item's units that were refused or cancelled and not sold in another way (to a
    wait-listed customer, or as a substitute)."""
    return by_item(e).lost_margin


def _has_kits(world: World) -> bool:
    return bool(world.parts)


@item_kpi("units", "neither", applies=_has_kits)
def used_in_kits_by_item(e: Evidence) -> Floats:
    """Units of the item that were used in kits in the window; what was taken apart again is left out."""
    return by_item(e).used_in_kits


@item_kpi("share", "higher", "units of the item that kits demanded in the window need", NOT_IN_KITS, applies=_has_kits)
def there_for_kits_by_item(e: Evidence) -> Floats:
    """Units of the component that were on hand when a kit was ordered, of all units that the kits demanded need of it:
    the component's fill rate as the kits demand it, and an upper bound of the kit's own."""
    needed = by_item(e).needed_for_kits
    return _share(needed - by_item(e).lacking_for_kits, needed)


def item_values(e: Evidence, where: str) -> Floats:
    """Every KPI of every item, shape (KPIs, items), in the order of `item_kpis`; nan for one without a value.

    Raises:
        AuditError: the items do not add up to a total; the message names the KPI and `where`.
    """
    rows = []
    for name, known in item_kpis(e.world).items():
        e.trim()
        rows.append(known.values(e))
        if known.total is not None:
            total, found = reported(known.total(e), KPIS[name].unit, e.world), float(rows[-1].sum())
            if abs(found - total) > ROUNDING * max(1.0, abs(total), float(np.abs(rows[-1]).sum())):
                raise AuditError(f"items add up: {name} comes to {found:.12g}, the total is {total:.12g} ({where})")
    return np.stack(rows)
