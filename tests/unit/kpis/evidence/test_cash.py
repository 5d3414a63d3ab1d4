"""Cash, worked out by hand: five orders of one mug at 10, on days 1 to 5; a mug costs 4 and takes 2.5 days."""

import datetime as dt

import numpy as np
import pytest
import yaml

from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.kpi import Undefined
from simulator.kpis.series.series import measure
from simulator.model.calendar import working_days_later
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import play, shop


def five_orders(payment, stock=2, **changes):
    """Two mugs are there at once; each order makes the shop buy one; the mugs for days 3, 4, 5 come half a day late."""
    return play(
        shop(
            **{
                "clock": {"horizon": 6},
                "items": {"mug": {"price": 10, "unit_cost": 4}},
                "customers__web__arrivals": {"kind": "every", "interval": 1, "first": 1},
                "suppliers__pottery__lead_time": 2.5,
                "warehouse__stock__mug": stock,
                "policies__first": {"replenishment": {"kind": "base_stock", "S": 2}, "payment": payment},
            }
            | changes
        )
    )


def cash_of(run):
    return evidence_of(run).cash


def moves(path):
    return dict(zip(path.times.tolist(), path.values.tolist(), strict=True))


def test_paid_at_the_order_the_cash_is_there_before_the_goods_are():
    run = five_orders({"kind": "at_order"})
    cash, found = cash_of(run), evaluate(run)
    assert moves(cash.balance) == {0: 0, 1: 10, 2: 20, 3: 30, 3.5: 26, 4: 36, 4.5: 32, 5: 42, 5.5: 38}
    assert moves(cash.unearned) == {0: 0, 3: 10, 3.5: 0, 4: 10, 4.5: 0, 5: 10, 5.5: 0}
    assert found["unearned_mean"] == pytest.approx(3 * 0.5 * 10 / 6)
    assert found["unearned_peak"] == 10
    assert found["deposits_held"] == pytest.approx(2.5)
    assert found["cash_received_early"] == 30
    assert found["cash_received"] == found["revenue_recognised"] == found["revenue"] == 50
    assert found["peak_funding"] == 0


def test_a_deposit_is_a_fifth_at_the_order_and_the_rest_when_the_goods_leave():
    run = five_orders({"kind": "deposit", "share": "20 %"})
    cash, found = cash_of(run), evaluate(run)
    assert moves(cash.balance) == {0: 0, 1: 10, 2: 20, 3: 22, 3.5: 26, 4: 28, 4.5: 32, 5: 34, 5.5: 38}
    assert found["unearned_peak"] == 2
    assert found["cash_received_early"] == 6


def test_paid_at_shipment_nothing_is_held_and_cash_is_revenue():
    run = five_orders({"kind": "at_shipment"})
    found = evaluate(run)
    assert moves(cash_of(run).balance) == {0: 0, 1: 10, 2: 20, 3.5: 26, 4.5: 32, 5.5: 38}
    assert [found[k] for k in ("cash_received_early", "deposits_held", "unearned_mean", "unearned_peak")] == [0] * 4


def test_paid_at_the_door_the_customer_owes_while_the_parcel_is_under_way():
    run = five_orders({"kind": "at_delivery"}, carriers__van={"transit": 0.25})
    cash = cash_of(run)
    assert cash.receivable.mean(0, 6) == pytest.approx(5 * 0.25 * 10 / 6)
    assert cash.daily()["cash"].tolist() == [0, 10, 20, 26, 32, 38]
    assert cash.daily()["day"].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_order_book_funds_the_first_purchase():
    """Nothing is on the shelf: two mugs, 8, are paid for on day 2.5, when two customers have ordered."""
    door = five_orders({"kind": "at_delivery"}, stock=0, carriers__van={"transit": 1})
    assert evaluate(door)["peak_funding"] == 8
    assert evaluate(five_orders({"kind": "at_order"}, stock=0))["peak_funding"] == 0
    deposit = five_orders({"kind": "deposit", "share": "20 %"}, stock=0, carriers__van={"transit": 1})
    assert evaluate(deposit)["peak_funding"] == 0, "the rest comes as the goods leave, at the instant of the receipt"


def test_what_is_cancelled_is_owed_until_it_is_paid_back():
    run = five_orders(
        {"kind": "at_order", "refund": {"days": 2, "working": False}},
        customers__web__patience=0.25,
        costs={"refund": 1.5, "goodwill": 2},
    )
    cash, found = cash_of(run), evaluate(run)
    assert moves(cash.refunds_due) == {0: 0, 3.25: 10, 5.25: 0}, "the mug of day 3.5 serves day 4, that of 4.5 day 5"
    assert (found["refunds"], found["refund_days"], found["refund_cost"]) == (10, 2, 3.5)
    assert found["total_cost"] == found["purchase_cost"] + 3.5
    assert cash.refunds.money.sum() == 10
    assert moves(cash.unearned) == {0: 0, 3: 10, 3.25: 0}
    shipment = five_orders({"kind": "at_shipment"}, customers__web__patience=0.25, costs={"refund": 1.5})
    found = evaluate(shipment)
    assert (found["refunds"], found["refund_cost"]) == (0, 0)
    assert found["refund_days"] == Undefined("nothing was refunded")


def test_a_backlog_from_before_the_start_was_paid_before_the_start():
    run = five_orders({"kind": "at_order"}, stock=-3, customers={}, suppliers__pottery__lead_time=2)
    cash = cash_of(run)
    assert moves(cash.unearned) == {0: 30, 2: 0}
    assert moves(cash.balance) == {0: 0, 2: -20}, "five mugs are bought, nobody pays any more"
    assert evaluate(run)["cash_received"] == 0
    assert evaluate(run)["deposits_held"] == pytest.approx(30 * 2 / 6)


