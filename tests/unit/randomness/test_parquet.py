from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from simulator.foundation.errors import UserError
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

SCENARIO = """\
name: recorded
clock: {{start: 2025-01-06, horizon: 30 d}}
items: {{1: {{price: 2, unit_cost: 1}}, 2: {{price: 2, unit_cost: 1}}}}
customers:
  web:
    arrivals:
      {{kind: trace, file: {file}, time: ts, order: "no", item: sku, quantity: qty, priority: urgency, patience: waits,
        one_parcel: whole, cancel_time: off_at, cancel_quantity: off}}
warehouse: {{stock: {{1: 3, 2: 1}}}}
suppliers: {{s: {{items: all, lead_time: 4 d}}}}
policies: {{a: {{replenishment: {{kind: s_S, s: 2, S: 6}}}}}}
"""
ROWS = """\
ts,no,sku,qty,urgency,waits,whole,off_at,off
2025-01-07T09:30:00,1,1,2,1,7.5,1,,
2025-01-07T09:30:00,1,2,3,1,7.5,1,2025-01-08T00:00:00,2
2025-01-06T23:59:59,10,2,1,2,2,0,,
2025-01-09T00:00:00,9,1,4,1,30,0,2025-01-10T12:00:00,
2025-01-20T17:05:30,11,1,1,3,0.25,0,,
"""
TABLES = ("backordered", "refused", "fills", "parcels", "cancelled", "purchases", "receipts")
TYPES = {
    "whole numbers": "ts::TIMESTAMP AS ts, no::INTEGER AS no, sku::BIGINT AS sku, qty::SMALLINT AS qty, "
    "urgency::UTINYINT AS urgency, waits::DOUBLE AS waits, whole::INTEGER AS whole, off_at::TIMESTAMP AS off_at, "
    "off::INTEGER AS off",
    "other types": "ts::TIMESTAMP_NS AS ts, no::HUGEINT AS no, sku::VARCHAR AS sku, qty::DOUBLE AS qty, "
    "urgency::DECIMAL(9, 2) AS urgency, waits::DECIMAL(9, 3) AS waits, whole::BOOLEAN AS whole, "
    "off_at::TIMESTAMP_MS AS off_at, off::DOUBLE AS off",
}


def parquet(folder: Path, columns: str) -> None:
    (folder / "o.csv").write_text(ROWS, encoding="utf-8")
    source = f"SELECT {columns} FROM read_csv('{folder / 'o.csv'}', all_varchar = true)"
    duckdb.execute(f"COPY ({source}) TO '{folder / 'o.parquet'}' (FORMAT parquet)")


@pytest.mark.parametrize("columns", TYPES.values(), ids=TYPES)
def test_an_order_book_as_parquet_gives_the_same_run_as_csv(columns, tmp_path):
    parquet(tmp_path, columns)
    runs = []
    for file in ("o.csv", "o.parquet"):
        scenario = load_text(SCENARIO.format(file=file), folder=tmp_path)
        assert isinstance(scenario.customers["web"].arrivals, Trace)
        assert list(scenario.data_digests) == [file]
        runs.append(simulate(scenario, "a", 1))
    csv, other = runs
    assert csv.demand.counts.sum() == 5
    for table in TABLES:
        one, two = getattr(csv, table), getattr(other, table)
        assert {name: one[name].tolist() for name in one} == {name: two[name].tolist() for name in two}, table
    for column, values in vars(csv.demand).items():
        assert repr(values) == repr(getattr(other.demand, column)), column
    assert csv.final == other.final


def test_a_column_of_another_type_is_refused_with_its_row(tmp_path):
    parquet(tmp_path, TYPES["whole numbers"].replace("qty::SMALLINT", "(qty::DOUBLE + 0.5)"))
    with pytest.raises(UserError, match=r"o\.parquet:2: column 'qty': '2\.5' is not a whole number >= 1"):
        load_text(SCENARIO.format(file="o.parquet"), folder=tmp_path)
