"""Records that are wrong: phantom stock, oversold units, refunds, losses, counts, a storefront that lags."""

import numpy as np
import pytest
from scipy import stats

from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Adjustment
from simulator.world.stock.record_errors import binomial
from tests.unit.world.shops import play, shop

TEN = {"kind": "every", "interval": 0.01, "first": 2}
NEVER = {"kind": "never"}


def twenty_on_record(acceptance, horizon=2.095, **records):
    """20 on record and none on the shelf since day 0; ten orders of 1 within the two hours that the storefront lags."""
    return shop(
        clock__horizon=horizon,
        customers__web__arrivals=TEN,
        warehouse__stock__mug=0,
        warehouse__records={"sync_lag": "2 h", **records},
        events=[{"kind": "record_error", "items": "mug", "at": 0, "lasts": 1, "units": 20}],
        policies__first={"replenishment": {"kind": "none"}, "acceptance": acceptance},
    )


@pytest.mark.parametrize("acceptance", [NEVER, {"kind": "always"}, {"kind": "limit", "units": 3}])
def test_twenty_shown_and_none_there_make_ten_backorders_in_the_lag_and_ship_nothing(acceptance):
    run = play(twenty_on_record(acceptance))
    assert run.demand.times.size == 10
    assert run.backordered["units"].tolist() == [1.0] * 10
    assert run.parcels["units"].size == 0
    assert evaluate(run, ["oversold_units"])["oversold_units"] == 10
    assert run.refused["units"].size == 0


def test_what_no_backorder_is_taken_for_is_refunded_when_the_picker_finds_nothing():
    """Each a day after its order; with room for three backorders, three wait on."""
    names = ("cancelled_record", "cancellation_rate", "refunds", "open_share")
    found = evaluate(play(twenty_on_record(NEVER, horizon=4, found_after="1 d")), names)
    n = 200  # day 2 to 4, every 0.01 d
    ten = evaluate(play(twenty_on_record({"kind": "limit", "units": 3}, horizon=4)), names)
    assert found["cancelled_record"] == found["cancellation_rate"]
    assert found["refunds"] == pytest.approx(12 * found["cancelled_record"] * n)
    assert found["open_share"] == 0
    assert ten["open_share"] == pytest.approx(3 / n)


def test_once_found_the_record_is_right_and_after_the_lag_nobody_is_sold_what_is_not_there():
    """Twenty units are shown: that many orders are taken until the record says so; the rest is refused."""
    run = play(twenty_on_record(NEVER, horizon=5))
    assert run.final[0].phantom == 0
    sold = run.oversold["order"]
    last = run.demand.times[sold.astype(int)].max()
    assert last < 3 + 2 / 24 + 0.02, "found on day 3, shown two hours later"
    assert run.refused["units"].sum() == run.demand.times.size - sold.size


def test_without_a_lag_the_record_counts_what_it_has_sold():
    d = twenty_on_record(NEVER, horizon=2.995)
    d["warehouse"]["records"] = {}
    run = play(d)
    assert run.oversold["units"].sum() == 20
    assert run.refused["units"].sum() == run.demand.times.size - 20


def test_a_buffer_hides_what_is_there_and_guards_against_overselling():
    guarded = play(twenty_on_record(NEVER, buffer=20))
    assert guarded.oversold["units"].size == 0
    assert guarded.refused["units"].sum() == 10
    d = shop(clock__horizon=5, warehouse__stock__mug=3, warehouse__records={"buffer": 2})
    d["policies"]["first"] = {"replenishment": {"kind": "none"}, "acceptance": NEVER}
    run = play(d)
    assert run.parcels["units"].sum() == 1, "3 on the shelf, 1 of them shown"
    assert run.final[0].on_hand == 2
    d["policies"]["first"]["acceptance"] = {"kind": "limit", "units": 2}
    assert play(d).parcels["units"].sum() == 3, "a backorder that the shelf can serve is served at once"


def test_goods_that_came_within_the_lag_are_not_sold_yet():
    d = shop(clock__horizon=8, warehouse__stock__mug=0, warehouse__records={"sync_lag": "36 h"})
    d["policies"]["first"] = {"replenishment": {"kind": "s_S", "s": 0, "S": 9}, "acceptance": NEVER}
    run = play(d)
    assert run.receipts["time"].tolist() == [4.0]
    assert run.demand.times[run.refused["order"].astype(int)].tolist() == [1, 2, 3, 4, 5]


