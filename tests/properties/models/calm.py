"""A world without chance: what keeps a promised date from being the day at the door is taken out, cause by cause."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from simulator.randomness.distribution import Distribution
from tests.properties.models.scaled import Units
from tests.properties.models.storm import MEAN_DAY
from tests.properties.models.tellings import objects
from tests.properties.models.worlds import Plain, Words

FIRST = "first"
"""The policy that is looked at."""
NOT_SURPRISING = ("closure", "demand_spike", "promotion")
"""Events that change no supply, or that a planner knows from the start where they are scheduled."""


def calmed(words: Words) -> Words:
    """The world with every cause taken out that may move goods after their date was given."""
    d = copy.deepcopy(words.document)
    d["policies"] = {FIRST: d["policies"][FIRST]}
    for cause in CAUSES:
        cause(d)
    mean = Units({"distribution of durations": mean_of}, lambda value: value)
    return words._replace(document=mean.scenario(d))


def mean_of(law: Any) -> Any:
    """The mean in place of a law."""
    return Distribution.parse(without_files(law)).moments().mean if isinstance(law, dict) else law


def without_files(law: Any) -> Any:
    """The law with the mean of a recorded column in its place."""
    if isinstance(law, list):
        return [without_files(inner) for inner in law]
    if not isinstance(law, dict):
        return law
    if "file" in law:
        return {"kind": "constant", "value": MEAN_DAY * law["scale"]}
    return {key: without_files(inner) for key, inner in law.items()}


def what_a_draw_decides(d: Plain) -> None:
    """Breakdowns, inspections of some shipments, random yields, lost and stalled parcels, cards that fail, holds that
    end in vain."""
    for _, spec in objects(d, "suppliers"):
        spec.get("capacity", {}).pop("breakdown", None)
        if isinstance(spec.get("yield"), dict):
            spec["yield"] = 0.9
        if "customs" in spec.get("lane", {}):
            spec["lane"]["customs"]["inspected"] = round(spec["lane"]["customs"]["inspected"])
    for spec in d["customers"].values():
        if "hold" in spec:
            spec["hold"]["released"] = 1
    for spec in d["carriers"].values():
        spec["lost"] = spec["stalled"] = 0
    d["policies"][FIRST].get("payment", {}).pop("fails", None)
    if d["policies"][FIRST].get("payment", {}).get("kind") in ("at_shipment", "deposit"):
        d["policies"][FIRST]["payment"]["fails"] = 0


def what_happens_by_surprise(d: Plain) -> None:
    """Events that are not scheduled, or change what is under way; records that are wrong; suppliers that do not show
    what a purchase waits for."""
    sudden = [e for e in d["events"] if e["kind"] in NOT_SURPRISING and "at" in e and e.get("chance", 1) == 1]
    d["events"] = [{key: e[key] for key in e if key != "then"} for e in sudden]
    for event in d["events"]:
        if "lasts" in event:
            event["lasts"] = mean_of(event["lasts"])
        event.pop("resumes", None)
    for _, spec in objects(d, "suppliers"):
        spec["visibility"] = "look_through"
    for place in [d.get("warehouse", {}), *d.get("warehouses", {}).values()]:
        place.pop("records", None)


def what_is_better_served(d: Plain) -> None:
    """Later orders that go first, by rank, by a rule that divides, by a recorded day in transit; parcels that share the
    pickers; kits that let others pass while they lack a component; purchases that share a line, a departure, or
    material with those of other items, or a stock with those of other sites; purchases that leave a supplier's stock
    only whole, or in whole parts, and that later orders make larger; parts of which whole units are lost."""
    policy = d["policies"][FIRST]
    policy["allocation"] = {"kind": "fifo"}
    for entry in policy.pop("schedule", []):
        entry.pop("allocation", None)
        if entry.keys() - {"from", "to", "while", "priority"}:
            policy.setdefault("schedule", []).append(entry)
    if "kits" in policy:
        policy["kits"] = {"reserve": "piecewise"}
    for place in [d.get("warehouse", {}), *d.get("warehouses", {}).values()]:
        place.get("picking", {}).pop("workers", None)
    for spec in d["customers"].values():
        spec["arrivals"].pop("transit", None)
    for name, spec in [*objects(d, "suppliers")]:
        spec.pop("allocation", None)
        spec.pop("fulfilment", None)
        spec.pop("capacity", None)
        spec.pop("bom", None)
        if "parts" in spec:  # a larger purchase may be divided where a smaller one is not
            spec["parts"]["share"] = max(spec["parts"]["share"], 0.5)
        if spec.get("stock"):
            spec.pop("yield", None)
            for key in ("stock", "replenishment", "suppliers") if "warehouses" in d else ():
                spec.pop(key, None)
                policy["replenishment"].pop(name, None)
        spec.get("lane", {}).get("departures", {}).pop("units", None)


def what_takes_from_the_shelf(d: Plain) -> None:
    """Units that a waiting line counts on: sold as a substitute, to the wait-list, in exchange or into a cart, or
    spoilt; and returned goods, because of which less is bought."""
    for spec in d["items"].values():
        spec.pop("shelf_life", None)
        spec.pop("substitutes", None)
        spec.pop("visibility_lag", None)
    for spec in d["customers"].values():
        for key in ("carts", "preset", "otherwise", "waitlist", "offer", "returns"):
            spec.pop(key, None)
    policy = d["policies"][FIRST]
    kept = policy.get("reservation")
    policy["reservation"] = {**kept, "at": "at_checkout"} if isinstance(kept, dict) else "at_checkout"
    policy.get("communication", {}).pop("options", None)


def what_the_buyer_changes(d: Plain) -> None:
    """Levels that follow a forecast or the past; purchases that are hurried, moved or withdrawn."""
    policy = d["policies"][FIRST]
    policy["procurement"] = {"kind": "wait"}
    for name, decision in policy["replenishment"].items():
        if decision["kind"] in ("forecast", "forecast_s_S", "anchor_adjust", "dual_index", "base_surge", "recorded"):
            decision = {"kind": "R_S", "R": decision.get("R", 1), "S": 9}
        policy["replenishment"][name] = {key: decision[key] for key in decision if key != "cancel_purchase"}


def what_else_is_asked(d: Plain) -> None:
    """Not a cause: more orders wait, and there is time for them to arrive."""
    policy = d["policies"][FIRST]
    policy |= {"promise": {"kind": "ctp"}, "acceptance": {"kind": "always"}, "window": {"kind": "none"}}
    d["clock"]["horizon"] *= 2


CAUSES: tuple[Callable[[Plain], None], ...] = (
    what_a_draw_decides,
    what_happens_by_surprise,
    what_is_better_served,
    what_takes_from_the_shelf,
    what_the_buyer_changes,
    what_else_is_asked,
)
"""The named causes for which a date is not kept."""
