"""Series of replications on disk: sealed, the same whatever the workers, summed up over replications."""

import numpy as np
import pytest

from simulator.experiment.run import run
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication_files import MOST
from simulator.experiment.storage.series_files import keep_series, read_curves, series_file
from simulator.foundation.errors import UserError
from simulator.scenario.loader import load
from simulator.world.simulate import simulate


def small():
    return load("scenarios/steady-shop.yaml", ["clock.horizon=60 d", "clock.warm_up=10 d"])


@pytest.fixture
def manifest():
    return Manifest("shop", "run", "f" * 64, 1, ("lean",), 0.95, replications=3)


def keep(folder, number, **series):
    keep_series(
        folder, 1, number, simulate(small(), "lean", 1).world, (), {"lean": {k: np.array(v) for k, v in series.items()}}
    )


def test_series_are_the_same_bytes_for_any_number_of_workers(tmp_path):
    folders = [run(small(), replications=3, workers=n, out=tmp_path / str(n)).folder for n in (1, 2)]
    one, two = ([series_file(f, k).read_bytes() for k in range(3)] for f in folders)
    assert one == two


def test_a_curve_is_the_mean_and_the_ends(tmp_path, manifest):
    for number, value in enumerate((1.0, 2.0, 6.0)):
        keep(tmp_path, number, x=[value, 0.0])
    curve = read_curves(tmp_path, manifest).of("lean", "x")
    assert curve.mean.tolist() == [3.0, 0.0]
    assert (curve.low.tolist(), curve.high.tolist()) == ([1.0, 0.0], [6.0, 0.0])


def test_an_event_that_did_not_happen_counts_as_none(tmp_path, manifest):
    keep(tmp_path, 0, x=[1.0])
    keep(tmp_path, 1, x=[1.0], **{"event.0": [1.0]})
    assert read_curves(tmp_path, manifest).mean("lean", "event.0").tolist() == [0.5]


def test_only_the_first_replications_keep_their_series(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.experiment.running.replicate.MOST", 2)
    monkeypatch.setattr("simulator.experiment.run.SERIES", 2)
    folder = run(small(), replications=3, out=tmp_path).folder
    assert [series_file(folder, k).exists() for k in range(3)] == [True, True, False]
    assert MOST >= 100


def test_a_folder_without_series_has_no_curves(tmp_path, manifest):
    assert read_curves(tmp_path, manifest) is None


def test_an_edited_file_is_named(tmp_path, manifest):
    keep(tmp_path, 0, x=[1.0])
    path = series_file(tmp_path, 0)
    path.write_bytes(path.read_bytes().replace(b'"1"', b'"2"'))
    with pytest.raises(UserError, match=r"000000\.json: was edited or damaged"):
        read_curves(tmp_path, manifest)


def test_the_position_follows_from_what_is_kept_replication_by_replication(tmp_path, manifest):
    """Its ends are those of the sum, not the sum of the ends."""
    for number, (on_hand, on_order, backlog) in enumerate(((5.0, 1.0, 0.0), (1.0, 9.0, 4.0), (3.0, 3.0, 3.0))):
        levels = {"level.on_hand": [on_hand], "level.on_order": [on_order], "level.backlog": [backlog]}
        keep(tmp_path, number, **levels)
    curve = read_curves(tmp_path, manifest).of("lean", "level.position")
    assert (curve.low.tolist(), curve.mean.tolist(), curve.high.tolist()) == ([3.0], [5.0], [6.0])
