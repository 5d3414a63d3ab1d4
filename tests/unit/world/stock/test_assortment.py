"""What may be ordered when: limits follow from policy, calendar and delisting, and are never remembered."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.world.shops import play, shop

LIMIT = {"replenishment": {"kind": "none"}, "acceptance": {"kind": "limit", "units": 4}}


def delist(day):
    return {"kind": "delist", "items": "mug", "at": day, "lasts": 1}


def calendar(events, policy=None, stock=3, horizon=60, **item):
    """One mug a day is asked for, from day 1 on."""
    policy = policy or {"replenishment": {"kind": "s_Q", "s": 4, "Q": 5}}
    d = shop(clock__horizon=horizon, warehouse__stock__mug=stock, policies__first=policy, events=events)
    d["items"]["mug"].update(item)
    return play(d)


def ordered_on(run):
    """Days of the orders that were not refused."""
    return np.delete(run.demand.times, run.refused["order"].astype(int))


@pytest.mark.parametrize("day", [2, 20])
def test_a_delisted_item_stays_delisted_when_its_season_opens(day):
    season = {"opens": 20, "from": 30, "to": 50}
    run = calendar([delist(day)], stock=0, season=season)
    assert len(ordered_on(run)) == 0, "on day 20, opening and delisting fall on one instant"
    assert run.purchases["time"].size == 0 or run.purchases["time"].max() <= day
    assert run.final[0].backordered == 0
    assert run.final[0].on_hand == 0


def test_a_delisted_item_stays_delisted_when_its_release_comes():
    run = calendar([delist(10)], LIMIT, stock=0, release=20, reserve="at_ship")
    assert ordered_on(run).max() < 10
    assert run.final[0].backordered == 0


def test_an_item_is_delisted_on_the_day_of_its_release():
    run = calendar([delist(20)], LIMIT, stock=0, release=20, reserve="at_ship")
    assert ordered_on(run).max() < 20
    assert run.final[0].backordered == 0


@pytest.mark.parametrize(("day", "last"), [(30, 30), (50, 40), (40, 40)])
def test_the_earlier_of_season_end_and_delisting_ends_the_sale(day, last):
    run = calendar([delist(day)], season={"from": 0, "to": 40})
    assert ordered_on(run).max() == last - 1
    assert run.purchases["time"].max() < last
    assert (run.cancelled["time"] == last).all(), "what waits is called off once"
    assert run.final[0].on_hand == 0
    assert run.final[0].backordered == 0


def test_the_limit_of_the_policy_holds_within_the_season():
    """No stock: from day 10 on four orders wait, the others are refused, and all are called off at the end."""
    run = calendar([], LIMIT, stock=0, season={"from": 10, "to": 40})
    assert ordered_on(run).tolist() == [10, 11, 12, 13]
    assert run.cancelled["units"].sum() == 4


def test_pre_orders_do_not_count_against_the_limit_of_the_policy():
    run = calendar([], LIMIT, stock=0, release=20, reserve="at_ship")
    assert ordered_on(run).tolist() == [*range(1, 20)]


def test_an_opening_backlog_is_served_or_called_off_by_a_season_that_opens_later():
    run = calendar([], LIMIT, stock=-6, season={"from": 10, "to": 40})
    assert run.level("backlog").values[0] == 6
    assert ordered_on(run).size == 0, "six wait where four may"
    assert run.final[0].backordered == 0
