"""Checks of plans: forecasts, two suppliers, recorded purchases, hurried ones; a check is one function."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.foundation.errors import nearest, some
from simulator.policies.procurement import Escalate, ExpediteOpen, Spot, measures_of
from simulator.policies.replenishment.dual import DualSourcing
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.recorded import Recorded
from simulator.scenario.checks.check import Finding, bought, check, stranger
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

MOST_REVIEWS = 1e7
"""Reviews by forecast or of two suppliers in one replication, over all items: each takes some 10 microseconds."""


@check("consistency")
def two_suppliers_sell_what_is_bought(s: Scenario) -> Iterator[Finding]:
    """Both suppliers of a dual decision are defined and sell its items."""
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            if not isinstance(decision, DualSourcing):
                continue
            for field in ("regular", "fast"):
                supplier, path = getattr(decision, field), ("policies", policy, "replenishment", key, field)
                if supplier not in s.suppliers:
                    yield stranger(path, supplier, "suppliers", s.suppliers)
                    continue
                missing = [name for name in bought(s, spec, key) if name not in s.sold_by(supplier)]
                if missing:
                    about = (("suppliers", supplier, "items"), *(("items", name) for name in missing))
                    yield Finding(path, f"{supplier!r} does not sell {some(missing, 5)}", rests_on=about)


@check("consistency")
def planners_are_blind_to_known_events(s: Scenario) -> Iterator[Finding]:
    """What a planner does not see coming is an event of the scenario."""
    names = [event.name for event in s.events if event.name]
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            if isinstance(decision, Planned) and decision.blind_to != "all":
                for k, name in enumerate(decision.blind_to):
                    if name not in names:
                        path: KeyPath = ("policies", policy, "replenishment", key, "blind_to", k)
                        yield Finding(
                            path, f"no event is named {name!r}{nearest(name, names)}", rests_on=(("events",),)
                        )


@check("consistency")
def recorded_purchases_are_of_known_items(s: Scenario) -> Iterator[Finding]:
    """The items of a recorded plan are defined."""
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            if isinstance(decision, Recorded):
                idle = [name for name in bought(s, spec, key) if not decision.plan(name)]
                if idle:
                    path: KeyPath = ("policies", policy, "replenishment", key, "item")
                    message = f"{decision.file} holds no purchase of {some(idle, 5)}"
                    yield Finding(path, message, warning=True)


@check("consistency")
def hurried_purchases_are_of_known_items_from_known_suppliers(s: Scenario) -> Iterator[Finding]:
    """What the buyer's measures name is defined, the supplier on the spot sells it, and somebody offers to expedite."""
    for policy, spec in s.policies.items():
        nested = isinstance(spec.procurement, Escalate)
        for k, measure in enumerate(measures_of(spec.procurement)):
            path: KeyPath = ("policies", policy, "procurement", *(("steps", k) if nested else ()))
            for n, name in enumerate(measure.items or ()):
                if name not in s.items:
                    yield stranger((*path, "items", n), name, "items", s.items)
            if isinstance(measure, Spot):
                if measure.supplier not in s.suppliers:
                    yield stranger((*path, "supplier"), measure.supplier, "suppliers", s.suppliers)
                    continue
                missing = [name for name in measure.items or s.items if name not in s.sold_by(measure.supplier)]
                if missing:
                    message = f"{measure.supplier!r} does not sell {some(missing, 5)}; name its `items`"
                    about = (("suppliers", measure.supplier, "items"), ("items",))
                    yield Finding((*path, "supplier"), message, rests_on=about)
            if isinstance(measure, ExpediteOpen) and not any(spec.expedite for spec in s.suppliers.values()):
                yield Finding(path, "no supplier says `expedite:`, so nothing can be brought forward", warning=True)


@check("consistency")
def suppliers_keep_up_their_stock_by_its_position(s: Scenario) -> Iterator[Finding]:
    """Forecasts, pairs of suppliers and records of purchases are the warehouse's own."""
    for steps, _, spec in s.all_suppliers():
        for key, decision in spec.replenishment.items():
            if isinstance(decision, Planned | DualSourcing | Recorded):
                message = f"`{getattr(decision, 'kind', '')}` is for a warehouse; a supplier looks at its position only"
                yield Finding((*steps, "replenishment", key, "kind"), message, rests_on=())


@check("sense")
def plans_are_looked_at_a_sane_number_of_times(s: Scenario) -> Iterator[Finding]:
    """Reviews are few enough for a machine to get through, and retuning is not more frequent than they are."""
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            if not isinstance(decision, Planned | DualSourcing):
                continue
            path: KeyPath = ("policies", policy, "replenishment", key)
            reviews = len(bought(s, spec, key)) * s.clock.horizon / decision.R
            if reviews > MOST_REVIEWS:
                message = f"about {reviews:.2g} reviews in one replication; lengthen R"
                yield Finding((*path, "R"), message, rests_on=(("clock", "horizon"), ("items",)))
            if isinstance(decision, Planned) and decision.retune is not None and decision.retune < decision.R:
                message = f"levels can be set no more often than they are reviewed, every {decision.R:g} d (R)"
                yield Finding((*path, "retune"), message, rests_on=((*path, "R"),))


@check("sense")
def forecasts_start_from_something(s: Scenario) -> Iterator[Finding]:
    """A planner who believes that nothing will be sold buys nothing until something was asked for."""
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            if not isinstance(decision, Planned) or decision.forecast.prior is not None:
                continue
            if getattr(decision.forecast, "mean", None) is not None:
                continue
            without = [name for name in bought(s, spec, key) if s.items[name].demand is None]
            if without:
                message = f"no `prior`, and no `demand` of {some(without, 5)}: the forecast starts from 0"
                yield Finding(("policies", policy, "replenishment", key, "forecast"), message, warning=True)
