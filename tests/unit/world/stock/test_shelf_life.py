"""Stock that spoils, is marked down, takes space, or is given up; in a shop that sells one mug a day."""

import numpy as np
import pytest
import yaml

from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Adjustment
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import rows
from tests.unit.world.shops import play, shop

NAMES = ("write_off_units", "write_off_cost", "storage_cost", "space_used", "markdown_cost", "total_cost")
NONE = {"replenishment": {"kind": "none"}}


def kpis(d, *names):
    found = evaluate(play(d), names)
    return [found[name] for name in names]


def test_what_is_not_sold_in_time_is_written_off_and_the_oldest_is_sold_first():
    """20 that keep 10 days, one sold a day from day 1: 9 are sold before the tenth day, 11 are thrown away. 5 more
    come on day 8; from day 10 they are sold, three until day 13, and all are fresh until day 18."""
    d = shop(items__mug__shelf_life=10, warehouse__stock__mug=20, clock__horizon=13)
    d["policies"]["first"]["replenishment"] = {"kind": "R_S", "R": 100, "first": 4, "S": 21}
    run = play(d)
    assert run.receipts["time"].tolist() == [8]
    assert run.receipts["units"].tolist() == [5]
    facts = run.adjusted
    assert (facts["time"].tolist(), facts["units"].tolist()) == ([10], [-11])
    assert run.final[0].on_hand == 5 - 3
    assert kpis(d, "write_off_units", "write_off_cost") == [11, 55]


def test_a_write_off_calls_for_a_purchase_and_the_record_knows_of_it():
    d = shop(items__mug__shelf_life=3.5, warehouse__stock__mug=30, clock__horizon=6)
    run = play(d)
    assert run.purchases["time"][0] == 3.5
    assert run.final[0].phantom == 0


@pytest.mark.parametrize("records", [True, False])
def test_the_longer_it_keeps_and_the_less_is_kept_the_less_is_thrown_away(records):
    def written_off(life, S):
        d = shop(items__mug__shelf_life=life, clock__horizon=200)
        d["customers"]["web"]["arrivals"] = {"kind": "poisson", "rate": 1}
        d["policies"]["first"]["replenishment"] = {"kind": "base_stock", "S": S}
        run = simulate(load_text(yaml.safe_dump(d)), "first", 1, records=records)
        run.audit()
        return evaluate(run, ["write_off_units"])["write_off_units"]

    assert written_off(8, 20) > written_off(16, 20) > written_off(400, 20) == 0
    assert written_off(8, 20) > written_off(8, 10)


def test_space_costs_by_volume_and_day():
    d = shop(items__mug__volume=0.5, warehouse__stock__mug=10, clock__horizon=5, policies__first=NONE)
    d["warehouse"]["space"] = 8
    d["costs"] = {"storage": "2 / d"}
    unit_days = 10 * 1 + 9 + 8 + 7 + 6
    assert kpis(d, "storage_cost", "total_cost", "space_used") == [
        unit_days,
        unit_days,
        pytest.approx(unit_days * 0.5 / 5 / 8),
    ]


def season(markdown, **changes):
    words = {"from": 0, "to": 20, "salvage": 1, **({"markdown": markdown} if markdown else {})}
    return shop(items__mug__season=words, clock__horizon=30, warehouse__stock__mug=40, policies__first=NONE, **changes)


def test_a_markdown_lets_off_part_of_the_price_and_what_is_left_is_cleared():
    """Orders of days 15 to 19 at half of 12; 40 less 19 are left, at 5 less 1 each."""
    found = kpis(season({"days": 5, "price": "50 %"}), "markdown_cost", "write_off_units", "write_off_cost")
    assert found == [5 * 6, 21, 21 * 4]
    assert kpis(season(None), "markdown_cost", "write_off_units") == [0, 21]


def test_a_lift_brings_a_crowd_on_top_and_leaves_less_to_clear():
    plain, lifted = (season({"days": 10, "price": "50 %", "lift": lift}) for lift in (1, 3))
    runs = [play(d) for d in (plain, lifted)]
    extra = runs[1].demand.times.size - runs[0].demand.times.size
    assert extra > 5
    assert np.isin(runs[0].demand.times, runs[1].demand.times).all(), "the usual orders are the same"
    assert evaluate(runs[1], NAMES)["write_off_units"] < evaluate(runs[0], NAMES)["write_off_units"]


