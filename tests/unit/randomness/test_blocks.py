"""Numbers that do not depend on how many are drawn at a time."""

import numpy as np
import pytest

from simulator.randomness.arrivals.renewal import Every
from simulator.randomness.basket import Catalogue
from simulator.randomness.baskets import weighted
from simulator.randomness.baskets.weighted import Weighted
from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams


@pytest.mark.parametrize("kind", sorted(Distribution.kinds))
def test_a_sampler_gives_the_numbers_of_one_large_block(kind):
    law = Distribution.parse(Distribution.kinds[kind].example)
    sampler = law.sampler(np.random.default_rng(5))
    assert [sampler() for _ in range(5000)] == law.drawer(np.random.default_rng(5))(5000).tolist()


@pytest.mark.parametrize("lines", [1, {"kind": "geometric", "mean": 1.6}])
def test_a_basket_from_very_many_items_is_drawn_a_few_orders_at_a_time_and_is_the_same(lines, monkeypatch):
    names = [f"item {k}" for k in range(300)]
    basket = Weighted(items={name: 1.0 + k % 7 for k, name in enumerate(names)}, lines=lines)

    def drawn():
        return basket.drawer(Streams(3), "web", Catalogue.of(names)).draw(500)

    at_once = drawn()
    monkeypatch.setattr(weighted, "CELLS", 1000)
    for whole, cut in zip(at_once, drawn(), strict=True):
        np.testing.assert_array_equal(whole, cut)


def test_orders_come_at_k_times_the_interval_to_the_last_bit():
    times = next(Every(interval=0.1).blocks(np.random.default_rng(1)))
    assert times.tolist() == [k * 0.1 for k in range(1, times.size + 1)]
    given = next(Every(interval=0.1, first=0.25).blocks(np.random.default_rng(1)))
    assert given.tolist() == [0.25 + k * 0.1 for k in range(given.size)]
