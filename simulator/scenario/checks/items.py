"""Checks of items: prices, costs, promotions and dates that are possible but probably mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.events.promotion import Promotion
from simulator.foundation.errors import some
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

LARGEST_UPLIFT = 20.0
"""Of a promotion; a larger one was probably written in percent without the sign."""


@check("plausibility")
def prices_cover_costs(s: Scenario) -> Iterator[Finding]:
    """A price below cost loses money with every sale; a price of 0 means that the scenario is not about money."""
    for name, item in s.items.items():
        if 0 < item.price < item.unit_cost:
            message = f"{item.price:g} is below the `unit_cost`, {item.unit_cost:g}: every sale loses money"
            yield Finding(("items", name, "price"), message, warning=True)


@check("plausibility")
def keeping_costs_less_than_buying(s: Scenario) -> Iterator[Finding]:
    """Holding a unit for a day costs less than the unit; items that cost nothing are left out."""
    share, money = s.costs.holding
    daily = {name: share * item.unit_cost + money for name, item in s.items.items()}
    dear = [
        f"{name} ({daily[name]:g} against {item.unit_cost:g})"
        for name, item in s.items.items()
        if 0 < item.unit_cost < daily[name]
    ]
    if dear:
        message = f"holding a unit for one day costs more than buying it: {some(dear, 5)}; write for example 25 % / y"
        yield Finding(("costs", "holding"), message, warning=True)
    elif share * 365 > 1 + 1e-9:
        message = f"{share * 365:.0%} of the unit cost a year; 15 to 35 % are usual: write for example 25 % / y"
        yield Finding(("costs", "holding"), message, warning=True)


@check("plausibility")
def promotions_are_of_sane_size(s: Scenario) -> Iterator[Finding]:
    """An uplift is a share of the usual orders, on top of them."""
    for path, _, event in s.event_tree():
        if isinstance(event, Promotion) and event.uplift > LARGEST_UPLIFT:
            message = f"{event.uplift:g} means {event.uplift * 100:,.0f} % more orders; write 80 % as `80 %` or 0.8"
            yield Finding((*path, "uplift"), message, warning=True)


@check("plausibility")
def dates_lie_in_the_run(s: Scenario) -> Iterator[Finding]:
    """Releases, seasons and open purchases start or arrive before the horizon."""
    for path, day, effect in _dates(s):
        if day is not None and day >= s.clock.horizon:
            yield Finding(path, f"is at or after the horizon: {effect}", warning=True)


def _dates(s: Scenario) -> Iterator[tuple[KeyPath, float | None, str]]:
    """Every date of items and purchases: its path, the day, and the effect of a run that ends before."""
    for name, item in s.items.items():
        yield ("items", name, "release"), item.release, "the item never ships"
        if item.season is not None:
            yield ("items", name, "season", "from"), item.season.from_, "the item never ships"
    for path, _, supplier in s.all_suppliers():
        for k, purchase in enumerate(supplier.under_way):
            for key in ("due", "reaches"):
                yield (*path, "under_way", k, key), getattr(purchase, key), "the purchase never arrives"
