"""Results made by hand: three policies whose differences are known."""

import pytest

from simulator.experiment.results.results import Results
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import Undefined

SOURCE = """
name: corner-shop
clock: {start: 2025-01-06, horizon: 365 d, warm_up: 60}
"""
LUCK = (-1.0, 0.5, 0.0, 0.5)


def values(policy, luck):
    better = {"lean": 0.0, "careful": 0.01, "buffered": 0.04}[policy]
    unsure = {"lean": 0.0, "careful": luck, "buffered": -luck}[policy]
    return {
        "fill_rate": 0.91 + better + 0.004 * luck,
        "otif_requested": Undefined("no segment names a date (`need_by`)"),
        "wait_mean": 3.0 - 20 * better + 0.2 * luck,
        "wait_backordered": Undefined("nobody had to wait") if policy == "buffered" else 4.0 + luck,
        "age_buckets[0-3 d]": 0.5,
        "cancellation_rate": 0.02 + 0.001 * luck,
        "on_hand_mean": 400 + 9000 * better + luck,
        "operating_cost": 123456.7 + 1000 * unsure,
        "contribution": 23456.7 + 100 * luck + 40000 * better,
    }


@pytest.fixture
def results():
    """`results(policies, replications)` of a corner shop."""

    def make(policies=("lean", "careful", "buffered"), replications=4):
        manifest = Manifest(
            "corner-shop", "run", "f" * 64, 7, tuple(policies), 0.95, title="A corner shop", currency="EUR"
        )
        runs = [Replication(k, {p: values(p, LUCK[k]) for p in policies}) for k in range(replications)]
        return Results(manifest, SOURCE, runs, None)

    return make
