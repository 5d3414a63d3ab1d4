"""Real data files: every row that is not an order line is refused with its number, and doubts are reported."""

from __future__ import annotations

import gzip
import tracemalloc

import numpy as np
import pytest

from simulator.foundation.errors import UserError
from simulator.foundation.tables import delimited, limits
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.loader import load_text

COLUMNS = ("t", "o", "i", "q", "off", "off_q", "pat", "prio", "one", "way", "who", "each")
GOOD = (
    {"t": "2025-01-07", "o": "A", "i": "mug", "q": "2", "pat": "3", "prio": "2", "one": "1", "way": "1", "who": "x"},
    {"t": "2025-01-08", "o": "B", "i": "rug", "q": "1", "pat": "9", "prio": "1", "one": "0", "way": "2", "who": "y"},
)
KEYS = (
    "cancel_time: off, cancel_quantity: off_q, patience: pat, priority: prio, one_parcel: one, transit: [way], "
    "customer: who, price: each"
)
SCENARIO = """\
name: recorded
clock: {start: 2025-01-06, horizon: 100 d}
items: {mug: {price: 12, unit_cost: 5}, rug: {price: 30, unit_cost: 9}}
customers:
  web: {arrivals: {kind: trace, file: o.csv, time: t, order: o, item: i, quantity: q, KEYS}}
suppliers: {maker: {items: all, lead_time: 5 d}}
policies: {lean: {replenishment: {kind: s_S, s: 10, S: 20}}}
"""


def read(folder, *changes, keys=KEYS, scenario=SCENARIO):
    """Load a good file whose row k has the cells `changes[k]`; further changes are further rows like the last one."""
    rows = [(GOOD[k] if k < 2 else GOOD[1] | {"o": f"C{k}"}) | changed for k, changed in enumerate(changes or ({}, {}))]
    lines = [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in rows)]
    (folder / "o.csv").write_text("\n".join(lines) + "\n")
    return load_text(scenario.replace("KEYS", keys), folder=folder, file="f.yaml")


def refused(folder, *changes, **more):
    with pytest.raises(UserError) as caught:
        read(folder, *changes, **more)
    return str(caught.value)


def warnings(folder, *changes, **more):
    return [str(w).split("arrivals", 1)[-1] for w in read(folder, *changes, **more).warnings]


def book(scenario):
    arrivals = scenario.customers["web"].arrivals
    assert isinstance(arrivals, Trace)
    return arrivals.book


def test_the_good_file_has_no_warnings(tmp_path):
    assert warnings(tmp_path) == []


# ----------------------------------------------------------------------------------- K09: one order on several days
def test_rows_of_one_order_a_day_or_more_apart_are_warned_of(tmp_path):
    found = warnings(tmp_path, {}, {}, GOOD[0] | {"t": "2025-01-14"})
    text = "is placed whole with its first row; give later rows other order names"
    assert found == [f".time: o.csv:2: order 'A' has rows a day or more apart: it {text}"]
    found = warnings(tmp_path, {}, {"t": "2025-01-09"}, GOOD[0] | {"t": "2025-01-14"}, {"o": "B", "t": "2025-01-07"})
    assert "order 'A' has rows a day or more apart" in found[0]
    assert "(and 1 more order)" in found[0]
    same_day = ({"t": "2025-01-07 08:30"}, {}, GOOD[0] | {"t": "2025-01-07 23:50"})
    assert warnings(tmp_path, *same_day) == []


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        ("patience", {"pat": "5"}),
        ("priority", {"prio": "1"}),
        ("one_parcel", {"one": "0"}),
        ("transit", {"way": "7"}),
        ("customer", {"who": "somebody else"}),
    ],
)
def test_rows_of_one_order_that_contradict_one_another_are_warned_of(key, cells, tmp_path):
    found = warnings(tmp_path, {}, {}, GOOD[0] | cells)
    assert found == [f".{key}: o.csv:2: order 'A' has rows that differ in it: its first row counts"]


# ------------------------------------------------------------------------------------------- K10, K30: blank cells
@pytest.mark.parametrize("blank", ["", "  ", "\t"])
@pytest.mark.parametrize(
    ("column", "need"), [("t", "a date or a number of days"), ("o", "a name"), ("i", "a name"), ("q", "a number")]
)
def test_a_blank_cell_is_refused_with_its_row(column, need, blank, tmp_path):
    found = refused(tmp_path, {}, {column: blank}, {})
    assert f"o.csv:3: column '{column}': is empty; every row needs {need}" in found
    assert "totals" not in found
    assert "(and 1 more row)" in refused(tmp_path, {column: blank}, {column: blank}, {})


