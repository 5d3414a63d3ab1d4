"""What the workbooks of runs and studies hold."""

import datetime as dt
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import simulator
from simulator.experiment.results.check import checked
from simulator.experiment.results.comparison import compare
from simulator.experiment.results.results import open_results
from simulator.experiment.statistics.verdicts import judged
from simulator.experiment.studies.stress import stress
from simulator.report.terminal.comparison import OUTCOMES
from simulator.report.workbook.common import uniform
from simulator.report.workbook.comparison_book import comparison_book
from simulator.report.workbook.other_books import check_book
from simulator.report.workbook.workbook import book_of, write_workbook
from simulator.report.workbook.write import save_book
from simulator.scenario.schema.expect import Expectation

MONDAY = Path(__file__).parents[4] / "scenarios" / "monday-morning.yaml"

SHOP = """
name: shop
title: A shop
clock: {start: 2025-03-01, horizon: 48 d, warm_up: 8 d}
currency: EUR
items: {mug: {price: 12, unit_cost: 5}, cup: {price: 9, unit_cost: 5}}
customers:
  web:
    arrivals: {kind: poisson, rate: 4 / d}
    basket: {kind: weighted, items: {mug: 2, cup: 1}}
    patience: {kind: exponential, mean: 6 d}
suppliers: {maker: {items: [mug, cup], lead_time: {kind: gamma, mean: 6 d, cv: 0.5}}}
warehouse: {stock: {mug: 20, cup: 15}}
policies:
  lean: {replenishment: {kind: s_S, s: 12, S: 30}}
  full: {extends: lean, replenishment: {s: 30, S: 50}}
experiment: {replications: 3, factorial: {level: {low: {policies.lean.replenishment.s: 5}, high: {policies.lean.replenishment.s: 15}}}}
"""  # noqa: E501 a line of YAML


def sheets(path):
    found = CalamineWorkbook.from_path(path)
    return {name: found.get_sheet_by_name(name).to_python() for name in found.sheet_names}


def column(table, name):
    place = table[0].index(name)
    return [row[place] for row in table[1:]]


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    file = tmp_path_factory.mktemp("shop") / "shop.yaml"
    file.write_text(SHOP)
    return simulator.load(file)


@pytest.fixture(scope="module")
def results(scenario, tmp_path_factory):
    return simulator.run(scenario, out=tmp_path_factory.mktemp("results"))


def test_titles_of_policies_are_in_the_header_of_the_scorecard(scenario):
    titled = scenario.edit({"policies.lean.title": "little stock"})
    book = book_of(simulator.run(titled, replications=1))
    (scorecard,) = (sheet for sheet in book.sheets if sheet.name == "Scorecard")
    assert [c.header for c in scorecard.columns][3:7] == ["lean (little stock)", "lean ±", "full", "full ±"]


def test_a_run_has_its_estimates_differences_replications_levels_and_items(results, tmp_path):
    book = sheets(write_workbook(results, tmp_path / "run.xlsx"))
    names = "Cover Scorecard Differences KPIs Replications Over time Items Definitions Scenario"
    assert " ".join(book) == names

    cover = {row[0]: row[1] for row in book["Cover"]}
    assert book["Cover"][0][0] == "A shop"
    assert (cover["seed"], cover["fingerprint"]) == (results.seed, results.fingerprint)
    assert cover["day 0"] == dt.date(2025, 3, 1)
    assert cover["version of the simulator"] == simulator.__version__

    scores = {row[1]: row for row in book["Scorecard"][1:]}
    for kpi in ("fill_rate", "wait_mean", "contribution"):
        estimates = [results.estimate(policy, kpi) for policy in ("lean", "full")]
        assert scores[kpi][3:7] == pytest.approx([v for e in estimates for v in (e.mean, e.half_width)], rel=1e-14)

    rows = {row[3]: row for row in book["Differences"][1:]}
    d, word = judged(results, "lean", "fill_rate")["full"]
    assert rows["fill_rate"][:5] == ["full", "lean", "service", "fill_rate", "points"]
    assert rows["fill_rate"][5:9] == pytest.approx([d.mean, d.half_width, d.low, d.high], rel=1e-14)
    assert rows["fill_rate"][10:12] == [d.significant, word]

    assert len(book["KPIs"]) - 1 == 2 * len(results.kpis)
    assert column(book["Replications"], "fill_rate [%]") == pytest.approx(
        [*results.values("lean", "fill_rate"), *results.values("full", "fill_rate")], rel=1e-14
    )
    assert "contribution [EUR]" in book["Replications"][0]
    assert column(book["Over time"], "date")[0] == dt.datetime(2025, 3, 1, 2, 24)  # half a 240th
    table = results.items()
    assert column(book["Items"], "item") == [*table.items] * 2
    assert column(book["Items"], "demand [units]")[:2] == pytest.approx(
        table.means("lean", "demand_by_item"), rel=1e-14
    )


def test_results_that_are_not_saved_leave_out_what_only_a_folder_has(scenario, tmp_path):
    results = simulator.run(scenario, replications=1, policies=["lean"])
    book = sheets(write_workbook(results, tmp_path / "run.xlsx"))
    assert list(book) == ["Cover", "Scorecard", "KPIs", "Replications", "Definitions", "Scenario"]


def test_the_workbook_of_a_saved_result_has_the_bytes_of_the_first_one(results, tmp_path):
    first = write_workbook(results, tmp_path / "1.xlsx").read_bytes()
    assert write_workbook(open_results(results.folder), tmp_path / "2.xlsx").read_bytes() == first


