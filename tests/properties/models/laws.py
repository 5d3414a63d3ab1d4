"""The laws that every run of every world keeps, whatever the policy."""

import math

import numpy as np
import pytest
from hypothesis import reject

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined, describe
from simulator.world.simulate import simulate
from tests.properties.models.facts import digest, rows


def played(words, scenario, policy):
    """The run under a policy, audited, and the same when it is repeated; a world that cannot be played is left out."""
    try:
        run = simulate(scenario, policy, 11, 3)
    except UserError as error:
        if "again and again at one instant" not in str(error):
            raise
        reject()
    run.audit()
    assert digest(run) == digest(simulate(words.scenario(), policy, 11, 3)), "repeated, it differs"
    return run


def are_numbers(reported):
    """Every KPI that has a value is finite, and a share lies between 0 and 1."""
    for key, value in reported.items():
        if not isinstance(value, Undefined):
            assert math.isfinite(value), key
            if describe(key).unit == "share":
                assert -1e-12 <= value <= 1 + 1e-12, key


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