@pytest.mark.parametrize("mark", ["nan", "NaN", "None", "NULL", "#N/A", "<NA>"])
def test_a_mark_of_a_missing_order_is_not_an_order(mark, tmp_path):
    found = refused(tmp_path, {}, {"o": mark}, {"o": mark})
    assert f"o.csv:3: column 'o': '{mark}' marks a missing value; every row needs a name (and 1 more row)" in found


@pytest.mark.parametrize(
    "cells",
    [
        {"t": "", "o": "", "i": "", "q": "57"},
        {"t": "Total", "o": "", "i": "", "q": "57"},
        {"t": "2025-01-31", "o": "", "i": "Total", "q": "57"},
        {"t": "2025-01-31", "o": "Sum", "i": "", "q": "57"},
    ],
)
def test_a_row_of_totals_is_refused_and_named_as_such(cells, tmp_path):
    found = refused(tmp_path, {}, {}, cells)
    assert "o.csv:4: column" in found
    assert "remove rows of totals" in found


def test_blank_cells_of_optional_columns_mean_what_the_reference_says(tmp_path):
    found = book(read(tmp_path, {}, {"off": "", "off_q": "", "prio": "", "one": " "}))
    assert np.isnan(found.cancel_at).all()
    assert found.cancel_quantity.tolist() == [2, 1]
    assert found.priority.tolist() == [2, 0], "0: the segment's own"
    assert found.one_parcel.tolist() == [True, False]
    assert np.isnan(found.prices).all(), "the item's"
    for mark in ("NaT", "nan", "never"):
        said = refused(tmp_path, {"off": "2025-01-20"}, {"off": mark})
        assert f"o.csv:3: column 'off': '{mark}' is not a date" in said


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("-1", "-1 is out of range; must be at least 0"),
        ("free", "'free' is not a number"),
        ("nan", "'nan' is not a"),
        ("1e99", "'1e99' is out of range"),
    ],
)
def test_a_price_that_is_none_is_refused_with_its_row(cell, said, tmp_path):
    found = refused(tmp_path, {"each": "0"}, {"each": cell}, {"each": cell})
    assert f"o.csv:3: column 'each': {said}" in found
    assert "(and 1 more row)" in found or cell in ("nan", "1e99")


def test_a_blank_patience_is_asked_about_and_inf_is_for_ever(tmp_path):
    said = refused(tmp_path, {}, {"pat": ""})
    assert "o.csv:3: column 'pat': is empty; every row needs a number of days (inf: for ever)" in said
    assert book(read(tmp_path, {"pat": "inf"}, {"pat": "0.5"})).patience.tolist() == [np.inf, 0.5]
    assert "'-inf' is not a finite number" in refused(tmp_path, {"pat": "-inf"}, {})
    assert "'nan' is not a finite number" in refused(tmp_path, {"pat": "nan"}, {})
    assert "-1 is out of range; must be at least 0" in refused(tmp_path, {"pat": "-1"}, {})
    assert "column 'way': is empty; every row needs a number" in refused(tmp_path, {"way": ""}, {})


# ------------------------------------------------------------------------------------------------ K11 to K13: times
@pytest.mark.parametrize(
    "zone", ["Z", "z", "+01:00", "-05:00", "-0500", "-05", "+0530", " UTC", " EST", "UTC", "-00:00"]
)
@pytest.mark.parametrize("row", [0, 1])
def test_a_time_zone_is_refused_with_its_row(zone, row, tmp_path):
    changes = [{"t": "2025-01-07T20:00:00"}, {"t": "2025-01-07T20:00:00"}]
    changes[row] = {"t": f"2025-01-07T20:00:00{zone}"}
    found = refused(tmp_path, *changes)
    assert f"o.csv:{row + 2}: column 't': '2025-01-07T20:00:00{zone}' has a time zone" in found


WORDS = [
    "NaT",
    "nat",
    "nan",
    "today",
    "now",
    "2024",
    "2024-01",
    "20240102",
    "45293",
    "45293.5",
    "1704153600",
    "--",
    "0000-01-01",
]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("column", ["t", "off"])
def test_only_iso_dates_are_dates(word, column, tmp_path):
    found = refused(tmp_path, {column: "2025-01-20"}, {column: word})
    assert f"o.csv:3: column '{column}': '{word}' is not a date" in found


@pytest.mark.parametrize("word", ["2024-02-30", "2025-13-01", "2025-01-07T24:30", "2025-01-07T08:61"])
def test_days_that_do_not_exist_are_refused(word, tmp_path):
    assert f"o.csv:3: column 't': '{word}' is not a date" in refused(tmp_path, {}, {"t": word})


