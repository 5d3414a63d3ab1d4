"""Order books and arrival patterns: times in order, windows that do not matter, lines that add up."""

import csv

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.foundation.datafiles import DataFiles, data_files
from simulator.foundation.units import clock_start, date
from simulator.randomness.arrival import Arrivals
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.basket import Basket, Catalogue
from simulator.randomness.baskets import single  # noqa: F401 - registers the baskets
from simulator.randomness.orderbook import OrderBook, Times
from simulator.randomness.streams import Streams

INDEX = Catalogue.of(["mug", "plate", "vase"])
PATTERNS = {
    "poisson": {"kind": "poisson", "rate": 30},
    "renewal": {"kind": "renewal", "gap": {"kind": "gamma", "mean": 0.04, "cv": 1.3}},
    "recorded gaps": {"kind": "renewal", "gap": {"kind": "sequence", "values": [0.0, 0.01, 0.1]}},
    "every": {"kind": "every", "interval": 0.05, "first": 0.3},
    "profile": {"kind": "profile", "rate": 30, "weekday": {"sun": 0, "mon": 2}, "hour": [*range(24)]},
}


def arrivals(name):
    with clock_start(date("2025-02-26T15:45")):
        return Arrivals.parse(PATTERNS[name])


@pytest.mark.parametrize("name", PATTERNS)
def test_times_ascend_from_the_start_whatever_windows_they_are_taken_in(name):
    pattern = arrivals(name)
    whole = pattern.times(Streams(1).stream("x")).until(70.0)
    assert whole.size > 500
    assert whole[0] >= 0
    assert whole[-1] < 70
    assert (np.diff(whole) >= 0).all()
    edges = np.sort(np.append(np.random.default_rng(0).random(40) * 70, [70.0, *whole[[5, 100]]]))
    taken = pattern.times(Streams(1).stream("x"))
    assert np.array_equal(np.concatenate([taken.until(edge) for edge in edges]), whole)


@pytest.mark.parametrize("name", PATTERNS)
def test_as_many_orders_come_as_a_pattern_says(name):
    pattern = arrivals(name)
    days = 4 * 7
    counts = [pattern.times(Streams(1, k).stream("x")).until(days).size for k in range(30)]
    error = np.std(counts) / np.sqrt(30) + 1
    assert abs(np.mean(counts) - pattern.per_day(days) * days) <= 4 * error + pattern.per_day(days)  # a day of offset


def test_a_window_with_nothing_in_it_is_empty_and_the_next_one_is_not():
    times = Times(iter([np.array([1.0, 2.0]), np.array([9.0])]))
    assert times.until(0.5).tolist() == []
    assert times.until(2.0).tolist() == [1.0]
    assert times.until(5.0).tolist() == [2.0]
    assert times.until(50.0).tolist() == [9.0]
    assert times.until(99.0).tolist() == []


def test_recorded_gaps_are_played_to_the_end_of_the_record():
    gaps = np.arange(1, 3001) / 1000
    pattern = Arrivals.parse({"kind": "renewal", "gap": {"kind": "sequence", "values": gaps.tolist()}})
    times = pattern.times(Streams(1).stream("x")).until(gaps.sum() + 0.0005)
    assert times.size == 3000 or times[-1] == pytest.approx(gaps.sum())
    assert np.diff(times) == pytest.approx(gaps[1 : times.size])


def test_a_calendar_follows_weekday_month_and_hour_from_the_minute_of_the_start_on():
    hours = [0] * 12 + [3, 1] + [0] * 10
    with clock_start(date("2025-01-29T13:30")):  # a Wednesday
        pattern = Arrivals.parse(
            {"kind": "profile", "rate": 400, "weekday": {"sat": 0}, "month": {"feb": 2}, "hour": hours}
        )
    counts = np.zeros((5, 24))
    for replication in range(40):
        times = pattern.times(Streams(1, replication).stream("x")).until(4.0) + 13.5 / 24
        np.add.at(counts, (times.astype(int), ((times % 1) * 24).astype(int)), 1)
    assert counts[:, [h for h in range(24) if h not in (12, 13)]].sum() == 0
    expected = {
        (0, 12): 0,
        (0, 13): 50,
        (1, 12): 300,
        (1, 13): 100,
        (2, 12): 300,
        (3, 12): 0,
        (4, 12): 600,
        (4, 13): 100,
    }
    for (day, hour), mean in expected.items():
        assert abs(counts[day, hour] - 40 * mean) <= 4 * np.sqrt(40 * mean), (day, hour)


@pytest.mark.parametrize("start", ["2025-01-06", "9999-12-30", "0001-01-01"])
@pytest.mark.parametrize("rate", [0, 1e-6, 1])
def test_a_calendar_of_hardly_any_orders_ends_and_so_does_the_last_year_of_all(start, rate):
    with clock_start(date(start)):
        pattern = Arrivals.parse({"kind": "profile", "rate": rate, "month": {"jan": 0.5}})
    times = pattern.times(Streams(1).stream("x"))
    assert times.until(50.0).size <= 5 * 50 * max(rate, 0.01)
    assert (pattern.intensity(np.arange(800.0), 800.0) <= rate).all()
    assert pattern.per_day(800.0) <= rate + 1e-15