def test_an_item_that_is_given_up_is_neither_ordered_nor_bought_and_what_waits_is_called_off():
    d = shop(clock__horizon=60, warehouse__stock__mug=3, suppliers__pottery__lead_time=9)
    d["events"] = [{"kind": "delist", "items": "mug", "at": 12.5, "lasts": 1}]
    run = play(d)
    assert run.purchases["time"].max() < 12.5
    late = run.demand.times > 12.5
    assert run.refused["units"].sum() == late.sum()
    assert (run.cancelled["cause"] == 6).all()
    assert (run.cancelled["time"] == 12.5).all()
    assert run.cancelled["units"].sum() > 0
    assert run.final[0].on_hand == 0, "what arrives later is cleared, too"
    assert evaluate(run, ["write_off_units"])["write_off_units"] > 0


def test_without_records_a_markdown_is_not_told():
    run = simulate(load_text(yaml.safe_dump(season({"days": 5, "price": "50 %"}))), "first", 1, records=False)
    assert "no records" in evaluate(run, ["markdown_cost"])["markdown_cost"].reason


# ------------------------------------------------------------------------------------------------- goods that come back
def held_until(day, *lines, life=10, stock=5, **changes):
    """3 mugs on the shelf are held for a customer who gives up on `day`, since the cup never comes."""
    d = shop(items__mug__shelf_life=life, items__cup={"price": 9, "unit_cost": 3}, warehouse__stock={"mug": stock})
    d["suppliers"]["pottery"]["items"] = "all"
    d["policies"]["first"] = {**NONE, "fulfilment": {"kind": "order_complete"}}
    both = {"kind": "bundle", "items": {"mug": 3, "cup": 1}}
    d["customers"]["web"] = {"patience": day, "arrivals": {"kind": "every", "interval": 99, "first": 0}, "basket": both}
    for name, first, units in lines:
        basket = {"kind": "single", "item": "mug", "quantity": units}
        d["customers"][name] = {"arrivals": {"kind": "every", "interval": 99, "first": first}, "basket": basket}
    return play({**d, **changes})


def written_off(run):
    return list(zip(run.adjusted["time"].tolist(), run.adjusted["units"].tolist(), strict=True))


def test_goods_that_were_held_beyond_their_shelf_life_are_written_off_when_they_come_back():
    run = held_until(15, ("x", 20, 2))
    assert written_off(run) == [(10, -2), (15, -3)]
    assert not any("filled" in line for line in run.story(1))


def test_goods_that_come_back_in_time_expire_on_their_day():
    run = held_until(6, ("x", 8, 4))
    assert written_off(run) == [(10, -1)]
    assert any("filled from stock at once: 4 mug" in line for line in run.story(1))


def test_goods_that_come_back_too_old_do_not_serve_who_waits():
    run = held_until(15, ("x", 9, 4))
    assert written_off(run) == [(10, -2), (15, -3)]
    assert not rows(run, "fills")
    assert run.final[1].backordered == 4


def test_goods_that_come_back_are_as_old_as_they_are_whatever_was_sold_since():
    """5 of day 0 (3 held), 4 more come on day 6 and are good until day 16; 2 + 1 are sold on day 7, and 3 come back on
    day 9: on day 10 these three are written off, and on day 16 the three fresh ones."""
    d = {"item": "mug", "units": 4, "due": 6}
    suppliers = {"pottery": {"items": "all", "lead_time": 4, "under_way": [d]}}
    run = held_until(9, ("x", 7, 3), suppliers=suppliers)
    assert written_off(run) == [(10, -3), (16, -3)]


def test_what_is_found_again_is_as_old_as_what_went_last():
    """Misplaced mugs are found by a count on day 8; all of them are of day 0, and gone on day 10."""
    d = shop(items__mug__shelf_life=10, warehouse__stock__mug=20, clock__horizon=13, policies__first=NONE)
    assert written_off(play(d)) == [(10, -11)]
    d["warehouse"]["records"] = {"misplaced": 0.2, "count_every": 8}
    run = play(d)
    found = run.adjusted.where(run.adjusted["why"] == Adjustment.FOUND)
    expired = run.adjusted.where(run.adjusted["why"] == Adjustment.EXPIRED)
    assert found["units"].sum() > 0
    assert expired["time"].tolist() == [10]
    assert run.level("on_hand").before(np.array([10.5])) == 0