@pytest.mark.parametrize(
    ("first", "second", "meaning"),
    [
        ("45670", "45665", "a spreadsheet's number for 2025-01-08"),
        ("45665.25", "45670", "a spreadsheet's number for 2025-01-08"),
        ("2025", "2024", "a year"),
        ("20250108", "20250107", "a date without hyphens"),
        ("1736294400", "1736208000", "a time in seconds since 1970"),
        ("1736294400000", "1736208000000", "a time in seconds since 1970"),
    ],
)
def test_numbers_that_are_dates_elsewhere_are_not_days_from_the_start(first, second, meaning, tmp_path):
    least = min(first, second, key=float)
    found = refused(tmp_path, {"t": first}, {"t": second}, keys="patience: pat")
    assert f"column 't': '{least}' looks like {meaning}; numbers are days from the start" in found


def test_days_from_the_start_are_days(tmp_path):
    assert book(read(tmp_path, {"t": "2000"}, {"t": "0.5"})).times.tolist() == [0.5, 2000]
    assert book(read(tmp_path, {"t": "2025-01-07 06:00:00.5"}, {})).times.tolist() == [1.25 + 0.5 / 86400, 2.0]


# ------------------------------------------------------------------------------------------------- K28: numbers, form
@pytest.mark.parametrize("number", ["1_0", "1_000.5", "\uff11\uff10", "\u0663", "0x10", "1e1_0", "ten", "5 pcs"])
def test_only_plain_numbers_are_numbers(number, tmp_path):
    assert f"o.csv:3: column 'q': {number!r} is not a number" in refused(tmp_path, {}, {"q": number})


def test_a_decimal_comma_is_explained(tmp_path):
    found = refused(tmp_path, {}, {"q": '"3,5"'})
    assert "'3,5' is not a number; write a decimal point, and no separators between thousands" in found


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
@pytest.mark.parametrize("row", ["2025-01-07;A;mug;3,5", "2025-01-07;A;mug;3"])
def test_other_separators_are_named(mark, name, row, tmp_path):
    (tmp_path / "o.csv").write_text(f"t;o;i;q\n{row}\n".replace(";", mark))
    with pytest.raises(UserError, match=f"cells are separated by commas, and this file has {name}"):
        load_text(SCENARIO.replace(", KEYS", ""), folder=tmp_path)


def test_an_unknown_item_is_said_to_be_in_the_file(tmp_path):
    found = refused(tmp_path, {}, {"i": "rag"})
    assert "o.csv has the item 'rag' (did you mean 'rug'?), which is not among the items of the scenario: mug" in found
    found = refused(tmp_path, {"i": "a"}, {"i": "b"})
    assert "o.csv has 2 items (a, b) that are not among the items of the scenario: mug, rug" in found


def test_messages_show_little_of_a_long_cell(tmp_path):
    for column in ("t", "o", "i", "q", "off", "pat", "one"):
        found = refused(tmp_path, {}, {column: "x" * 9000}) if column != "o" else ""
        assert "x" * 200 not in found


# --------------------------------------------------------------------------------------------------------- bounds
def test_rows_are_bounded_and_not_only_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_ROWS", 100_000)
    rows = b"t,o,i,q\n" + b"1,1,mug,1\n" * 2_000_000
    (tmp_path / "o.csv.gz").write_bytes(gzip.compress(rows, 9))
    assert (tmp_path / "o.csv.gz").stat().st_size < 100_000
    text = SCENARIO.replace("o.csv", "o.csv.gz").replace(", KEYS", "")
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match="more than 100,000 rows of 4 cells; split the file"):
            load_text(text, folder=tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


def test_cells_are_bounded_however_wide_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CELLS", 1_000)
    (tmp_path / "o.csv").write_text(",".join(f"c{k}" for k in range(100)) + "\n" + (",".join("1" * 100) + "\n") * 11)
    with pytest.raises(UserError, match="more than 10 rows of 100 cells"):
        load_text(SCENARIO.replace(", KEYS", ""), folder=tmp_path)


def test_one_long_name_does_not_make_all_names_long(tmp_path):
    """An array of fixed width would take 40 kB for each row."""
    rows = "t,o,i,q\n1," + "x" * 9_999 + ",mug,1\n" + "".join(f"1,{k},mug,1\n" for k in range(20_000))
    (tmp_path / "o.csv").write_text(rows)
    tracemalloc.start()
    try:
        assert len(book(load_text(SCENARIO.replace(", KEYS", ""), folder=tmp_path))) == 20_001
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_blank_lines_are_only_accepted_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "ROWS", 2)
    text, row = SCENARIO.replace(", KEYS", ""), "2025-01-07,A,mug,1\n"
    (tmp_path / "o.csv").write_text("t,o,i,q\n" + 3 * row + 5 * "\n")
    assert book(load_text(text, folder=tmp_path)).counts.tolist() == [3]
    (tmp_path / "o.csv").write_text("t,o,i,q\n" + 3 * row + 5 * "\n" + row)
    with pytest.raises(UserError, match=r"o\.csv:5: 0 cells, but the header has 4"):
        load_text(text, folder=tmp_path)


