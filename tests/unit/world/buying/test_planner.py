"""Planning by forecast, in a shop that sells one mug a day (and two on some days)."""

import numpy as np
import pytest
import yaml

from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import play, shop

POISSON = {"kind": "poisson", "rate": "10 / d"}


def planned(horizon=200, arrivals=None, lead=4, **words):
    """A shop that plans by forecast; `words` change the decision."""
    decision = {"kind": "forecast", "R": 1, "safety": {"kind": "none"}, **words}
    return shop(
        clock__horizon=horizon,
        clock__warm_up=30,
        items__mug__demand=10,
        warehouse__stock__mug=60,
        suppliers__pottery__lead_time=lead,
        customers__web__arrivals=arrivals or POISSON,
        policies__first={"replenishment": decision},
    )


def kpis(d, *names):
    found = evaluate(play(d), names)
    return [found[name] for name in names]


def test_an_order_covers_the_demand_forecast_for_lead_time_and_review():
    """10 a day are believed, 4 + 1 days are at risk: every evening the position is lifted to 50."""
    run = play(planned(forecast={"kind": "fixed", "mean": 10}))
    bought, asked = run.purchases["units"], run.demand.quantities
    evening = np.floor(run.demand.times[run.line_orders]) + 1
    day_30 = bought[run.purchases["time"] == 30].sum()
    assert day_30 == asked[evening == 30].sum()
    position = 60 + bought[run.purchases["time"] <= 30].sum() - asked[evening <= 30].sum()
    assert position == 50


def test_the_same_purchases_are_made_whether_or_not_records_are_kept():
    """Without records the facts of each window of the order book are folded away; the planner must have seen them."""
    d = planned(horizon=1500, arrivals={"kind": "poisson", "rate": "40 / d"}, sees="sales")
    d["policies"]["first"]["acceptance"] = {"kind": "limit", "units": 5}
    scenario = load_text(yaml.safe_dump(d))
    kept, folded = simulate(scenario, "first", 1), simulate(scenario, "first", 1, records=False)
    folded.audit()
    names = ["purchases", "purchase_size", "on_hand_mean", "fill_rate"]
    assert evaluate(kept, names) == pytest.approx(evaluate(folded, names))


@pytest.mark.parametrize("bias", [-0.3, 0.4])
def test_bias_shows_in_its_kpi_and_in_the_stock(bias):
    right, wrong = (
        kpis(planned(), "forecast_bias", "on_hand_mean"),
        kpis(planned(bias=bias), "forecast_bias", "on_hand_mean"),
    )
    assert right[0] == pytest.approx(0, abs=0.03)
    assert wrong[0] == pytest.approx(bias, abs=0.05)
    assert (wrong[1] > right[1]) == (bias > 0)


def test_noise_makes_forecasts_worse_and_moves_nobodys_luck():
    quiet, noisy = play(planned()), play(planned(noise="30 %"))
    assert np.array_equal(quiet.demand.times, noisy.demand.times)
    error = [evaluate(run, ["forecast_error"])["forecast_error"] for run in (quiet, noisy)]
    assert error[1] > error[0] + 0.02


SPIKE = {"kind": "demand_spike", "name": "sale", "customers": "web", "at": 100, "lasts": 20, "factor": 3}


def test_a_planner_who_has_the_calendar_is_ready_for_the_campaign():
    blind, knowing = planned(), planned(blind_to=[])
    told_nothing = planned(blind_to=["sale"])
    for d in (blind, knowing, told_nothing):
        d["events"] = [SPIKE]
    fill = {name: kpis(d, "fill_rate", "forecast_error") for name, d in (("blind", blind), ("knowing", knowing))}
    assert fill["knowing"][0] > fill["blind"][0] + 0.1
    assert fill["knowing"][1] < 0.85 * fill["blind"][1]
    assert kpis(told_nothing, "fill_rate", "forecast_error") == fill["blind"]


def test_a_forecast_bias_event_misjudges_for_a_while():
    d = planned(blind_to=[])
    d["events"] = [{"kind": "forecast_bias", "items": "mug", "at": 80, "lasts": 40, "factor": 0.5}]
    run = play(d)
    facts = run.forecasts
    during = (facts["time"] > 81) & (facts["time"] <= 120)
    ratio = [facts["forecast"][m].sum() / facts["actual"][m].sum() for m in (during, ~during & (facts["time"] > 20))]
    assert ratio == [pytest.approx(0.5, abs=0.05), pytest.approx(1.0, abs=0.05)]
    assert evaluate(run, ["fill_rate"])["fill_rate"] < kpis(planned(), "fill_rate")[0]


