"""What customers remember: E05 comes out as it was measured, reviews move demand, and policies stay comparable."""

import numpy as np
import pytest
import yaml

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.model.loyalty import YEAR, still_to_come, yearly_fade
from simulator.model.nouns import Exit
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import play, shop


def memorable(lead, horizon, rate, loyalty, **changes):
    """Nothing is on the shelf until day `lead`; from then on there is always enough."""
    return shop(
        **{
            "clock": {"horizon": horizon},
            "warehouse__stock__mug": 0,
            "customers__web__arrivals": {"kind": "poisson", "rate": rate},
            "customers__web__loyalty": loyalty,
            "suppliers__pottery__lead_time": lead,
            "policies__first": {"replenishment": {"kind": "base_stock", "S": 1000 * lead * rate}},
        }
        | changes
    )


def kept_away(run):
    return int((run.refused["exit"] == Exit.DETERRED).sum())


def within(found, expected):
    """Four standard errors of a count."""
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected))


@pytest.mark.parametrize(
    ("lead", "loyalty", "effect"),
    [
        (9, {}, 0.021),
        (40, {"late": 0, "very_late_after": "0.001 d"}, 0.061),
    ],
)
def test_next_years_orders_fall_as_bhan_and_anderson_found(lead, loyalty, effect):
    """-2.1 % after a delay, -6.1 % after a long one, of the orders of those who had to wait, in the year after it."""
    run = play(memorable(lead, lead + YEAR, 60, {**loyalty, "orders_per_year": 20}))
    late = len(run.experiences["order"])
    assert late > 400
    within(kept_away(run), late * 20 * effect)


def test_over_four_years_the_loss_is_a_mean_of_4_6_percent_a_year_after_long_delays():
    run = play(memorable(30, 30 + 4 * YEAR, 10, {"late": 0, "very_late_after": "0.001 d", "orders_per_year": 40}))
    late = len(run.experiences["order"])
    within(kept_away(run), late * 40 * 4 * 0.046)


def test_effects_fade_so_that_years_and_sum_agree():
    x = yearly_fade(0.754)
    first = still_to_come(np.array([0.0, YEAR]), x)
    assert first[0] - first[1] == pytest.approx(1)
    assert first[0] == pytest.approx(4 * 0.754)


def test_a_delay_handled_well_wins_orders_where_the_scenario_says_so():
    """A fixed promise of 20 days is kept for all who wait nine: with +10 % each orders more, without it less."""
    words = {"policies__first": {"replenishment": {"kind": "base_stock", "S": 10**6}, "promise": {"kind": "fixed"}}}
    words["policies__first"]["promise"]["within"] = 20
    loyal = play(memorable(9, 374, 20, {"handled_well": "10 %", "orders_per_year": 5}, **words))
    late = len(loyal.experiences["order"])
    crowd = (loyal.refused["exit"] == Exit.UNCALLED).sum()
    assert kept_away(loyal) == 0
    came = len(loyal.demand.times) - crowd
    usual = play(memorable(9, 374, 20, None, **words))
    within(came - len(usual.demand.times), late * 5 * 0.10)
    unkept = play(memorable(9, 374, 20, {"handled_well": "10 %", "orders_per_year": 5}))
    assert kept_away(unkept) > 0, "no day was told"
    assert evaluate(loyal)["lifetime_value_change"] > 0 > evaluate(unkept)["lifetime_value_change"]


def test_the_order_book_is_the_same_whether_customers_remember_or_not():
    words = {"late": "-50 %", "very_late": "-50 %", "orders_per_year": 5}
    one, other = (play(memorable(9, 200, 10, loyalty)) for loyalty in (None, words))
    assert np.array_equal(one.demand.times, other.demand.times)
    assert kept_away(other) > 0
    assert evaluate(other)["deterred"] == pytest.approx(kept_away(other) / len(other.demand.times))
    assert evaluate(one)["deterred"] == 0


def test_orders_that_never_came_are_no_demand():
    run = play(memorable(9, 200, 10, {"late": "-90 %", "very_late": "-90 %", "orders_per_year": 9}))
    found = evaluate(run)
    away = kept_away(run)
    assert found["lost_at_checkout"] == 0
    assert found["revenue"] == 12 * (len(run.demand.times) - away)
    assert "reputation deters the shopper" in run.story(int(run.refused["order"][0]))[-1]