def test_the_rates_of_a_calendar_are_those_of_its_own_keys_also_after_a_copy():
    with clock_start(date("2025-01-30")):  # a Thursday
        pattern = Arrivals.parse({"kind": "profile", "rate": 7, "weekday": {"sat": 0}, "month": {"feb": 2}})
    days = [7, 7, 0, 14, 14, 14, 14, 14, 14, 0]
    assert [pattern.hourly(day).sum() for day in range(10)] == pytest.approx(days)
    assert pattern.per_day(10.0) == pytest.approx(9.8)
    with pytest.raises(ValueError, match="read-only"):
        pattern.hourly(0)[0] = 1.0
    twice, level = (pattern.model_copy(update=change) for change in ({"rate": 14.0}, {"weekday": {}}))
    assert [twice.per_day(10.0), level.per_day(10.0)] == pytest.approx([19.6, 12.6])
    assert [twice.hourly(3).sum(), level.hourly(2).sum()] == pytest.approx([28, 14])


# ------------------------------------------------------------------------------------------------------ baskets
BASKETS = {
    "single": {"kind": "single", "item": "plate", "quantity": {"kind": "geometric", "mean": 2}},
    "bundle": {"kind": "bundle", "items": {"vase": {"kind": "discrete", "values": [1, 2, 5]}, "mug": 2}},
    "weighted": {
        "kind": "weighted",
        "items": {"vase": 1, "mug": 3, "plate": 6},
        "lines": {"kind": "discrete", "values": [1, 2, 3], "weights": [3, 2, 1]},
        "quantity": {"kind": "geometric", "mean": 1.5},
    },
}


@pytest.mark.parametrize("name", BASKETS)
def test_baskets_hold_what_they_say_on_average_and_never_an_item_twice(name):
    basket = Basket.parse(BASKETS[name])
    n = 40_000
    counts, items, quantities = basket.drawer(Streams(3), "web", INDEX).draw(n)
    owner = np.repeat(np.arange(n), counts)
    assert counts.sum() == items.size == quantities.size
    assert np.unique(owner * 3 + items).size == items.size
    for item, mean in basket.units_per_order().items():
        units = np.bincount(owner, weights=quantities * (items == INDEX.numbers[item]), minlength=n)
        assert abs(units.mean() - mean) <= 4 * units.std() / np.sqrt(n) + (0.03 * mean if name == "weighted" else 0)


@pytest.mark.parametrize("name", BASKETS)
def test_baskets_are_the_same_in_whatever_parts_they_are_drawn(name):
    basket = Basket.parse(BASKETS[name])
    whole = basket.drawer(Streams(3), "web", INDEX).draw(5000)
    drawer = basket.drawer(Streams(3), "web", INDEX)
    parts = [drawer.draw(n) for n in (1, 0, 999, 4000)]
    for column, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        assert np.array_equal(column, np.concatenate(pieces))


def test_the_first_line_of_a_weighted_basket_falls_by_weight():
    basket = Basket.parse({"kind": "weighted", "items": {"mug": 1, "plate": 3, "vase": 0}, "lines": 1})
    _, items, _ = basket.drawer(Streams(4), "web", INDEX).draw(20_000)
    share = np.bincount(items, minlength=3) / items.size
    assert share[2] == 0
    assert abs(share[1] - 0.75) <= 4 * np.sqrt(0.75 * 0.25 / items.size)


@pytest.mark.parametrize("lines", [0, 0.3, 9])
def test_more_lines_than_items_are_cut_and_orders_without_lines_are_none(lines):
    basket = Basket.parse({"kind": "weighted", "items": {"mug": 1, "plate": 3}, "lines": lines})
    book = Arrivals.parse(PATTERNS["every"]).source(Streams(1), "web", basket, INDEX).until(10.0)
    assert len(book) == (194 if lines == 9 else 0)
    assert (book.counts == 2).all()


def test_lines_of_no_units_are_no_lines_and_take_their_orders_along():
    basket = Basket.parse({"kind": "bundle", "items": {"mug": {"kind": "discrete", "values": [0, 1]}, "plate": 0}})
    book = Arrivals.parse(PATTERNS["every"]).source(Streams(1), "web", basket, INDEX).until(10.0)
    assert 50 < len(book) < 150
    assert set(book.items.tolist()) == {0}
    assert set(book.quantities.tolist()) == {1}


