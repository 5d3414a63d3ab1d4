"""KPIs are worked out once for each evidence."""

from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.leaving import cancellation_rate
from simulator.kpis.groups.money import contribution
from simulator.kpis.kpi import KPIS
from simulator.model.nouns import Cause
from simulator.scenario.loader import load


def a_run(seed=1):
    return simulate(load("scenarios/textbook/base-stock.yaml", ["clock.horizon=60 d"]), "base", seed)


def test_a_kpi_that_another_one_has_asked_for_is_not_worked_out_again():
    evidence = evidence_of(a_run())
    first = contribution(evidence)
    evidence.__dict__["on_hand_area"] = evidence.on_hand_area * 2  # as a cached property, it can be replaced
    assert contribution(evidence) == KPIS["contribution"].function(evidence) == first
    assert contribution(evidence_of(a_run(2))) != first


def test_a_kpi_with_a_further_argument_is_worked_out_for_each_of_them():
    evidence = evidence_of(a_run())
    whole = cancellation_rate(evidence)
    assert [cancellation_rate(evidence, cause) for cause in Cause] == [
        cancellation_rate.__wrapped__(evidence, cause) for cause in Cause
    ]
    assert cancellation_rate(evidence) == whole == cancellation_rate.__wrapped__(evidence)


def test_all_kpis_of_an_evidence_are_the_same_when_they_are_asked_for_again():
    evidence = evidence_of(a_run())
    assert evaluate(evidence.facts, evidence=evidence) == evaluate(evidence.facts, evidence=evidence)
    assert evaluate(evidence.facts) == evaluate(evidence.facts, evidence=evidence)
