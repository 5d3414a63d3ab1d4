"""The laws of dates in worlds with chance: a date of probability p is late in 1 - p of them, and `ctp` has no bias."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

from simulator.kpis.evidence.dates import Dates
from simulator.record.ledger import Bools, Floats
from tests.unit.world.shops import play, shop

HORIZON, SETTLED = 4000.0, 3950.0
P = 0.8
SCATTERED = {"kind": "gamma", "mean": 6, "cv": 0.5}
PATHS: dict[str, dict[str, Any]] = {
    "lead time": {},
    "symmetric lead time": {"suppliers__pottery__lead_time": {"kind": "uniform", "low": 2, "high": 10}},
    "order delay": {"suppliers__pottery__order_delay": 1.5},
    "departures": {"suppliers__pottery__lane": {"departures": {"every": 5}}},
    "closures": {
        "suppliers__pottery__closures": [{"from": 60 * k + 20.5, "to": 60 * k + 26.5} for k in range(int(HORIZON / 60))]
    },
    "customs": {
        "suppliers__pottery__lane": {"customs": {"inspected": 0.4, "delay": {"kind": "gamma", "mean": 3, "cv": 0.4}}}
    },
    "delivery": {
        "carriers__van": {"transit": {"kind": "gamma", "mean": 3, "cv": 0.6}, "pickup": {"every": 2}},
        "warehouse__picking": {"time": {"kind": "gamma", "mean": 1, "cv": 0.7}},
    },
    "yield": {"suppliers__pottery__yield": {"kind": "uniform", "low": 0.6, "high": 1}},
    "supplier's stock": {
        "suppliers__pottery__stock": {"mug": 3},
        "suppliers__pottery__make_time": {"kind": "gamma", "mean": 3, "cv": 0.5},
    },
    "production": {"suppliers__pottery__capacity": {"rate": 3}},
}
"""Stages of the path by name, each with what the shop needs for it."""
ONE_AT_A_TIME = {"kind": "s_Q", "s": 2, "Q": 20}
"""A purchase has arrived before the next is made, but for a few."""
MANY_AT_A_TIME = {"kind": "base_stock", "S": 4}


class Compared(NamedTuple):
    """Orders that waited, or that were filled at once, in order of time."""

    late: Floats
    """1 where the goods were at the door after the first date."""
    error: Floats
    """Days from the first date to the door."""


def played(path: str, promise: dict[str, Any], replenishment: dict[str, Any]) -> tuple[Compared, Compared]:
    """Those that waited, those that did not."""
    stock = {"warehouse__stock__mug": 4, "suppliers__pottery__crossing": "fifo"}
    stock |= {"suppliers__pottery__lead_time": SCATTERED, "clock__horizon": HORIZON}
    d = shop(**stock, customers__web__arrivals={"kind": "poisson", "rate": "1 / d"})
    d = _with(d, PATHS[path])
    d["policies"]["first"] = {"replenishment": replenishment, "promise": promise}
    run = play(d)
    dates = Dates(run)
    assert dates.first is not None
    first, door = dates.first, np.where(np.isnan(dates.delivered), np.inf, dates.delivered)
    waited = np.zeros(first.size, dtype=bool)
    waited[run.backordered["order"].astype(int)] = True

    def compared(orders: Bools) -> Compared:
        there = orders & (first < SETTLED)
        error = (door - first)[there]
        return Compared((error > 1e-9).astype(np.float64), error)

    return compared(waited), compared(~waited)


def _with(d: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for path, value in changes.items():
        *folders, last = path.split("__")
        place = d
        for name in folders:
            place = place.setdefault(name, {})
        place[last] = value
    return d


def mean_and_error(values: Floats) -> tuple[float, float]:
    """The mean and its standard error over batches of neighbours, which share receipts."""
    batches = values[: values.size // 20 * 20].reshape(20, -1).mean(axis=1)
    return float(values.mean()), float(batches.std(ddof=1)) / math.sqrt(20)


@pytest.mark.parametrize("path", PATHS)
def test_a_date_of_probability_p_is_late_in_the_rest_of_the_orders(path):
    waited, at_once = played(path, {"kind": "quantile", "p": P}, ONE_AT_A_TIME)
    for found in (waited, at_once) if path == "delivery" else (waited,):
        late, error = mean_and_error(found.late)
        assert late == pytest.approx(1 - P, abs=3.5 * error)
        assert error < 0.04
    if path != "delivery":
        assert not at_once.late.any()


@pytest.mark.parametrize("path", PATHS)
def test_ctp_has_no_bias_while_purchases_do_not_hold_each_other_up(path):
    for found in played(path, {"kind": "ctp"}, ONE_AT_A_TIME):
        days, error = mean_and_error(found.error)
        assert days == pytest.approx(0, abs=3.5 * error + 1e-9)
        assert error < 0.3


def test_where_purchases_hold_each_other_up_ctp_is_late_and_a_quantile_is_not():
    """Under `crossing: fifo` a receipt is not before the one ahead of it: the mean of the latest of several days is
    later than the latest of their means (docs/explanation/dates.md)."""
    days, error = mean_and_error(played("lead time", {"kind": "ctp"}, MANY_AT_A_TIME)[0].error)
    assert 1 < days - 3.5 * error < days < 3
    late, error = mean_and_error(played("lead time", {"kind": "quantile", "p": 0.5}, MANY_AT_A_TIME)[0].late)
    assert late == pytest.approx(0.5, abs=3.5 * error)
