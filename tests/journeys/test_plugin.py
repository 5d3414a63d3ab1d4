"""The plug-in project of the docs, built and installed: refused unless allowed, named in results, shared by workers."""

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.starts import command, finished
from tests.unit.experiment.fakes import contents

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "plugin.md"
RUN = ("run", "bins.yaml", "--policy", "lean", "--policy", "bins", "--replications", "3", "--quiet", "--no-report")
ALLOWED = (*RUN, "--plugin", "two-bin")


def project():
    """The files of the page, by name."""
    found = re.findall(r"^```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    return dict(found)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of installed packages with the plug-in, built from its project."""
    source, folder = tmp_path_factory.mktemp("two-bin"), tmp_path_factory.mktemp("site")
    for name, text in project().items():
        (source / name).write_text(text, encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(source / "dist")]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=100)
    (wheel,) = (source / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture
def work(tmp_path):
    """A folder with the scenario, and nothing of the plug-in."""
    (tmp_path / "bins.yaml").write_text(project()["bins.yaml"], encoding="utf-8")
    (tmp_path / "steady-shop.yaml").write_text((ROOT / "scenarios/steady-shop.yaml").read_text("utf-8"), "utf-8")
    return tmp_path


def typed(work, site, *words, **more):
    return finished(command, *words, cwd=work, PYTHONPATH=os.pathsep.join([str(site), str(ROOT)]), **more)


def made(work, out="results"):
    (found,) = (work / out).glob("bins/run-*")
    return found


def test_a_scenario_alone_imports_no_plug_in_and_is_told_which_one_to_allow(work, site):
    told = typed(work, site, *RUN)
    assert told.returncode == 2
    assert "bins.yaml:4:32: policies.bins.replenishment.kind: unknown kind 'two_bin'" in told.stderr
    assert "; the installed plug-in 'two-bin' offers it: allow it with --plugin two-bin" in told.stderr
    elsewhere = typed(work, work, *RUN)
    assert "plug-in" not in elsewhere.stderr
    checked = "; ".join(["import sys, simulator", "simulator.validate('bins.yaml')", "print('two_bin' in sys.modules)"])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    shown = subprocess.run([sys.executable, "-c", checked], cwd=work, env=environment, capture_output=True, text=True)
    assert shown.stdout == "False\n"


def test_an_allowed_plug_in_is_named_resumes_and_gives_the_same_bytes_with_workers(work, site):
    told = typed(work, site, *ALLOWED, "--kpi", "small_purchases", "--json")
    assert told.returncode == 0, told.stderr
    values = json.loads(told.stdout)["policies"]
    assert values["bins"]["small_purchases"]["mean"] == 0 < values["lean"]["fill_rate"]["mean"]
    manifest = json.loads((made(work) / "manifest.json").read_text("utf-8"))
    assert re.fullmatch(r"1\.0 \([0-9a-f]{12}\)", manifest["versions"]["plugin two_bin"])
    assert manifest["lanes"] == {"lean": "compiled", "bins": "simpy"}
    with_workers = typed(work, site, *ALLOWED, "--workers", "2", "--out", "two", BACKORDER_PLUGINS="")
    assert with_workers.returncode == 0, with_workers.stderr
    assert contents(made(work)) == contents(made(work, "two"))
    again = typed(work, site, *RUN, "--replications", "4", BACKORDER_PLUGINS="two_bin")
    assert again.returncode == 0, again.stderr
    timing = json.loads((made(work) / "timing.json").read_text("utf-8"))
    assert timing["replications_simulated"] == 1
    closed = typed(work, site, "report", str(made(work)))
    assert closed.returncode == 2
    assert "not known here (small_purchases); allow the plug-in that computed them: --plugin two_bin" in closed.stderr
    assert typed(work, site, "report", str(made(work)), "--plugin", "two-bin").returncode == 0


def test_another_version_of_the_plug_in_gets_another_folder(work):
    for limit in ("< 50", "< 500"):
        (work / "two_bin.py").write_text(project()["two_bin.py"].replace("< 50", limit), encoding="utf-8")
        assert typed(work, work, *RUN, "--plugin", "two_bin").returncode == 0
    assert len(list((work / "results").glob("bins/run-*"))) == 2


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("nowhere", None, "--plugin nowhere: no such plug-in or module; installed plug-ins: two-bin"),
        ("two-bim", None, "--plugin two-bim: no such plug-in or module (did you mean 'two-bin'?)"),
        ("broken", "1 / 0", "--plugin broken: cannot be imported (ZeroDivisionError: division by zero)"),
        ("needs", "import no_such_library", "--plugin needs: it needs the module 'no_such_library', which is not"),
        ("idle", "x = 1", "--plugin idle: registers no kind and no KPI"),
        (
            "twice",
            "from simulator import kpi\n@kpi('money', '', 'lower')\ndef fill_rate(e): return 0.0",
            "KPI 'fill_rate'",
        ),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_refused_in_words(work, site, name, code, said):
    if code is not None:
        (work / f"{name}.py").write_text(code, encoding="utf-8")
    told = typed(work, site, "validate", "steady-shop.yaml", "--plugin", name)
    assert told.returncode == 2
    assert said in told.stderr
    assert "Traceback" not in told.stderr


def test_python_can_allow_a_plug_in_after_a_scenario_was_read(work, site):
    script = """
import simulator
simulator.load("steady-shop.yaml")
simulator.use_plugin("two-bin")
run = simulator.simulate(simulator.load("bins.yaml"), "bins", seed=1)
print(run.policy, simulator.load("bins.yaml").policies["bins"].replenishment["default"].bin)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    told = subprocess.run([sys.executable, "-c", script], cwd=work, env=environment, capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("bins 120\n", "")


@pytest.mark.slow
def test_a_cluster_imports_the_plug_in_too(work, site):
    pytest.importorskip("distributed")
    from tests.journeys.test_cluster import DASK

    def started(*command):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([*DASK, *command], cwd=work, env=environment, **quiet)

    file = work / "scheduler.json"
    processes = [
        started("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    ]
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        processes.append(started("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"))
        there = typed(work, site, *ALLOWED, "--cluster", address, "--out", "there")
        assert there.returncode == 0, there.stderr
        assert typed(work, site, *ALLOWED, "--out", "here").returncode == 0
        assert contents(made(work, "here")) == contents(made(work, "there"))
    finally:
        for process in processes:
            process.kill()
            process.wait(10)
