"""Every distribution: moments match draws, least is least, whole is whole, one stream gives one row of numbers, and the
portable ones give the same bits on a CPU of another kind."""

import hashlib
import json
import math
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
from pydantic import TypeAdapter

import simulator.scenario.schema.schema  # noqa: F401 - registers every kind
from simulator.foundation.units import duration, fraction, measured_in, number
from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams

ROOT = Path(__file__).parents[2]
CASES = {
    **{kind: member.example for kind, member in Distribution.kinds.items()},
    "gamma, wide": {"kind": "gamma", "mean": 3, "cv": 1.7},
    "gamma, shape 1": {"kind": "gamma", "mean": 3, "cv": 1},
    "weibull, falling": {"kind": "weibull", "mean": 3, "shape": 0.8},
    "normal, cut in the middle": {"kind": "normal", "mean": 0, "sd": 2},
    "normal, cut above its mean": {"kind": "normal", "mean": 1, "sd": 2, "low": 3},
    "normal, negative": {"kind": "normal", "mean": 0, "sd": 1, "low": -9},
    "geometric, of one": {"kind": "geometric", "mean": 1},
    "geometric, long": {"kind": "geometric", "mean": 8},
    "negative binomial, wild": {"kind": "negative_binomial", "mean": 2, "variance": 30},
    "poisson, small": {"kind": "poisson", "mean": 0.3},
    "poisson, large": {"kind": "poisson", "mean": 300},
    "triangular, leaning": {"kind": "triangular", "low": 2, "mode": 2, "high": 5},
    "uniform, a point": {"kind": "uniform", "low": 2, "high": 2},
    "discrete, equal": {"kind": "discrete", "values": [-1, 0, 7]},
    "mixture of mixtures": {
        "kind": "mixture",
        "parts": [
            {"share": "20 %", "of": {"kind": "normal", "mean": 3, "sd": 2}},
            {"share": 0.8, "of": {"kind": "mixture", "parts": [{"share": 1, "of": {"kind": "poisson", "mean": 2}}]}},
        ],
    },
    "shifted sequence": {"kind": "shifted", "by": -1, "of": {"kind": "sequence", "values": [1, 5, 2]}},
}
NOT_PORTABLE = {"lognormal", "weibull", "weibull, falling", "gamma, wide", "geometric, long", "negative binomial, wild"}
"""Laws that say of themselves that their last bits depend on the CPU (their numbers go through a logarithm, an
exponential or a power of the C library or of numpy's vector code)."""
every_law = pytest.mark.parametrize("name", CASES)


def law(name):
    return Distribution.parse(CASES[name])


def stream(name="draws"):
    return Streams(20250101).stream(name)


@every_law
def test_mean_and_variance_are_those_of_the_draws(name):
    found, n = law(name), 200_000
    draws = found.block(stream(), n)
    assert draws.shape == (n,)
    assert draws.dtype == np.float64
    moments = found.moments()
    assert moments.variance >= 0
    if "sequence" in name:  # no law: the record again and again
        whole = draws[: n - n % 12]
        assert whole.mean() == pytest.approx(moments.mean)
        assert whole.var() == pytest.approx(moments.variance)
        return
    centred = draws - moments.mean
    assert abs(centred.mean()) <= 4 * draws.std() / np.sqrt(n) + 1e-12
    spread = np.sqrt(np.var(centred**2) / n)
    assert abs((centred**2).mean() - moments.variance) <= 4 * spread + 1e-9


@every_law
def test_no_draw_lies_below_the_least_and_some_come_near_it(name):
    found = law(name)
    draws = found.block(stream(), 100_000)
    assert np.isfinite(draws).all()
    assert draws.min() >= found.least
    near = found.least + 0.05 * (found.moments().variance ** 0.5 + abs(found.moments().mean)) + 1e-9
    assert draws.min() <= near or name in {"lognormal", "normal", "poisson, large", "normal, negative", "gamma"}


@every_law
def test_whole_laws_give_whole_numbers(name):
    found = law(name)
    draws = found.block(stream(), 10_000)
    if found.whole:
        assert (draws == np.floor(draws)).all()
        assert draws.min() >= 0


