"""What would keep a run busy for hours is refused before it begins."""

from __future__ import annotations

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text

SHOP = """\
name: shop
clock: {horizon: 365 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {web: {arrivals: {kind: poisson, rate: 100 / d}, basket: {kind: single, item: mug}}}
suppliers: {maker: {items: all, lead_time: 10 d}}
carriers: {van: {transit: 2 d}}
policies: {lean: {replenishment: {kind: base_stock, S: 2000}}}
"""
OUTAGE = "{kind: outage, carrier: van, every: 0.1 d, lasts: 0.01 d, then: [LATER]}"
LATER = ", ".join(["{kind: outage, carrier: van, at: 0.1 d, lasts: 0.01 d}"] * 400)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            ["policies.lean.promise={kind: atp, repromise: periodic, every: 0.003}"],
            "lean.promise.every: an event",
        ),
        (
            ["policies.lean.communication={kind: heartbeat, every: 0.003}"],
            "lean.communication.every: an event",
        ),
        (
            ["customers.web.contact={per_day_waiting: 1, after_promise: 1e12}"],
            "customers.web.contact: an event storm: about 5.5e+16 times in one replication; must be at most 1e+07",
        ),
        (
            ["customers.web.carts={abandoned: 0.9999}", "policies.lean.reservation=at_cart"],
            "customers.web.carts.abandoned: an event storm: about 7.3e+08 times in one replication",
        ),
        (
            ["suppliers.maker.capacity={rate: 50, lines: 10000, breakdown: {every: 0.1, repair: 0}}"],
            "maker.capacity.breakdown.every: about 3.6e+07 failures in one replication; must be at most 1e+07",
        ),
        (
            ["suppliers.maker.capacity={rate: 50, lines: 1000000000}"],
            "capacity.lines: 1000000000 is out of range",
        ),
        (
            [f"events=[{OUTAGE.replace('LATER', LATER)}]"],
            "events.0.every: happens about 1.3e+06 times in one replication, with what it triggers; must be",
        ),
    ],
)
def test_storms_of_events_are_refused_with_the_key_that_makes_them(settings, said):
    with pytest.raises(UserError) as caught:
        load_text(SHOP, overrides=settings)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        ["policies.lean.promise={kind: atp, repromise: periodic, every: 0.01}"],
        ["policies.lean.communication={kind: heartbeat, every: 0.01}"],
        ["customers.web.contact={per_day_waiting: 1, after_promise: 20}"],
        ["customers.web.carts={abandoned: 0.99}", "policies.lean.reservation=at_cart"],
        ["customers.web.carts={abandoned: 0.9999}"],
        ["suppliers.maker.capacity={rate: 50, lines: 100, breakdown: {every: 0.1, repair: 0}}"],
    ],
)
def test_what_ends_in_time_is_accepted(settings):
    load_text(SHOP, overrides=settings)


def test_a_horizon_that_is_too_long_is_the_only_thing_that_is_said():
    with pytest.raises(UserError) as caught:
        load_text(SHOP, overrides=["clock.horizon=1e12 d", "customers.web.contact={per_day_waiting: 1}"])
    assert "clock.horizon: 1e+12 d is out of range; must be at most 1e+09 d here" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
