"""The best of many: what the procedure promises holds, and common luck makes it cheap."""

import numpy as np
import pytest

from simulator.experiment.statistics.ranking import KimNelson

NAMES = ("a", "b", "c", "d", "e")
STUDIES = 500
LEAD = 1.0


def study(rng, shared, means=(LEAD, 0.0, 0.0, 0.0, 0.0), better="higher"):
    """A contest in the hardest configuration: one leads by just the indifference, all others are equal.

    Every contestant's values have standard deviation 3; `shared` is the part of the variance that is common luck.
    """
    contest = KimNelson(NAMES, better, indifference=LEAD)
    played = 0
    sign = 1 if better == "higher" else -1
    while not contest.decided:
        luck = 3 * np.sqrt(shared) * rng.standard_normal()
        own = 3 * np.sqrt(1 - shared) * rng.standard_normal(len(NAMES))
        contest.add({name: sign * m + luck + x for name, m, x in zip(NAMES, means, own, strict=True)})
        played += len(contest.survivors) + sum(n == contest.n for n in contest.dropped.values())
    return contest.best == "a", played


def test_in_500_studies_the_choice_is_right_as_often_as_promised_and_common_luck_saves_most_of_the_runs():
    rng = np.random.default_rng(11)
    alone = np.array([study(rng, 0.0) for _ in range(STUDIES)])
    together = np.array([study(rng, 0.8) for _ in range(STUDIES)])
    for right, _ in (alone.mean(axis=0), together.mean(axis=0)):
        assert right >= 0.95
    saved = 1 - together[:, 1].mean() / alone[:, 1].mean()
    assert saved > 0.7, f"{alone[:, 1].mean():.0f} runs alone, {together[:, 1].mean():.0f} with common luck"  # 349, 81


def test_where_low_values_are_better_the_lowest_is_chosen():
    rng = np.random.default_rng(12)
    assert np.mean([study(rng, 0.8, better="lower")[0] for _ in range(60)]) >= 0.95


def test_the_variance_of_every_ordered_pair_is_its_own():
    """With three contestants a look-up by the wrong pair lets the noisy one go on, or drops it on thin evidence."""
    sample = np.random.default_rng(3).normal(size=(10, 3)) * (1, 5, 1) + (0, 0, 0.2)
    contest = KimNelson(["a", "b", "c"], "higher", indifference=0.5)
    for row in sample:
        contest.add(dict(zip("abc", row, strict=True)))
    eta = ((2 * 0.05 / 2) ** (-2 / 9) - 1) / 2
    for i in range(3):
        for k in range(3):
            variance = np.var(sample[:, i] - sample[:, k], ddof=1)
            assert contest._spread[i, k] == pytest.approx(2 * eta * 9 * variance)


def test_contestants_that_are_always_equal_leave_the_first_of_them():
    contest = KimNelson(["a", "b", "c"], "lower", indifference=0.1, first=2)
    for luck in (1.0, 2.0):
        contest.add({"a": luck, "b": luck, "c": luck})
    assert (contest.best, contest.decided, contest.dropped) == ("a", True, {"b": 2, "c": 2})


def test_one_that_dropped_out_need_not_play_on_and_keeps_its_mean():
    rng = np.random.default_rng(5)
    contest = KimNelson(["a", "b", "far"], "higher", indifference=0.1, first=5)
    for _ in range(5):
        x = rng.normal(size=2)
        contest.add({"a": x[0], "b": x[1], "far": x[0] - 100.0})
    assert contest.dropped == {"far": 5}
    mean = contest.mean("far")
    assert not contest.decided
    assert contest.next_round == 4
    contest.add({"a": 1.0, "b": 2.0})
    assert contest.mean("far") == mean
    with pytest.raises(KeyError):
        contest.add({"a": 1.0})


def test_a_relative_indifference_is_a_share_of_the_first_one_s_mean():
    contest = KimNelson(["a", "b"], "lower", indifference=0.01, relative=True, first=4)
    for luck in (-1.0, 1.0, -1.0, 1.0):
        contest.add({"a": 500 + luck, "b": 500 - 3 * luck})
    assert contest.indifference == pytest.approx(5.0)


def test_a_single_contestant_wins_at_once():
    contest = KimNelson(["a"], "higher", indifference=1.0)
    assert (contest.best, contest.decided, contest.next_round) == ("a", True, 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"names": []}, "names must not be empty"),
        ({"names": ["a", "a"]}, "each must be given once"),
        ({"indifference": 0}, "expected indifference > 0"),
        ({"confidence": 0.4}, "expected .* 0.5 < confidence < 1"),
        ({"first": 1}, "expected .* first >= 2"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        KimNelson(**{"names": ["a", "b"], "better": "higher", "indifference": 1.0, **wrong})
