"""What a film knows: tokens with dates, levels, happenings in words."""

import json
import re

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from simulator.record.parts import NEVER
from simulator.report.interactive import film as room
from simulator.report.interactive.film import film, lane, window
from simulator.report.templates import page
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

TINY = """
name: tiny
title: A <b>tiny</b> shop
clock: {horizon: 40 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {all: {arrivals: {kind: every, interval: 1 d}, basket: {kind: single, item: mug}, patience: 6 d}}
warehouse: {stock: {mug: 3}}
suppliers: {maker: {items: [mug], lead_time: 8 d}}
events: [{kind: outage, name: fire, supplier: maker, at: 20 d, lasts: 3 d}]
policies:
  lots: {replenishment: {kind: s_Q, s: 0, Q: 5}}
  none: {replenishment: {kind: none}, acceptance: {kind: never}}
"""


@pytest.fixture(scope="module")
def run():
    return simulate(load_text(TINY), "lots", 1)


def test_a_token_has_the_dates_of_its_way(run):
    found = lane(run, 0, 40)["tokens"]
    assert found[0][:6] == [1.0, 1.0, 1.0, 1.0, None, 1.0]
    waits = [t for t in found if t[1] and t[1] > t[0]]
    assert waits
    assert all(t[1] - t[0] <= 6 for t in waits)
    assert any(t[4] == t[0] + 6 and t[1] is None for t in found), "one gave up after 6 days"


def test_everything_that_happens_is_told_in_order(run):
    told = lane(run, 0, 40)["happened"]
    assert [h[0] for h in told] == sorted(h[0] for h in told)
    kinds = {h[1] for h in told}
    assert kinds == {"order", "purchase", "receipt", "cancelled", "parcel", "event"}
    texts = [h[2] for h in told]
    assert "order 0 by all: 1 mug" in texts
    assert "order 3 by all: 1 mug; 1 on backorder" in texts
    assert any(re.fullmatch(r"5 mug received from maker; [1-5] for waiting orders", text) for text in texts)
    assert any(text.startswith("1 mug cancelled after 6.0 d (patience), order") for text in texts)
    assert {"fire begins", "fire ends"} <= set(texts)


def test_what_cannot_be_ordered_leaves_at_once(run):
    refusing = simulate(load_text(TINY), "none", 1)
    found = lane(refusing, 0, 40)
    assert {t[4] == t[0] for t in found["tokens"] if t[4] is not None} == {True}
    assert found["levels"]["backlog"][1] == [0.0]


def test_the_window_begins_before_the_peak_unless_it_is_named(run):
    path = run.level("backlog")
    peak = float(path.times[path.values.argmax()])
    start, end = window(run, None, 15)
    assert start <= peak < end
    assert window(run, 35, 30) == (35, 40)
    with pytest.raises(UserError, match="day 41 is not in the run"):
        window(run, 41, 5)
    with pytest.raises(UserError, match="--days must be greater than 0, got 0"):
        window(run, 1, 0)


def test_of_too_many_orders_every_so_many_is_shown_and_the_page_says_so(run, monkeypatch):
    monkeypatch.setattr(room, "MOST_PARTS", 10)
    found = lane(run, 0, 40)
    assert found["every"] == 4
    assert all(t[8] % 4 == 0 for t in found["tokens"])


def test_a_film_is_one_file_whose_data_cannot_leave_its_place(run):
    text = film([run], "A <b>tiny</b> shop</script>", 0, 10)
    assert text.count("</script>") == 2
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1]
    assert json.loads(data)["title"] == "A <b>tiny</b> shop</script>"
    assert "<title>A &lt;b&gt;tiny&lt;/b&gt; shop&lt;/script&gt;" in text
    assert "{{" not in page("film", {}, "t").split("<script")[0]


def test_film_is_written_where_asked_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)

    def shell(*arguments):
        return CliRunner().invoke(backorder, ["film", "tiny.yaml", *arguments], catch_exceptions=False)

    assert shell().stdout == "Film: tiny-film.html\n"
    first = (tmp_path / "tiny-film.html").read_bytes()
    told = json.loads(shell("--policy", "lots", "--policy", "none", "--out", "both.html", "--json").stdout)
    assert told == {"film": "both.html", "policies": ["lots", "none"]}
    shell()
    assert (tmp_path / "tiny-film.html").read_bytes() == first, "the same bytes"
    with pytest.raises(UserError, match="did you mean 'lots'"):
        shell("--policy", "lot")
    assert NEVER > 0
