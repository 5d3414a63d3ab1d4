"""The rows of the order book are made from its arrays a few orders at a time."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.record.digest import digest
from simulator.world.customers import shop as customers
from simulator.world.customers.shop import FEW, listed, split
from tests.unit.world.shops import play, shop


@pytest.mark.parametrize("n", [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW])
def test_numbers_come_one_by_one_as_they_stand_in_the_array(n):
    found = list(listed(np.arange(n)))
    assert found == list(range(n))
    assert {type(number) for number in found} <= {int}


@pytest.mark.parametrize("n", [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW])
def test_an_order_gets_as_many_numbers_as_it_has_lines(n):
    counts = 1 + np.arange(n) % 3
    found = list(split(np.arange(counts.sum()), counts))
    assert [len(part) for part in found] == counts.tolist()
    assert [number for part in found for number in part] == list(range(counts.sum()))


def test_runs_do_not_depend_on_how_many_are_made_at_once(monkeypatch):
    basket = {"kind": "single", "item": "mug", "quantity": {"kind": "geometric", "mean": 2}}
    world = shop(
        customers__web__basket=basket,
        customers__web__patience={"kind": "exponential", "mean": "3 d"},
        carriers__van={"transit": {"kind": "gamma", "mean": "2 d", "cv": 0.5}},
        warehouse__picking={"workers": 1, "time": {"kind": "gamma", "mean": "10 h", "cv": 0.5}},
    )
    usual = digest(play(world))
    monkeypatch.setattr(customers, "FEW", 3)
    assert digest(play(world)) == usual
