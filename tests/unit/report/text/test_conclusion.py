"""What is said in sentences."""

from simulator.experiment.results.results import Results
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.report.text.conclusion import conclusion
from simulator.report.text.kpi_names import name_of
from simulator.report.text.shown_kpis import select_kpis


def said(results, *kpis):
    return conclusion(results, select_kpis(kpis))


def test_two_policies_one_better(results):
    assert said(results(["lean", "buffered"]), "fill_rate") == [
        "On fill rate, `buffered` beats `lean` by 4 points in every replication."
    ]


def test_the_first_interval_says_what_it_is(results):
    results = results(["lean"])
    assert said(results, "fill_rate", "wait_mean") == [
        "Fill rate 91.00 % (95 % interval 90.54 to 91.44).",
        "Mean wait 3.00 d (2.77 to 3.23).",
    ]


def test_of_three_the_best_is_compared_with_the_next(results):
    (sentence,) = said(results(), "fill_rate")
    assert sentence.startswith("On fill rate, `buffered` is best, 3 points ahead of `careful`")


def test_what_cannot_be_told_apart_is_said_so(results):
    assert said(results(["lean", "careful"]), "total_cost") == [
        "On total cost, `lean` and `careful` do not differ significantly."
    ]
    assert said(results(), "total_cost") == ["On total cost, no policy is significantly better than all others."]


def test_the_least_cost_of_whoever_sells_less_is_no_recommendation():
    manifest = Manifest("shop", "run", "f" * 64, 7, ("open", "shut"), 0.95, currency="EUR")
    runs = [
        Replication(
            k,
            {
                "open": {"total_cost": 900.0 + k, "contribution": 300.0 + k},
                "shut": {"total_cost": 500.0 + 2 * k, "contribution": 100.0 + k * k},
            },
        )
        for k in range(4)
    ]
    (sentence,) = said(Results(manifest, "", runs, None), "total_cost")
    assert sentence.startswith("On total cost, `shut` beats `open` by 39")
    assert sentence.endswith("However, `shut` earns less than `open`: goods that are not sold cost nothing.")


def test_equal_policies_are_the_same(results):
    assert said(results(), "cancellation_rate") == ["On cancellations, all policies are the same."]
    assert said(results(["lean", "careful"]), "cancellation_rate") == ["On cancellations, both policies are the same."]


def test_a_kpi_without_a_good_direction_is_passed_over(results):
    assert said(results(), "on_hand_mean") == [
        "No KPI for which high or low values are better has a value for every policy."
    ]


def test_a_kpi_of_a_segment_is_told_in_words():
    assert name_of("wait_p95_by_segment[web]") == name_of("wait_p95") + " of web"
