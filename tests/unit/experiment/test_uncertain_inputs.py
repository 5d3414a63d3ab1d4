"""Input uncertainty: both parts of an interval, from resampled data and from chance."""

from __future__ import annotations

import numpy as np
import pytest

import simulator
from simulator.experiment.running.replicate import replicate
from simulator.experiment.running.resampled import replicate_with_other_data, sizes_of_data, with_other_data
from simulator.experiment.statistics.input_uncertainty import interval_parts
from simulator.experiment.statistics.intervals import Estimate, t_quantile
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined
from simulator.report.cards.inputs_table import inputs_table
from simulator.report.page.page import page, sections, view_of
from simulator.report.terminal.scorecard import scorecard
from simulator.scenario.loader import load_text
from simulator.scenario.recorded_data import recorded_laws

TEXT = """\
name: few-data
clock: {horizon: 120 d, warm_up: 20 d}
items: {mug: {price: 12, unit_cost: 5}}
customers:
  web:
    arrivals: {kind: poisson, rate: 4 / d}
    basket: {kind: single, item: mug}
    PATIENCE
warehouse: {stock: {mug: 90}}
suppliers: {maker: {items: [mug], lead_time: {kind: empirical, values: VALUES}}}
policies:
  lean: {replenishment: {kind: s_S, s: 60, S: 110}}
  safe: {replenishment: {kind: s_S, s: 70, S: 120}}
experiment: {replications: 4, seed: 3, inputs: INPUTS}
"""
FEW = (4, 6, 7, 9, 9, 12, 14, 15, 22, 30)


def scenario(values=FEW, inputs="resample", patience=""):
    text = TEXT.replace("VALUES", str(list(values))).replace("INPUTS", inputs).replace("PATIENCE", patience)
    return load_text(text)


def values_of(found):
    return {name: law._values.tolist() for name, law in recorded_laws(found)}


def test_the_parts_are_those_of_a_known_random_effect():
    rng = np.random.default_rng(5)
    samples = rng.normal(0.0, 3.0, 4000)
    resampled = (samples[:, None] + rng.normal(0.0, 2.0, (4000, 2))).ravel().tolist()
    parts = interval_parts(Estimate(0.0, 0.8, 20), resampled, 0.95)
    assert parts is not None
    assert parts.noise == 0.8
    assert parts.data == pytest.approx(t_quantile(0.975, 3999) * 3.0, rel=0.03)
    assert parts.together == pytest.approx(np.hypot(parts.noise, parts.data))
    assert parts.share == pytest.approx(parts.data**2 / (parts.noise**2 + parts.data**2))


def test_noise_alone_has_no_part_from_data():
    rng = np.random.default_rng(5)
    parts = [interval_parts(Estimate(0.0, 1.0, 20), rng.normal(0.0, 2.0, 40).tolist(), 0.95).data for _ in range(200)]
    assert sum(part == 0 for part in parts) > 60, "below what chance shows, nothing is claimed"
    assert np.mean(parts) < 2.0


def test_too_few_values_say_nothing():
    nothing = Undefined("no demand")
    assert interval_parts(Estimate(1.0, 0.1, 9), [1.0, nothing] * 20, 0.95) is None
    assert interval_parts(Estimate(1.0, None, 1), [1.0, 2.0] * 20, 0.95) is None


def test_a_sample_draws_the_recorded_values_again_and_leaves_the_scenario_as_it_is():
    given = scenario()
    other = with_other_data(given, 3, 0)
    (drawn,) = values_of(other).values()
    assert len(drawn) == len(FEW)
    assert set(drawn) < set(FEW)
    assert list(values_of(given).values()) == [list(map(float, FEW))]
    assert values_of(with_other_data(given, 3, 0)) == values_of(other) != values_of(with_other_data(given, 3, 1))


