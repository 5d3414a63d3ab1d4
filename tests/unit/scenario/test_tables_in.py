"""Tables of every kind: the same orders as CSV, gzip, Parquet, workbook and frame are the same scenario."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import pickle
import re
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xlsxwriter
from loky.backend.reduction import dumps

import simulator
from simulator.foundation.errors import UserError
from simulator.foundation.tables import limits, package
from simulator.foundation.tables.frames import frame_tables
from simulator.scenario.identity import fingerprint
from simulator.scenario.loader import load_text

HEADER = ("ts", "no", "sku", "qty", "due", "days")
ROWS = (
    (dt.datetime(2025, 1, 7, 9, 30), "A", 1001, 2, dt.datetime(2025, 1, 9), 7.5),
    (dt.datetime(2025, 1, 7, 9, 30), "A", 1002, 1, dt.datetime(2025, 1, 9), 3.0),
    (dt.datetime(2025, 1, 8), "B", 1001, 4, None, 1.25),
)
SCENARIO = """\
name: alike
clock: {start: 2025-01-06, horizon: 30 d}
items: {1001: {price: 2, unit_cost: 1}, 1002: {price: 3, unit_cost: 1}}
customers:
  web: {arrivals: {kind: trace, file: FILE, time: ts, order: "no", item: sku, quantity: qty, need_by: due}}
