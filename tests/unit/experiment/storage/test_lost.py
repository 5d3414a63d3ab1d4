"""A results folder that is removed while a run writes to it: the loss is named, and the next run is a clean one."""

import os
import shutil
import time

import pytest

from simulator.experiment import run as experiment
from simulator.experiment.run import run as real_run
from simulator.experiment.storage.series_files import series_file
from simulator.foundation.errors import ResultsLost
from simulator.scenario.loader import load
from tests.unit.experiment import fakes

LOST = "finished replications are lost: run the same command again"


def removing(what):
    """A simulation that removes something of the results folder before its fourth replication, once."""

    def replicate(scenario, policies, seed, number, series=None, **kept):
        marker = series.parent / "removed"
        if number == 3 and not marker.exists():
            marker.touch()
            in_the_end(what, series)
        return fakes.replicate(scenario, policies, seed, number)

    return replicate


def in_the_end(what, folder):
    """Does it as soon as it can be done: another process may not have written yet, or may be writing just now."""
    for _ in range(200):
        try:
            return what(folder)
        except OSError:
            time.sleep(0.01)
    return what(folder)


def remove_all(folder):
    shutil.rmtree(folder)


def replace(folder):
    shutil.rmtree(folder)
    folder.mkdir()


def remove_journal(folder):
    (folder / "replications.jsonl").unlink()


def empty(folder):
    for path in folder.glob("*"):  # not the lock
        path.unlink()


def shorten(folder):
    os.truncate(folder / "replications.jsonl", 100)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("what", [remove_all, replace, remove_journal, empty, shorten])
def test_what_was_removed_during_a_run_is_named_and_the_next_run_is_whole(what, workers, tmp_path, monkeypatch):
    monkeypatch.setattr(experiment, "replicate", removing(what))
    with pytest.raises(ResultsLost, match=LOST) as caught:
        experiment.run(fakes.scenario(), 12, out=tmp_path / "a", workers=workers)
    assert caught.value.exit_code == 1
    assert "run-" in str(caught.value)
    if what is shorten:
        return  # the damaged line is named instead
    found = experiment.run(fakes.scenario(), 12, out=tmp_path / "a", workers=workers)
    monkeypatch.setattr(experiment, "replicate", fakes.replicate)
    clean = experiment.run(fakes.scenario(), 12, out=tmp_path / "b")
    assert fakes.contents(found.folder) == fakes.contents(clean.folder)


def test_series_that_were_removed_during_a_run_are_named_and_made_again(tmp_path, monkeypatch):
    scenario = load("scenarios/steady-shop.yaml", ["clock.horizon=60 d", "clock.warm_up=10 d"])
    own = experiment.replicate

    def replicate(*given, series, **more):
        if given[3] == 2:
            shutil.rmtree(series / "series")
        return own(*given, series=series, **more)

    with monkeypatch.context() as patched:
        patched.setattr(experiment, "replicate", lambda *given, kept, **more: replicate(*given, **more))
        with pytest.raises(ResultsLost, match="files of records, time series or items of 2 replications were removed"):
            real_run(scenario, 4, out=tmp_path)
    folder = real_run(scenario, 4, out=tmp_path).folder
    assert all(series_file(folder, number).exists() for number in range(4))
