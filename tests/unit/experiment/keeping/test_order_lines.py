"""Order lines on request: one dataset, with a Parquet file a policy and replication."""

import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from simulator.experiment.keeping import order_lines, parquet
from simulator.experiment.storage.kept_files import kept_file
from simulator.foundation.errors import UserError

duckdb = pytest.importorskip("duckdb")
SCENARIO = Path(__file__).parents[4] / "scenarios" / "steady-shop.yaml"


def run(out: Path, **options: object) -> simulator.Results:
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "40 d", "clock.warm_up": "5 d"})
    return simulator.run(scenario, policies=["lean"], out=out, keep_orders=True, **options)


def test_every_line_is_a_row_of_one_dataset(tmp_path: Path) -> None:
    one = run(tmp_path, replications=3)
    assert one.folder is not None
    path = kept_file(one.folder, "orders", "lean", 2)
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "40 d", "clock.warm_up": "5 d"})
    played = simulator.simulate(scenario, "lean", one.seed, 2)
    counted = "count(*), count(DISTINCT number), sum(units), sum(parcels) FILTER (WHERE line = 0)"
    rows = duckdb.execute(f"SELECT {counted} FROM read_parquet(?)", [str(path)]).fetchone()
    orders = played.orders()
    assert rows == (len(played.demand.items), len(orders["units"]), orders["units"].sum(), orders["parcels"].sum())
    whole = str(one.folder / "orders" / "*.parquet")
    found = duckdb.execute("SELECT DISTINCT policy, replication FROM read_parquet(?) ORDER BY ALL", [whole]).fetchall()
    assert found == [("lean", 0), ("lean", 1), ("lean", 2)]


