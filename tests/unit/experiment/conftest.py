import pytest

from simulator.experiment import run as experiment
from tests.unit.experiment import fakes


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A folder with a file for each replication that is simulated, a line a time."""
    folder = tmp_path / "log"
    folder.mkdir()
    monkeypatch.setenv("FAKE_LOG", str(folder))
    return folder


@pytest.fixture
def run(monkeypatch):
    """`run` of the fake corner shop."""
    monkeypatch.setattr(experiment, "replicate", fakes.replicate)

    def run(scenario=None, **options):
        return experiment.run(scenario or fakes.scenario(), **options)

    return run
