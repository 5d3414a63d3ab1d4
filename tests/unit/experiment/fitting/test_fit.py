"""Distributions of recorded values: samples of known laws are recognised, and doubts are said."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from scipy import stats

import simulator
from simulator.cli.main import backorder
from simulator.experiment.fitting.fit import fit
from simulator.experiment.fitting.laws import UNRANKED, laws
from simulator.experiment.fitting.sample import Sample
from simulator.foundation.errors import UserError
from simulator.randomness.distribution import Distribution
from simulator.report.fitting.page import fit_page
from simulator.scenario.schema.schema import Scenario  # noqa: F401 - registers the distributions

KNOWN = {
    "exponential": {"mean": 14},
    "gamma": {"mean": 14, "cv": 0.4},
    "lognormal": {"mean": 2, "cv": 0.5},
    "weibull": {"mean": 30, "shape": 3.0},
    "normal": {"mean": 50, "sd": 8},
    "uniform": {"low": 5, "high": 10},
    "triangular": {"low": 5, "mode": 8, "high": 20},
    "poisson": {"mean": 6},
    "geometric": {"mean": 1.6},
    "negative_binomial": {"mean": 6, "variance": 40},
    "shifted": {"by": 5, "of": {"kind": "exponential", "mean": 9}},
    "mixture": {
        "parts": [
            {"share": 0.7, "of": {"kind": "lognormal", "mean": 5, "cv": 0.2}},
            {"share": 0.3, "of": {"kind": "lognormal", "mean": 21, "cv": 0.2}},
        ]
    },
}


def drawn(words, n=800, seed=3):
    return Distribution.parse(words).block(np.random.default_rng(seed), n)


def close(found, given, within):
    for key, value in given.items():
        if isinstance(value, dict):
            close(found[key], value, within)
        elif not isinstance(value, str | list):
            assert found[key] == pytest.approx(value, rel=within), key


def test_every_registered_distribution_is_ranked_or_said_why_not():
    assert {law.kind for law in laws()} | set(UNRANKED) == set(Distribution.kinds)
    assert {law.kind for law in laws()} == set(KNOWN)


@pytest.mark.parametrize("kind", KNOWN)
def test_a_sample_of_a_known_law_is_recognised_and_its_parameters_come_near(kind):
    given = {"kind": kind, **KNOWN[kind]}
    found = fit(drawn(given), by="bic")
    assert found.best.words["kind"] == kind
    close(found.best.words, given, within=0.12)
    assert yaml.safe_load(found.best.yaml) == found.best.words
    assert Distribution.parse(yaml.safe_load(found.best.yaml)).moments().mean == pytest.approx(found.best.mean)
    assert found.best.distance < 1.36 / math.sqrt(800)


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [
        ("gamma", lambda x: stats.gamma.logpdf(x, *stats.gamma.fit(x, floc=0))),
        ("lognormal", lambda x: stats.lognorm.logpdf(x, *stats.lognorm.fit(x, floc=0))),
        ("weibull", lambda x: stats.weibull_min.logpdf(x, *stats.weibull_min.fit(x, floc=0))),
        ("exponential", lambda x: stats.expon.logpdf(x, 0, x.mean())),
    ],
)
def test_the_likelihood_is_at_least_that_of_scipys_own_fit(kind, theirs):
    values = drawn({"kind": "gamma", "mean": 9, "cv": 0.6}, 300)
    law = next(law for law in fit(values).laws if law.words["kind"] == kind)
    assert law.log_likelihood == pytest.approx(float(theirs(values).sum()), abs=0.01)
    assert law.aic == pytest.approx(2 * law.parameters - 2 * law.log_likelihood)


@pytest.mark.parametrize(("way", "function"), [("nearest", np.round), ("up", np.ceil), ("down", np.floor)])
def test_rounding_to_days_does_not_move_the_parameters(way, function):
    given = {"kind": "gamma", "mean": 3.0, "cv": 0.5}
    found = fit(function(drawn(given, 4000)), rounded=way)
    law = next(law for law in found.laws if law.words["kind"] == "gamma")
    close(law.words, given, within=0.04)
    exact = next(law for law in fit(function(drawn(given, 4000)) + 1e-9, rounded="none").laws if law.name == "gamma")
    if way != "nearest":
        assert abs(exact.words["mean"] - 3.0) > 0.3, "as exact values they are half a day off"
    assert "rounded" in found.notes[0]


def test_values_that_have_not_ended_count_with_the_probability_to_exceed_them():
    values = drawn({"kind": "exponential", "mean": 10}, 3000)
    seen = np.minimum(values, 8.0)
    law = next(law for law in fit(seen, is_open=values > 8.0).laws if law.name == "exponential")
    assert law.words["mean"] == pytest.approx(10, rel=0.05)
    without = next(law for law in fit(seen[values <= 8]).laws if law.name == "exponential")
    assert without.words["mean"] < 4, "left out, the long ones are missing"


def test_at_most_is_the_share_of_the_values_and_that_of_kaplan_and_meier_with_bounds():
    plain = Sample.of(np.array([3.0, 1.0, 2.0, 2.0]))
    assert plain.at_most().tolist() == [0.25, 0.75, 1.0]
    assert (plain.quantile(0.5), plain.quantile(0.76)) == (2, 3)
    cut = Sample.of(np.array([1.0, 2.0, 3.0, 4.0]), [False, True, False, False])
    assert cut.at_most() == pytest.approx([1 / 4, 1 - 3 / 4 / 2, 1])


def test_zeros_in_exact_values_have_a_part_of_their_own():
    values = np.concatenate([np.zeros(100), drawn({"kind": "gamma", "mean": 14, "cv": 0.4}, 300)])
    found = fit(np.random.default_rng(1).permutation(values))
    assert found.best.name == "mixture of 0 and gamma"
    parts = found.best.words["parts"]
    assert parts[0] == {"share": 0.25, "of": 0.0}
    assert parts[1]["of"]["mean"] == pytest.approx(14, rel=0.08)
    assert any("100 of 400 values are 0" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (drawn({"kind": "gamma", "mean": 14, "cv": 0.4}, 12), "12 values are few"),
        (drawn({"kind": "mixture", **KNOWN["mixture"]}, 400), "look like two groups, 70 % and 30 % with means 5."),
        (np.sort(drawn({"kind": "gamma", "mean": 14, "cv": 0.4}, 200)), "values that follow one another are alike"),
        (7 * np.ceil(drawn({"kind": "exponential", "mean": 3}, 200)), "100 % of the values are multiples of 7"),
        (np.concatenate([np.full(200, 3.1), np.full(200, 40.7), np.full(200, 41.2)]), "sample the values themselves"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_doubts_are_said(values, said):
    assert any(said in text for text in fit(values).warnings), fit(values).warnings


def test_a_good_sample_is_not_warned_of():
    assert fit(drawn({"kind": "lognormal", "mean": 2, "cv": 0.5}, 500)).warnings == ()


@pytest.mark.parametrize(
    ("values", "more", "said"),
    [
        ([1.0, -2.0], {}, "value 2 is -2; durations, quantities and shares are at least 0"),
        ([5, 5, 5], {}, "all 3 values are 5: there is nothing to fit"),
        ([5], {}, "1 values are too few"),
        ([1, math.nan], {}, "expected finite numbers"),
        (["a"], {}, "expected a sequence of numbers"),
        ([1.5, 2], {"rounded": "up"}, "1.5 is not a whole number, so values were not rounded"),
        ([1, 2], {"rounded": "upp"}, "rounded: 'upp' is unknown (did you mean 'up'?)"),
        ([1, 2], {"by": "r2"}, "allowed: aic, bic"),
        ([1, 2, 3], {"is_open": [True]}, "1 marks for 3 values"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(values, more, said):
    with pytest.raises(UserError) as caught:
        simulator.fit(values, **more)
    assert said in str(caught.value)


# --------------------------------------------------------------------------------------------------- page and command
@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = np.round(drawn({"kind": "gamma", "mean": 14, "cv": 0.4}, 300), 2)
    rows = [f"{value},{'x' if k % 3 else 'y'},{int(k < 5)}" for k, value in enumerate(values)]
    (tmp_path / "days.csv").write_text("days,supplier,late\n" + "\n".join([*rows, ",x,0"]) + "\n")
    return values


def run(*words):
    return CliRunner().invoke(backorder, ["fit", *words], catch_exceptions=False)


def test_the_command_prints_a_distribution_that_a_scenario_reads(table, tmp_path):
    done = run("days.csv", "--column", "days", "--html", "page.html")
    assert done.exit_code == 0
    pasted = done.stdout.split("To paste\n")[1].splitlines()[0]
    assert Distribution.parse(yaml.safe_load(pasted)).moments().mean == pytest.approx(14, rel=0.1)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert r"\u003csvg" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_command_takes_rows_by_their_text_and_bounds_by_a_column(table):
    whole, some, cut = (
        json.loads(run("days.csv", "--column", "days", "--json", *more).stdout)
        for more in ((), ("--where", "supplier=y"), ("--open", "late"))
    )
    assert (whole["values"]["n"], some["values"]["n"], cut["values"]["open"]) == (300, 100, 5)
    assert {law["law"]["kind"] for law in whole["laws"]} >= {"gamma", "lognormal", "weibull"}
    assert set(whole["laws"][0]) >= {"aic", "bic", "p95", "yaml"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("days.csv", "--column", "dys"), "days.csv: no column 'dys' (did you mean 'days'?)"),
        (("days.csv", "--column", "supplier"), "days.csv:2: column 'supplier': 'y' is not a number"),
        (("days.csv", "--column", "days", "--where", "supplier=z"), "no row is left; 'supplier' has x, y"),
        (("days.csv", "--column", "days", "--where", "supplier"), "expected COLUMN=TEXT"),
        (("no.csv", "--column", "days"), "does not exist"),
        (("days.csv", "--column", "days", "--rounded", "up"), "is not a whole number"),
    ],
)
def test_the_command_refuses_in_words(table, words, said):
    done = CliRunner().invoke(backorder, ["fit", *words])
    assert isinstance(done.exception, UserError | SystemExit)
    assert said in f"{done.output} {done.exception}"


def test_the_points_of_the_plot_lie_in_the_band_of_their_own_law():
    found = fit(drawn({"kind": "gamma", "mean": 14, "cv": 0.4}, 400))
    pairs = found.quantiles(found.best)
    inside = (pairs.low <= pairs.values) & (pairs.values <= pairs.high)
    assert inside.mean() > 0.9
    assert (np.diff(pairs.law) > 0).all()
    assert fit_page(found).count('class=\\"dt\\"') > 100
