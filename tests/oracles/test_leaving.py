"""Customers who do not wait, or not for ever, event by event."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiment.textbook.measures import poisson_demand
from simulator.kpis.evaluate import evaluate
from simulator.theory.leaving import erlang_b, impatient
from tests.oracles.helper import play, replicate, textbook

RATE, LEAD = 2.0, 5.0

LAWS = {
    "constant": "5 d",
    "exponential": {"kind": "exponential", "mean": "5 d"},
    "gamma": {"kind": "gamma", "mean": "5 d", "cv": 0.5},
}


def test_not_accepting_and_not_waiting_are_the_same():
    """`acceptance: never` and `patience: 0 d` play the same world: the same customers served at the same instants."""
    refused = play(textbook("lost-sales", {"clock.horizon": "2000 d"}), "lost")
    left = play(textbook("lost-sales", {"clock.horizon": "2000 d", "customers.all.patience": "0 d"}), "backorders")
    for facts in ("purchases", "receipts", "parcels"):
        for column, values in getattr(refused, facts).items():
            np.testing.assert_array_equal(values, getattr(left, facts)[column])
    np.testing.assert_array_equal(refused.refused["order"], left.cancelled["order"])
    assert (left.cancelled["time"] == left.cancelled["placed"]).all()
    a, b = (evaluate(run, ["fill_rate", "on_hand_mean", "backlog_mean", "cycle_service"]) for run in (refused, left))
    assert a["fill_rate"] == b["fill_rate"]
    assert (a["on_hand_mean"], a["backlog_mean"]) == pytest.approx((b["on_hand_mean"], 0.0))
    assert b["backlog_mean"] == 0.0


@pytest.mark.parametrize("law", LAWS)
def test_lost_sales_fill_more_than_backorders_at_the_same_level(law):
    """A refused customer leaves a unit for the next one."""
    scenario = textbook("lost-sales", {"suppliers.maker.lead_time": LAWS[law], "clock.horizon": "2000 d"})
    lost, waits = (evaluate(play(scenario, policy), ["fill_rate"])["fill_rate"] for policy in ("lost", "backorders"))
    assert lost > waits


# ---------------------------------------------------------------------------------------------------------- impatience
def test_a_withdrawn_purchase_never_arrives_and_the_position_stays_at_base_stock():
    run = play(textbook("impatient"), "withdrawn")
    assert run.withdrawn["units"].sum() == run.cancelled["units"].sum() > 100
    whole = run.purchases["units"][run.withdrawn["purchase"].astype(int)] == run.withdrawn["units"]
    assert whole.all()
    assert not np.isin(run.receipts["purchase"], run.withdrawn["purchase"]).any()
    final = run.final[0]
    assert final.on_hand + final.on_order - final.backordered == 10


def test_endless_patience_is_the_model_with_backorders():
    """Palm's base stock, fact by fact."""
    for_ever = textbook("impatient", {"customers.all.patience": None, "clock.horizon": "1000 d"})
    very_long = textbook("impatient", {"customers.all.patience": "1e9 d", "clock.horizon": "1000 d"})
    a, b = play(for_ever, "base"), play(very_long, "base")
    for column, values in a.fills.items():
        np.testing.assert_array_equal(values, b.fills[column])
    assert not b.cancelled["time"].size


def test_a_customer_who_leaves_in_a_moment_has_still_been_ordered_for():
    """Patience 0 buys nothing for a lost customer (Erlang's loss); the shortest patience above 0 leaves a purchase.

    The limit of vanishing patience is therefore not Erlang's loss, and the chain says what it is.
    """
    vanishing, none = impatient(RATE, LEAD, 1e-6, 10)["fill_rate"], 1 - erlang_b(10, RATE * LEAD)
    assert (vanishing, none) == pytest.approx((0.798748, 0.785418), rel=1e-5)
    for patience, fill_rate in (("1e-6 d", vanishing), ("0 d", none)):
        scenario = textbook("impatient", {"customers.all.patience": patience})
        runs = replicate(scenario, "base", "fill_rate", controls=poisson_demand(RATE, LEAD), replications=10)
        runs.assert_close(within=0.01, fill_rate=fill_rate)


def test_after_a_cancellation_the_next_demand_is_not_ordered_again():
    """Position S + 1 after a cancellation: the purchase that was made for one customer serves the next."""
    run = play(textbook("impatient", {"clock.horizon": "400 d", "clock.warm_up": "0 d"}), "base")
    placed = run.demand.times
    above = 0  # position over S
    events = [(t, 0, "cancel") for t in run.cancelled["time"]] + [(t, 1, "demand") for t in placed]
    bought = []
    for time, _, what in sorted(events):
        if what == "cancel":
            above += 1
        elif above:
            above -= 1
        else:
            bought.append(time)
    assert len(bought) < len(placed)
    np.testing.assert_array_equal(run.purchases["time"], bought)
