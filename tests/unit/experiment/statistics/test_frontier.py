"""Which options no other one beats."""

import numpy as np

from simulator.experiment.statistics.frontier import places


def brute(losses):
    means = np.stack([loss.mean(axis=1) for loss in losses], axis=1).tolist()
    return [not any(all(x <= y for x, y in zip(a, b, strict=True)) and a != b for a in means) for b in means]


def test_the_frontier_is_what_looking_at_every_pair_says():
    rng = np.random.default_rng(2)
    losses = [rng.integers(0, 12, (60, 1)) + 0.0 for _ in range(2)]
    assert [place == "frontier" for place in places(losses)] == brute(losses)
    assert 0 < sum(brute(losses)) < 60


def test_who_is_beaten_by_noise_only_is_close():
    rng = np.random.default_rng(3)
    luck = rng.standard_normal(20)
    cost = np.stack([100 + luck, 100.001 + luck + rng.standard_normal(20), 103 + luck + 0.1 * rng.standard_normal(20)])
    misses = np.stack([5 + luck, 5.001 + luck + rng.standard_normal(20), 6 + luck])
    cost[1] += cost[0].mean() - cost[1].mean() + 0.001  # beaten in the means by a hair
    misses[1] += misses[0].mean() - misses[1].mean() + 0.001
    assert places([cost, misses]) == ["frontier", "close", "beaten"]


def test_equal_options_do_not_beat_each_other():
    same = np.ones((3, 5))
    assert places([same, same]) == ["frontier"] * 3


def test_one_replication_proves_nothing():
    assert places([np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]])]) == ["frontier", "close"]
