"""Whatever a scenario says, its runs keep the laws, their KPIs are numbers, and no policy moves the demand."""

import numpy as np
import pytest
from hypothesis import event, given, reject, settings

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.policies.allocation import Fifo
from simulator.policies.backorder_processing import BackorderProcessing
from simulator.policies.fulfilment import AsAvailable
from simulator.world.simulate import simulate
from tests.properties.books import Books, differences
from tests.properties.facts import digest, rows
from tests.properties.worlds import LOOK, worlds

MANY, VERY_MANY = settings(LOOK, max_examples=150), settings(LOOK, max_examples=3000)


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


def compare_totals(scenario, policy, reported):
    """Without records, a KPI has the value it has with them, or none; waits are kept to 1/1024 day."""
    run = simulate(scenario, policy, 11, 3, records=False)
    run.audit()
    for name, value in evaluate(run).items():
        if isinstance(value, Undefined):
            assert value.reason
        elif name.startswith(("wait", "age")):
            assert value == pytest.approx(reported[name], abs=1 / 512), name
        else:
            assert value == pytest.approx(reported[name], rel=1e-9, abs=1e-9), name


def look_at(words):
    scenario = words.scenario()
    runs = []
    for name, policy in scenario.policies.items():
        try:
            run = simulate(scenario, name, 11, 3)
        except UserError as error:  # one that only shows when it is played
            if "again and again at one instant" not in str(error):
                raise
            reject()
        run.audit()
        assert digest(run) == digest(simulate(words.scenario(), name, 11, 3)), "repeated, it differs"
        together = any(c.one_parcel or "one_parcel" in str(c.arrivals) for c in scenario.customers.values())
        available = isinstance(policy.fulfilment, AsAvailable) and not together
        fifo = isinstance(policy.allocation, Fifo)
        books = Books(run)
        keeps = isinstance(policy.allocation, BackorderProcessing)
        eager = available and not keeps and getattr(policy.allocation, "units", 0) == 0
        assert not books.problems(policy.window.length, fifo, eager)
        reported = evaluate(run)
        assert not differences(run, reported)
        compare_totals(scenario, name, reported)
        runs.append(run)
        event(f"orders: {min(len(run.demand.times).bit_length(), 8)} bits")
        for table in ("fills", "refused", "cancelled", "returned", "picks"):
            event(f"{table}: {bool(len(getattr(run, table)['order']))}")
    same_demand(*runs)


@MANY
@given(worlds())
def test_every_run_of_a_random_world_keeps_the_laws_and_its_kpis_equal_a_second_set_of_books(words):
    look_at(words)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@VERY_MANY
@given(worlds())
def test_three_thousand_random_worlds_keep_the_laws(words):
    look_at(words)