def test_orders_written_in_slices_are_the_rows_of_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "40 d", "clock.warm_up": "5 d"})
    played = simulator.simulate(scenario, "lean", 7, 0)
    found = []
    for place, size in (("whole", 10**9), ("sliced", 97)):
        monkeypatch.setattr(parquet, "SLICE", size)
        (tmp_path / place).mkdir()
        order_lines.keep_orders(played, tmp_path / place)
        path = kept_file(tmp_path / place, "orders", "lean", 0)
        found.append(duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
        assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert len(found[0]) == len(played.demand.items) > 2 * 97
    assert found[0] == found[1]
    assert [row[3] for row in found[1]] == played.line_orders.tolist()


def test_the_units_of_a_line_are_what_became_of_them() -> None:
    scenario = simulator.load(SCENARIO).edit({"clock.horizon": "90 d", "clock.warm_up": "5 d"})
    run = simulator.simulate(scenario, "lean", 7)
    lines = run.lines()
    assert (lines["units"] == lines["units_at_once"] + lines["units_backordered"] + lines["units_refused"]).all()
    assert lines["units_backordered"].sum() == run.backordered["units"].sum() > 0
    assert lines["units_cancelled"].sum() == run.cancelled["units"].sum() > 0
    place = int(run.line_starts[int(run.fills["order"][-1])] + run.fills["line"][-1])
    assert lines["filled"][place] == run.fills["time"][-1]
    assert (
        lines["filled"][lines["units_at_once"] == lines["units"]]
        == lines["placed"][lines["units_at_once"] == lines["units"]]
    ).all()
    some = run.lines(10, 20)
    for name, column in lines.items():
        part = column[run.line_starts[10] : run.line_starts[20]]
        assert ((part == some[name]) | ((part != part) & (some[name] != some[name]))).all(), name


def test_recorded_orders_have_the_users_own_numbers_and_customers_on_both_lanes(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "when,invoice,sku,n,who\n2025-01-02,A7,mug,2,Ada\n2025-01-01,B1,mug,1,Bob\n2025-01-02,A7,cup,1,Ada\n"
        "2024-12-01,OLD,mug,1,Ann\n2025-01-03,A8,cup,4,\n"
    )
    (tmp_path / "shop.yaml").write_text(
        """
name: shop
clock: {start: 2025-01-01, horizon: 9 d}
items: {mug: {price: 2, unit_cost: 1}, cup: {price: 2, unit_cost: 1}}
customers:
  web: {arrivals: {kind: trace, file: orders.csv, time: when, order: invoice, item: sku, quantity: n, customer: who}}
  walk-in: {arrivals: {kind: every, interval: 4 d}, basket: {kind: single, item: mug}}
warehouse: {stock: {mug: 9, cup: 0}}
suppliers: {maker: {items: [mug, cup], lead_time: 2 d}}
policies: {base: {replenishment: {kind: base_stock, S: 5}}}
"""
    )
    scenario = simulator.load(tmp_path / "shop.yaml")
    for lane in ("simpy", "compiled"):
        played = simulator.simulate(scenario, "base", 1, lane=lane)
        (tmp_path / lane).mkdir()
        order_lines.keep_orders(played, tmp_path / lane)
        chosen = 'SELECT "order", line, item, segment, customer, units FROM read_parquet(?) ORDER BY number, line'
        path = str(kept_file(tmp_path / lane, "orders", "base", 0))
        assert duckdb.execute(chosen, [path]).fetchall() == [
            ("B1", 0, "mug", "web", "Bob", 1),
            ("A7", 0, "mug", "web", "Ada", 2),
            ("A7", 1, "cup", "web", "Ada", 1),
            ("A8", 0, "cup", "web", None, 4),
            ("3", 0, "mug", "walk-in", None, 1),
            ("4", 0, "mug", "walk-in", None, 1),
        ]


def test_sites_are_columns_and_a_column_without_values_is_text(tmp_path: Path) -> None:
    scenario = simulator.load(SCENARIO.parent / "strategies" / "two-regions.yaml").edit({"clock.horizon": "130 d"})
    order_lines.keep_orders(simulator.simulate(scenario, next(iter(scenario.policies)), 1), tmp_path)
    found = duckdb.execute("SELECT DISTINCT site FROM read_parquet(?) ORDER BY 1", [str(tmp_path / "orders/*.parquet")])
    assert found.fetchall() == [("north",), ("south",)]
    types = duckdb.execute("DESCRIBE SELECT customer FROM read_parquet(?)", [str(tmp_path / "orders/*.parquet")])
    assert types.fetchall()[0][1] == "VARCHAR"


def test_a_replication_whose_orders_are_missing_is_played_again(tmp_path: Path) -> None:
    folder = run(tmp_path, replications=2).folder
    assert folder is not None
    path = kept_file(folder, "orders", "lean", 1)
    content = path.read_bytes()
    path.unlink()
    run(tmp_path, replications=2)
    assert path.read_bytes() == content


def test_without_a_folder_no_orders_can_be_kept() -> None:
    with pytest.raises(UserError, match="out"):
        simulator.run(simulator.load(SCENARIO), replications=1, keep=["orders"])
    with pytest.raises(UserError, match=r"keep: .*'ordres'.*did you mean 'orders'"):
        simulator.run(simulator.load(SCENARIO), replications=1, keep=["ordres"], out="x")


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
kept = {"kept": ["orders"], "series": Path(sys.argv[1])} if len(sys.argv) > 1 else {}
replicate(scenario, ["r9_Q20"], 1, 0, **kept)
print(peak() - before)
"""


def test_keeping_orders_takes_little_more_memory_than_the_run_itself(tmp_path: Path) -> None:
    """300,000 orders: 141 MB beyond the start, 71 without, most of it the writer's own memory."""

    def peak(*arguments: str) -> int:
        command = [sys.executable, "-c", PEAK, *arguments]
        return int(subprocess.run(command, cwd=SCENARIO.parents[1], capture_output=True, check=True).stdout)

    assert peak(str(tmp_path)) <= peak() + 100_000  # kB
    assert (tmp_path / "orders").is_dir()
