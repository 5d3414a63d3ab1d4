"""Killed at any instant, a run loses no finished replication, redoes none, and ends with a clean run's bytes."""

import json
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.starts import started
from tests.unit.experiment import fakes

ROOT = Path(__file__).parents[2]


def run(out, workers):
    """A run of quick replications, in a process of its own."""
    from simulator.experiment import run as experiment
    from simulator.experiment.storage import fingerprint

    experiment.replicate = fakes.replicate
    fingerprint.code_digest = lambda: "one and the same"  # even where somebody edits the code meanwhile
    experiment.run(fakes.scenario(), replications=24, workers=workers, out=out)


def start(out, workers, **environment):
    return started(run, out, workers, cwd=ROOT, PYTHONPATH=str(ROOT), **environment)


def ended(process):
    """The status of a process that ends by itself, or has been told to end."""
    process.join(60)
    return process.exitcode


def kept_in(out):
    return {
        json.loads(line)["replication"]
        for path in out.glob("corner-shop/*/replications.jsonl")
        for line in path.read_bytes().splitlines(keepends=True)
        if line.endswith(b"\n")
    }


@pytest.mark.parametrize(("workers", "number"), [(1, signal.SIGKILL), (2, signal.SIGKILL), (1, signal.SIGTERM)])
def test_a_run_killed_again_and_again_ends_like_a_clean_one(tmp_path, workers, number):
    dice = random.Random(5)
    assert ended(start(tmp_path / "clean", 1)) == 0
    (clean,) = (tmp_path / "clean").glob("corner-shop/*")
    log = tmp_path / "log"
    log.mkdir()
    kept: set[int] = set()
    kills = 0
    while True:
        before = fakes.calls(log)
        process = start(tmp_path / "out", workers, FAKE_LOG=str(log), FAKE_SECONDS="0.03")
        if kills % 4:  # else it may be killed while it starts
            while process.is_alive() and kept_in(tmp_path / "out") == kept:
                time.sleep(0.005)
        process.join(0.4 * dice.random())
        if process.is_alive():
            with suppress(ProcessLookupError):  # it ended just now
                os.killpg(process.pid, number)
            kills += 1
        status = ended(process)
        again = {k for k in kept if fakes.calls(log)[k] > before[k]}
        assert not again, "finished replications were simulated again"
        assert kept <= kept_in(tmp_path / "out"), "finished replications were lost"
        kept = kept_in(tmp_path / "out")
        if number != signal.SIGKILL:
            assert not list((tmp_path / "out").rglob(".*")), "a lock or an unfinished file was left"
        if status == 0:
            break
    assert kills > 0
    (folder,) = (tmp_path / "out").glob("corner-shop/*")
    assert fakes.contents(folder) == fakes.contents(clean)


def test_a_worker_that_is_killed_does_not_change_a_byte(tmp_path):
    assert ended(start(tmp_path / "clean", 1)) == 0
    (clean,) = (tmp_path / "clean").glob("corner-shop/*")
    log = tmp_path / "log"
    log.mkdir()
    process = start(tmp_path / "out", 2, FAKE_LOG=str(log), FAKE_SECONDS="0.1")
    while not (pids := [int(line) for path in log.iterdir() for line in path.read_text().split()]):
        time.sleep(0.02)
    os.kill(pids[0], signal.SIGKILL)
    assert ended(process) == 0
    (folder,) = (tmp_path / "out").glob("corner-shop/*")
    assert fakes.contents(folder) == fakes.contents(clean)
