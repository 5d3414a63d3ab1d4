"""Goods for a later day from two sites: each site sends its own so that they come on the day, worked out by hand."""

from __future__ import annotations

import numpy as np

from simulator.record.levels import path
from tests.unit.world.sites.two_sites import TwoSites, kpi, parcels, promised

SHARED = {"promise": {"kind": "atp"}, "sourcing": {"kind": "nearest"}}


def forty(folder, stock=(2, 10), **more):
    """A northern order of day 0 for 4 lamps on day 40; a parcel takes one day from the north, three from the south."""
    world = TwoSites(folder, {"lamp": stock[0]}, {"lamp": stock[1]})
    world.document["clock"]["horizon"] = 60
    return world.orders("n", "0,N1,lamp,4,,", wanted=40, **more).orders("s")


def on_hand(run, site, day):
    """Lamps at a site just before a day."""
    shelf = [(facts.site, facts.name) for facts in run.world.items].index((site, "lamp"))
    return path(run, "on_hand", [shelf]).before(np.array([day]))[0]


def test_goods_of_both_sites_come_on_the_wanted_day_each_after_its_own_way(tmp_path):
    run = forty(tmp_path).play(**SHARED)
    assert parcels(run) == [(0, "south", 2, 37, 40), (0, "north", 2, 39, 40)]
    assert promised(run, 0) == 40
    assert kpi(run, "otif_requested") == 1
    assert kpi(run, "sourced_elsewhere") == 0.5


def test_sites_are_chosen_and_units_taken_when_the_order_opens(tmp_path):
    run = forty(tmp_path).bought(("north", "lamp", 1, 25)).play(**SHARED, reservation={"ahead": "14 d"})
    assert [on_hand(run, site, 26) for site in ("north", "south")] == [3, 10], "no unit is taken before day 26"
    assert [level.on_hand for level in run.final] == [0, 0, 9, 0], (
        "the north has three lamps by then, the south gives one"
    )
    assert parcels(run) == [(0, "south", 1, 37, 40), (0, "north", 3, 39, 40)]


def test_an_order_that_opens_too_late_for_the_far_site_comes_late_from_there_alone(tmp_path):
    run = forty(tmp_path).play(**SHARED, reservation={"ahead": "2 d"})
    assert parcels(run) == [(0, "south", 2, 38, 41), (0, "north", 2, 39, 40)]
    assert promised(run, 0) == 41


def test_what_is_filled_later_at_home_does_not_wait_for_the_goods_of_the_other_site(tmp_path):
    """A day early: the far goods leave on day 36, those at home, which come on day 37, on day 38."""
    world = forty(tmp_path, stock=(1, 1)).bought(("north", "lamp", 2, 37))
    run = world.play(**SHARED, reservation={"early": "1 d"})
    assert parcels(run) == [(0, "south", 1, 36, 39), (0, "north", 3, 38, 39)]
    late = forty(tmp_path, stock=(1, 1)).bought(("north", "lamp", 2, 39.5)).play(**SHARED)
    assert parcels(late) == [(0, "south", 1, 37, 40), (0, "north", 1, 39, 40), (0, "north", 2, 39.5, 40.5)]
    assert promised(late, 0) == 40.5
    assert kpi(late, "wait_mean") == 0.5 * 2 / 4, "from day 39 on, the last on which goods leave the north in time"


def test_the_rest_waits_where_it_comes_in_time_and_otherwise_where_it_comes_first(tmp_path):
    bought = (("north", "lamp", 4, 39), ("south", "lamp", 4, 10))
    in_time = forty(tmp_path, stock=(0, 0)).bought(*bought).play(**SHARED)
    assert parcels(in_time) == [(0, "north", 4, 39, 40)], "both come on day 40, so it stays at home"
    bought = (("north", "lamp", 4, 45), ("south", "lamp", 4, 42))
    late = forty(tmp_path, stock=(0, 0)).bought(*bought).play(**SHARED)
    assert parcels(late) == [(0, "south", 4, 42, 45)]
    assert promised(late, 0) == 45


def test_whole_orders_leave_on_the_day_of_each_site(tmp_path):
    run = forty(tmp_path, stock=(2, 2)).play(**SHARED, fulfilment={"kind": "order_complete"})
    assert not parcels(run), "no site has all four, so it waits whole at one of them"
    run = forty(tmp_path, stock=(0, 4)).play(**SHARED, fulfilment={"kind": "order_complete"})
    assert parcels(run) == [(0, "south", 4, 37, 40)]


def test_a_card_that_is_refused_gives_back_what_was_packed_at_once_and_what_came_later(tmp_path):
    payment = {"kind": "at_shipment", "reauth_days": 0, "fails": 1}
    world = forty(tmp_path, stock=(1, 0)).bought(("north", "lamp", 3, 5))
    run = world.play(**SHARED, payment=payment)
    assert not parcels(run)
    assert run.cancelled["units"].sum() == 4
    assert run.final[0].on_hand == 4, "the one of day 0, too"
