"""What `import simulator` offers: listed, described, shown in one line."""

import inspect
import pydoc
import re
import subprocess
import sys

import numpy as np
import pytest

import simulator
from docs.python_api import GROUPS, python_page
from simulator.foundation.plugin import FAMILIES, Plugin

FUNCTIONS = [name for name in simulator.__all__ if inspect.isfunction(getattr(simulator, name))]


def test_dir_and_help_list_what_there_is():
    assert set(simulator.__all__) <= set(dir(simulator))
    shown = pydoc.render_doc(simulator, renderer=pydoc.plaintext)
    for name in simulator.__all__:
        assert re.search(rf"\b{name}\b", simulator.__doc__.partition("Scenarios: ")[2]), name
        assert name in shown
    code = "import simulator, sys; dir(simulator); print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"use_plugin", "kpi"}))
def test_every_function_has_an_example_that_runs(name):
    """`tests/unit/test_docstrings.py` runs it."""
    assert ">>> " in inspect.getdoc(getattr(simulator, name))


def test_the_page_of_python_has_every_name_once():
    page = python_page("")
    for name in simulator.__all__:
        family = inspect.isclass(value := getattr(simulator, name)) and issubclass(value, Plugin)
        assert page.count(f"| `{name}` |" if family else f"\n### {name}\n") == 1, name
    assert {name for names in GROUPS.values() for name in names} <= set(simulator.__all__)


def test_base_classes_of_what_users_write_are_there():
    offered = {getattr(simulator, name).family for name in simulator.__all__ if _of_family(name)}
    assert {"replenishment", "acceptance", "allocation", "event", "distribution", "arrivals", "basket"} <= offered
    assert offered <= set(FAMILIES)


def _of_family(name):
    value = getattr(simulator, name)
    return inspect.isclass(value) and issubclass(value, Plugin)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    scenario = simulator.load("steady-shop", ["clock.horizon=120 d"])
    return simulator.run(scenario, 2, ["lean", "safe"], seed=3, out=tmp_path_factory.mktemp("out"))


def test_what_a_session_shows_is_one_line(results):
    scenario = simulator.load("steady-shop")
    assert repr(scenario) == str(scenario) == "<Scenario 'steady-shop': 4 items, 365 d; policies lean, safe, weekly>"
    assert repr(results).startswith("<Results of 'steady-shop': lean, safe; 2 replications, seed 3, ")
    run = simulator.simulate(scenario, "lean", seed=1)
    assert repr(run).startswith("<Run of policy 'lean', seed 1, replication 0: ")
    assert repr(run).endswith(" orders in 365 d>")
    light = simulator.simulate(scenario, "lean", seed=1, records=False)
    assert repr(light).endswith("no records of orders in 365 d>")
    many = simulator.sweep(scenario, {"clock.horizon": ["90 d", "100 d"]}, replications=1, policies=["lean"])
    assert repr(many) == "<Sweep of 'steady-shop': 2 points; lean; 1 replication, seed 7, not saved>"


def test_what_a_study_found_is_one_line():
    short = simulator.load("steady-shop", ["clock.horizon=120 d"])
    stress = simulator.stress(short, replications=1)
    assert repr(stress) == (
        "<Stress of 'steady-shop': 4 knock-outs of 30 d from day 92.5; lean; 1 replication, seed 7, not saved>"
    )
    few = {"costs.order": [40, 50]}
    best = simulator.optimise(short, few, minimise=["operating_cost"], policy="lean", trials=2, replications=2)
    assert repr(best).startswith("<Optimum of 'steady-shop': least operating_cost: point ")
    assert repr(best).endswith(" {'costs.order': 40}; 2 trials; lean; 2 replications, seed 7, not saved>")
    advice = simulator.recommend(short, "lean", ["lamp"], replications=2)
    assert repr(advice).startswith("<Recommendation of 'steady-shop': 1 item (")
    open_lines = simulator.outlook("monday-morning", 1, ["hurry"])
    assert repr(open_lines) == "<BacklogOutlook of 'monday-morning': 15 open order lines; hurry; 1 replication, seed 3>"
    fitted = simulator.fit([3, 4, 4, 5, 5, 5, 6, 6, 7, 9])
    assert repr(fitted).startswith("<Fit of 10 values: best lognormal, mean 5.399; ")


def test_a_single_run_takes_an_example_by_name():
    scenario = simulator.load("steady-shop")
    assert simulator.simulate("steady-shop", "lean", seed=1).kpis() == simulator.simulate(scenario, "lean", 1).kpis()
    by_name = simulator.Player("steady-shop", "lean", replications=1).evaluate(["fill_rate"])
    assert by_name == simulator.Player(scenario, "lean", replications=1).evaluate(["fill_rate"])
    with pytest.raises(simulator.UserError, match=r"got dict; simulator\.from_dict makes a scenario of a mapping"):
        simulator.simulate({"name": "kiosk"}, "lean", seed=1)


def test_a_run_knows_its_kpis_as_the_results_have_them(results):
    scenario = simulator.load("steady-shop", ["clock.horizon=120 d"])
    run = simulator.simulate(scenario, "safe", seed=3, replication=1)
    found = run.kpis()
    assert set(found) == set(results.kpis)
    assert found["fill_rate"] == results.values("safe", "fill_rate")[1]
    assert list(run.kpis(["turns", "fill_rate"])) == ["turns", "fill_rate"]
    with pytest.raises(simulator.UserError, match=r"no KPI 'fil_rate' \(did you mean 'fill_rate'\?\)"):
        run.kpis(["fil_rate"])


def test_results_have_series_by_name(results):
    found = results.series("backlog")
    assert list(found.mean) == ["lean", "safe"]
    assert found.days[0] == pytest.approx(0.25)
    assert all((found.low[p] <= found.mean[p]).all() and (found.mean[p] <= found.high[p]).all() for p in found.mean)
    assert repr(found) == "<OverTime 'backlog': lean, safe; 240 cells of 0.5 d, 2 replications>"
    assert np.array_equal(found.mean["lean"], results.series("level.backlog").mean["lean"])
    assert len(found.to_pandas()) == 2 * 240
    with pytest.raises(
        simulator.UserError, match=r"no series 'backlogs' \(did you mean 'backlog'\?\); series: backlog, on_hand"
    ):
        results.series("backlogs")
    unsaved = simulator.run(simulator.load("textbook/base-stock", ["clock.horizon=300 d"]), 1)
    with pytest.raises(simulator.UserError, match="not saved: give a folder"):
        unsaved.series("backlog")