def losing(**records):
    return shop(
        clock={"horizon": 400},
        customers__web__arrivals={"kind": "poisson", "rate": 2},
        warehouse__stock__mug=60,
        warehouse__records=records,
        policies__first={"replenishment": {"kind": "s_S", "s": 20, "S": 60}},
    )


NAMES = ("phantom_units", "records_wrong", "lost_units", "on_hand_mean", "fill_rate", "oversold_units")


def test_losses_take_their_share_of_the_stock_and_the_record_does_not_know():
    run = play(losing(loss="1 % / d"))
    found = evaluate(run, NAMES)
    assert found["lost_units"] == pytest.approx(0.01 * found["on_hand_mean"] * 400, rel=0.25)
    assert found["phantom_units"] > 0
    assert found["records_wrong"] > 0.5
    assert (run.adjusted["units"][run.adjusted["why"] == 0] < 0).all()


def test_the_more_often_one_counts_the_fewer_phantoms_and_the_better_the_service():
    found = [evaluate(play(losing(loss="2 % / d", count_every=days, found_after=1000)), NAMES) for days in (300, 60, 7)]
    for name, sign in (("phantom_units", -1), ("oversold_units", -1), ("fill_rate", 1)):
        column = [kpis[name] for kpis in found]
        assert column == sorted(column, reverse=sign < 0), name


def test_replenishment_believes_the_record_and_buys_later():
    d = losing()
    usual = play(d).purchases["time"][0]
    d["events"] = [{"kind": "record_error", "items": "mug", "at": 1, "lasts": 1, "units": 15}]
    assert play(d).purchases["time"][0] > usual + 5, "15 units at 2 a day"


def test_a_count_finds_what_was_misplaced():
    run = play(losing(misplaced="1 % / d", count_every=50))
    why = run.adjusted["why"]
    mislaid, found = -run.adjusted["units"][why == 1].sum(), run.adjusted["units"][why == 2].sum()
    assert 0 < found <= mislaid
    last = run.adjusted["time"][why == 2].max()
    before = (run.adjusted["time"] <= last) & (why == 1)
    assert found == -run.adjusted["units"][before].sum()


def test_stock_that_is_not_on_record_is_sold_all_the_same_and_found_by_the_count():
    d = losing(count_every=100)
    d["events"] = [{"kind": "record_error", "items": "mug", "at": 10, "lasts": 1, "units": -1000}]
    run = play(d)
    assert run.adjusted["record"][0] < 0
    assert evaluate(run, NAMES)["oversold_units"] == 0
    assert run.final[0].phantom == 0


def test_losses_move_nobodys_luck_and_records_that_are_right_change_nothing():
    usual, right, wrong = play(losing()), play(losing(count_every=30)), play(losing(loss="1 % / d"))
    assert np.array_equal(usual.demand.times, wrong.demand.times)
    for table in ("purchases", "receipts", "fills", "parcels"):
        for column, values in getattr(usual, table).items():
            assert np.array_equal(values, getattr(right, table)[column])


@pytest.mark.parametrize(("n", "p"), [(5, 0.3), (100, 0.01), (40, 0.97), (5000, 0.4)])
def test_the_quantile_of_a_binomial_law_is_scipys(n, p):
    law = stats.binom(n, p)
    for u in (0.001, 0.2, 0.5, 0.9, 0.9999):
        assert binomial(u, n, p) == pytest.approx(law.ppf(u), abs=0 if n < 1000 else 2)


def test_the_story_of_an_oversold_order_says_that_it_was_shown_and_why_it_is_cancelled():
    told = "\n".join(play(twenty_on_record(NEVER, horizon=4)).story(0))
    assert "shown as available, but not in stock: 1 mug" in told
    assert "the record showed stock that did not exist" in told


@pytest.mark.parametrize("every", [1, 7, 2.5, 0.5, "7 h", "16.8 h"])
def test_a_count_also_finds_the_losses_of_its_own_day(every):
    run = play(losing(loss="3 % / d", misplaced="2 % / d", count_every=every))
    phantom = run.level("phantom")
    days = 7 / 24 if every == "7 h" else 0.7 if every == "16.8 h" else every
    whole = [day for day in range(1, 40) if round(day / days, 6) % 1 == 0]
    assert (run.adjusted["why"] == Adjustment.LOST).any()
    assert (phantom.values[np.searchsorted(phantom.times, whole, side="right") - 1] == 0).all()
