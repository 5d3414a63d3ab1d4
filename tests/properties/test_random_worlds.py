"""Whatever a scenario says, its runs keep the laws, their KPIs are numbers, and no policy moves the demand."""

import pytest
from hypothesis import event, given, settings

from simulator.kpis.evaluate import evaluate
from simulator.policies.allocation.allocation import Fifo
from simulator.policies.allocation.backorder_processing import BackorderProcessing
from simulator.policies.fulfilment import AsAvailable
from tests.properties.models.books import Books, differences
from tests.properties.models.laws import compare_totals, played, same_demand
from tests.properties.models.worlds import LOOK, worlds

MANY, VERY_MANY = settings(LOOK, max_examples=100), settings(LOOK, max_examples=3000)


def look_at(words):
    scenario = words.scenario()
    runs = []
    for name, policy in scenario.policies.items():
        run = played(words, scenario, name)
        together = any(c.one_parcel or "one_parcel" in str(c.arrivals) for c in scenario.customers.values())
        available = isinstance(policy.fulfilment["default"], AsAvailable) and not together
        fifo = isinstance(policy.allocation, Fifo)
        books = Books(run)
        keeps = isinstance(policy.allocation, BackorderProcessing)
        eager = available and not keeps and getattr(policy.allocation, "units", 0) == 0
        assert not books.problems(policy.window["default"].length, fifo, eager)
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
