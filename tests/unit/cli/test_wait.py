"""A results folder in use: its own exit status, or waiting for it."""

import threading

import pytest
from click.testing import CliRunner

from simulator.cli import study
from simulator.cli.main import _status, backorder
from simulator.experiment.storage.lock import locked
from tests.unit.cli.test_verbs import TINY

RUN = ["run", "tiny.yaml", "--replications", "1", "--no-report"]


@pytest.fixture
def results(tmp_path, monkeypatch):
    """The results folder of a scenario in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study, "LOOK_AGAIN", 0.05)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    assert CliRunner().invoke(backorder, [*RUN, "--quiet"]).exit_code == 0
    (found,) = tmp_path.glob("results/*/run-*")
    return found


def test_a_folder_in_use_has_its_own_exit_status(results, capsys):
    with locked(results):
        assert _status([*RUN, "--quiet"]) == 75
    assert "is writing here; wait for it (--wait) or choose another --out" in capsys.readouterr().err


def test_with_wait_the_command_runs_when_the_folder_is_free(results):
    held, release = threading.Event(), threading.Event()

    def hold():
        with locked(results):
            held.set()
            release.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)
    threading.Timer(0.3, release.set).start()
    told = CliRunner().invoke(backorder, [*RUN, "--wait"])
    other.join()
    assert told.exit_code == 0, told.output
    assert told.stderr.count("Waiting: ") == 1
    assert "\nResults: " in told.stdout


def test_waiting_ends_with_the_time_limit(results, capsys):
    with locked(results):
        assert _status([*RUN, "--quiet", "--wait", "--time-limit", "0.2 s"]) == 124
    assert "Stopped: time limit reached." in capsys.readouterr().err
