"""Every table of the ledger as Parquet, with names."""

from pathlib import Path

import pytest

import simulator
from simulator.experiment.keeping import parquet
from simulator.experiment.keeping.fact_files import keep_facts
from simulator.model.nouns import Cause
from simulator.record.ledger import COLUMNS

duckdb = pytest.importorskip("duckdb")
SCENARIOS = Path(__file__).parents[4] / "scenarios"


def short(name, **changes):
    return simulator.load(SCENARIOS / f"{name}.yaml").edit({"clock.horizon": "90 d", "clock.warm_up": "5 d", **changes})


def rows(folder, table, chosen="*"):
    path = str(folder / "facts" / f"{table}-*.parquet")
    return duckdb.execute(f"SELECT {chosen} FROM read_parquet(?)", [path]).fetchall()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    run = simulator.simulate(short("steady-shop"), "lean", 7)
    keep_facts(run, folder)
    return run, folder


def test_every_table_with_rows_has_a_file_and_the_orders_and_lines_have_one(kept):
    run, folder = kept
    tables = {name for name in COLUMNS if getattr(run, name).size} | {"orders", "lines", "stock"}
    assert {path.name for path in (folder / "facts").iterdir()} == {f"{t}-lean-000000.parquet" for t in tables}
    for name in tables - {"orders", "lines", "stock"}:
        assert len(rows(folder, name, "number" if "order" in COLUMNS[name] else "*")) == getattr(run, name).size
    assert rows(folder, "orders", "count(*), sum(lines)") == [(len(run.demand.times), len(run.demand.items))]


def test_numbers_of_objects_are_names_and_times_are_days(kept):
    run, folder = kept
    names = [item.name for item in run.world.items]
    gone = run.cancelled
    chosen = "policy, replication, stage, time, number, line, item, units, cause, held"
    assert rows(folder, "cancelled", chosen)[0] == (
        *("lean", 0, "", gone["time"][0], int(gone["order"][0]), int(gone["line"][0])),
        *(names[int(gone["item"][0])], int(gone["units"][0]), Cause(int(gone["cause"][0])).name.lower(), False),
    )
    suppliers = {name for (name,) in rows(folder, "purchases", "DISTINCT supplier")}
    assert suppliers == {"importer", "workshop"}
    stock = dict(rows(folder, "stock", "item, initial"))
    assert stock == dict(zip(names, run.initial, strict=True))


def test_the_facts_say_what_the_run_says(kept):
    run, folder = kept
    backlog = """
        SELECT (SELECT sum(units) FROM read_parquet($f || 'backordered-*.parquet'))
             - (SELECT sum(units) FROM read_parquet($f || 'fills-*.parquet'))
             - (SELECT sum(units) FROM read_parquet($f || 'cancelled-*.parquet') WHERE NOT held)
    """
    found = duckdb.execute(backlog, {"f": f"{folder / 'facts'}/"}).fetchone()
    assert found == (run.still_open.sum(),)


def test_tables_in_slices_have_the_rows_of_one_piece(kept, tmp_path, monkeypatch):
    run, folder = kept
    monkeypatch.setattr(parquet, "SLICE", 53)
    keep_facts(run, tmp_path)
    for table in ("fills", "orders", "lines", "parcels", "purchases"):
        assert rows(tmp_path, table) == rows(folder, table)


def test_suppliers_with_stock_have_facts_of_their_own_and_sites_are_named(tmp_path):
    run = simulator.simulate(short("textbook/two-echelon"), "base", 1)
    assert run.suppliers
    keep_facts(run, tmp_path)
    assert {stage for (stage,) in rows(tmp_path, "orders", "DISTINCT stage")} == {"", *run.suppliers}
    regions = short("strategies/two-regions", **{"clock.horizon": "120 d"})
    (tmp_path / "sites").mkdir()
    keep_facts(simulator.simulate(regions, "local", 1), tmp_path / "sites")
    assert {site for (site,) in rows(tmp_path / "sites", "lines", "DISTINCT site")} == {"north", "south"}


def test_a_run_resumes_with_all_that_it_keeps_and_the_same_bytes_from_any_number_of_workers(tmp_path):
    scenario = short("steady-shop", **{"clock.horizon": "12 d"})
    options = {"policies": ["lean", "safe"], "keep": ["orders", "facts", "events"]}
    one = simulator.run(scenario, 3, out=tmp_path / "one", **options).folder
    two = simulator.run(scenario, 1, out=tmp_path / "two", **options).folder
    two = simulator.run(scenario, 3, out=tmp_path / "two", workers=2, **options).folder
    files = {p.relative_to(one): p.read_bytes() for kind in options["keep"] for p in (one / kind).iterdir()}
    assert len(files) > 3 * 2 * (1 + 6 + 2)
    assert files == {p.relative_to(two): p.read_bytes() for kind in options["keep"] for p in (two / kind).iterdir()}
    lost = [two / "facts" / "orders-safe-000001.parquet", two / "events" / "lean-000002.ocel.json"]
    for path in lost:
        path.unlink()
    simulator.run(scenario, 3, out=tmp_path / "two", **options)
    assert all(path.read_bytes() == files[path.relative_to(two)] for path in lost)
    simulator.run(scenario, 1, out=tmp_path / "two", force=True, policies=["lean", "safe"])
    assert not list((two / "facts").iterdir())
    assert not list((two / "events").iterdir())