warehouse: {stock: {1001: 3, 1002: 1}}
suppliers: {maker: {items: all, lead_time: {kind: empirical, file: FILE, column: days}}}
policies: {a: {replenishment: {kind: s_S, s: 2, S: 6}}}
"""


def frame():
    return pd.DataFrame(list(ROWS), columns=list(HEADER))


def polars_frame():
    return pl.DataFrame(list(ROWS), schema=list(HEADER), orient="row")


def workbook(path, sheets=None, cells=()):
    """A workbook with the rows, as people have them; `cells` are (row, column, value) written over them."""
    with xlsxwriter.Workbook(str(path)) as book:
        day, moment = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
        for name in sheets or ("Orders",):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADER)
            for row, (ts, order, sku, quantity, due, days) in enumerate(ROWS, 1):
                sheet.write_datetime(row, 0, ts, moment)
                sheet.write_row(row, 1, (order, sku, quantity))
                if due is not None:
                    sheet.write_datetime(row, 4, due, day)
                sheet.write(row, 5, days)
            for row, column, value in cells:
                if isinstance(value, str) and value.startswith("#"):
                    sheet.write_formula(row, column, "=NA()", None, value)
                else:
                    sheet.write(row, column, value)
    return path


def read(file, folder=None, extra="", **more):
    return load_text(SCENARIO.replace("FILE", f"{file}{extra}"), folder=folder, **more)


def refused(file, folder=None, extra="", **more):
    with pytest.raises(UserError) as caught:
        read(file, folder, extra, **more)
    return str(caught.value)


def book_of(scenario):
    arrivals = scenario.customers["web"].arrivals
    return {name: np.asarray(column).tolist() for name, column in vars(arrivals.book).items() if column is not None}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tables")
    text = frame().to_csv(index=False)
    (place / "o.csv").write_text(text)
    (place / "o.csv.gz").write_bytes(gzip.compress(text.encode()))
    polars_frame().write_parquet(place / "o.parquet")
    workbook(place / "o.xlsx")
    workbook(place / "two.xlsx", ("Notes", "Orders"))
    return place


@pytest.mark.parametrize("file", ["o.csv.gz", "o.parquet", "o.xlsx"])
def test_files_of_every_kind_are_the_same_table_as_the_csv(file, folder):
    plain, other = read("o.csv", folder), read(file, folder)
    assert book_of(other) == book_of(plain)
    assert book_of(plain)["need_by"][1] == np.inf
    law, same = (s.suppliers["maker"].lead_time._values.tolist() for s in (plain, other))
    assert law == same == [7.5, 3.0, 1.25]
    assert other.customers["web"].arrivals.names() == ("1001", "1002"), "numbers are names without a decimal point"


@pytest.mark.parametrize("make", [frame, lambda: polars_frame(), lambda: frame().to_dict("list")])
def test_frames_are_the_same_table_as_the_csv(make, folder):
    plain, other = read("o.csv", folder), read("orders", tables={"orders": make()})
    assert book_of(other) == book_of(plain)
    assert list(other.data_digests) == ["orders"]
    assert fingerprint(other) == fingerprint(read("orders", tables={"orders": frame()}))


def test_a_frame_takes_the_place_of_a_file_and_counts_in_the_fingerprint(folder):
    changed = frame()
    changed.loc[2, "qty"] = 9
    plain, other = read("o.csv", folder), read("o.csv", folder, tables={"o.csv": changed})
    assert book_of(other)["quantities"] == [2, 1, 9]
    assert fingerprint(plain) != fingerprint(other)
    assert fingerprint(other.edit({"clock.horizon": "29 d"}).edit({"clock.horizon": "30 d"})) == fingerprint(other)


def test_a_scenario_with_a_frame_goes_to_workers_with_it(folder):
    scenario = read("orders", tables={"orders": frame()})
    there = pickle.loads(dumps(scenario))
    assert fingerprint(there) == fingerprint(scenario)
    assert simulator.run(there, 2, seed=1).table() == simulator.run(scenario, 2, seed=1).table()
    assert fingerprint(there.edit({"clock.horizon": "29 d"})) == fingerprint(scenario.edit({"clock.horizon": "29 d"}))


@pytest.mark.slow
def test_a_run_with_a_frame_uses_workers_and_resumes(folder, tmp_path):
    scenario = read("orders", tables={"orders": frame()})
    alone = simulator.run(scenario, 3, seed=1, out=tmp_path / "one")
    together = simulator.run(scenario, 3, seed=1, out=tmp_path / "two", workers=2)
    again = simulator.run(read("orders", tables={"orders": polars_frame()}), 5, seed=1, out=tmp_path / "two")
    assert alone.table() == together.table()
    assert alone.folder.name == together.folder.name == again.folder.name, "the content names the folder"
    assert again.replications == 5


def test_columns_with_gaps_are_whole_numbers_and_other_values_are_read_as_a_csv_has_them():
    table = frame_tables({"t": {"a": [1.0, None, float("nan")], "b": [True, 0.5, -0.0], "c": ["x", None, pd.NA]}})["t"]
    assert table.columns == {"a": ["1", "", ""], "b": ["1", "0.5", "0"], "c": ["x", "", ""]}
    days = pd.to_datetime(pd.Series(["2025-01-01", None, "2025-01-02"]))
    assert frame_tables({"t": pd.DataFrame({"d": days})})["t"].columns["d"] == ["2025-01-01", "", "2025-01-02"]
    moments = pd.DataFrame({"d": [dt.datetime(2025, 1, 1), dt.datetime(2025, 1, 2, 8, 0, 0, 500_000)]})
    assert frame_tables({"t": moments})["t"].columns["d"] == ["2025-01-01T00:00:00", "2025-01-02T08:00:00.500000"]
    categories = pd.DataFrame({"n": pd.Series([1, None], dtype="Int64"), "k": pd.Categorical(["a", None])})
    assert frame_tables({"t": categories})["t"].columns == {"n": ["1", ""], "k": ["a", ""]}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"ordres": frame()}, "no table 'ordres' (did you mean 'orders'?); its files: orders"),
        ({"orders": [1, 2]}, "table 'orders': builtins.list is not a table; expected a frame, or a mapping"),
        ({"orders": frame()[[]]}, "table 'orders': has no columns"),
        ({"orders": frame().iloc[:0]}, "table 'orders': has no rows"),
        ({"orders": polars_frame().lazy()}, "call .collect() first"),
        ({"orders": {"a": [1], "b": [1, 2]}}, "its columns have different numbers of values: 1, 2"),
        ({"orders": {"a": [[1]]}}, "column 'a': list is not a cell"),
        ({"orders": {"a": 5}}, "column 'a': int is not a sequence of values"),
        ({"orders": pd.DataFrame([[1, 2]], columns=["a", "a"])}, "column 'a' is given twice"),
        ({"orders": pd.DataFrame({("a", "b"): [1]})}, "('a', 'b') is not a name of a column"),
        ({3: frame()}, "tables: 3 is not a name"),
        ([frame()], "expected a mapping of names to frames, got list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a frame shows its address
)
def test_tables_that_are_none_are_refused(tables, said):
    given = tables if not isinstance(tables, dict) or "ordres" not in tables else tables | {"orders": frame()}
    assert said in refused("orders", tables=given)


def test_cells_of_a_frame_are_refused_with_their_row():
    bad = frame().astype({"qty": float})
    bad.loc[1, "qty"] = 1.5
    assert "orders:3: column 'qty': '1.5' is not a whole number >= 1" in refused("orders", tables={"orders": bad})
    zoned = frame()
    zoned["ts"] = zoned["ts"].dt.tz_localize("UTC")
    assert "has a time zone" in refused("orders", tables={"orders": zoned})


# ------------------------------------------------------------------------------------------------------- workbooks
def test_a_sheet_is_named_where_there_are_several(folder):
    assert "two.xlsx: has 2 sheets; name one with `sheet:`: Notes, Orders" in refused("two.xlsx", folder)
    assert "no sheet 'Oders' (did you mean 'Orders'?); sheets: Notes, Orders" in refused(
        "two.xlsx", folder, ", sheet: Oders"
    )
    named = read("two.xlsx", folder, ", sheet: Orders")
    assert book_of(named) == book_of(read("o.csv", folder))
    assert "only workbooks (.xlsx) have sheets" in refused("o.csv", folder, ", sheet: Orders")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([(2, 3, 1.5)], "b.xlsx[Orders]:3: column 'qty': '1.5' is not a whole number >= 1"),
        ([(2, 3, "two")], "b.xlsx[Orders]:3: column 'qty': 'two' is not a number"),
        ([(2, 3, "#N/A")], "b.xlsx[Orders]:3: column 'qty': cell D3 has the error #N/A; correct the formula"),
        ([(3, 0, "#DIV/0!")], "b.xlsx[Orders]:4: column 'ts': cell A4 has the error #DIV/0!"),
        ([(2, 0, "07/01/2025")], "b.xlsx[Orders]:3: column 'ts': '07/01/2025' is not a date"),
        ([(6, 0, "Total"), (6, 3, 7)], "b.xlsx[Orders]:5: column"),
        ([(0, 2, " ")], "b.xlsx[Orders]:1: cell C1 is empty; the first row must name every column (of merged cells"),
        ([(0, 2, "qty")], "b.xlsx[Orders]:1: column 'qty' is given twice"),
        ([(2, 1, "x" * 20_000)], "b.xlsx[Orders]:3: column 'no': a cell of 20,000 characters; at most 10,000"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_cells_of_a_workbook_are_refused_with_file_sheet_row_and_column(cells, said, tmp_path):
    workbook(tmp_path / "b.xlsx", cells=cells)
    assert said in refused("b.xlsx", tmp_path)


def test_errors_in_columns_that_are_not_used_do_no_harm(tmp_path):
    workbook(tmp_path / "b.xlsx", cells=[(0, 6, "margin"), (1, 6, "#REF!"), (30, 8, "")])
    assert len(book_of(read("b.xlsx", tmp_path))["times"]) == 2


def test_empty_and_hidden_sheets_are_told_apart(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet("Empty")
        book.add_worksheet("Lists").hide()
    assert "b.xlsx[Empty]: the sheet is empty; expected a header in its first row" in refused("b.xlsx", tmp_path)
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet("Orders").write_row(0, 0, HEADER)
    assert "b.xlsx[Orders]: has a header but no rows" in refused("b.xlsx", tmp_path)
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet("Orders").write_row(3, 2, HEADER)
    assert "b.xlsx[Orders]:1: cell A1 is empty; the first row must name every column" in refused("b.xlsx", tmp_path)


def test_files_that_are_no_workbooks_are_refused(tmp_path):
    (tmp_path / "b.xlsx").write_bytes(b"a,b\n1,2\n")
    assert "b.xlsx: not a readable workbook (File is not a zip file)" in refused("b.xlsx", tmp_path)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as packed:
        packed.writestr("hello.txt", "hello")
    assert "b.xlsx: not a readable workbook (no part xl/_rels/workbook.xml.rels)" in refused("b.xlsx", tmp_path)
    assert "not a CSV file but a packed one" in refused(workbook(tmp_path / "b.csv").name, tmp_path)
    (tmp_path / "b.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert "workbooks of this format are not read; save it as .xlsx" in refused("b.xls", tmp_path)


def changed(path, part, change):
    """Write a workbook again with one part changed."""
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("damage", [b"", b"<worksheet/>", b"\xff\xfe", b"<worksheet><sheetData><row r='1'><c r='A1'>"])
def test_a_damaged_sheet_is_an_error_in_words(damage, tmp_path):
    path = workbook(tmp_path / "b.xlsx")
    changed(path, SHEET, lambda _: damage)
    assert re.search(r"b\.xlsx\[Orders\]: (not a readable sheet|the sheet is empty)", refused("b.xlsx", tmp_path))


def test_workbooks_are_bounded_by_what_they_unpack_to(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LARGEST_FILE", 2_000_000)
    path = workbook(tmp_path / "b.xlsx")
    changed(path, SHEET, lambda content: content + b" " * 3_000_000)
    assert path.stat().st_size < 20_000
    assert "b.xlsx: larger than 2 MB unpacked" in refused("b.xlsx", tmp_path)
    content = bytearray(path.read_bytes())  # a list of contents that lies about the size
    place = content.index(SHEET.encode(), content.index(b"PK\x01\x02"))
    content[place - 22 : place - 18] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    assert "b.xlsx: larger than 2 MB unpacked" in refused("b.xlsx", tmp_path)


def test_one_cell_far_away_takes_no_memory(tmp_path):
    """Libraries make room for every cell between the first and the last: 400 GB here."""
    changed(workbook(tmp_path / "b.xlsx"), SHEET, lambda content: content.replace(b'r="F4"', b'r="XFD1048576"'))
    assert "b.xlsx[Orders]: more than 1,220 rows of 16384 cells" in refused("b.xlsx", tmp_path)
    unnumbered = workbook(tmp_path / "c.xlsx")
    rows = b"<row>" + b"<c><v>1</v></c>" * 2_000 + b"</row>" + b"<row><c><v>1</v></c></row>" * 20_000
    changed(
        unnumbered,
        SHEET,
        lambda content: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData>" + rows + b"</sheetData>", content),
    )
    assert "more than 10,000 rows of 2000 cells" in refused("c.xlsx", tmp_path)


def test_one_long_text_in_many_cells_is_counted_as_often_as_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "LARGEST_TEXT", 1_000_000)
    workbook(tmp_path / "b.xlsx", cells=[(row, 1, "x" * 9_000) for row in range(1, 200)])
    assert "texts of more than 1 million characters" in refused("b.xlsx", tmp_path)


def test_rows_of_a_sheet_are_counted_across_the_pieces_in_which_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "_PIECE", 100)
    workbook(tmp_path / "b.xlsx", cells=[(2, 3, "#N/A")])
    assert "cell D3 has the error #N/A" in refused("b.xlsx", tmp_path)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet("T").write_column(0, 0, ["head", *range(500)])
    found = package.Package(content.getvalue(), "t.xlsx")
    seen = found.look_through(found.sheets["T"], "t.xlsx[T]")
    assert (seen.rows, seen.columns, seen.cells) == (501, 1, 501)


def test_workbooks_name_the_extra_that_reads_them(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    assert "workbooks need the extra `pip install 'backorder-simulator[xlsx]'`" in refused("o.xlsx", folder)
