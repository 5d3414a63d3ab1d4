"""Order books are kept between commands: the same book, the same warnings, whatever became of the cache."""

import dataclasses

import numpy as np
import pytest

from simulator.foundation import cache
from simulator.foundation.errors import UserError
from simulator.randomness.arrivals import trace
from simulator.scenario.loader import load_text

TEXT = """
name: recorded
clock: {horizon: 20 d, start: %s}
items: {a: {price: 2, unit_cost: 1}, b: {price: 2, unit_cost: 1}}
customers:
  web: {arrivals: {kind: trace, file: orders.csv, time: ts, order: no, item: item, quantity: %s}}
suppliers: {maker: {items: [a, b], lead_time: 2 d}}
policies: {base: {replenishment: {kind: base_stock, S: 5}}}
"""
ROWS = (
    "ts,no,item,qty,more,each\n2025-01-01,o1,a,1,2,1.5\n2025-01-03T12:00,o2,b,2,x,\n"
    "2025-01-05,o1,b,1,2,3\n2024-12-30,o0,a,1,2,2\n"
)


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """The folder of an own cache, in which even the smallest books are kept."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(trace, "WORTH_KEEPING", 1)
    monkeypatch.setattr(trace, "_remembered", {})  # what other tests have read
    (tmp_path / "orders.csv").write_text(ROWS)
    return tmp_path / "cache"


def read(folder, start="2025-01-01", quantity="qty"):
    scenario = load_text(TEXT % (start, quantity), folder)
    arrivals = scenario.customers["web"].arrivals
    columns = dataclasses.asdict(arrivals.book)
    said = [(w.key, w.message) for w in scenario.warnings]
    facts = arrivals.names(), arrivals.dropped, arrivals.notes, said, scenario.data_digests
    return facts, {name: None if c is None else (c.dtype, c.tolist()) for name, c in columns.items()}


def unread(monkeypatch):
    """Make it an error to parse a file."""

    def parse(*_):
        raise AssertionError("was parsed")

    monkeypatch.setattr(trace.Trace, "_read", parse)


def test_a_kept_book_is_the_one_that_was_read(kept, monkeypatch):
    first = read(kept.parent)
    assert any("a day or more apart" in message for _, message in first[0][3])
    unread(monkeypatch)
    assert read(kept.parent) == first


def test_another_file_start_or_column_is_read_anew(kept):
    first = read(kept.parent)
    assert read(kept.parent, start="2025-01-02")[1] != first[1]
    with pytest.raises(UserError, match=r"orders\.csv:3: column 'more': 'x' is not a number"):
        read(kept.parent, quantity="more")
    (kept.parent / "orders.csv").write_text(ROWS.replace("o2,b,2", "o2,b,7"))
    assert read(kept.parent)[1]["quantities"] != first[1]["quantities"]
    assert len(list(kept.glob("*.npz"))) == 3


@pytest.mark.parametrize(
    "spoil",
    [lambda b: b"", lambda b: b[:-30], lambda b: b.replace(b"o1", b"o9"), lambda b: b[:200] + b"\xff" + b[201:]],
)
def test_a_damaged_file_is_ignored_and_written_again(kept, spoil):
    first = read(kept.parent)
    (path,) = kept.glob("*.npz")
    whole = path.read_bytes()
    path.write_bytes(spoil(whole))
    assert path.read_bytes() != whole
    assert read(kept.parent) == first
    assert {p.name for p in kept.iterdir()} == {path.name}
    with np.load(path, allow_pickle=False) as file:
        assert {name: file[name].tolist() for name in file.files}["quantities"] == first[1]["quantities"][1]


def test_arrays_of_something_else_and_pickled_objects_are_ignored(kept):
    first = read(kept.parent)
    (path,) = kept.glob("*.npz")
    for arrays in ({"other": np.ones(3)}, {trace.TEXTS: np.array([print], dtype=object)}):
        np.savez(path, **arrays)
        assert read(kept.parent) == first


def test_without_a_folder_to_write_to_everything_is_read(kept, monkeypatch):
    first = read(kept.parent)
    for place in (cache.OFF, "/proc/nothing", str(kept.parent / "orders.csv")):
        monkeypatch.setenv(cache.VARIABLE, place)
        assert read(kept.parent) == first


def test_small_books_are_not_kept(kept, monkeypatch):
    monkeypatch.setattr(trace, "WORTH_KEEPING", 5)
    read(kept.parent)
    assert not kept.exists()


def test_the_folder_follows_the_platform(monkeypatch, tmp_path):
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    for given, expected in (("", tmp_path / ".cache"), ("not/absolute", tmp_path / ".cache"), ("/x", "/x")):
        monkeypatch.setenv("XDG_CACHE_HOME", given)
        assert str(cache.cache_folder()) == f"{expected}/backorder"


def test_the_files_that_were_not_used_for_longest_are_removed(kept, monkeypatch):
    monkeypatch.setattr(cache, "MOST", 2500)
    for key in "abc":
        cache.keep_arrays(key, {"x": np.zeros(100)})
    assert [cache.kept_arrays(key) is not None for key in "abc"] == [False, True, True]
    cache.keep_arrays("d", {"x": np.zeros(1000)})
    assert cache.kept_arrays("d") is None
