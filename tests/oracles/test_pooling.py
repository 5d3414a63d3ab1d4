"""Risk pooling: one hub instead of four sites, at length and day by day."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simulator.experiment.textbook.verify import AGREES, CASES, check, trials
from tests.oracles.helper import Estimate, assert_close, play, textbook

MEAN, SITES = 200.0, 4
GRAIN = 100  # units of the scenario in one of the book


@pytest.mark.slow
@pytest.mark.parametrize(("name", "replications"), [("pooling-four-sites", 100), ("pooling-one-hub", 280)])
def test_the_backlog_of_sites_and_hub_at_length(name, replications):
    """So often that an error of 2 % would be seen."""
    (trial,) = trials(CASES[name])
    for found in check(CASES[name], dataclasses.replace(trial, within={}), replications):
        assert found.verdict == AGREES


def test_both_worlds_see_the_same_customers_and_pooling_never_hurts():
    """Random numbers belong to the segments: day by day the hub's backlog is at most the sum over the sites."""
    sites, hub = play(textbook("pooling-four-sites"), "base"), play(textbook("pooling-one-hub"), "base")
    assert sorted(sites.demand.quantities) == sorted(hub.demand.quantities)
    assert (sites.demand.times == hub.demand.times).all()
    days = sites.demand.quantities.reshape(-1, SITES).sum(axis=1)
    assert (days == hub.demand.quantities.reshape(-1, SITES).sum(axis=1)).all()
    apart, together = sites.level("backlog"), hub.level("backlog")
    slack = SITES * 24935 - 89869  # the hub holds less
    at = together.times
    there = apart.values[np.searchsorted(apart.times, at, side="right") - 1]
    assert (together.values <= there + slack).all()
    assert_close(Estimate("mean", days.mean() / GRAIN, days.std() / GRAIN / len(days) ** 0.5), SITES * MEAN)
