"""Every textbook case of `backorder verify` agrees with theory, and is precise enough to see an error."""

from __future__ import annotations

import pytest

from simulator.experiment.textbook.case import Case, Trial
from simulator.experiment.textbook.sample import sample
from simulator.experiment.textbook.verify import AGREES, CASES, check, trials
from simulator.scenario.textbook import textbook
from simulator.theory import base_stock

FEWER = {
    ("better-forecast", "fair"): 12,
    ("better-forecast", "sharp"): 12,
    ("bullwhip", "average_20"): 10,
    ("bullwhip", "smoothed"): 10,
    ("make-to-stock", "to_stock"): 18,
    ("make-to-stock", "to_order"): 10,
    ("pooling", "shared"): 10,
    ("serial", "echelon"): 10,
    ("two-echelon", "base"): 10,
}
"""Replications of the trials that take longest, by case and policy; they are enough for the verdict `agrees`."""


EVERY_TRIAL = [
    pytest.param(case, trial, id=f"{case.name}-{number}-{trial.policy}")
    for case in CASES.values()
    for number, trial in enumerate(trials(case))
]


@pytest.mark.parametrize(("case", "trial"), EVERY_TRIAL)
def test_what_is_measured_is_what_the_books_say(case: Case, trial: Trial):
    found = check(case, trial, FEWER.get((case.name, trial.policy)))
    assert [c.measure for c in found] == list(trial.theory)
    for c in found:
        print(c)
    assert {c.measure: c.verdict for c in found} == dict.fromkeys(trial.theory, AGREES)


@pytest.mark.parametrize(("case", "trial"), [p for p in EVERY_TRIAL if p.values[1].controls])
def test_the_drawn_demand_has_the_means_that_its_law_gives(case: Case, trial: Trial):
    """Control variates may be regressed out only where their means are right."""
    scenario = textbook(case.scenario).edit({**trial.changes, "clock.horizon": "400 d", "clock.warm_up": "10 d"})
    assert sample(scenario, trial.policy, controls=trial.controls, replications=20).drift() < 4


def test_a_wrong_value_is_seen():
    """The verdict of the reorder point's values where its formula is off by one unit of stock."""
    case = CASES["reorder-point"]
    right = next(iter(case.trials(textbook(case.scenario))))
    wrong = Trial("r9_Q20", base_stock.reorder_point(2.0, 5.0, 10, 20), controls=right.controls, replications=20)
    wrong.theory.pop("no_backlog")  # not a KPI
    assert {c.verdict for c in check(case, wrong)} == {"differs"}
