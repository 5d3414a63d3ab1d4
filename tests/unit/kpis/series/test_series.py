"""Series: the same numbers as the KPIs, seen over time and by length of wait."""

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.waiting import AGES
from simulator.kpis.series.grid import CELLS
from simulator.kpis.series.money import COSTS
from simulator.kpis.series.promises import PROMISE_EDGES, promise_bins
from simulator.kpis.series.series import EXITS, SHIPMENTS, measure, wait_edges
from simulator.scenario.loader import load
from simulator.world.simulate import simulate
from tests.contracts.test_kpis import RUNS
from tests.unit.world.shops import play, shop


@pytest.fixture(scope="module")
def seen():
    """A busy year of the flash sale, with a closure, a spike, two segments, cancellations and a limit."""
    scenario = load(
        "scenarios/flash-sale.yaml",
        ["clock.horizon=200 d", "policies.capped.window.days=2 d", "policies.capped.window.kind=cancel_after"],
    )
    run = simulate(scenario, "capped", 3)
    return run, measure(evidence_of(run)), evaluate(run)


def test_the_mean_of_a_level_is_that_of_the_kpi(seen):
    run, series, kpis = seen
    width = run.world.horizon / CELLS
    first = int(run.world.warm_up / width)
    assert run.world.warm_up == pytest.approx(first * width)
    for level, kpi in (("backlog", "backlog_mean"), ("on_hand", "on_hand_mean"), ("on_order", "on_order_mean")):
        assert series[f"level.{level}"][first:].mean() == pytest.approx(kpis[kpi], rel=1e-9)


def test_what_was_ordered_and_has_not_ended_is_the_backlog(seen):
    run, series, _ = seen
    gap = series["flow.asked"] - series["flow.refused"] - series["flow.filled"] - series["flow.cancelled"]
    level = run.level("backlog")
    for cell in (10, 150, CELLS):
        end = cell * run.world.horizon / CELLS
        at_the_end = level.values[np.searchsorted(level.times, end, side="left") - 1]
        assert gap[:cell].sum() == pytest.approx(at_the_end)
    assert gap[:150].sum() > 0


def test_every_unit_asked_for_ends_somewhere(seen):
    _, series, kpis = seen
    by_name = dict(zip(EXITS, series["exit"], strict=True))
    total = sum(by_name.values())
    assert min(by_name.values()) >= 0
    assert by_name["left_refused"] / total == pytest.approx(kpis["lost_at_checkout"])
    assert by_name["open"] / total == pytest.approx(kpis["open_share"])
    assert by_name["cancelled_window"] > 0
    assert by_name["cancelled_patience"] > 0
    assert by_name["kept_at_once"] / total == pytest.approx(kpis["fill_rate"], abs=0.01)


def test_the_exits_add_up_to_demand(seen):
    run, series, _ = seen
    counted = np.repeat(run.demand.times >= run.world.warm_up, run.demand.counts)
    assert series["exit"].sum() == run.demand.quantities[counted].sum()


def test_waits_by_segment_hold_every_unit_that_was_ordered(seen):
    _, series, kpis = seen
    units = sum(series[f"wait.{s}.{how}"].sum() for s in ("web", "cafes") for how in ("ended", "cancelled", "open"))
    ordered = series["exit"].sum() * (1 - kpis["lost_at_checkout"])
    assert units == pytest.approx(ordered)
    edges = wait_edges(200.0)
    waited = sum(series[f"wait.{s}.{how}"] for s in ("web", "cafes") for how in ("ended", "cancelled", "open"))
    late = np.cumsum(waited[::-1])[::-1] / units
    assert late[np.searchsorted(edges, kpis["wait_p95"]) + 1] <= 0.05 < late[np.searchsorted(edges, kpis["wait_p95"])]