@every_law
def test_the_same_stream_gives_the_same_numbers_and_another_gives_others(name):
    found = law(name)
    first, again, other = (found.block(stream(s), 500) for s in ("a", "a", "b"))
    assert np.array_equal(first, again)
    if found.moments().variance and "sequence" not in name:
        assert not np.array_equal(first, other)


@every_law
def test_numbers_are_the_same_in_whatever_parts_they_are_drawn_and_one_by_one(name):
    found = law(name)
    draw = found.drawer(stream())
    whole = draw(6000)
    assert whole.shape == (6000,)
    draw = found.drawer(stream())
    parts = np.concatenate([draw(n) for n in (1, 0, 17, 1023, 1024, 3935)])
    assert np.array_equal(whole, parts)
    sample = found.sampler(stream())
    single = [sample() for _ in range(6000)]
    assert all(type(value) is float for value in single[:50]), "numpy numbers would slow the clock down"
    assert single == whole.tolist()


def test_a_record_is_replayed_in_its_order_and_begins_again():
    draw = Distribution.parse({"kind": "sequence", "values": [3, 1, 2], "scale": 2}).drawer(stream())
    assert [*draw(2), *draw(3), *draw(1)] == [6, 2, 4, 6, 2, 4]


@pytest.mark.parametrize(
    ("dimension", "value", "mean"),
    [(duration, "36 h", 1.5), (duration, 2, 2), (fraction, "85 %", 0.85), (number, 3.5, 3.5)],
)
def test_a_plain_value_is_a_constant_in_the_unit_of_its_field(dimension, value, mean):
    found = TypeAdapter(Annotated[Distribution, measured_in(dimension)]).validate_python(value)
    assert found.moments() == (mean, 0.0)
    assert found.block(stream(), 3).tolist() == [mean] * 3


# ------------------------------------------------------------------------------------- the same bits on another CPU
def digests():
    """One digest a law of what it draws, with the parameters that a user may give."""
    found = {}
    for name in CASES:
        if law(name).portable:
            sizes = hashlib.sha256()
            for k in range(3):
                sizes.update(law(name).block(stream(f"bits {k}"), 100_000).tobytes())
            found[name] = sizes.hexdigest()
    # Parameters are numbers, too: the powers of the first two have other last bits without fused instructions.
    for k, cv in enumerate([0.0588, 0.1176, *np.linspace(0.05, 1.0, 40).tolist()]):
        gamma = Distribution.parse({"kind": "gamma", "mean": 1 + k / 7, "cv": cv})
        found[f"gamma {k}"] = hashlib.sha256(gamma.block(stream(f"gamma {k}"), 2000).tobytes()).hexdigest()
    return found


def test_the_laws_that_are_not_portable_say_so():
    assert {name for name in CASES if not law(name).portable} == NOT_PORTABLE


FEATURES = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR X86_V3 X86_V4"


def disguised():
    """The environment in which numpy and the C library make do without vector and fused instructions."""
    offered = np._core._multiarray_umath.__cpu_dispatch__
    plain = {**os.environ, "PYTHONPATH": str(ROOT)}
    hidden = [name for name in FEATURES.split() if name in offered]
    tunables = "glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX2,-FMA,-FMA4,-AVX512F"
    return {**plain, "NPY_DISABLE_CPU_FEATURES": " ".join(hidden), "GLIBC_TUNABLES": tunables}


PROBE = """
import json, math, sys, warnings
warnings.simplefilter("ignore")
from tests.contracts.test_distributions import digests
print(json.dumps([digests(), [math.exp(k / 9).hex() for k in range(5000)], [(k / 7) ** 1.1 for k in range(5000)]]))
"""


@pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="no other CPU to pretend to be")
def test_portable_laws_give_the_same_bits_on_a_cpu_without_vector_and_fused_instructions():
    command = [sys.executable, "-c", PROBE]
    found = subprocess.run(command, env=disguised(), capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.returncode == 0, found.stderr
    there, exponentials, powers = json.loads(found.stdout)
    here = digests()
    assert there == here
    same_libm = [math.exp(k / 9).hex() for k in range(5000)] == exponentials
    if same_libm and [(k / 7) ** 1.1 for k in range(5000)] == powers:
        pytest.skip(
            "digests agree, but this machine has no other instructions to hide: the test says less than it could"
        )