def test_the_price_falls_with_lateness():
    """Quoted a quarter of a day, nothing after a whole one: goods half a day late lose a third of 10."""
    words = {"kind": "at_order", "late_price": {"quoted": 0.25, "nothing": 1}}
    found = evaluate(five_orders(words))
    assert found["late_discounts"] == pytest.approx(3 * 10 / 3)
    assert found["contribution"] == pytest.approx(50 - 12 - 10)


def test_an_order_in_parts_pays_for_each_part_as_it_leaves():
    """Two mugs at 10, two plates at 3: one mug is missing and follows."""
    run = play(
        shop(
            clock={"horizon": 9},
            items={"mug": {"price": 10, "unit_cost": 4}, "plate": {"price": 3, "unit_cost": 1}},
            customers__web={
                "arrivals": {"kind": "every", "interval": 10, "first": 1},
                "basket": {"kind": "weighted", "lines": 2, "items": {"mug": 1, "plate": 1}, "quantity": 2},
            },
            warehouse__stock={"plate": 9, "mug": 1},
            suppliers__pottery={"items": "all", "lead_time": 3},
            policies__first={
                "replenishment": {"mug": {"kind": "R_S", "R": 2, "S": 1}, "plate": {"kind": "none"}},
                "payment": {"kind": "at_shipment", "fails": 0},
            },
        )
    )
    shipped = cash_of(run).worth.shipped
    assert dict(zip(shipped.shipped.tolist(), shipped.value.tolist(), strict=True)) == {1: 16, 5: 10}


def test_money_is_kept_whatever_the_way_it_is_paid():
    """Paid in = shipped + held + due back + paid back, at the horizon, for every way of paying."""
    for payment in ({"kind": "at_order"}, {"kind": "deposit", "share": "30 %", "fails": "30 %", "reauth_days": 1}):
        run = play(
            shop(
                clock={"horizon": 300},
                customers__web__arrivals={"kind": "poisson", "rate": 2},
                customers__web__basket={"kind": "single", "item": "mug", "quantity": {"kind": "geometric", "mean": 3}},
                customers__web__patience={"kind": "exponential", "mean": 4},
                suppliers__pottery__lead_time=9,
                policies__first={"replenishment": {"kind": "s_Q", "s": 40, "Q": 30}, "payment": payment},
            )
        )
        cash, share = cash_of(run), run.world.payment.at_order
        assert cash.worth.cancelled.money.sum() > 0
        assert (cash.unearned.values > -1e-6).all()
        earned = (cash.worth.shipped.value * share).sum()
        paid = (cash.worth.ordered.money * share).sum()
        back = cash.refunds.money.sum()
        assert paid == pytest.approx(earned + cash.unearned.values[-1] + cash.refunds_due.values[-1] + back)


@pytest.mark.parametrize("fulfilment", ["as_available", "line_complete", "order_complete"])
def test_a_card_that_refuses_sends_the_goods_back_to_the_shelf(fulfilment):
    def failing(fails):
        return play(
            shop(
                clock={"horizon": 400},
                items={"mug": {"price": 10, "unit_cost": 4}, "plate": {"price": 3, "unit_cost": 1}},
                customers__web={
                    "arrivals": {"kind": "poisson", "rate": 2},
                    "basket": {"kind": "weighted", "lines": 2, "items": {"mug": 1, "plate": 1}, "quantity": 2},
                },
                warehouse__stock={"plate": 30, "mug": 10},
                suppliers__pottery={"items": "all", "lead_time": 12},
                policies__first={
                    "replenishment": {"kind": "s_Q", "s": 40, "Q": 30},
                    "fulfilment": {"kind": fulfilment},
                    "payment": {"kind": "at_shipment", "fails": fails, "reauth_days": 1},
                },
            )
        )

    none, some, all_ = (failing(fails) for fails in (0, "20 %", 1))
    assert evaluate(none)["cancelled_payment"] == 0
    assert 0 < evaluate(some)["cancelled_payment"] < evaluate(all_)["cancelled_payment"]
    late = (all_.parcels["shipped"] - all_.demand.times[all_.parcels["order"].astype(int)]) > 1
    assert not late.any(), "a card that refuses keeps every parcel after a day, and every second one"
    assert (np.bincount(all_.parcels["order"].astype(int)) <= 1).all()
    assert all_.cancelled["held"].any()


def test_a_refund_takes_seven_working_days_from_monday_to_friday():
    monday = dt.datetime(2025, 1, 6, 12)
    times = np.array([0.0, 0.75, 4.5, 5.0, 6.2, 6.6])  # Monday, Tuesday, Saturday twice, Sunday, Monday
    later = working_days_later(times, 7, monday)
    assert later == pytest.approx([9.0, 9.75, 14.5, 15.0, 15.2, 15.6])
    assert working_days_later(np.array([3.0]), 7, None) == pytest.approx([3 + 9.8])


def test_a_lost_parcel_costs_its_freight_in_cash_and_without_records_too():
    carrier = {"transit": 2, "lost": "30 %", "cost": {"parcel": 5, "unit": 1}}
    scenario = load_text(yaml.safe_dump(shop(carriers__van=carrier, clock__horizon=100)))
    run, summed = (simulate(scenario, "first", 1, records=records) for records in (True, False))
    lost, found = run.lost["units"].size, evaluate(run, ["freight_cost"])["freight_cost"]
    assert lost
    assert found == 5 * (run.parcels["units"].size + lost) + run.parcels["units"].sum() + run.lost["units"].sum()
    assert cash_of(run).freight.money.sum() == found
    assert measure(evidence_of(run))["money.freight_cost"].sum() == pytest.approx(found)
    assert evaluate(summed, ["freight_cost"])["freight_cost"] == found
