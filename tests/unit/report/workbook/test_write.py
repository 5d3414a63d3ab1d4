"""Workbooks as files: text stays text, names of sheets are allowed, the same tables give the same bytes."""

import datetime as dt
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from simulator.foundation.errors import UserError
from simulator.report.cards.card import Cell
from simulator.report.workbook import write
from simulator.report.workbook.sheet import Amount, Book, BookSheet, SheetColumn
from simulator.report.workbook.write import free_name, save_book

HOSTILE = ['=HYPERLINK("http://evil.example")', "+1", "-2+3", "@x", "\t=1", "{=SUM(A1)}", "http://x.example", "0012"]


def book(*sheets, title="A shop"):
    return Book(title, [("seed", 7), ("scenario", "=1+1")], ["-1 is the answer."], sheets)


def table(rows, columns=("name", "value"), name="Table", fixed=1):
    return BookSheet(name, "What it holds.", [SheetColumn(c) for c in columns], rows, fixed)


def read(path, name):
    return CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()


def xml(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_what_looks_like_a_formula_or_a_link_stays_text_in_cells_headers_and_names_of_sheets(tmp_path):
    path = tmp_path / "b.xlsx"
    sheets = [table([[text, text]], (text, "value"), name=text) for text in HOSTILE]
    save_book(book(*sheets, title=HOSTILE[0]), path)
    found = CalamineWorkbook.from_path(path)
    for text, name in zip(HOSTILE, found.sheet_names[1:], strict=True):
        assert read(path, name) == [[text, "value"], [text, text]]
    sheets = [text for part, text in xml(path).items() if part.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in text for text in sheets)
    links = [text for part, text in xml(path).items() if part.endswith(".rels")]
    assert not any("evil" in text or "x.example" in text for text in links)


def test_text_that_would_become_a_formula_once_edited_is_marked_as_text(tmp_path):
    path = tmp_path / "b.xlsx"
    save_book(book(table([["=1", "plain"]])), path)
    parts = xml(path)
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    looks = ElementTree.fromstring(parts["xl/styles.xml"]).findall("m:cellXfs/m:xf", space)
    cells = ElementTree.fromstring(parts["xl/worksheets/sheet2.xml"]).findall(".//m:row[@r='2']/m:c", space)
    marked = [looks[int(cell.get("s", 0))].get("quotePrefix") for cell in cells]
    assert marked == ["1", None]


def test_numbers_dates_and_truth_values_are_native_and_exact_to_the_last_shown_digit(tmp_path):
    path = tmp_path / "b.xlsx"
    day, moment = dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 18, 30)
    row = [Amount(0.3125, 1, share=True), 7, True, day, moment, Cell("better", "good"), None, Amount(None), 0.1]
    save_book(book(table([row], [str(k) for k in range(len(row))])), path)
    assert read(path, "Table")[1] == [0.3125, 7, True, day, moment, "better", "", "", 0.1]
    assert 'formatCode="0.0 %"' in xml(path)["xl/styles.xml"]


def test_dates_that_spreadsheets_do_not_know_are_text(tmp_path):
    path = tmp_path / "b.xlsx"
    save_book(book(table([[dt.date(1850, 1, 1), dt.datetime(1899, 12, 31, 6)]])), path)
    assert read(path, "Table")[1] == ["1850-01-01", "1899-12-31T06:00:00"]


def test_names_of_sheets_are_allowed_short_and_unique_whatever_their_case():
    taken = {"cover"}
    wanted = [
        "a" * 40,
        "A" * 40,
        "a/b\\c[d]e:f*g?h",
        "'quoted'",
        "History",
        "",
        "'",
        "Cover",
        "😀" * 20,
        "x" * 30 + "'y",
    ]
    found = [free_name(name, taken) for name in wanted]
    assert len({name.lower() for name in found}) == len(wanted)
    for name in found:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set("[]:*?/\\") & set(name)
        assert not name.startswith("'")
        assert not name.endswith("'")
    assert "history" not in {name.lower() for name in found}


def test_a_table_that_is_too_long_or_too_wide_goes_on_in_the_next_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "MOST_ROWS", 3)
    monkeypatch.setattr(write, "MOST_COLUMNS", 3)
    path = tmp_path / "b.xlsx"
    rows = [[f"r{r}", *(10 * r + c for c in range(4))] for r in range(5)]
    save_book(book(table(rows, "kabcd")), path)
    names = CalamineWorkbook.from_path(path).sheet_names
    assert names == ["Cover", "Table", *(f"Table {k}" for k in range(2, 7))]
    whole = [read(path, name) for name in names[1:]]
    assert [part[0] for part in whole] == [["k", "a", "b"]] * 3 + [["k", "c", "d"]] * 3
    assert [row for part in whole[:3] for row in part[1:]] == [[f"r{r}", 10 * r, 10 * r + 1] for r in range(5)]
    assert [row for part in whole[3:] for row in part[1:]] == [[f"r{r}", 10 * r + 2, 10 * r + 3] for r in range(5)]
    cover = [row for row in read(path, "Cover") if row[0].startswith("Table")]
    assert [(row[0], row[2]) for row in cover] == list(zip(names[1:], [2, 2, 1, 2, 2, 1], strict=True))


def test_the_header_is_frozen_with_the_first_columns_and_filters(tmp_path):
    path = tmp_path / "b.xlsx"
    save_book(book(table([[1, 2, 3]], "abc", fixed=2), table([], "ab", name="Empty")), path)
    page = xml(path)["xl/worksheets/sheet2.xml"]
    assert '<pane xSplit="2" ySplit="1" topLeftCell="C2" activePane="bottomRight" state="frozen"/>' in page
    assert '<autoFilter ref="A1:C2"/>' in page
    assert read(path, "Empty") == [["a", "b"]]


def test_the_same_tables_give_the_same_bytes_and_permissions_follow_the_users(tmp_path):
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    for path in (first, second):
        save_book(book(table([["a", Amount(1.5, 2)], ["=b", dt.date(2025, 1, 1)]])), path)
    assert first.read_bytes() == second.read_bytes()
    (plain := tmp_path / "plain").touch()
    assert first.stat().st_mode == plain.stat().st_mode


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "b.xlsx"
    path.write_bytes(b"old")

    def rows():
        yield ["a", 1]
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        save_book(book(table(rows())), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_wrong_with_the_file_is_said_before_anything_is_written(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"--xlsx .*shop\.yaml: expected a file name that ends in \.xlsx"):
        write.check_workbook(tmp_path / "shop.yaml")
    (tmp_path / "f.xlsx").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        write.check_workbook(tmp_path / "f.xlsx")
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(UserError, match=r'pip install "backorder-simulator\[xlsx\]"'):
        write.check_workbook(tmp_path / "b.xlsx")
    assert list(tmp_path.iterdir()) == [tmp_path / "f.xlsx"]


def test_unseen_characters_and_halves_of_pairs_become_escapes_and_long_texts_are_cut(tmp_path):
    path = tmp_path / "b.xlsx"
    save_book(book(table([["\u202e\ud800\x00", "x" * 40_000]])), path)
    found = read(path, "Table")[1]
    assert found[0] == "\\u202e\\ud800\\x00"
    assert found[1] == "x" * 32_767


def test_the_library_is_imported_only_when_a_workbook_is_written():
    modules = "simulator.cli.studies.run, simulator.cli.verbs.compare, simulator.report.workbook.workbook"
    code = f"import sys, {modules}; sys.exit('xlsxwriter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
