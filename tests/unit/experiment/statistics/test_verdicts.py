"""Who is better, of two and of ten: how often a star or a verdict is wrong, counted."""

import numpy as np
import pytest

from simulator.experiment.statistics.intervals import Difference, difference, estimate
from simulator.experiment.statistics.verdicts import UNCLEAR, against, best, verdict

STUDIES = 1000
THREE_ERRORS = 3 * np.sqrt(0.05 * 0.95 / STUDIES)


class Study:
    """As much of `Results` as verdicts look at; values of shape (replications, policies)."""

    def __init__(self, values):
        self.columns = {f"policy {k}": column.tolist() for k, column in enumerate(values.T)}
        self.policies, self.kpis = tuple(self.columns), ("fill_rate", "wait_mean")

    def estimate(self, policy, kpi):
        return estimate(self.columns[policy])

    def difference(self, a, b, kpi, together=1):
        return difference(self.columns[a], self.columns[b], together=together)


def test_the_verdict_follows_the_better_direction():
    up, down, wide = Difference(1.0, 0.5, 9), Difference(-1.0, 0.5, 9), Difference(1.0, 2.0, 9)
    assert [verdict(d, "fill_rate") for d in (up, down, wide)] == ["better", "worse", "unclear"]
    assert [verdict(d, "wait_mean") for d in (up, down, wide)] == ["worse", "better", "unclear"]
    assert [verdict(d, "on_hand_mean") for d in (up, down, wide)] == ["higher", "lower", "unclear"]
    assert verdict(Difference(0.0, 0.0, 9), "fill_rate") == "same"
    assert verdict(Difference(None, None, 0), "fill_rate") == ""


def test_the_best_is_the_one_that_beats_each_other():
    rng = np.random.default_rng(4)
    luck = rng.normal(size=(12, 1))
    study = Study(luck + np.array([3.0, 9.0, 1.0]) + 0.5 * rng.normal(size=(12, 3)))
    assert best(study, "fill_rate") == "policy 1"
    assert best(study, "wait_mean") == "policy 2"
    assert best(study, "on_hand_mean") is None  # neither high nor low is better
    assert best(Study(luck), "fill_rate") is None  # alone
    assert best(Study(np.hstack([luck, luck, luck - 5])), "fill_rate") is None  # two are equal


def test_of_ten_equal_policies_a_verdict_is_wrong_in_one_study_of_twenty_at_most():
    """Any word but `unclear` in the column of differences, and any star, is wrong here."""
    rng = np.random.default_rng(21)
    words, stars, naive = 0, 0, 0
    for _ in range(STUDIES):
        luck = rng.normal(size=(10, 1))
        study = Study(luck + rng.normal(size=(10, 10)))
        words += any(verdict(d, "fill_rate") != UNCLEAR for d in against(study, "policy 0", "fill_rate").values())
        stars += best(study, "fill_rate") is not None
        naive += any(study.difference(p, "policy 0", "fill_rate").significant for p in study.policies[1:])
    assert words / STUDIES <= 0.05 + THREE_ERRORS
    assert words / STUDIES > 0.01  # and not for being deaf
    assert stars / STUDIES <= 0.05 + THREE_ERRORS
    assert naive / STUDIES > 0.15  # one at a time, every fourth study would see a difference that is not there


@pytest.mark.parametrize(
    ("means", "noise"),
    [
        ([0.0, 0.0] + [-9.0] * 8, [1.0] * 10),  # two are equally good
        ([0.0] + [-0.1] * 9, [0.1] + [3.0] * 9),  # a quiet best one among noisy ones
    ],
)
def test_a_star_goes_to_a_policy_that_is_not_the_best_in_one_study_of_twenty_at_most(means, noise):
    rng = np.random.default_rng(22)
    wrong = 0
    for _ in range(STUDIES):
        values = rng.normal(size=(8, 1)) + np.array(means) + np.array(noise) * rng.normal(size=(8, 10))
        starred = best(Study(values), "fill_rate")
        wrong += starred is not None and (starred != "policy 0" or means[1] == 0)
    assert wrong / STUDIES <= 0.05 + THREE_ERRORS
