"""The kinds of backorder, each in a world small enough to follow with a finger."""

import numpy as np
import pytest

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Adjustment, Cause
from simulator.scenario.loader import load_text
from tests.unit.world.shops import play, shop

DAILY = {"kind": "every", "interval": 1}


def item(**words):
    return {"mug": {"price": 12, "unit_cost": 5, **words}}


# ---------------------------------------------------------------------------------------------- pre-order
def test_nothing_leaves_before_the_release_and_then_the_book_is_served_in_order():
    """Orders on days 1, 2, …; ten mugs lie ready from day 4; the release is on day 8."""
    d = shop(
        items=item(release=8),
        warehouse__stock__mug=0,
        policies__first={"replenishment": {"kind": "R_S", "R": 100, "first": 0, "S": 10}},
    )
    run = play(d)
    assert run.receipts["time"].tolist() == [8]
    assert run.fills["time"].tolist() == [8] * 7
    assert run.fills["order"].tolist() == list(range(7))
    assert evaluate(run)["release_fill"] == 1


def test_a_backlog_from_before_the_start_is_not_among_what_was_ordered_ahead():
    d = shop(
        items=item(release=4),
        warehouse__stock__mug=-2,
        policies__first={"replenishment": {"kind": "R_S", "R": 100, "first": 0, "S": 5}},
    )
    run = play(d)
    assert run.fills["order"].tolist()[:4] == [-1, 0, 1, 2]
    assert evaluate(run)["release_fill"] == 1, "the three of days 1 to 3"


def test_a_release_date_is_the_promise_even_when_goods_lie_ready():
    d = shop(
        items=item(release=8),
        warehouse__stock__mug=0,
        policies__first={"replenishment": {"kind": "R_S", "R": 100, "first": 0, "S": 10}, "promise": {"kind": "atp"}},
    )
    run = play(d)
    assert run.promises["date"][:7].tolist() == [8] * 7


@pytest.mark.parametrize(("reserve", "sold"), [("at_order", 3), ("at_ship", 7)])
def test_pre_orders_count_against_the_limit_when_placed_or_only_from_the_release_on(reserve, sold):
    """P04: with a limit of 3, three of the seven who order before day 8 get in, or all do."""
    d = shop(
        items=item(release=8, reserve=reserve),
        warehouse__stock__mug=0,
        policies__first={
            "replenishment": {"kind": "R_S", "R": 100, "first": 0, "S": 3},
            "acceptance": {"kind": "limit", "units": 3},
        },
    )
    run = play(d)
    early = run.demand.times[run.backordered["order"].astype(int)] < 8
    assert early.sum() == sold
    assert evaluate(run)["release_fill"] == pytest.approx(3 / sold if reserve == "at_ship" else 1)


# ----------------------------------------------------------------------------------------------- seasonal
SEASON = {"opens": 5, "from": 10, "to": 20, "salvage": 2}


def seasonal(S, **words):
    return shop(
        items=item(season={**SEASON, **words}),
        warehouse__stock__mug=0,
        policies__first={"replenishment": {"kind": "R_S", "R": 100, "first": 0, "S": S}},
    )


def test_a_season_opens_its_book_ships_from_its_first_day_and_ends_hard():
    """A mug a day: days 5 to 9 order ahead, 10 to 14 take the rest of ten; 15 to 19 wait, called off on day 20."""
    run = play(seasonal(10))
    assert run.refused["order"].tolist() == [0, 1, 2, 3, *range(19, 39)]
    assert run.fills["time"].tolist() == [10] * 5
    assert run.cancelled["cause"].tolist() == [Cause.SELLER] * 5
    assert run.cancelled["time"].tolist() == [20] * 5
    assert evaluate(run)["cancelled_seller"] == 5 / 39


def test_what_is_left_at_the_end_of_the_season_is_cleared_for_its_salvage():
    run = play(seasonal(40))
    assert run.adjusted["why"].tolist() == [Adjustment.SEASON]
    found = evaluate(run)
    assert found["unsold_units"] == 40 - 15
    assert found["salvage"] == 2 * 25
    assert run.level("on_hand", "mug").values[-1] == 0
    assert found["contribution"] == pytest.approx(found["revenue"] + 50 - found["total_cost"])


def test_goods_that_come_after_the_season_are_cleared_too():
    d = seasonal(10)
    d["suppliers"]["pottery"]["lead_time"] = 25
    run = play(d)
    assert not run.fills["order"].size
    assert run.level("on_hand", "mug").values[-1] == 0
    assert evaluate(run)["unsold_units"] == 10


def test_orders_capped_to_the_supply_on_order_leave_nobody_waiting_at_the_end():
    d = seasonal(10)
    d["policies"]["first"]["acceptance"] = {"kind": "committed"}
    run = play(d)
    assert not run.cancelled["order"].size
    assert evaluate(run)["fill_rate"] > 0


# ------------------------------------------------------------------------------------------- made to order
def test_what_is_made_to_order_is_bought_one_for_one_and_never_kept():
    d = shop(
        items=item(made="to_order"),
        warehouse={},
        policies__first={"replenishment": {"kind": "s_Q", "s": 4, "Q": 50}},
    )
    run = play(d)
    assert (run.purchases["units"] == 1).all()
    assert run.purchases["time"].tolist() == run.demand.times.tolist()
    np.testing.assert_allclose(run.fills["time"] - run.fills["placed"], 4)
    assert evaluate(run)["on_hand_mean"] == 0


@pytest.mark.parametrize("words", [{"made": "to_order"}, {"release": 8}, {"season": SEASON}])
def test_stock_of_what_cannot_be_kept_is_refused_with_its_place(words):
    import yaml

    with pytest.raises(UserError, match=r"warehouse\.stock\.mug"):
        load_text(yaml.safe_dump(shop(items=item(**words))))


# ---------------------------------------------------------------------------------------------- drop-ship
def drop_ship(lag):
    return shop(
        items=item(made="drop_ship", visibility_lag=lag) if lag else item(made="drop_ship"),
        warehouse__stock__mug=3,
        suppliers__pottery__lead_time=10,
        customers__web__arrivals=DAILY,
        policies__first={
            "replenishment": {"kind": "s_Q", "s": 0, "Q": 5},
            "promise": {"kind": "ctp", "repromise": "on_change"},
        },
    )


def test_until_the_seller_learns_that_the_vendor_has_run_out_orders_are_dated_as_if_it_were_there():
    """Three are there; the order of day 4 is the first that waits; the seller hears of it on day 6."""
    blind, told = play(drop_ship(2)), play(drop_ship(0))
    assert told.promises["date"][0] > 4
    first = blind.promises["order"] == 3
    assert blind.promises["date"][first][0] == 4, "dated at once"
    assert blind.promises["time"][first][1] == 6, "two days later a later date"
    assert blind.promises["date"][first][1] == told.promises["date"][0]


def test_a_vendor_s_stock_costs_no_holding_and_is_paid_when_sold():
    d = drop_ship(0)
    d["costs"] = {"holding": "1 / d"}
    found = evaluate(play(d))
    assert found["holding_cost"] == 0
    d["items"]["mug"]["made"] = "stocked"
    kept = evaluate(play(d))
    assert kept["holding_cost"] > 0
    run = play(d)
    sold = run.demand.quantities.sum() - run.level("backlog", "mug").values[-1]
    assert found["purchase_cost"] == 5 * sold
    assert kept["purchase_cost"] == 5 * run.receipts["units"].sum()
