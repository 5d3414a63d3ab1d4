"""Single orders on request: one Parquet file a policy and replication."""

import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from simulator.experiment.storage import order_files as keep
from simulator.foundation.errors import UserError

duckdb = pytest.importorskip("duckdb")
SCENARIO = Path(__file__).parents[4] / "scenarios" / "steady-shop.yaml"


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


def test_orders_written_in_slices_are_the_rows_of_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "40 d", "clock.warm_up": "5 d"})
    played = simulator.simulate(scenario, "lean", 7, 0)
    found = []
    for place, size in (("whole", 10**9), ("sliced", 97)):
        monkeypatch.setattr(keep, "SLICE", size)
        (tmp_path / place).mkdir()
        keep.keep_orders(played, tmp_path / place)
        path = keep.order_file(tmp_path / place, "lean", 0)
        found.append(duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
        assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert len(found[0]) == len(played.demand.times) > 2 * 97
    assert found[0] == found[1]
    assert [row[0] for row in found[1]] == list(range(len(found[1])))


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


PEAK = """
import re, sys
from pathlib import Path
import simulator
from simulator.experiment.running.replicate import replicate
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
changes = {"clock.horizon": "3000 d", "clock.warm_up": "10 d", "customers.all.arrivals.rate": "100 / d",
           "policies.r9_Q20.replenishment": {"kind": "s_Q", "s": 500, "Q": 400}, "warehouse.stock.widget": 900}
scenario = simulator.load("scenarios/textbook/reorder-point.yaml").edit(changes)
before = peak()
replicate(scenario, ["r9_Q20"], 1, 0, orders=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
print(peak() - before)
"""


def test_keeping_orders_takes_little_more_memory_than_the_run_itself(tmp_path: Path) -> None:
    """300,000 orders; what a million take beyond the start is 287 MB, 240 without: the writer's own memory."""

    def peak(*arguments: str) -> int:
        command = [sys.executable, "-c", PEAK, *arguments]
        return int(subprocess.run(command, cwd=SCENARIO.parents[1], capture_output=True, check=True).stdout)

    assert peak(str(tmp_path)) <= peak() + 80_000  # kB
    assert (tmp_path / "orders").is_dir()
