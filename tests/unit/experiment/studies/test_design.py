"""Which points are played: what --vary means, and the designs."""

import numpy as np
import pytest

from simulator.experiment.studies.design import (
    FactorLevels,
    FactorRange,
    factor,
    factors,
    latin_hypercube,
    points,
    saltelli,
    sobol,
)
from simulator.foundation.errors import UserError
from simulator.randomness.streams import Streams


def rng():
    return Streams(1, 0).stream("design", "test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=1,2,5", FactorLevels("a.b", (1, 2, 5))),
        ("a.b=5 d, 9 d", FactorLevels("a.b", ("5 d", "9 d"))),
        ('a."b.c"=x', FactorLevels('a."b.c"', ("x",))),
        ("a={kind: gamma, mean: 2 d},{kind: constant, value: 3}", None),
        ("a=5..20", FactorRange("a", 5, 20, "", True)),
        ("a=-5..20.5", FactorRange("a", -5, 20.5, "", False)),
        ("a=1e-3..2", FactorRange("a", 0.001, 2, "", False)),
        ("a=.5..1.", FactorRange("a", 0.5, 1, "", False)),
        ("a=5 d..20 d", FactorRange("a", 5, 20, "d", False)),
        ("a=5..20 / d", FactorRange("a", 5, 20, "/ d", False)),
        ("a=10 % / y..25 % / y", FactorRange("a", 10, 25, "% / y", False)),
        ("a=5..20 by 5", FactorRange("a", 5, 20, "", True, 5)),
        ("a=5..20 d by 0.5", FactorRange("a", 5, 20, "d", False, 0.5)),
    ],
)
def test_vary_means_what_a_user_would_write(text, expected):
    found = factor(text)
    if expected is None:
        assert found.values == ({"kind": "gamma", "mean": "2 d"}, {"kind": "constant", "value": 3})
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "expected PATH=a,b,c or PATH=low..high"),
        ("=1,2", "expected PATH=a,b,c or PATH=low..high"),
        ("a=", "expected PATH=a,b,c or PATH=low..high"),
        ("a=1,,2", "--vary a:1:4: not YAML"),
        ("a=1,~", "separated by commas"),
        ("a=1,1", "names a value twice"),
        ("a=9..3", "must be above the first"),
        ("a=3 d..9 h", "both ends need the same unit"),
        ("a=3..9 d by 0", "by 0: expected a number above 0"),
        ("a=3..9 by half", "by half: expected a number above 0"),
        ("a..b=1", "is not a valid path"),
    ],
)
def test_what_it_does_not_mean_is_said(text, message):
    with pytest.raises(UserError, match=message):
        factor(text)


def test_a_path_stands_once():
    with pytest.raises(UserError, match="is given twice; list all values in one option"):
        factors(["a=1,2", "b=1", "a=3"])


def test_a_grid_is_every_combination_the_last_key_moving_fastest():
    found = points(factors(["a=1..3", "b=x,y"]), "grid", 0, 1)
    assert [tuple(p.values.values()) for p in found] == [(a, b) for a in (1, 2, 3) for b in ("x", "y")]
    assert found[1].changes == '{"a": 1, "b": "y"}'
    assert len({p.key for p in found}) == 6
    with pytest.raises(UserError, match=r"a grid needs values: a=a,b,c"):
        points(factors(["a=1.5..3"]), "grid", 0, 1)
    with pytest.raises(UserError, match="a grid of 1,000,000 points; at most 10,000"):
        points(factors(["a=1..1000", "b=1..1000"]), "grid", 0, 1)


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_key():
    cube = latin_hypercube(3, 50, rng())
    assert np.array_equal(np.sort((cube * 50).astype(int), axis=0), np.repeat(np.arange(50)[:, None], 3, axis=1))
    found = points(factors(["a=0 d..10 d", "b=1..5"]), "lhs", 50, 1)
    assert [sum(p.values["b"] == k for p in found) for k in range(1, 6)] == [10] * 5
    assert {p.values["a"].split()[1] for p in found} == {"d"}
    assert found == points(factors(["a=0 d..10 d", "b=1..5"]), "lhs", 50, 1)
    assert found != points(factors(["a=0 d..10 d", "b=1..5"]), "lhs", 50, 2)


def test_sobol_points_are_balanced_and_want_a_power_of_two():
    cube = sobol(2, 64, rng())
    assert np.histogram2d(*cube.T, bins=8, range=[[0, 1], [0, 1]])[0].tolist() == [[1.0] * 8] * 8
    with pytest.raises(UserError, match=r"--samples 50: must be a power of two"):
        sobol(2, 50, rng())


def test_saltelli_points_exchange_one_column_at_a_time():
    a, b, first, second = saltelli(2, 8, rng()).reshape(4, 8, 2)
    assert np.array_equal(first, np.column_stack([b[:, 0], a[:, 1]]))
    assert np.array_equal(second, np.column_stack([a[:, 0], b[:, 1]]))


def test_a_range_with_a_step_has_only_its_values():
    found = factor("a=5..9 d by 1.5")
    assert [found.at(u) for u in (0.0, 0.32, 0.34, 0.99)] == ["5 d", "5 d", "6.5 d", "8 d"]
    assert (found.count, found.to_plain()) == (3, "5..9 d by 1.5")
    assert [factor("a=4..9 by 2").nth(k) for k in range(3)] == [4, 6, 8]
