"""Checks of what is sold: prices, costs, promotions and dates that are possible and hardly meant."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.events.promotion import Promotion
from simulator.foundation.errors import some
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

LARGEST_UPLIFT = 20.0
"""Of a promotion; more was probably written in percent without the sign."""


@check("sense")
def prices_cover_costs(s: Scenario) -> Iterator[Finding]:
    """Whoever sells below cost loses with every order; a price of 0 says that money is not looked at."""
    for name, item in s.items.items():
        if 0 < item.price < item.unit_cost:
            message = f"{item.price:g} is below the `unit_cost`, {item.unit_cost:g}: every sale loses money"
            yield Finding(("items", name, "price"), message, warning=True)


@check("sense")
def keeping_costs_less_than_buying(s: Scenario) -> Iterator[Finding]:
    """A unit on the shelf does not cost a unit a day; where units cost nothing, money is not looked at."""
    share, money = s.costs.holding
    daily = {name: share * item.unit_cost + money for name, item in s.items.items()}
    dear = [
        f"{name} ({daily[name]:g} against {item.unit_cost:g})"
        for name, item in s.items.items()
        if 0 < item.unit_cost < daily[name]
    ]
    if dear:
        message = (
            f"to keep one costs more a day than to buy one: {some(dear, 5)}; write for example 25 % / y of its cost"
        )
        yield Finding(("costs", "holding"), message, warning=True)


@check("sense")
def promotions_are_of_sane_size(s: Scenario) -> Iterator[Finding]:
    """An uplift is a share of the usual orders, on top of them."""
    for path, _, event in s.event_tree():
        if isinstance(event, Promotion) and event.uplift > LARGEST_UPLIFT:
            message = f"{event.uplift:g} is {event.uplift * 100:,.0f} % more orders; 80 % is written `80 %` or 0.8"
            yield Finding((*path, "uplift"), message, warning=True)


@check("sense")
def dates_lie_in_the_run(s: Scenario) -> Iterator[Finding]:
    """A release, a season or a purchase under way that begins or comes only after the end."""
    for path, day, what in _dates(s):
        if day >= s.clock.horizon:
            yield Finding(path, f"lies at or after the horizon: {what}", warning=True)


def _dates(s: Scenario) -> Iterator[tuple[KeyPath, float, str]]:
    """Every date of items and purchases with its path and what follows where the run ends before."""
    for name, item in s.items.items():
        if item.release is not None:
            yield ("items", name, "release"), item.release, "nothing of it leaves"
        if item.season is not None:
            yield ("items", name, "season", "from"), item.season.from_, "nothing of it leaves"
    for path, _, supplier in s.all_suppliers():
        for k, purchase in enumerate(supplier.under_way):
            for key, day in (("due", purchase.due), ("reaches", purchase.reaches)):
                if day is not None:
                    yield (*path, "under_way", k, key), day, "it never comes"
