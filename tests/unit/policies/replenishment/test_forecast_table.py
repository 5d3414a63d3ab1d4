"""Forecasts of other programs: means and quantiles from a table drive the levels."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import simulator
from simulator.foundation.errors import UserError
from simulator.scenario.identity import fingerprint
from simulator.scenario.loader import load_text

SCENARIO = """\
name: foreign
clock: {start: 2025-01-06, horizon: 28 d}
items: {mug: {price: 12, unit_cost: 5, demand: 1 / d}}
customers: {web: {arrivals: {kind: every, interval: 1 d, first: 0 d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: 0}}
suppliers: {maker: {items: all, lead_time: 1 d}}
policies:
  plan:
    replenishment:
      kind: forecast
      R: 7 d
      safety: SAFETY
      forecast: {kind: table, file: plan, item: unique_id, date: ds, mean: ETS MORE}
"""
WEEKS = ("2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27")


def frame(means=(7, 70, 14, 14), **columns):
    return pd.DataFrame({"unique_id": "mug", "ds": pd.to_datetime(list(WEEKS)), "ETS": list(means), **columns})


def read(table, more="", safety="{kind: none}"):
    return load_text(SCENARIO.replace("MORE", more).replace("SAFETY", safety), tables={"plan": table})


def refused(table, more=""):
    with pytest.raises(UserError) as caught:
        read(table, more)
    return str(caught.value)


def method(table, more="", period=7.0):
    return read(table, more).policies["plan"].replenishment["default"].forecast.of("mug", period)


def test_the_units_ahead_are_those_of_the_rows_in_parts():
    plan = method(frame())
    start = plan.start(21.0)
    assert plan.ahead(start, 1) == 7
    assert plan.ahead(start, 8 / 7) == pytest.approx(7 + 10)
    second = plan.learn(start, 5.0)
    assert plan.ahead(second, 1) == 70
    third = plan.learn(plan.learn(second, 5.0), 5.0)
    assert plan.ahead(third, 2) == pytest.approx(28), "the last row goes on"
    late = method(frame().iloc[2:])
    assert late.ahead(late.start(21.0), 3) == pytest.approx(21 + 21 + 14), "the item's demand before the first row"


def test_quantiles_give_the_standard_deviation_of_the_days_at_risk():
    z = 1.2815515655446004
    both = frame(lo=[m - z * 4 for m in (7, 70, 14, 14)], hi=[m + z * 4 for m in (7, 70, 14, 14)])
    plan = method(both, ", quantiles: {10 %: lo, 90 %: hi}")
    belief = plan.start(21.0)
    assert plan.daily_sd(belief, 7, 7) == pytest.approx(4 / math.sqrt(7))
    assert plan.daily_sd(belief, 7, 14) == pytest.approx(4 / math.sqrt(7)), "periods err independently"
    upper = method(both, ", quantiles: {90 %: hi}")
    assert upper.daily_sd(belief, 7, 7) == pytest.approx(4 / math.sqrt(7))
    without = method(frame())
    assert without.daily_sd(belief, 7, 7) == pytest.approx(math.sqrt(21 / 7)), "as Poisson demand, then as errors seen"


def test_newer_forecasts_replace_older_ones_from_the_day_on_which_they_are_made():
    old, new = frame().assign(made="2025-01-06"), frame((1, 2, 3, 4)).assign(made="2025-01-13").iloc[1:]
    plan = method(pd.concat([old, new]), ", made: made")
    belief = plan.start(21.0)
    assert plan.ahead(belief, 2) == 77
    assert plan.ahead(plan.learn(belief, 7.0), 2) == 5


def test_a_frame_of_darts_becomes_rows_as_the_documentation_says():
    """darts has a column for each series, and the times as the index."""
    series = pd.DataFrame({"mug": [7.0, 70.0, 14.0, 14.0]}, index=pd.to_datetime(list(WEEKS)).rename("time"))
    rows = series.reset_index().melt("time", var_name="item", value_name="mean")
    scenario = SCENARIO.replace("item: unique_id, date: ds, mean: ETS MORE", "item: item, date: time, mean: mean")
    found = load_text(scenario.replace("SAFETY", "{kind: none}"), tables={"plan": rows})
    plan = found.policies["plan"].replenishment["default"].forecast.of("mug", 7.0)
    assert plan.ahead(plan.start(21.0), 2) == 77


def test_a_cross_validation_of_statsforecast_is_known_from_the_first_date_that_it_forecasts():
    """Its columns: unique_id, ds, cutoff (the last period that a model has seen), y, one for each model, bounds."""
    windows = [("2024-12-30", WEEKS, (7, 70, 14, 14)), ("2025-01-06", WEEKS[1:], (2, 3, 4))]
    table = pd.concat(
        pd.DataFrame({"unique_id": "mug", "ds": pd.to_datetime(list(weeks)), "cutoff": pd.Timestamp(cutoff), "y": 5.0})
        .assign(ETS=means)
        .assign(**{"ETS-lo-90": [m - 16.4 for m in means], "ETS-hi-90": [m + 16.4 for m in means]})
        for cutoff, weeks, means in windows
    )
    table["made"] = table.groupby(["unique_id", "cutoff"]).ds.transform("min")
    plan = method(table, ", made: made, quantiles: {5 %: ETS-lo-90, 95 %: ETS-hi-90}")
    belief = plan.start(21.0)
    assert plan.ahead(belief, 2) == 77
    assert plan.ahead(plan.learn(belief, 7.0), 2) == 5
    assert plan.daily_sd(belief, 7, 7) == pytest.approx(10 / math.sqrt(7), rel=0.01), "1.64 standard deviations"


def test_a_run_buys_what_the_table_says_and_its_error_is_measured():
    scenario = read(frame())
    run = simulator.simulate(scenario, "plan", seed=1)
    # On day 7, the level covers 8 days: 70 + 2 units. 8 are owed, and the stock lasts until the end.
    assert (run.purchases["time"].tolist(), run.purchases["units"].tolist()) == ([7], [72 + 8])
    results = simulator.run(scenario, replications=2)
    error = (1 + 63 + 7) / 22  # three periods end before the horizon; the order of day 7 is in the first
    assert results.estimate("plan", "forecast_error").mean == pytest.approx(error)
    lanes = {lane: simulator.simulate(scenario, "plan", seed=1, lane=lane) for lane in ("simpy", "auto")}
    assert lanes["simpy"].purchases["units"].tolist() == lanes["auto"].purchases["units"].tolist()


def test_safety_stock_follows_the_quantiles():
    z = 1.2815515655446004
    table = frame((70, 70, 70, 70), hi=[70 + z * 7] * 4)
    safety = "{kind: cycle_service, target: 90 %}"
    run = simulator.simulate(read(table, ", quantiles: {90 %: hi}", safety), "plan", seed=1)
    level = math.ceil(80 + z * 7 / math.sqrt(7) * math.sqrt(8) - 1e-9)
    assert run.purchases["units"].tolist()[0] == level + 8


def test_the_content_of_the_table_is_in_the_fingerprint():
    assert fingerprint(read(frame())) != fingerprint(read(frame((7, 70, 14, 15))))


@pytest.mark.parametrize(
    ("table", "more", "said"),
    [
        (frame((7, -1, 14, 14)), "", "plan:3: column 'ETS': -1 is below 0; a forecast of units is at least 0"),
        (frame().assign(unique_id="mgu"), "", "plan has no forecast of mug (did you mean 'mgu'?)"),
        (frame().assign(ds="2025-01-06"), "", "plan:3: column 'ds': 'mug' has two forecasts from this day on"),
        (frame().iloc[:1], "", "plan:2: column 'ds': 'mug' has one row, which does not say how long it lasts"),
        (
            frame(a=[9, 9, 9, 9], b=[8, 8, 8, 8]),
            ", quantiles: {20 %: a, 80 %: b}",
            "plan:2: column 'b': 8 is below 9, the quantile of 20 % in column 'a'",
        ),
        (frame(a=[9, 9, 9, 9]), ", quantiles: {100 %: a}", "must be less than 1"),
        (frame(), ", quantiles: {90 %: hi}", "plan: no column 'hi'"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_tables_that_are_no_forecasts_are_refused_with_the_row(table, more, said):
    assert said in refused(table, more)


def test_a_table_that_ends_before_the_run_is_warned_of():
    assert read(frame()).warnings == ()
    (warning,) = read(frame().iloc[:3]).warnings
    assert "plan ends on day 21: from then on, the last forecast of mug goes on" in str(warning)