def test_a_book_keeps_columns_of_orders_and_of_lines_together():
    book = OrderBook(np.arange(3.0), np.array([1, 2, 0]), np.array([5, 6, 7]), np.array([1, 2, 3]))
    book.patience, book.cancel_at, book.cancel_quantity = np.arange(3.0), np.array([np.nan, 1, 2]), np.array([1, 1, 2])
    kept = book.keep_lines(np.array([False, True, True]))
    assert (kept.times.tolist(), kept.counts.tolist(), kept.items.tolist()) == ([1.0], [2], [6, 7])
    assert (kept.patience.tolist(), kept.cancel_at.tolist(), kept.cancel_quantity.tolist()) == ([1.0], [1, 2], [1, 2])
    assert len(book.keep_lines(np.ones(3, dtype=bool))) == 2, "an order without lines is left out"
    full = book.select(np.array([True, True, False]))
    assert full.keep_lines(np.ones(3, dtype=bool)) is full


# ------------------------------------------------------------------------------------------------------- records
def test_a_record_is_read_order_by_order_in_order_of_time(tmp_path):
    lines = [
        ("ts", "invoice", "sku", "qty", "off", "off_qty", "one", "t1", "t2", "wait", "prio"),
        ("3.5", "B", "plate", "2", "", "", "1", "1", "2", "9", "2"),
        ("1.0", "A", "mug", "1", "4", "", "0", "3", "4", "8", "1"),
        ("3.5", "C", "mug", "7", "3", "9", "0", "5", "6", "7", "3"),
        ("2.0", "B", "mug", "3", "5.5", "2", "0", "7", "8", "6", "1"),
    ]
    with (tmp_path / "orders.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    words = {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "invoice", "item": "sku", "quantity": "qty"}
    more = {"cancel_time": "off", "cancel_quantity": "off_qty", "one_parcel": "one", "transit": ["t1", "t2"]}
    with data_files(DataFiles(tmp_path)):
        trace = Arrivals.parse(words | more | {"patience": "wait", "priority": "prio"})
    assert isinstance(trace, Trace)
    book = trace.source(Streams(1), "web", None, INDEX).until(99.0)
    assert book.times.tolist() == [1.0, 3.5, 3.5], "an order is placed at its first row's time"
    assert book.counts.tolist() == [1, 2, 1]
    assert book.items.tolist() == [0, 1, 0, 0]
    assert book.quantities.tolist() == [1, 2, 3, 7]
    assert str(book.cancel_at.tolist()) == "[4.0, nan, 5.5, 3.0]"
    assert book.cancel_quantity.tolist()[0] == 1, "the whole line"
    assert book.cancel_quantity.tolist()[2:] == [2, 7], "never more than the line"
    assert book.transits.tolist() == [[3, 4], [1, 2], [5, 6]]
    assert book.one_parcel.tolist() == [False, True, False]
    assert book.patience.tolist() == [8, 9, 7]
    assert book.priority.tolist() == [1, 2, 3]
    parts = trace.source(Streams(1), "web", None, INDEX)
    assert [len(parts.until(t)) for t in (1.0, 3.5, 3.6, 99)] == [0, 1, 2, 0]


def book_with_dates(folder, *cells, start=None):
    """The book of orders 1, 1, 2, 3 (one row each day from 20 August), with these cells in the column `need_by`."""
    rows = [f"{day},{order},mug,1,{cell}" for day, order, cell in zip((20, 20, 21, 22), "1123", cells, strict=True)]
    text = "\n".join(["day,so,sku,qty,due", *(f"2025-08-{row}" if start else row for row in rows)])
    (folder / "orders.csv").write_text(text + "\n")
    words = {"kind": "trace", "file": "orders.csv", "time": "day", "order": "so", "item": "sku", "quantity": "qty"}
    with data_files(DataFiles(folder)), clock_start(start and date(start)):
        return Arrivals.parse(words | {"need_by": "due"}).book


def test_each_order_has_the_day_of_its_own_rows(tmp_path):
    assert book_with_dates(tmp_path, 10, 10, 3, 7).need_by.tolist() == [10, 3, 7]
    assert book_with_dates(tmp_path, "", 10, "inf", "").need_by.tolist() == [10, np.inf, np.inf]
    days = book_with_dates(tmp_path, "2025-08-30", "2025-08-30", "2025-08-24T12:00", "", start="2025-08-20").need_by
    assert days == pytest.approx([10 + 1439 / 1440, 3.5, np.inf]), "a date lasts until the end of its day"


@pytest.mark.parametrize(
    ("cells", "start", "fault"),
    [
        ((10, 9, 3, 7), None, "orders.csv:2: column 'due': '10' differs from '9' in row 3 of the same order"),
        ((10, 10, -3, 7), None, "orders.csv:4: column 'due': -3 is out of range; must be at least 0"),
        ((10, 10, "soon", 7), None, "orders.csv:4: column 'due': 'soon' is not a number"),
        (("2025-08-30", "", "2025-08-19", ""), "2025-08-20", "orders.csv:4: .* is before the order was placed"),
        (("2025-08-30", "", 4, ""), "2025-08-20", "orders.csv:4: column 'due': '4' is not a date"),
        (("2025-08-30", "", "", ""), None, "column 'due' has dates, which need clock.start"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(tmp_path, cells, start, fault):
    with pytest.raises(ValidationError, match=fault):
        book_with_dates(tmp_path, *cells, start=start)