def test_money_over_time_adds_up_to_the_kpis(seen):
    _, series, kpis = seen
    costs = [cost for cost in COSTS if cost not in ("handling_cost", "lost_sale_cost")]  # they do not arise
    found = {name: series[f"money.{name}"].sum() for name in ("revenue", "refunds", *costs)}
    assert found["revenue"] - found["refunds"] == pytest.approx(kpis["revenue"])
    for name in ("refunds", *costs):
        assert found[name] == pytest.approx(kpis.get(name, 0.0)), name
    assert sum(found[cost] for cost in costs) == pytest.approx(kpis["total_cost"])
    assert found["refunds"] > 0


def test_an_event_is_seen_while_it_lasts(seen):
    run, series, _ = seen
    width = run.world.horizon / CELLS
    events = [name for name in series if name.startswith("event.")]
    lasted = sorted(float(series[name].sum() * width) for name in events)
    assert lasted == pytest.approx([10.0, 18.0]) or lasted == pytest.approx([10.0, 17.0])


def test_ages_count_orders_that_waited_by_their_shipments():
    run = play(shop(customers__web__arrivals={"kind": "every", "interval": 1, "first": 1}, warehouse__stock={"mug": 2}))
    table = measure(evidence_of(run))["age"].reshape(len(AGES), SHIPMENTS)
    waited = run.fills["time"] - run.fills["placed"]
    assert table[0, 1] == np.sum((waited > 0) & (waited < 4))
    assert table[:, 2:].sum() == 0


def test_the_bins_of_waits_grow_with_the_wait_and_end_behind_the_horizon():
    for horizon in (3.0, 365.0, 20_000.0):
        edges = wait_edges(horizon)
        assert np.all(np.diff(edges) > 0)
        assert edges[0] == 0
        assert edges[-1] >= horizon or horizon > 7300
        assert edges.size < 120


@pytest.mark.parametrize("name", RUNS)
def test_series_agree_with_the_kpis_in_every_kind_of_run(name):
    run = play(shop(**RUNS[name]))
    series, kpis = measure(evidence_of(run)), evaluate(run)
    assert all(np.isfinite(values).all() for values in series.values())
    came_in = series["money.revenue"].sum() - series["money.refunds"].sum()
    spent = sum(series[f"money.{cost}"].sum() for cost in COSTS if f"money.{cost}" in series)
    assert came_in - spent == pytest.approx(kpis["contribution"], abs=1e-6)
    assert series["money.not_followed"][0] == 0
    last = {name: series[f"cash.{name}"][-1] for name in ("balance", "unearned", "refunds_due", "receivable")}
    daily = evidence_of(run).cash.daily()
    assert last == pytest.approx({"balance": daily["cash"][-1], **{k: daily[k][-1] for k in last if k != "balance"}})
    assert series["exit"].min() >= 0
    counted = np.repeat(run.demand.times >= run.world.warm_up, run.demand.counts)
    assert series["exit"].sum() == run.demand.quantities[counted].sum()


def test_a_difference_from_a_date_falls_into_the_bin_that_a_search_finds():
    near = np.add.outer(PROMISE_EDGES, [-1e-9, 0.0, 1e-9, 0.5]).ravel()
    days = np.concatenate((near, [-1e9, -20.5, 40.5, 1e9, -np.inf, np.inf]))
    assert promise_bins(days).tolist() == np.searchsorted(PROMISE_EDGES, days, side="left").tolist()


def test_deliveries_are_counted_by_the_days_from_the_promise():
    each = {"arrivals": {"kind": "every", "interval": 1, "first": 1}, "basket": {"kind": "single", "item": "mug"}}
    policy = {"replenishment": {"kind": "s_Q", "s": 2, "Q": 6}, "promise": {"kind": "fixed", "within": "12 h"}}
    run = play(shop(customers__web=each, policies__first=policy, warehouse__stock={"mug": 4}))
    evidence = evidence_of(run)
    series, kpis = measure(evidence), evaluate(run)
    first = series["promise.first"]
    there = evidence.orders & (evidence.dates.delivered < 40)
    assert first.sum() == there.sum()
    early = first[: int(np.searchsorted(PROMISE_EDGES, 0.0)) + 1].sum()
    assert early == np.sum((evidence.dates.delivered - evidence.dates.first)[there] <= 0)
    assert 0 < early < first.sum()
    assert kpis["promise_late_share"] > 0
