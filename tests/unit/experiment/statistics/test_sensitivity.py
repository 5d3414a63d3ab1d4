"""Indices of sensitivity against known answers; intervals of the jackknife."""

import math

import numpy as np
import pytest

from simulator.experiment.statistics import sensitivity
from simulator.experiment.studies.design import saltelli
from simulator.randomness.streams import Streams

FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)
"""Of Ishigami's function with a = 7, b = 0.1 (Saltelli et al. 2008, Global Sensitivity Analysis, example 4.1)."""


def ishigami(u):
    x = math.pi * (2 * u - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def test_sobols_indices_of_ishigamis_function_are_the_published_ones():
    cube = saltelli(3, 4096, Streams(1, 0).stream("design", "test"))
    found = sensitivity.of_saltelli(ishigami(cube)[:, None], 3)
    assert [e.mean for e in found.first] == pytest.approx(FIRST, abs=0.01)
    assert [e.mean for e in found.total] == pytest.approx(TOTAL, abs=0.01)
    assert {e.half_width for e in found.first} == {None}  # one replication has no interval


def test_a_full_grid_gives_the_same_exactly():
    level = (np.arange(100) + 0.5) / 100
    grid = np.stack(np.meshgrid(level, level, level, indexing="ij"), axis=-1)
    found = sensitivity.of_grid(ishigami(grid).reshape(-1, 1), (100, 100, 100))
    assert [e.mean for e in found.first] == pytest.approx(FIRST, abs=5e-4)
    assert [e.mean for e in found.total] == pytest.approx(TOTAL, abs=5e-4)


def test_a_line_is_explained_by_its_squared_coefficients():
    rng = np.random.default_rng(5)
    x = rng.random((400, 3))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T)).T)  # not correlated at all
    y = 3 * x[:, 0] - 4 * x[:, 1]
    found = sensitivity.of_samples(y[:, None], x)
    assert [e.mean for e in found.first] == pytest.approx([9 / 25, 16 / 25, 0], abs=1e-9)
    assert found.total is None


def test_the_intervals_cover_the_answer_as_often_as_they_say():
    """A grid of 4 x 4, y = a + 2 b + noise in 10 replications: alone a has 1/5 of the variance; 300 experiments."""
    rng = np.random.default_rng(7)
    a, b = np.meshgrid(np.arange(4.0), np.arange(4.0), indexing="ij")
    truth = (a + 2 * b).reshape(-1, 1)
    hits = 0
    for _ in range(300):
        found = sensitivity.of_grid(truth + 0.3 * rng.standard_normal((16, 10)), (4, 4)).first[0]
        hits += abs(found.mean - 0.2) <= found.half_width
    assert 0.92 <= hits / 300 <= 0.98


def test_a_kpi_that_never_moves_has_no_shares():
    found = sensitivity.of_grid(np.full((4, 3), 0.5), (2, 2))
    assert found.first[0].mean is None
    assert found.first[0].reason == "the KPI is the same at every point"
