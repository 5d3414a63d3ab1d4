"""Orders of several lines, and who waits for whom."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiment.textbook.measures import found_all
from simulator.kpis.evaluate import evaluate
from tests.oracles.helper import play, textbook


def test_what_is_held_for_incomplete_orders_has_left_the_shelf_all_the_same():
    """Orders that wait for all their lines and orders that are split find the same stock, fill by fill."""
    scenario = textbook("complete-orders", {"clock.horizon": "1010 d"})
    split, whole = play(scenario, "as_available"), play(scenario, "complete")
    assert found_all("both")(split) == found_all("both")(whole)
    for column, values in split.fills.items():
        np.testing.assert_array_equal(values, whole.fills[column])


# ------------------------------------------------------------------------------------------------------- no queue jump
def taken(policy: str, changes: dict | None = None) -> dict[str, int]:
    """Units that each segment's order had got by the end of queue-jump, and what is left on the shelf."""
    run = play(textbook("queue-jump", changes), policy)
    names = [run.world.segments[s].name for s in run.demand.segments]
    shipped = np.zeros(len(names))
    np.add.at(shipped, run.parcels["order"].astype(int), run.parcels["units"])
    return {**dict(zip(names, shipped.astype(int).tolist(), strict=True)), "left": run.final[0].on_hand}


def test_a_small_order_does_not_take_what_an_older_one_waits_for():
    """Five are wanted in one go and three are there: the three stay where they are, and everybody behind waits."""
    assert taken("fifo") == {"large": 0, "small": 0, "other": 0, "left": 3}


def test_priority_lets_the_better_class_pass_and_nobody_else():
    """Class 1 passes the waiting class 2; class 3 does not."""
    assert taken("priority") == {"large": 0, "small": 1, "other": 0, "left": 2}


def test_a_split_order_takes_what_is_there_and_leaves_nothing_to_jump_for():
    """As available: three of five leave at once."""
    assert taken("split") == {"large": 3, "small": 0, "other": 0, "left": 0}


def test_where_nobody_waits_an_order_is_filled():
    """The large order asks for three: the shelf is empty after it; for two: one is left for the next."""
    assert taken("fifo", {"customers.large.basket.quantity": 3}) == {"large": 3, "small": 0, "other": 0, "left": 0}
    assert taken("fifo", {"customers.large.basket.quantity": 2}) == {"large": 2, "small": 1, "other": 0, "left": 0}


@pytest.mark.parametrize("fulfilment", ["as_available", "line_complete"])
def test_in_a_long_run_nobody_overtakes(fulfilment):
    """First come, first served: fills never go back in the order of arrival, and nothing is taken off the shelf at once
    while anybody waits."""
    run = play(
        textbook(
            "base-stock",
            {
                "customers.all.basket.quantity": {"kind": "geometric", "mean": 2.5},
                "suppliers.maker.lead_time": {"kind": "gamma", "mean": "5 d", "cv": 0.6},
                "policies.base.replenishment": {"kind": "s_Q", "s": 25, "Q": 40},
                "policies.base.fulfilment": {"kind": fulfilment},
                "clock.horizon": "3000 d",
            },
        ),
        "base",
    )
    assert (np.diff(run.fills["order"]) >= 0).all()
    orders = run.orders()
    waiting = run.level("backlog")
    before = waiting.values[np.searchsorted(waiting.times, run.demand.times, side="left") - 1]
    assert (before > 0).sum() > 100
    assert (orders["units_at_once"][before > 0] == 0).all()


# --------------------------------------------------------------------------------------------------------- the limit
def test_with_25_on_hand_and_50_to_backorder_75_can_be_sold():
    """Magento's salable quantity, to the unit: the 76th order is the first to be refused."""
    run = play(textbook("salable-limit"), "limit")
    assert len(run.demand.times) == 100
    assert run.refused["order"].tolist() == list(range(75, 100))
    assert run.final[0].backordered == 50
    kpis = evaluate(run)
    assert (kpis["fill_rate"], kpis["lost_at_checkout"], kpis["backlog_peak"]) == (0.25, 0.25, 50.0)


def test_a_limit_that_is_not_reached_is_no_limit():
    """On hand 25 and nobody refused: with a limit of 75 all hundred are sold."""
    changes = {"policies.limit.acceptance.units": 75}
    limited, free = (play(textbook("salable-limit", changes), policy) for policy in ("limit", "always"))
    assert not limited.refused["order"].size
    np.testing.assert_array_equal(limited.backordered["order"], free.backordered["order"])


def test_of_six_in_stock_with_four_taken_an_order_of_four_is_two_short():
    """Two orders of four: the first is filled, the second takes two and waits for two."""
    run = play(
        textbook(
            "salable-limit",
            {
                "warehouse.stock.lamp": 6,
                "customers.all.basket.quantity": 4,
                "customers.all.arrivals.interval": "40 min",
            },
        ),
        "limit",
    )
    assert run.backordered["order"].tolist() == [1]
    assert run.backordered["units"].tolist() == [2]
