"""Picking: workers pack parcels first come first served, and the carrier has each as soon as it is packed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.world.shops import play, shop

AREA = {"workers": 2, "time": {"kind": "gamma", "mean": "2 d", "cv": 0.8}}
LATER = {"kind": "closure", "at": 1000, "lasts": 1}
"""Beyond the horizon: nothing is ever shut, but something could be."""


def parts(run) -> dict[str, list]:
    """The rows of what picking and delivery write."""
    return {name: np.column_stack([*getattr(run, name).values()]).tolist() for name in ("picks", "parcels")}


def test_one_worker_packs_an_order_a_day_in_two_days_each():
    run = play(shop(clock__horizon=6, warehouse__picking={"workers": 1, "time": "2 d"}, carriers__van={"transit": 3}))
    assert run.picks["started"].tolist() == [1, 3, 5, 7, 9]  # parcels of the days 1 to 5
    assert run.picks["done"].tolist() == [3, 5, 7, 9, 11]
    assert parts(run)["parcels"] == [[3, 6, 0, 1], [5, 8, 1, 1]]


@pytest.mark.parametrize("gate", [{"warehouse": True}, {"carrier": "van"}])
@pytest.mark.parametrize("area", [AREA, {"workers": 1, "time": "30 h"}, {"time": "3 h"}])
@pytest.mark.parametrize("stock", [6, 60])
def test_a_gate_that_never_shuts_changes_nothing(gate, area, stock):
    world = shop(
        warehouse__picking=area,
        warehouse__stock__mug=stock,
        carriers__van={"transit": {"kind": "gamma", "mean": "2 d", "cv": 0.5}},
        customers__web__patience=3,
    )
    plain, gated = play(world), play({**world, "events": [LATER | gate]})
    assert parts(plain) == parts(gated)
    assert len(plain.parcels["order"]) > 10


def test_of_two_sites_one_picks_for_a_day_and_the_other_in_no_time():
    web = shop()["customers"]["web"]
    sites = {"north": {"stock": {"mug": 50}, "picking": {"time": "1 d"}}, "south": {"stock": {"mug": 50}}}
    world = shop(customers={"far": {**web, "site": "north"}, "near": {**web, "site": "south"}}, warehouses=sites)
    del world["warehouse"]
    run = play(world)
    orders = run.parcels.numbers("order")
    days = run.parcels["shipped"] - run.demand.times[orders]
    assert set(days[run.demand.segments[orders] == 0]) == {1.0}
    assert set(days[run.demand.segments[orders] == 1]) == {0.0}
    assert len(run.picks["order"]) == 39
