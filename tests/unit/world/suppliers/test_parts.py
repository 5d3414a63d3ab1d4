"""Suppliers that deliver in parts, worked out by hand: receipts, dates, money, and every error at its place."""

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load_text
from simulator.world.buying.planner import tracks_by_period
from simulator.world.simulate import build
from tests.unit.world.shops import play, shop

TEN = {"kind": "s_Q", "s": 0, "Q": 10}


def pottery(replenishment=TEN, **supplier):
    """One mug a day from day 1, none in stock; ten are bought at a time."""
    return shop(
        warehouse__stock__mug=0,
        suppliers__pottery={"items": ["mug"], "lead_time": 4, "parts": {"share": "60 %", "gap": 5}, **supplier},
        policies__first={"replenishment": replenishment, "promise": {"kind": "ctp"}},
    )


def receipts(run, many):
    return list(zip(*(run.receipts[name][:many].tolist() for name in ("time", "units", "purchase")), strict=True))


def test_sixty_percent_come_after_the_lead_time_and_the_rest_five_days_later():
    run = play(pottery())
    assert run.purchases["time"].tolist() == [0, 10, 20, 30]
    assert receipts(run, 4) == [(4, 6, 0), (9, 4, 0), (14, 6, 1), (19, 4, 1)]
    found = evaluate(run)
    assert found["receipts_per_purchase[pottery]"] == 2
    assert found["lead_time_effective"] == (4 + 9) / 2
    assert found["supplier_otif"] == 1, "its quote counts the gap"
    assert "part 2 of 10 units" not in " ".join(run.story(0))


def test_every_order_comes_on_the_day_that_is_promised_and_its_story_names_the_part():
    run = play(pottery({"kind": "s_Q", "s": -5, "Q": 10}))  # the sixth waiting mug triggers a purchase
    # Bought on day 5, when five wait: six mugs come on day 9, four on day 14.
    assert receipts(run, 2) == [(9, 6, 0), (14, 4, 0)]
    filled = dict(zip(run.fills["order"].tolist(), run.fills["time"].tolist(), strict=True))
    assert [filled[order] for order in range(10)] == [9] * 6 + [14] * 4
    first = dict(zip(run.promises["order"].tolist()[::-1], run.promises["date"].tolist()[::-1], strict=True))
    assert [first[order] for order in range(4, 10)] == [9, 9, 14, 14, 14, 14]
    assert "from 6 received from pottery (part 1 of 10 units, bought 4.00 d before)" in " ".join(run.story(4))
    assert "from 4 received from pottery (part 2 of 10 units, bought 9.00 d before)" in " ".join(run.story(9))


@pytest.mark.parametrize(
    ("supplier", "quantity", "expected"),
    [
        ({"multiple": 6}, 10, [(4, 6), (9, 6)]),  # 12 are bought: 7.2 are one pack and a bit
        ({"multiple": 12}, 10, [(4, 12)]),  # one pack is not divided
        ({"parts": {"share": 0.5, "gap": 5}}, 1, [(4, 1)]),
        ({"parts": {"share": 0.01, "gap": 5}}, 10, [(4, 10)]),  # a tenth of a unit is none
        ({"yield": 0.5}, 10, [(4, 3), (9, 2)]),
        ({"order_delay": 1}, 10, [(5, 6), (10, 4)]),
        ({"closures": [{"from": 2, "to": 8}]}, 10, [(4, 6), (12, 4)]),  # the rest is complete on day 5, behind the gate
        ({"lane": {"departures": {"every": 3, "first": 0}}}, 10, [(4, 6), (10, 4)]),
        ({"capacity": {"rate": 10}}, 10, [(5, 6), (10, 4)]),  # made in a day, sent in parts
    ],
)
def test_parts_are_whole_packs_and_pass_all_that_a_purchase_passes(supplier, quantity, expected):
    run = play(pottery({"kind": "s_Q", "s": 0, "Q": quantity}, **supplier))
    own = [(time, units) for time, units, purchase in receipts(run, None) if purchase == 0]
    assert own == expected
    assert run.receipts["time"].size


def test_the_rest_of_a_purchase_stays_on_order_so_it_is_not_bought_again():
    run = play(pottery({"kind": "base_stock", "S": 8}))
    assert run.purchases["units"].tolist() == [8] + [1] * (run.purchases["units"].size - 1)


def test_who_gives_up_takes_a_unit_out_of_the_rest():
    d = pottery({"kind": "s_S", "s": 0, "S": 10, "cancel_purchase": True})
    d["customers"]["web"]["patience"] = {"kind": "constant", "value": 1.5}
    run = play(d)
    # Those of days 1 and 2 leave; the one of day 3 gets a unit of the first part.
    assert run.withdrawn["time"].tolist()[:2] == [2.5, 3.5]
    assert receipts(run, 2) == [(4, 6, 0), (9, 2, 0)]


def test_a_forecast_plans_with_the_mean_day_of_a_unit():
    state = build(load_text(yaml.safe_dump(pottery({"kind": "forecast", "R": 1}))), "first", Streams(1, 0))
    assert [track.lead for tracks in tracks_by_period(state).values() for track in tracks] == [4 + 0.4 * 5]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parts": {"share": "60 %"}}, "gap"),
        ({"parts": {"share": 1.2, "gap": 5}}, "share"),
        ({"parts": {"share": 0, "gap": 5}}, "share"),
        ({"parts": {"share": 0.6, "gap": -5}}, "gap"),
        (
            {"parts": {"share": 0.6, "gap": 5}, "stock": {"mug": 3}},
            "`parts:` is for goods from a supplier without `stock:`",
        ),
    ],
)
def test_an_error_says_what_is_wrong(changes, words):
    with pytest.raises(UserError, match=words):
        play(pottery(**changes))


def test_the_kernel_leaves_parts_to_simpy():
    assert "suppliers.pottery.parts" in reasons(load_text(yaml.safe_dump(pottery())), "first")
