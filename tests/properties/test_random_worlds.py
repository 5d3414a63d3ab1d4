"""Whatever a scenario says, its runs keep the laws, their KPIs are numbers, and no policy moves the demand."""

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings

from simulator.kpis.evaluate import evaluate
from simulator.policies.allocation import Fifo
from simulator.policies.fulfilment import AsAvailable
from simulator.world.simulate import simulate
from tests.properties.books import Books, differences
from tests.properties.facts import digest, rows
from tests.properties.worlds import worlds

LOOK = settings(
    derandomize=True,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
LOOK_LONG = settings(LOOK, max_examples=3000)


def single_parcels(run):
    """Order -> days in transit, for the orders that went in one parcel."""
    found = {}
    for fact in rows(run, "parcels"):
        days = fact["delivered"] - fact["shipped"]
        found[fact["order"]] = None if fact["order"] in found else days
    return {order: days for order, days in found.items() if days is not None and order >= 0}


def same_demand(one, other):
    for name in ("times", "segments", "counts", "items", "quantities", "need_by"):
        mine, yours = getattr(one.demand, name), getattr(other.demand, name)
        assert (mine is None) == (yours is None)
        assert mine is None or np.array_equal(mine, yours), name
    mine, yours = single_parcels(one), single_parcels(other)
    for order in mine.keys() & yours.keys():
        assert mine[order] == pytest.approx(yours[order], abs=1e-9)


def look_at(words):
    scenario = words.scenario()
    runs = []
    for name, policy in scenario.policies.items():
        run = simulate(scenario, name, 11, 3)
        run.audit()
        assert digest(run) == digest(simulate(words.scenario(), name, 11, 3)), "repeated, it differs"
        together = any(c.one_parcel or "one_parcel" in str(c.arrivals) for c in scenario.customers.values())
        available = isinstance(policy.fulfilment, AsAvailable) and not together
        fifo = isinstance(policy.allocation, Fifo)
        books = Books(run)
        eager = available and getattr(policy.allocation, "units", 0) == 0
        assert not books.problems(policy.window.length, fifo, eager)
        assert not differences(run, evaluate(run))
        runs.append(run)
        event(f"orders: {min(len(run.demand.times).bit_length(), 8)} bits")
        for table in ("fills", "refused", "cancelled", "returned", "picks"):
            event(f"{table}: {bool(len(getattr(run, table)['order']))}")
    same_demand(*runs)


@LOOK
@given(worlds())
def test_every_run_of_a_random_world_keeps_the_laws_and_its_kpis_equal_a_second_set_of_books(words):
    look_at(words)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@LOOK_LONG
@given(worlds())
def test_three_thousand_random_worlds_keep_the_laws(words):
    look_at(words)