def test_further_data_do_not_change_the_draws_and_one_column_is_drawn_once(tmp_path):
    more = scenario(patience="patience: {kind: empirical, values: [5, 9, 30]}")
    name = "suppliers.maker.lead_time"
    assert sizes_of_data(more) == {"customers.web.patience": 3, name: 10}
    assert values_of(with_other_data(more, 3, 4))[name] == values_of(with_other_data(scenario(), 3, 4))[name]
    (tmp_path / "days.csv").write_text("days\n" + "\n".join(map(str, FEW)))
    column = "{kind: empirical, file: days.csv, column: days}"
    shared = TEXT.replace("{kind: empirical, values: VALUES}", column).replace("PATIENCE", f"patience: {column}")
    laws = recorded_laws(with_other_data(load_text(shared.replace("INPUTS", "resample"), tmp_path), 3, 0))
    first, second = (law._values.tolist() for _, law in laws)
    assert first == second


def test_two_replications_of_a_sample_have_its_data_and_streams_of_their_own():
    given = scenario()
    for number in (2, 3):
        expected = replicate(with_other_data(given, 3, 1), ["lean"], 3, number)
        assert replicate_with_other_data(given, ["lean"], 3, number).values == expected.values
    assert replicate_with_other_data(given, ["lean"], 3, 2).values != replicate(given, ["lean"], 3, 2).values


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return simulator.run(scenario(), out=tmp_path_factory.mktemp("out"))


def test_a_run_says_both_parts_for_every_policy_and_difference(results):
    inputs = results.manifest.inputs
    assert (inputs["samples"], inputs["data"]) == (20, {"suppliers.maker.lead_time": 10})
    parts = inputs["policies"]["lean"]["fill_rate"]
    assert parts["noise"] == results.estimate("lean", "fill_rate").half_width
    assert parts["data"] > 0.02
    assert inputs["differences"]["safe"]["fill_rate"]["data"] < parts["data"], "policies meet the same lead times"
    assert results.to_json()["inputs"] == inputs
    text = scorecard(results)
    assert "How much of the intervals comes from the data" in text
    assert "suppliers.maker.lead_time: 10 values" in text
    assert len(inputs_table(results, ["fill_rate"]).rows) == 3
    assert len(inputs_table(results, ["fill_rate", "cancellation_rate"]).rows) == 3, "nobody cancels, whatever the data"


def test_the_numbers_of_the_run_itself_do_not_depend_on_it(results):
    plain = simulator.run(scenario(inputs="as_given"))
    assert plain.manifest.inputs is None
    assert plain.table() == results.table()
    assert "comes from the data" not in scorecard(plain)


def test_a_saved_run_keeps_the_parts_and_resumes_without_simulating_them_again(results, monkeypatch):
    saved = simulator.open_results(results.folder)
    assert saved.manifest.inputs == results.manifest.inputs
    view = view_of(saved)
    found = sections(view)
    assert "How much of the intervals comes from the data" in [section.title for section in found]
    assert "together" in page(view, found)
    before = (results.folder / "manifest.json").read_bytes()
    monkeypatch.setattr("simulator.experiment.running.resampled.replicate", None)
    assert simulator.run(scenario(), out=results.folder.parent.parent).manifest.inputs == saved.manifest.inputs
    assert (results.folder / "manifest.json").read_bytes() == before


def test_means_of_resampled_data_spread_by_their_standard_error():
    for values in (FEW, FEW * 16):
        given = scenario(values)
        means = [np.mean(*values_of(with_other_data(given, 3, k)).values()) for k in range(300)]
        assert np.std(means) == pytest.approx(np.std(values) / np.sqrt(len(values)), rel=0.12)


def test_a_scenario_without_recorded_values_has_nothing_to_resample():
    text = (
        TEXT.replace("{kind: empirical, values: VALUES}", "5 d").replace("INPUTS", "resample").replace("PATIENCE", "")
    )
    with pytest.raises(UserError, match="no distribution of kind empirical"):
        load_text(text)
