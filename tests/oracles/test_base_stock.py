"""Base stock under Poisson demand, path by path and at length: the identity behind it, allocation, Little."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiment.textbook.measures import poisson_demand
from simulator.experiment.textbook.stock import MESSY
from simulator.kpis.evaluate import evaluate
from simulator.theory.base_stock import base_stock, in_strict_order
from tests.oracles.helper import play, replicate, textbook

RATE, LEAD, S = 2.0, 5.0, 14


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lead_time", "replications", "within"),
    [
        ({"kind": "exponential", "mean": "5 d"}, 300, 0.02),
        ({"kind": "gamma", "mean": "5 d", "cv": 0.5}, 300, 0.02),
        ({"kind": "uniform", "low": "0 d", "high": "10 d"}, 300, 0.02),
    ],
    ids=["exponential", "gamma", "uniform"],
)
def test_any_lead_time_of_this_mean_gives_the_same_service(lead_time, replications, within):
    """Palm 1938: what is on order is Poisson(10) whatever the law, as long as purchases may overtake one another."""
    scenario = textbook(
        "base-stock", {"suppliers.maker.lead_time": lead_time, "clock.warm_up": "100 d", "clock.horizon": "15100 d"}
    )
    theory = base_stock(RATE, LEAD, S)
    runs = replicate(
        scenario, "base", *theory, "on_order_mean", "lead_time_effective",
        controls=poisson_demand(RATE, LEAD), replications=replications,
    )  # fmt: skip
    runs.assert_close(
        fill_rate=theory["fill_rate"], on_hand_mean=theory["on_hand_mean"], on_order_mean=10.0, lead_time_effective=LEAD
    )
    runs.assert_close(within=within, backlog_mean=theory["backlog_mean"], wait_mean=theory["wait_mean"])


def test_the_backlog_is_the_demand_of_the_last_lead_time_beyond_S():
    """The identity behind all these formulas, path by path: net stock(t) = S - demand(t - L, t], at every instant."""
    run = play(textbook("base-stock", {"clock.horizon": "2000 d", "clock.warm_up": "0 d"}), "base")
    placed = run.demand.times
    instants = np.sort(np.concatenate([placed, placed[placed + LEAD < 2000] + LEAD]))
    halfway = (instants[1:] + instants[:-1]) / 2
    demand = np.searchsorted(placed, halfway) - np.searchsorted(placed + LEAD, halfway)
    assert demand.max() > S
    theory = {"backlog": np.maximum(demand - S, 0), "on_hand": np.maximum(S - demand, 0), "on_order": demand}
    for level, expected in theory.items():
        path = run.level(level)
        found = path.values[np.searchsorted(path.times, halfway, side="right") - 1]
        np.testing.assert_array_equal(found, expected, err_msg=level)


# --------------------------------------------------------------------------------------------------------- overtaking
@pytest.mark.slow
def test_forbidding_overtaking_changes_everything_and_the_effective_lead_time_says_so():
    """One lead-time law, 0.864 or 0.083 filled at once: `crossing` must be stated (Zipkin 7.4; Hayya et al. 2008)."""
    theory = in_strict_order(RATE, LEAD, S)
    controls = poisson_demand(RATE, LEAD)
    replicate(textbook("overtaking"), "in_order", *theory, controls=controls, replications=220).assert_close(**theory)


# --------------------------------------------------------------------------------------------------------- allocation
def test_who_is_served_first_changes_who_waits_and_not_how_much_is_waited():
    """Work conservation: equal backlog at every instant and equal total wait; only the spread of the waits differs."""
    scenario = textbook("allocation")
    found = {}
    for policy in ("fifo", "lifo", "priority"):
        run = play(scenario, policy)
        kpis = evaluate(run, ["backlog_mean", "wait_mean", "wait_p95", "wait_max", "fill_rate"])
        found[policy] = (run, kpis)
        print(policy, kpis)
    fifo, lifo, priority = (found[name][1] for name in ("fifo", "lifo", "priority"))
    paths = [found[name][0].level("backlog") for name in found]
    for path in paths[1:]:
        np.testing.assert_array_equal(path.times, paths[0].times)
        np.testing.assert_array_equal(path.values, paths[0].values)
    for other in (lifo, priority):
        assert other["fill_rate"] == fifo["fill_rate"]
        assert other["backlog_mean"] == pytest.approx(fifo["backlog_mean"], rel=1e-12)
        assert other["wait_mean"] == pytest.approx(fifo["wait_mean"], rel=1e-10)
    assert lifo["wait_p95"] < priority["wait_p95"] < fifo["wait_p95"]
    assert lifo["wait_max"] > priority["wait_max"] > fifo["wait_max"]
    assert (fifo["wait_p95"], lifo["wait_p95"], priority["wait_p95"]) == pytest.approx((0.768, 0.468, 0.706), rel=0.06)


def wait_of(segment):
    """Mean wait over all orders of a segment, days (0 where filled at once)."""

    def measure(run):
        which = [facts.name for facts in run.world.segments].index(segment)
        mine = run.demand.segments[run.fills["order"].astype(np.int64)] == which
        waits = (run.fills["time"] - run.fills["placed"])[mine]
        return float(waits.sum() / (run.demand.segments == which).sum())

    return measure


def test_the_high_class_waits_less_and_what_it_gains_the_low_class_loses():
    """30 % high: 0.050 d against 0.111 d; weighted by their shares the two waits are E[B] / rate as before."""
    measures = {name: wait_of(name) for name in ("high", "low")}
    scenario = textbook("allocation", {"clock.horizon": "15000 d"})
    runs = replicate(scenario, "priority", measures=measures, controls=poisson_demand(RATE, LEAD), replications=16)
    high, low = runs.estimate("high"), runs.estimate("low")
    print(high, low)
    assert (high.mean, low.mean) == pytest.approx((0.050, 0.111), rel=0.05)
    both = 0.3 * high.mean + 0.7 * low.mean
    assert both == pytest.approx(0.0934686, rel=0.03)
    fair = play(scenario, "fifo")
    assert measures["high"](fair) == pytest.approx(measures["low"](fair), rel=0.1)


# -------------------------------------------------------------------------------------------------------------- Little
@pytest.mark.parametrize("fulfilment", ["as_available", "line_complete", "order_complete"])
@pytest.mark.parametrize("allocation", ["fifo", "lifo", "priority"])
def test_little_holds_exactly_in_every_run(fulfilment, allocation):
    """The area under the backlog is the sum of units x wait (Little 1961); every unit asked for is accounted for."""
    choice = {"policies.base.fulfilment": {"kind": fulfilment}, "policies.base.allocation": {"kind": allocation}}
    run = play(textbook("base-stock", {**MESSY, **choice}), "base")
    horizon = run.world.horizon
    placed = run.demand.times

    path = run.level("backlog")
    area = float(path.values @ np.diff(np.append(path.times, horizon)))
    open_units = np.zeros(placed.size)
    np.add.at(open_units, run.backordered["order"].astype(int), run.backordered["units"])
    waits = 0.0
    for ended in (run.fills, run.cancelled):
        waiting = np.ones(ended["time"].size, bool) if "held" not in ended else ended["held"] == 0
        waits += float((ended["units"] * (ended["time"] - placed[ended["order"].astype(int)]))[waiting].sum())
        np.subtract.at(open_units, ended["order"][waiting].astype(int), ended["units"][waiting])
    assert open_units.min() >= 0
    waits += float(open_units @ (horizon - placed))
    assert area > 100
    assert area == pytest.approx(waits, rel=1e-9)
    assert evaluate(run, ["backorder_days"])["backorder_days"] == pytest.approx(waits, rel=1e-9)

    shipped, cancelled = run.parcels["units"].sum(), run.cancelled["units"].sum()
    held = sum(level.backordered for level in run.final)
    still_packed = run.demand.quantities.sum() - shipped - cancelled - held
    if fulfilment == "as_available":
        assert still_packed == 0  # demand = shipped + cancelled + open
    else:
        assert still_packed >= 0
