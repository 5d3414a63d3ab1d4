"""Cards that are charged when goods leave, where part of an order leaves and another part is still held."""

import pytest
import yaml

from simulator.model.nouns import Cause
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

SHOP = {
    "name": "cards",
    "clock": {"horizon": 20},
    "items": {name: {"price": 5, "unit_cost": 2, "demand": 1} for name in ("cup", "lid", "tea")},
    "customers": {
        "web": {
            "arrivals": {"kind": "every", "interval": 10},
            "basket": {"kind": "bundle", "items": {"cup": 1, "lid": 1, "tea": 4}},
        }
    },
    "warehouse": {"stock": {"cup": 0, "lid": 0, "tea": 0}},
    "suppliers": {"near": {"items": ["cup", "tea"], "lead_time": 2}, "far": {"items": ["lid"], "lead_time": 5}},
    "policies": {
        "p": {
            "replenishment": {"kind": "base_stock", "S": 0},
            "fulfilment": {"kind": "minimum_split", "share": 0.5},
        }
    },
}
"""The teas arrive first and may leave; the cup arrives at the same instant and is held; the lid comes days later."""


@pytest.mark.parametrize(("valid", "days", "cancelled"), [(0, [2, 2, 2], 6), (4, [5, 5], 2)])
def test_a_refused_card_sends_back_what_leaves_and_what_is_held_once(valid, days, cancelled):
    payment = {"kind": "at_shipment", "fails": 1, "reauth_days": valid}
    policies = {"p": {**SHOP["policies"]["p"], "payment": payment}}
    run = simulate(load_text(yaml.safe_dump({**SHOP, "policies": policies}, sort_keys=False)), "p", 1)
    run.audit()
    first = run.cancelled["order"] == 0
    assert set(run.cancelled["cause"][first]) == {Cause.PAYMENT}
    assert (run.cancelled["time"] - run.cancelled["placed"])[first].tolist() == days
    assert run.cancelled["units"][first].sum() == cancelled
