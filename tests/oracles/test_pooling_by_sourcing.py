"""Sites that share their stock by sourcing are one site with the sum of the levels, order by order."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import yaml

from simulator.record.run import Run
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.oracles.helper import textbook

LEVEL = 7


def world(sites: dict[str, Any], **policy: Any) -> dict[str, Any]:
    """Two segments that order from their own site where there are two, else from the only one."""
    basket = {"kind": "single", "item": "rug", "quantity": {"kind": "geometric", "mean": 2}}
    segments = {name: {"arrivals": {"kind": "poisson", "rate": "1 / d"}, "basket": basket} for name in ("n", "s")}
    if len(sites) > 1:
        for segment, site in zip(segments.values(), sites, strict=True):
            segment["site"] = site
    level = LEVEL if len(sites) > 1 else 2 * LEVEL
    return {
        "name": "pooling",
        "clock": {"horizon": "400 d"},
        "items": {"rug": {"price": 100, "unit_cost": 60}},
        "customers": segments,
        "warehouses": {site: {"stock": {"rug": level}, **more} for site, more in sites.items()},
        "suppliers": {"weaver": {"items": "all", "lead_time": "7 d"}},
        "policies": {"first": {"replenishment": {"kind": "base_stock", "S": level}, **policy}},
    }


def play(document: dict[str, Any], seed: int) -> Run:
    run = simulate(load_text(yaml.safe_dump(document)), "first", seed)
    run.audit()
    return run


@cache
def pooled_in_one(seed: int) -> Run:
    return play(world({"one": {}}), seed)


def waits(run: Run) -> list[list[tuple[float, float]]]:
    """By order: (days on backorder, units) of what was filled later."""
    found: list[list[tuple[float, float]]] = [[] for _ in run.demand.times]
    fills = run.fills
    for order, time, placed, units in zip(fills["order"], fills["time"], fills["placed"], fills["units"], strict=True):
        whole = dict(found[int(order)])
        days = float(time - placed)
        whole[days] = whole.get(days, 0.0) + float(units)
        found[int(order)] = sorted(whole.items())
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("transfers", ["none", "on_shortage"])
@pytest.mark.parametrize(
    "sourcing", [{"kind": "nearest"}, {"kind": "cheapest"}, {"kind": "ranked", "order": ["b", "a"]}]
)
def test_two_sites_that_share_are_one_order_by_order(seed, transfers, sourcing):
    apart = world({"a": {}, "b": {}}, sourcing=sourcing, transfers={"kind": transfers})
    shared, pooled = play(apart, seed), pooled_in_one(seed)
    assert shared.sourced.size > 50
    assert np.array_equal(shared.at_once, pooled.at_once)
    assert waits(shared) == waits(pooled)
    for level in ("backlog", "on_order"):
        assert np.array_equal(shared.level(level).values, pooled.level(level).values)


def test_the_textbook_scenario_is_pooled_order_by_order():
    scenario = textbook("pooling")
    shared = simulate(scenario, "shared", 31)
    one = scenario.edit(
        {
            "warehouses": {"one": {"stock": {"rug": 16}}},
            "customers.northerners.site": "one",
            "customers.southerners.site": "one",
            "policies.apart.replenishment.S": 16,
        }
    )
    pooled = simulate(one, "apart", 31)
    assert np.array_equal(shared.at_once, pooled.at_once)
    assert waits(shared) == waits(pooled)


def test_at_home_the_other_site_is_of_no_help():
    """Known: `home` gives the numbers of a policy that says nothing of sourcing."""
    from simulator.record.digest import digest

    plain, home = (
        world({"a": {}, "b": {}}),
        world({"a": {}, "b": {}}, sourcing={"kind": "home"}, transfers={"kind": "none"}),
    )
    assert digest(play(plain, 5)) == digest(play(home, 5))


def test_where_the_rest_waits_at_home_units_sent_later_are_bought_again():
    """A transfer lowers the position of its sender, which buys: both sites hold more than one would."""
    rest = world({"a": {}, "b": {}}, sourcing={"kind": "nearest", "rest_at": "home"}, transfers={"kind": "on_shortage"})
    shared, pooled = play(rest, 1), pooled_in_one(1)
    assert shared.transfers.size
    assert shared.level("on_hand").mean(0, 400) > pooled.level("on_hand").mean(0, 400)
