"""Carts that nobody buys: reserved in the cart they keep stock from others, at the checkout they do not."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Adjustment
from tests.unit.world.shops import play, shop


def busy(reservation, **words):
    return shop(
        clock={"horizon": 200},
        customers__web__arrivals={"kind": "poisson", "rate": "10 / d"},
        customers__web__carts={"abandoned": "70 %", "hold": "12 h", **words},
        warehouse__stock__mug=60,
        policies__first={"replenishment": {"kind": "base_stock", "S": 60}, "reservation": reservation},
    )


def test_at_the_checkout_a_cart_that_is_left_holds_nothing():
    with_carts, without = play(busy("at_checkout")), busy("at_checkout")
    del without["customers"]["web"]["carts"]
    assert evaluate(with_carts) == evaluate(play(without))


def test_in_the_cart_stock_is_kept_from_others_and_fewer_are_served_at_once():
    cart, checkout = play(busy("at_cart")), play(busy("at_checkout"))
    assert evaluate(cart)["fill_rate"] < evaluate(checkout)["fill_rate"]
    assert (cart.demand.times == checkout.demand.times).all()


def test_what_a_cart_takes_it_gives_back_after_its_hold():
    run = play(busy("at_cart"))
    assert set(run.adjusted["why"].tolist()) == {Adjustment.IN_CART}
    out, back = run.adjusted["units"] < 0, run.adjusted["units"] > 0
    assert -run.adjusted["units"][out].sum() - run.adjusted["units"][back].sum() == run.final[0].phantom
    taken, given = run.adjusted["time"][out], run.adjusted["time"][back]
    np.testing.assert_allclose(given, taken[: given.size] + 0.5)


def test_three_in_ten_carts_are_bought():
    run = play(busy("at_cart", abandoned="70 %", hold="1 min"))
    carts = (run.adjusted["units"] < 0).sum()
    free = run.refused["order"].size + run.backordered["order"].size
    assert carts / (carts + len(run.demand.times) - free) == pytest.approx(0.7, abs=0.04)


def test_a_cart_buys_nothing_and_calls_for_no_purchase():
    run = play(busy("at_cart", hold="1 min"))
    assert run.purchases["units"].sum() == run.demand.quantities.sum()