def test_lifetime_value_is_what_falls_after_the_run():
    """One order a day, all late: each costs 2.1 % of one order a year of 7, over what is left of four years."""
    run = play(memorable(9, 10, 1, {}, customers__web__arrivals={"kind": "every", "interval": 1, "first": 0.5}))
    found, x = evaluate(run), yearly_fade(0.754)
    lost = -0.021 * 7 * still_to_come(10 - run.experiences["time"], x).sum()
    assert len(run.experiences["time"]) == 9
    assert found["lifetime_value_change"] == pytest.approx(lost)
    assert found["contribution_with_ltv"] == pytest.approx(found["contribution"] + lost)
    assert found["loyalty_change"] == pytest.approx(-0.021 * 9 / 10)


def test_whoever_went_to_a_rival_may_never_come_back():
    d = shop(
        clock={"horizon": 40},
        warehouse__stock__mug=0,
        policies__first={"replenishment": {"kind": "none"}, "acceptance": {"kind": "never"}},
        customers__web__otherwise={"switch": 1, "waitlist": 0, "walk": 0, "return": "60 %"},
    )
    run = play(d)
    found = evaluate(run)
    came = len(run.demand.times) - kept_away(run)
    assert found["margin_lost_to_rivals"] == 7 * came
    years = 4 - (40 - run.experiences["time"]) / YEAR
    assert found["lifetime_value_change"] == pytest.approx(-0.4 * 7 * years.sum())
    d["customers"]["web"]["otherwise"]["return"] = 1
    assert evaluate(play(d))["lifetime_value_change"] == 0


def test_bad_reviews_come_from_delays_and_keep_readers_away():
    words = {"share": "50 %", "bad": "10 %", "bad_late": "40 %", "bad_very_late": "80 %", "per_star": "20 %"}
    runs = {lead: play(memorable(lead, 60, 40, None, reviews=words)) for lead in (9, 50)}
    bad = {lead: run.reviews["bad"][run.reviews["time"] == lead].mean() for lead, run in runs.items()}
    assert bad[9] == pytest.approx(0.4, abs=0.12)
    assert bad[50] == pytest.approx(0.74, abs=0.08), "four fifths of the 40 days that waited more than ten"
    assert kept_away(runs[9]) > 0
    found = evaluate(runs[9])
    assert found["rating"] == pytest.approx(5 - 4 * runs[9].reviews["bad"].mean())
    calm = play(memorable(9, 60, 40, None, reviews=words, warehouse__stock__mug=10**5))
    assert evaluate(calm)["rating"] == pytest.approx(4.6, abs=0.2)
    assert evaluate(play(shop()))["rating"] == Undefined("nobody wrote a review")


def test_a_bad_name_lowers_the_chance_of_joining():
    words = {"share": 1, "bad": 0, "bad_late": 1, "bad_very_late": 1, "per_star": 0}
    join = {"kind": "logit", "no_date": "50 %", "reputation": 50}
    d = shop(
        clock={"horizon": 100},
        customers__web__arrivals={"kind": "poisson", "rate": 10},
        customers__web__join=join,
        warehouse__stock__mug=0,
        suppliers__pottery__lead_time=5,
        policies__first={"replenishment": {"kind": "R_S", "R": 10, "S": 0}},
    )
    usual, shamed = evaluate(play(d)), evaluate(play(d | {"reviews": words}))
    assert shamed["walked_away"] > usual["walked_away"] + 0.2


@pytest.mark.parametrize("preset", ["evidence", "vendor", "classroom"])
def test_a_preset_fills_what_is_absent_and_what_is_given_wins(preset):
    d = shop(customers__web__preset=preset, customers__web__loyalty={"late": "-50 %"})
    web = load_text(yaml.safe_dump(d)).customers["web"]
    assert web.join is not None
    assert web.otherwise is not None
    assert web.impatience is not None
    assert web.contact is not None
    assert web.loyalty.late == -0.5
    assert (web.loyalty.handled_well is None) == (preset == "evidence")
    d["customers"]["web"]["join"] = {"kind": "always"}
    assert type(load_text(yaml.safe_dump(d)).customers["web"].join).__name__ == "AlwaysJoin"


@pytest.mark.parametrize("records", [True, False])
def test_without_records_every_kpi_has_a_value_or_a_reason(records):
    d = shop(customers__web__preset="classroom", reviews={}, clock={"horizon": 200}, warehouse__stock__mug=0)
    d["customers"]["web"]["join"] = {"kind": "always"}
    d["policies"]["first"]["payment"] = {"kind": "deposit", "reauth_days": 1, "fails": "50 %"}
    run = simulate(load_text(yaml.safe_dump(d)), "first", 1, records=records)
    run.audit()
    found = evaluate(run)
    if not records:
        whole = evaluate(simulate(load_text(yaml.safe_dump(d)), "first", 1))
        for name in ("revenue", "refunds", "cash_received_early", "deposits_held", "total_cost"):
            assert isinstance(found[name], Undefined) or found[name] == pytest.approx(whole[name])
        assert found["cash_received_early"] > 0
