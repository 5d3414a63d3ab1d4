"""A real scheduler with two worker processes on the loopback: the same bytes, even when one of them is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from tests.unit.experiment.fakes import contents

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]
TINY = """
name: tiny
clock: {horizon: 60 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {all: {arrivals: {kind: poisson, rate: 40 / d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: 200}}
suppliers: {maker: {items: [mug], lead_time: 5 d}}
policies: {lean: {replenishment: {kind: base_stock, S: 200}}}
experiment: {replications: 40, seed: 7}
"""
DASK = [sys.executable, "-c", "import sys; from dask.__main__ import main; sys.argv[0] = 'dask'; main()"]
SWEEP = ["sweep", "tiny.yaml", "--vary", "policies.lean.replenishment.S=180,200,220", "--replications", "40", "--quiet"]


def started(command, folder, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **options)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """The address of a scheduler, and its two workers."""
    from distributed import Client

    folder = tmp_path_factory.mktemp("cluster")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = folder / "scheduler.json"
    boss = started([*DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                    "--scheduler-file", str(file)], folder, **quiet)  # fmt: skip
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    workers = [
        started([*DASK, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
                 "--local-directory", str(folder / str(k))], folder, **quiet)
        for k in range(2)
    ]  # fmt: skip
    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        yield address, workers
        client.shutdown()
    for process in [*workers, boss]:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def typed(folder, *arguments):
    command = [sys.executable, "-m", "simulator", *arguments]
    return started(command, folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def played(folder, monkeypatch, *arguments):
    """The command in this process, which has loaded the simulator already."""
    monkeypatch.chdir(folder)
    outcome = CliRunner().invoke(backorder, arguments)
    assert outcome.exit_code == 0, outcome.output


def finished(folder):
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("results/tiny/*/replications.jsonl"))


def told(process):
    said, error = process.communicate(timeout=200)
    assert process.returncode == 0, error
    return said


def place(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "tiny.yaml").write_text(TINY)
    return folder


def results_of(folder):
    (found,) = folder.glob("results/tiny/*")
    return contents(found)


def test_a_cluster_with_a_worker_that_is_killed_gives_the_bytes_of_this_process_alone(tmp_path, scheduler, monkeypatch):
    address, workers = scheduler
    alone, two, many = (place(tmp_path, name) for name in ("alone", "two", "many"))
    played(alone, monkeypatch, *SWEEP)
    played(two, monkeypatch, *SWEEP, "--workers", "2")
    process = typed(many, *SWEEP, "--cluster", address)
    deadline = time.monotonic() + 100
    while not 0 < finished(many) < 120:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(workers[0].pid, signal.SIGKILL)
    workers[0].wait(10)
    told(process)
    assert results_of(alone) == results_of(two) == results_of(many)
    run_here, run_there = place(tmp_path, "run-here"), place(tmp_path, "run-there")
    played(run_here, monkeypatch, "run", "tiny.yaml", "--quiet")
    told(typed(run_there, "run", "tiny.yaml", "--quiet", "--cluster", address))
    assert results_of(run_here) == results_of(run_there)


def test_an_address_where_nobody_answers_is_told_in_a_line(tmp_path, monkeypatch):
    from simulator.experiment.running import cluster
    from simulator.foundation.errors import UserError

    monkeypatch.setattr(cluster, "ANSWER_WITHIN", 1)
    for address in ("tcp://127.0.0.1:1", "127.0.0.1:1"):
        with pytest.raises(UserError, match=f"--cluster {address}: no scheduler answers"), cluster.cluster(address):
            pass
    for address in ("nowhere", "", "tcp://127.0.0.1", "http://x:80", "tcp://a b:80", "tcp://"):
        with pytest.raises(UserError, match="is not the address of a scheduler; write it as"), cluster.cluster(address):
            pass


def test_tls_that_is_not_set_up_is_told_in_a_line(tmp_path):
    from dask import config

    from simulator.experiment.running.cluster import cluster
    from simulator.foundation.errors import UserError

    address = "tls://127.0.0.1:1"
    with pytest.raises(UserError, match=r"TLS is not set up; name the files .*CLIENT__KEY"), cluster(address):
        pass
    (tmp_path / "empty.pem").touch()
    for name in ("empty.pem", "nowhere.pem"):
        files = dict.fromkeys(("ca-file", "client.cert"), str(tmp_path / name))
        with (
            config.set({f"distributed.comm.tls.{key}": file for key, file in files.items()}),
            pytest.raises(UserError, match="the TLS files of dask cannot be read"),
            cluster(address),
        ):
            pass


def test_a_worker_with_other_code_is_refused():
    from simulator.experiment.running.cluster import as_here
    from simulator.experiment.storage.fingerprint import versions
    from simulator.foundation.errors import UserError

    assert as_here((), versions(), pow, 2, 5) == 32
    with pytest.raises(UserError, match=r"has numpy .*, not 1\.0: install the same versions everywhere"):
        as_here((), {**versions(), "numpy": "1.0"}, pow, 2, 5)
    with pytest.raises(UserError, match=r"has plugin two_bin missing, not 1\.0 \(abc\): install"):
        as_here((), {**versions(), "plugin two_bin": "1.0 (abc)"}, pow, 2, 5)
    with pytest.raises(UserError, match=r"the worker on .*: --plugin no_such_module: no such plug-in or module"):
        as_here(("no_such_module",), versions(), pow, 2, 5)