# ----------------------------------------------------------------------------------------------- recorded purchases
PLAN = """\
name: plan
clock: {start: 2025-01-06, horizon: 100 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {web: {arrivals: {kind: every, interval: 1 d}, basket: {kind: single, item: mug}}}
suppliers: {maker: {items: all, lead_time: 5 d}}
policies: {plan: {replenishment: {kind: recorded, file: plan.csv, time: day, item: sku, units: n}}}
"""


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2025-01-07,mug,5\n,mug,5\n2025-01-07,mug,1", "plan.csv:3: column 'day': is empty"),
        ("2025-01-07,mug,5\n2025-01-07T00:00-05:00,mug,5", "plan.csv:3: column 'day': '2025-01-07T00:00-05:00' has a"),
        ("2025-01-07,mug,5\nNaT,mug,5", "plan.csv:3: column 'day': 'NaT' is not a date"),
        ("2025-01-07,mug,1_0", "plan.csv:2: column 'n': '1_0' is not a number"),
        ("2025-01-07,mug,-1", "plan.csv:2: column 'n': '-1' is not a whole number >= 0"),
        ("2025-01-07,mug,1.5", "plan.csv:2: column 'n': '1.5' is not a whole number >= 0"),
        ("45665,mug,5", "plan.csv:2: column 'day': '45665' looks like a spreadsheet's number for 2025-01-08"),
        ("2025-01-07,,5\n2025-01-07,mug,5", "plan.csv:2: column 'sku': is empty"),
    ],
)
def test_recorded_purchases_are_read_as_strictly(rows, said, tmp_path):
    (tmp_path / "plan.csv").write_text(f"day,sku,n\n{rows}\n")
    with pytest.raises(UserError) as caught:
        load_text(PLAN, folder=tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize("number", ["1_0", "", "nan", "3,5"])
def test_recorded_values_are_read_as_strictly(number, tmp_path):
    (tmp_path / "days.csv").write_text(f'days,x\n5,1\n"{number}",2\n')
    text = PLAN.replace("lead_time: 5 d", "lead_time: {kind: empirical, file: days.csv, column: days}")
    with pytest.raises(UserError, match=r"days\.csv:3: column 'days': "):
        load_text(text, folder=tmp_path)


# ------------------------------------------------------------------------------------------------ today's books
BOOKS = """
name: books
clock: {start: 2025-03-03, horizon: 20 d}
items: {lamp: {price: 10, unit_cost: 5}}
customers: {web: {arrivals: {kind: every, interval: 10 d}, basket: {kind: single, item: lamp}}}
suppliers: {maker: {items: all, lead_time: 5 d}}
opening:
  orders: {file: o.csv, order: id, placed: date, item: sku, quantity: qty, segment: ch, promised: eta, priority: prio}
  stock: {file: s.csv, item: sku, quantity: qty}
  purchases: {file: p.csv, item: sku, quantity: qty, supplier: v, due: eta, purchase: po}
policies: {a: {replenishment: {kind: s_S, s: 1, S: 2}}}
"""


def books(folder, orders=(), stock=(), purchases=(), text=BOOKS):
    good = {
        "o.csv": ("id,date,sku,qty,ch,eta,prio", orders or ("A,2025-02-27,lamp,1,web,,",)),
        "s.csv": ("sku,qty", stock or ("lamp,0",)),
        "p.csv": ("sku,qty,eta,po,v", purchases or ("lamp,3,2025-03-05,PO7,maker",)),
    }
    for name, (header, rows) in good.items():
        (folder / name).write_text("\n".join([header, *rows, ""]))
    try:
        return [str(problem) for problem in load_text(text, folder).warnings]
    except UserError as error:
        return str(error).splitlines()


def test_todays_books_report_every_fault_of_every_file_with_its_row(tmp_path):
    found = books(
        tmp_path,
        ("A,2025-03-04,lamp,1,,2025-01-02,2", "B,03.02.2025,lamp,0,,,x", ',,,"1,5",,,', "Total,,,7,,,"),
        ("lamp,3", "lamp,4", "lamp,-1"),
        ("lamp,3,2025-02-20,PO7,maker", "lamp,2.5,2025-03-21,PO8,maker", "lamp,3,2025-02-21,PO9,maker"),
    )
    for part in (
        "orders.order: o.csv:4: column 'id': is empty",
        "orders.placed: o.csv:3: column 'date': '03.02.2025' is not a date; write 2025-02-03",
        "orders.placed: o.csv:4: column 'date': is empty; every row needs a date or a number of days",
        "orders.item: o.csv:4: column 'sku': is empty; every row needs a name (remove rows of totals) (and 1 more row)",
        "orders.quantity: o.csv:3: column 'qty': '0' is not a whole number >= 1",
        "orders.quantity: o.csv:4: column 'qty': '1,5' is not a number; write a decimal point",
        "orders.priority: o.csv:3: column 'prio': 'x' is not a number",
        "stock.item: s.csv:3: column 'sku': 'lamp' stands in a row above already (and row 4)",
        "stock.quantity: s.csv:4: column 'qty': '-1' is not a whole number >= 0",
        "purchases.quantity: p.csv:3: column 'qty': '2.5' is not a whole number >= 1",
        "purchases.due: p.csv:2: column 'eta': '2025-02-20' is before clock.start, 2025-03-03: the purchase is overdue",
        "write the day on which it is expected now, or say with `late` how late deliveries come (and row 4)",
    ):
        assert any(part in line for line in found), (part, found)


def test_orders_of_tomorrow_and_promises_from_before_the_order_are_refused(tmp_path):
    found = books(tmp_path, ("A,2025-03-04,lamp,1,web,,", "B,2025-02-10,lamp,1,web,2025-02-09,"))
    assert any(
        "o.csv:2: column 'date': '2025-03-04' is after clock.start, 2025-03-03, which is today" in f for f in found
    )
    assert any("o.csv:3: column 'eta': '2025-02-09' is before the order was placed" in f for f in found)


def test_unknown_names_in_todays_books_are_told_once_each_with_the_nearest(tmp_path):
    found = books(
        tmp_path,
        ("A,2025-02-27,lampe,1,wbe,,", "B,2025-02-27,lampe,1,,,"),
        ("sofa,0",),
        ("sofa,1,2025-03-05,PO7,maker", "lamp,1,2025-03-05,PO8,mkaer"),
    )
    for part in (
        "o.csv:2: column 'sku': no item 'lampe' (did you mean 'lamp'?); items: lamp (and 1 more row)",
        "o.csv:2: column 'ch': no customer segment 'wbe' (did you mean 'web'?); customer segments: web",
        "s.csv:2: column 'sku': no item 'sofa'; items: lamp",
        "p.csv:3: column 'v': no supplier 'mkaer' (did you mean 'maker'?); suppliers: maker",
    ):
        assert any(part in line for line in found), (part, found)
    assert len(found) == 5


def test_stock_and_backlog_are_given_once(tmp_path):
    twice = BOOKS.replace("opening:", "warehouse: {stock: {lamp: 3}}\nopening:")
    assert any("'lamp' has its stock in s.csv:2 already" in line for line in books(tmp_path, text=twice))
    below = BOOKS.replace("opening:", "warehouse: {stock: {lamp: -3}}\nopening:").replace("  stock: {f", "  #{f")
    assert any("-3 is a backlog of unknown age" in line for line in books(tmp_path, text=below))


def test_odd_rows_of_todays_books_are_warned_of(tmp_path):
    found = books(
        tmp_path,
        ("A,2025-02-27,lamp,1,web,,", "A,2025-02-26,lamp,1,web,,"),
        purchases=("lamp,3,2025-03-05,PO7,maker", "lamp,3,2025-03-05,PO7,maker", "lamp,3,2025-06-05,PO8,maker"),
    )
    for part in (
        "o.csv:3: order 'A' is given twice, with the same item, units and dates: both count",
        "o.csv:2: order 'A' has rows that differ in it: its first row counts",
        "p.csv:3: purchase 'PO7' is given twice, with the same item, units and day: both count",
        "p.csv:4: lies at or after the horizon: it never arrives",
    ):
        assert any(part in line for line in found), (part, found)


def test_open_orders_need_customers(tmp_path):
    text = BOOKS.replace("customers: {web", "#").replace("segment: ch, ", "")
    assert any("open orders belong to a segment; add `customers:`" in line for line in books(tmp_path, text=text))