def test_a_comparison_has_both_sides_and_a_verdict(scenario, results, tmp_path):
    other = simulator.run(scenario.edit({"suppliers.maker.lead_time.mean": "20 d"}), out=tmp_path)
    found = compare(results, other, ["fill_rate", "wait_mean"])
    save_book(comparison_book(results, other, found), tmp_path / "c.xlsx")
    book = sheets(tmp_path / "c.xlsx")
    table = book["Differences"]
    assert column(table, "scenario") == ["shop"] * 4
    assert column(table, "KPI") == ["fill_rate", "wait_mean"] * 2
    assert column(table, "verdict") == [m.verdict if m.significant else "not significant" for m in found.moves]
    assert column(table, "B less A") == pytest.approx([m.difference.mean for m in found.moves], rel=1e-14)
    assert column(table, "A") == pytest.approx([m.before.mean for m in found.moves], rel=1e-14)
    cover = {row[0]: row[1] for row in book["Cover"]}
    assert cover["A: fingerprint"] == results.fingerprint
    assert cover["B: fingerprint"] == other.fingerprint


def test_a_sweep_has_its_options_with_numbers_in_the_unit_of_the_header(scenario, tmp_path):
    vary = {"suppliers.maker.lead_time.mean": ["4 d", "9 d"], "policies.lean.replenishment.S": [30, 40]}
    made = simulator.sweep(scenario, vary, replications=2, policies=["lean"])
    book = sheets(write_workbook(made, tmp_path / "s.xlsx"))
    names = "Cover Options Sensitivity Points KPIs Replications Definitions Scenario"
    assert " ".join(book) == names
    assert column(book["Options"], "suppliers.maker.lead_time.mean [d]") == [4, 4, 9, 9]
    assert column(book["Options"], "policies.lean.replenishment.S") == [30, 40, 30, 40]
    costs = [made.study.estimate(p, "lean", "operating_cost").mean for p in made.points]
    assert column(book["Options"], "operating_cost [EUR]") == pytest.approx(costs, rel=1e-14)
    assert len(book["Replications"]) == 1 + 4 * 2


def test_other_studies_have_their_own_tables(scenario, tmp_path):
    factorial = simulator.factorial(scenario, replications=2, policies=["lean"])
    advice = simulator.recommend(scenario, items=["mug"], replications=2)
    best = simulator.optimise(
        scenario,
        {"policies.lean.replenishment.s": "5..20"},
        2,
        maximise=["fill_rate"],
        trials=3,
        most=3,
        finalists=2,
    )
    stressed = stress(scenario, replications=2, lasts=10.0)
    found = {
        "Effects Points KPIs Replications Definitions Scenario": factorial,
        "Advice Gains Acceptance Scenario": advice,
        "Finalists Trials Points KPIs Replications Definitions Scenario": best,
        "Knock-outs Causes Scenario": stressed,
    }
    for names, made in found.items():
        book = sheets(write_workbook(made, tmp_path / "b.xlsx"))
        assert " ".join(book) == f"Cover {names}"
        assert all(len(table) > 1 for name, table in book.items()), names
    targets = [row[1] for row in book["Knock-outs"][1:]]
    assert targets == [str(k.target) for k in stressed.exposure("lean")]


def test_a_check_has_its_expectations_with_their_outcome_and_what_changed(scenario, results, tmp_path):
    expected = [
        Expectation(policy="full", kpi="fill_rate", at_least=0.01),
        Expectation(better="full", than="lean", kpi="fill_rate"),
    ]
    asked = scenario.model_copy(update={"expect": expected})
    path = tmp_path / "baseline.json"
    checked(asked, results, path, ["fill_rate"], update=True)
    found = checked(asked, results, path, ["fill_rate"])
    save_book(check_book([found]), tmp_path / "c.xlsx")
    book = sheets(tmp_path / "c.xlsx")
    assert column(book["Expectations"], "outcome") == [OUTCOMES[j.outcome] for j in found.judgements]
    means = [results.estimate("full", "fill_rate").mean, found.judgements[1].difference.mean]
    assert column(book["Expectations"], "mean") == pytest.approx(means, rel=1e-14)
    assert column(book["Differences"], "verdict") == ["same", "same"]


def test_an_outlook_has_dates_where_the_scenario_has_them(tmp_path):
    found = simulator.outlook(simulator.load(MONDAY), 2, ["in_turn"])
    book = sheets(write_workbook(found, tmp_path / "o.xlsx"))
    assert list(book) == ["Cover", "Lines", "Purchases", "Items"]
    start = found.scenario.clock.start
    placed = [start + dt.timedelta(days=line.placed) for line in found.lines]
    assert [day.isoformat()[:10] for day in column(book["Lines"], "placed")] == [day.isoformat()[:10] for day in placed]
    assert column(book["Lines"], "miss [%]") == ["" if line.miss is None else line.miss for line in found.lines]


def test_values_have_a_common_unit_only_if_all_have_it():
    assert uniform(["5 d", "as it is", "9 d"]) == ("d", [5.0, "as it is", 9.0])
    assert uniform(["5 d", 9]) == ("", ["5 d", 9])
    assert uniform(["a b", "c b"]) == ("", ["a b", "c b"])
    assert uniform([{"kind": "always"}, None]) == ("", ["{'kind': 'always'}", None])
    assert uniform([1, 2.5, True]) == ("", [1, 2.5, True])


def test_what_was_not_measured_makes_no_workbook():
    with pytest.raises(TypeError, match="no workbook is made of int"):
        book_of(3)
