"""The pytest plug-in, in test sessions of its own."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.starts import finished, pytests
from tests.unit.cli.test_verbs import TINY

ROOT = Path(__file__).resolve().parents[3]
EXPECT = """
expect:
  - {better: rich, than: lean, kpi: fill_rate}
"""
PLUGIN = ("-p", "simulator.testing.plugin")


@pytest.fixture
def session(tmp_path, monkeypatch):
    """`session(code, *options)`: pytest over a file with this code, beside tiny.yaml; `new`: nothing is loaded yet."""
    (tmp_path / "tiny.yaml").write_text(TINY.replace("replications: 3", "replications: 6") + EXPECT)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def play(code, *options, autoload=False, new=False):
        (tmp_path / "test_shop.py").write_text(code)
        with monkeypatch.context() as patch:
            if not autoload:  # as if it were installed: without whatever else is
                patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
                options = (*PLUGIN, *options)
            if not new:
                return finished(pytests, "-q", *options, cwd=tmp_path)
            command = [sys.executable, "-m", "pytest", "-q", *options]
            return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    return play


GOOD = """
def test_policy(policy_results):
    policy_results("tiny.yaml").expect_better("rich", than="lean", kpi="fill_rate")
"""


def test_it_comes_with_the_package_and_three_lines_are_a_test(session):
    told = session(GOOD, autoload=True)
    assert "fixture 'policy_results' not found" not in told.stdout, "run: make .venv"
    assert told.returncode == 0, told.stdout
    assert "1 passed" in told.stdout


def test_a_failure_shows_both_intervals_and_no_traceback_of_ours(session):
    told = session(GOOD.replace('"rich", than="lean"', '"lean", than="rich"'))
    assert told.returncode == 1
    lines = [line.removeprefix("E").strip() for line in told.stdout.splitlines() if line.startswith("E")]
    assert [line.split()[0] for line in lines[1:4]] == ["lean", "rich", "difference"]
    assert all(" to " in line and "(" in line for line in lines[1:4])
    measured = " ".join(lines[3].split()[1:])
    assert lines[0] == (
        f"AssertionError: {measured} fill_rate of lean - rich; expected lean better than rich on fill_rate"
    )
    assert lines[4] == "tiny, 6 replications, seed 7, 95 % intervals"
    assert "expectations.py" not in told.stdout.split("short test summary")[0].split("FAILURES")[1].split("E  ")[0]


def test_finished_replications_are_reused_in_the_next_session(session, tmp_path):
    assert session(GOOD).returncode == 0
    (journal,) = tmp_path.glob(".pytest_cache/d/backorder/tiny/run-*/replications.jsonl")
    timing = journal.with_name("timing.json")
    assert '"replications_simulated": 6' in timing.read_text()
    assert session(GOOD.replace('"tiny.yaml"', '"tiny.yaml", replications=8')).returncode == 0
    assert '"replications_simulated": 2' in timing.read_text()


def test_one_session_opens_a_scenario_once(session, tmp_path):
    code = GOOD + GOOD.replace("test_policy", "test_again")
    code += """
def test_same(policy_results):
    assert policy_results("tiny.yaml") is policy_results("tiny.yaml")
    assert policy_results("tiny.yaml", seed=8) is not policy_results("tiny.yaml")
"""
    assert "3 passed" in session(code).stdout


def test_an_example_is_found_by_its_name(session):
    told = session(
        """
def test_example(policy_results):
    short = {"clock.horizon": "400 d", "clock.warm_up": "50 d"}
    found = policy_results("textbook/base-stock", replications=2, edit=short)
    assert found.results.scenario_name == "base-stock"
"""
    )
    assert "1 passed" in told.stdout, told.stdout


def test_bounds_stated_expectations_and_edits(session):
    code = """
def test_bounds(policy_results):
    found = policy_results("tiny.yaml", edit={"suppliers.maker.lead_time": "6 d"})
    found.expect("rich", kpi="fill_rate", at_least="60 %").expect("rich", kpi="wait_p95", at_most="9 d").expect_stated()

def test_too_much(policy_results):
    policy_results("tiny.yaml").expect("lean", kpi="fill_rate", at_least=0.99)

def test_typo(policy_results):
    policy_results("tiny.yaml").expect("lean", kpi="filrate", at_least=0.99)

def test_no_bound(policy_results):
    policy_results("tiny.yaml").expect("lean", kpi="fill_rate")

def test_no_file(policy_results):
    policy_results("tinny.yaml")
"""
    told = session(code)
    assert "4 failed, 1 passed" in told.stdout
    (measured,) = re.findall(
        r"AssertionError: (\S+) % \(.*\) fill_rate of lean; expected at least 99 %$", told.stdout, re.M
    )
    assert 0 < float(measured) < 99
    assert "no KPI 'filrate' (did you mean 'fill_rate'?)" in told.stdout
    assert "expected one statement" in told.stdout
    assert "tinny.yaml" in told.stdout


def test_a_mistake_in_a_test_is_told_by_its_line_and_the_message_alone(session):
    code = """
def test_no_file(policy_results):
    policy_results("tinny.yaml")

def test_no_policy(policy_results):
    policy_results("tiny.yaml").expect("leen", kpi="fill_rate", at_least=0.99)

def test_no_policies(policy_results):
    policy_results("tiny.yaml", policies=["leen"])
"""
    told = session(code).stdout
    assert "3 failed" in told
    shown = told.split("FAILURES")[1].split("short test summary")[0]
    assert "no policy 'leen' in these results (did you mean 'lean'?); policies: lean, rich" in shown
    assert "no policy 'leen' (did you mean 'lean'?); policies: lean, rich" in shown
    assert shown.count("no such file") == 1
    assert sum(line.startswith("E ") for line in shown.splitlines()) == 3
    assert "simulator/" not in shown


def test_it_works_without_pytest_s_cache_and_with_several_processes_at_once(session, tmp_path):
    assert session(GOOD, "-p", "no:cacheprovider").returncode == 0
    code = "\n".join(GOOD.replace("test_policy", f"test_{k}") for k in range(4))
    told = session(code, "-p", "xdist", "-n", "2")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "4 passed" in told.stdout


def test_a_session_that_needs_no_scenario_loads_no_simulator(session):
    code = """
import sys
def test_nothing():
    assert not [m for m in sys.modules if m.startswith(("simulator.experiment", "simulator.world", "pydantic"))]
"""
    assert session(code, new=True).returncode == 0


def test_the_tests_of_the_how_to_page_pass(session, tmp_path):
    page = (ROOT / "docs" / "how-to" / "pytest.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios", ignore=shutil.ignore_patterns("data"))
    short = re.sub(r'policy_results\("([\w-]+)"\)', r'policy_results("\1", replications=8)', code)
    assert short.count("replications=8") == 3
    told = session(short)
    assert "3 passed" in told.stdout, told.stdout
