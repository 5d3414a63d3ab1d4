"""Single orders on request: one Parquet file a policy and replication."""

from pathlib import Path

import pytest

import simulator
from simulator.experiment import keep
from simulator.foundation.errors import UserError

duckdb = pytest.importorskip("duckdb")
SCENARIO = Path(__file__).parents[3] / "scenarios" / "steady-shop.yaml"


def run(out: Path, **options: object) -> simulator.Results:
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "40 d", "clock.warm_up": "5 d"})
    return simulator.run(scenario, policies=["lean"], out=out, keep_orders=True, **options)


def test_every_order_is_a_row_and_the_bytes_do_not_depend_on_the_workers(tmp_path: Path) -> None:
    one = run(tmp_path / "one", replications=3)
    two = run(tmp_path / "two", replications=3, workers=2)
    assert one.folder is not None
    assert two.folder is not None
    for number in range(3):
        path = keep.order_file(one.folder, "lean", number)
        assert path.read_bytes() == keep.order_file(two.folder, "lean", number).read_bytes()
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "40 d", "clock.warm_up": "5 d"})
    played = simulator.simulate(scenario, "lean", one.seed, 2).orders()
    rows = duckdb.execute("SELECT count(*), sum(units), sum(parcels) FROM read_parquet(?)", [str(path)]).fetchone()
    assert rows == (played["units"].size, played["units"].sum(), played["parcels"].sum())


def test_a_replication_whose_orders_are_missing_is_played_again(tmp_path: Path) -> None:
    folder = run(tmp_path, replications=2).folder
    assert folder is not None
    path = keep.order_file(folder, "lean", 1)
    content = path.read_bytes()
    path.unlink()
    run(tmp_path, replications=2)
    assert path.read_bytes() == content


def test_without_a_folder_no_orders_can_be_kept() -> None:
    with pytest.raises(UserError, match="out"):
        simulator.run(simulator.load(SCENARIO), replications=1, keep_orders=True)
