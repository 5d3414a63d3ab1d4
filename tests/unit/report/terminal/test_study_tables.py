"""Tables of sweeps: what each key accounts for, under every KPI of the frontier."""

import pytest
import yaml

from simulator.experiment.studies.factorial import factorial
from simulator.experiment.studies.optimise import optimise
from simulator.experiment.studies.sweep import sweep
from simulator.report.cards.terminal import on_terminal
from simulator.report.terminal.search_result import optimum_card
from simulator.report.terminal.study_tables import factorial_card, sweep_card
from simulator.scenario.loader import load_text
from tests.unit.report.interactive.test_play import LEAD, VARY, S, shop
from tests.unit.world.shops import shop as tiny


def test_every_kpi_of_the_frontier_has_its_share_alone_and_with_others():
    text = on_terminal(sweep_card(sweep(shop(), VARY)), 140)
    (_, *blocks) = text.split("Share of the spread")
    header = next(line for line in blocks[0].splitlines() if "operating_cost alone" in line)
    assert header.count("with others") == 2
    assert "fill_rate alone" in header


def test_a_point_that_is_not_valid_is_named_with_its_reason():
    text = on_terminal(sweep_card(sweep(shop(), {LEAD: ["4 d", "never"]}, replications=2)), 140)
    assert "1 point is not a valid scenario and was not run, for example 1: " in text


def refusing():
    """Few mugs, many customers; a policy that takes backorders, and the choice to take none."""
    return load_text(
        yaml.safe_dump(
            tiny(
                customers__web__arrivals={"kind": "poisson", "rate": 2},
                experiment={
                    "replications": 3,
                    "factorial": {
                        "orders": {
                            "taken": {"policies.first.acceptance": {"kind": "always"}},
                            "refused": {"policies.first.acceptance": {"kind": "never"}},
                        }
                    },
                },
            )
        )
    )


TAKEN_OR_NOT = {"policies.first.acceptance": [{"kind": "always"}, {"kind": "never"}]}


def test_a_point_without_backorders_is_not_on_a_frontier_of_waits():
    made = sweep(refusing(), TAKEN_OR_NOT, against=["operating_cost", "wait_mean"])
    assert made.frontier == {(0, "first"): "frontier"}
    text = " ".join(on_terminal(sweep_card(made), 200).split())
    assert "Point 1 has no waits because it takes no backorders; " in text
    assert "of units were refused. They are not on the frontier." in text
    assert set(sweep(refusing(), TAKEN_OR_NOT).frontier) == {(0, "first"), (1, "first")}, "no waits are judged"


@pytest.mark.parametrize("policy", ["always", "never"])
def test_promises_of_orders_taken_are_compared_with_their_like(policy):
    """A point that takes no backorders is left out beside one that does, and judged among its like."""
    scenario = refusing().edit({"policies.first.acceptance": {"kind": policy}, "customers.web.need_by": "3 d"})
    own = {"policies.first.replenishment.s": [2, 6]}
    made = optimise(scenario, own, maximise=["otif_requested"], trials=4, replications=2, finalists=2, most=4)
    assert len(made.finalists) > 1
    assert "left out" not in on_terminal(optimum_card(made), 200)
    mixed = optimise(scenario, TAKEN_OR_NOT, maximise=["otif_requested"], trials=6, replications=2, most=4)
    assert not any(mixed.study.waitless(point, "first") for point in mixed.chosen)
    assert "They are left out of the search." in on_terminal(optimum_card(mixed), 200)
    swept = sweep(scenario, TAKEN_OR_NOT, against=["operating_cost", "otif_requested"])
    assert set(swept.frontier) == {(0, "first")}


def test_effects_on_waits_are_not_marked_if_a_combination_takes_no_backorders():
    text = on_terminal(factorial_card(factorial(refusing()), ["wait_mean", "fill_rate"]), 200)
    (effect,) = (line for line in text.splitlines() if line.strip().startswith("orders taken"))
    assert "*" not in effect.split("±")[1]
    assert "Point 0 has no waits because it takes no backorders; " in text
    assert "Effects on wait_mean are not marked." in text


def test_a_search_for_short_waits_does_not_end_at_refusing_everybody():
    made = optimise(refusing(), TAKEN_OR_NOT, minimise=["wait_mean"], trials=6, replications=2, finalists=2, most=4)
    assert [point.values["policies.first.acceptance"] for point in made.finalists if point.number] != [
        {"kind": "never"}
    ]
    assert not any(made.study.waitless(point, "first") for point in made.chosen)
    assert "They are left out of the search." in on_terminal(optimum_card(made), 200)


def in_short(card):
    """The closing sentences, on one line."""
    return " ".join(on_terminal(card, 200).split("In short")[1].split())


def test_a_sweep_ends_in_words_that_name_todays_point_whatever_its_notation():
    made = sweep(shop(), {LEAD: ["8 d", "96 h"]}, policies=["lots"])
    text = in_short(sweep_card(made))
    assert text.startswith("Point 1 (lead_time 96 h) is today's: the scenario as given in the file.")
    low, high = (made.study.estimate(p, "lots", "fill_rate").mean for p in made.points)
    assert high > low
    assert (
        f"On fill rate, point 1 (lead_time 96 h) is best, significantly ahead of every other: {high:.0%}"[:-1] in text
    )


def test_a_sweep_says_what_the_file_has_where_no_point_is_todays():
    made = sweep(shop(), {LEAD: ["2 d", "8 d"], S: [9]}, policies=["lots"])
    assert in_short(sweep_card(made)).startswith("No point is today's: the file has lead_time 4 d and s 5.")


def test_the_only_key_of_a_sweep_has_no_share_of_the_spread():
    text = on_terminal(sweep_card(sweep(shop(), {LEAD: ["2 d", "8 d"]}, replications=2)), 140)
    assert "Share of the spread" not in text


def test_finalists_that_cannot_be_told_apart_are_named():
    """The cost of a backorder does not change the stock."""
    free = {"costs.backorder": [1, 2]}
    made = optimise(shop(), free, minimise=["on_hand_mean"], trials=4, replications=2, finalists=3, most=8)
    assert "cannot be told apart from it: equal in all replications." in in_short(optimum_card(made))


def test_a_best_point_that_costs_more_than_today_says_that_today_violates_the_bound():
    vary, bound = {"policies.lots.replenishment.s": [5, 12]}, ["fill_rate>=97%"]
    made = optimise(shop(), vary, minimise=["on_hand_mean"], subject_to=bound, trials=2, replications=2, most=8)
    text = in_short(optimum_card(made))
    assert text.startswith(
        f"Of the finalists within the bounds, point {made.chosen[0].number} has the least on_hand_mean"
    )
    assert "Compared with the scenario as given in the file, which violates a bound: +" in text


def test_a_factorial_experiment_ends_with_the_largest_effects():
    levels = {"stock": {"little": {"policies.lots.replenishment.s": 5}, "much": {"policies.lots.replenishment.s": 12}}}
    time = {"lead time": {"short": {LEAD: "2 d"}, "long": {LEAD: "8 d"}}}
    made = factorial(shop().edit({"experiment.factorial": {**levels, **time}}), replications=4, policies=["lots"])
    text = in_short(factorial_card(made, ["on_hand_mean", "fill_rate"]))
    assert made.effect(made.effects[1], "lots", "on_hand_mean").mean == pytest.approx(-8.12, abs=0.01)
    assert "The largest effect on mean stock on hand is that of lead time long: -8.12 units" in text
    assert "The largest effect on fill rate is that of lead time long: -" in text
    assert "factors also act on each other: stock much × lead time long (+" in text