def test_sales_taken_for_demand_starve_the_shop_that_refuses_customers():
    """What was refused never enters the forecast, so less is bought and more refused; demand seen whole does not."""
    bias = {}
    for sees in ("sales", "orders", "demand"):
        d = planned(lead=8, sees=sees, horizon=400, forecast={"kind": "moving_average", "periods": 20})
        d["policies"]["first"]["acceptance"] = {"kind": "never"}
        bias[sees] = kpis(d, "forecast_bias", "fill_rate")
    assert bias["demand"][0] == pytest.approx(0, abs=0.02)
    assert bias["sales"][0] < -0.2
    assert bias["orders"] == bias["sales"], "nothing is backordered: what is ordered is what is sold"
    assert bias["demand"][1] > bias["sales"][1]


def test_a_wrong_launch_prior_is_corrected_by_what_sells():
    d = planned(forecast={"kind": "smoothing", "alpha": 0.2, "prior": 2}, horizon=100)
    d["clock"]["warm_up"] = 0
    facts = play(d).forecasts
    assert facts["forecast"][0] == 2
    assert facts["forecast"][-10:].mean() == pytest.approx(10, abs=1.5)


def test_levels_that_are_never_retuned_stay_what_the_prior_made_them():
    words = {"kind": "forecast_s_S", "cover": 5, "forecast": {"kind": "moving_average", "periods": 20, "prior": 5}}
    often, never = planned(**words), planned(**words, retune="1000 d")
    assert kpis(often, "fill_rate")[0] > kpis(never, "fill_rate")[0] + 0.1
    run = play(never)
    position = run.level("on_hand").values[-1] + run.level("on_order").values[-1] - run.level("backlog").values[-1]
    assert position <= 5 * 4 + 25


def test_two_suppliers_by_two_indices_and_by_base_and_surge():
    d = planned(lead=10, horizon=300)
    d["suppliers"]["importer"] = {"items": ["mug"], "lead_time": 2}
    pair = {"R": 1, "regular": "pottery", "fast": "importer"}
    d["policies"] = {
        "first": {"replenishment": {"kind": "dual_index", **pair, "S_fast": 35, "S": 125}},
        "surge": {"replenishment": {"kind": "base_surge", **pair, "Q": 8, "S_fast": 35}},
        "slow": {"replenishment": {"kind": "R_S", "R": 1, "S": 125}},
    }
    runs = {policy: play(d, policy) for policy in d["policies"]}
    fast = {policy: (run.purchases["supplier"] == 0) for policy, run in runs.items()}
    share = {k: run.purchases["units"][fast[k]].sum() / run.purchases["units"].sum() for k, run in runs.items()}
    assert 0 < share["first"] < 0.5
    assert share["surge"] == pytest.approx(0.2, abs=0.04), "8 of 10 a day come from the slow one, whatever happens"
    assert share["slow"] == 0
    fill = {policy: evaluate(run, ["fill_rate"])["fill_rate"] for policy, run in runs.items()}
    assert fill["first"] > fill["slow"]
    assert fill["surge"] > 0.9
    slow_units = runs["surge"].purchases["units"][~fast["surge"]]
    assert set(slow_units) == {8}


def test_a_planner_plans_the_same_in_whatever_order_segments_and_campaigns_are_listed():
    """(0.1 + 0.2) + 0.3 is not 0.1 + (0.2 + 0.3) on a computer."""
    rates = {"web": 0.1, "shop": 0.2, "trade": 0.3}
    found = []
    for names in (list(rates), list(reversed(rates))):
        d = planned(forecast={"kind": "moving_average", "periods": 3}, blind_to=[])
        web = d["customers"].pop("web")
        d["customers"] = {name: {**web, "arrivals": {"kind": "poisson", "rate": rates[name]}} for name in names}
        sale = {"kind": "promotion", "items": ["mug"], "at": 40, "lasts": 50}
        d["events"] = [{**sale, "name": f"to {n}", "customers": [n], "uplift": 3.3 * rates[n]} for n in names]
        found.append(play(d).forecasts["forecast"].tolist())
    assert found[0] == found[1]
