"""A page to play with: what its data block says is what the sweep found, and what it holds stays inside."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner

import simulator
from simulator.cli.main import backorder
from simulator.experiment.studies.factorial import factorial
from simulator.experiment.studies.sweep import sweep
from simulator.foundation.errors import UserError
from simulator.report.cards.terminal import on_terminal
from simulator.report.interactive import play as room
from simulator.report.interactive.play import play, quoted, setting
from simulator.scenario.loader import load_text

SHOP = """
name: tiny
title: A <b>tiny</b> shop</script>
clock: {horizon: 60 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {all: {arrivals: {kind: poisson, rate: 2 / d}, basket: {kind: single, item: mug}, patience: 6 d}}
costs: {holding: 0.05 / d, order: 7}
warehouse: {stock: {mug: 12}}
suppliers: {maker: {items: [mug], lead_time: 4 d}}
policies:
  lots: {replenishment: {kind: s_Q, s: 5, Q: 10}}
  more: {replenishment: {kind: s_Q, s: 9, Q: 10}}
"""
PLAIN = "experiment: {replications: 4, seed: 3}\n"
FACTORS = """
experiment:
  replications: 2
  factorial:
    supplier: {near: {suppliers.maker.lead_time: 2 d}, far: {suppliers.maker.lead_time: 8 d}}
"""
S, LEAD = "policies.lots.replenishment.s", "suppliers.maker.lead_time"
VARY = [f"{S}=9,5,2", f"{LEAD}=4 d,8 d"]


def shop():
    return load_text(SHOP + PLAIN)


@pytest.fixture(scope="module")
def made():
    return sweep(shop(), VARY)


def data_of(text):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


def test_the_data_block_is_what_the_sweep_found(made):
    data = data_of(play(made))
    keys = [kpi["key"] for kpi in data["kpis"]]
    assert keys[:2] == ["operating_cost", "fill_rate"]
    assert len(data["options"]) == 6 * 2
    for found in data["options"]:
        point, policy = made.points[found["point"]], found["policy"]
        assert found["place"] == made.frontier[point.number, policy]
        for k, key in enumerate(keys):
            e = made.study.estimate(point, policy, key)
            assert found["kpis"][k][:3] == [e.mean, e.low, e.high]
            column = [v if isinstance(v, float | int) else None for v in made.study.column(point, policy, key)]
            assert found["values"][k] == pytest.approx(column, rel=1e-8)


def test_numbers_are_written_as_on_the_console(made):
    from simulator.report.terminal.study_tables import sweep_card

    data, card = data_of(play(made)), on_terminal(sweep_card(made), 200)
    for found in data["options"]:
        value, interval = found["kpis"][0][3:]
        assert f"{value} {interval}" in card


def test_sliders_go_from_low_to_high_and_every_point_knows_its_place_on_them(made):
    data = data_of(play(made))
    assert [[level["text"] for level in f["levels"]] for f in data["factors"]] == [["2", "5", "9"], ["4 d", "8 d"]]
    assert [f["name"] for f in data["factors"]] == ["s", "lead_time"]
    assert data["points"][0]["texts"] == ["9", "4 d"]
    assert data["points"][0]["at"] == [2, 0]
    assert data["grid"] is True


def test_texts_are_choices_and_a_sampled_design_has_ranges():
    data = data_of(play(sweep(shop(), {LEAD: "2 d..9 d"}, samples=3, replications=2)))
    assert data["grid"] is False
    assert data["factors"] == [
        {"path": LEAD, "name": "lead_time", "low": 2.0, "high": 9.0, "unit": "d", "whole": False}
    ]
    for point in data["points"]:
        assert point["texts"] == [f"{point['at'][0]:g} d"]
    laws = data_of(
        play(sweep(shop(), {LEAD: ["4 d", {"kind": "uniform", "low": "2 d", "high": "6 d"}]}, replications=2))
    )
    levels = laws["factors"][0]["levels"]
    assert levels == [{"text": "4 d", "at": None}, {"text": "{kind: uniform, low: 2 d, high: 6 d}", "at": None}]


def test_a_factorial_experiment_has_a_page_with_its_levels():
    data = data_of(play(factorial(load_text(SHOP + FACTORS))))
    assert [level["text"] for level in data["factors"][0]["levels"]] == ["near", "far"]
    assert data["points"][1]["set"] == f"--set '{LEAD}=8 d'"
    assert {o["place"] for o in data["options"]} == {""}


def test_the_line_for_the_shell_makes_the_same_scenario(made):
    for point, plain in zip(made.points, data_of(play(made))["points"], strict=True):
        words = shlex.split(plain["set"])
        assert words[::2] == ["--set", "--set"]
        again = load_text(SHOP + PLAIN, overrides=words[1::2])
        alone = simulator.run(again, policies=["lots"], replications=2).column("lots", "total_cost")
        assert alone == made.study.column(point, "lots", "total_cost")[:2]


def test_what_yaml_or_the_shell_would_read_otherwise_is_put_in_quotes():
    assert setting("a", "7 d") == "a=7 d"
    assert setting("a", "true") == 'a="true"'
    assert setting("a", {"kind": "every", "interval": "1 d"}) == 'a={"kind": "every", "interval": "1 d"}'
    assert setting("a", 0.5) == "a=0.5"
    assert shlex.split(quoted("it's $HOME")) == ["it's $HOME"]
    assert quoted("a=1") == "'a=1'"


def test_a_point_that_makes_no_valid_scenario_says_why():
    data = data_of(play(sweep(shop(), {LEAD: ["4 d", "never"]}, replications=2)))
    assert data["points"][0]["problem"] == ""
    assert data["points"][1]["problem"]
    assert {o["point"] for o in data["options"]} == {0}


def test_of_a_large_sweep_intervals_stay_and_replications_are_left_out(made, monkeypatch):
    monkeypatch.setattr(room, "MOST_VALUES", 10)
    data = data_of(play(made))
    assert data["t"] == []
    assert [o["values"] for o in data["options"]] == [[]] * 12
    assert data["options"][0]["kpis"][0][1] is not None


def test_the_page_is_one_file_whose_data_cannot_leave_its_place_and_its_bytes_repeat(made):
    text = play(made)
    assert text.count("</script>") == 2
    assert "<title>A &lt;b&gt;tiny&lt;/b&gt; shop&lt;/script&gt;: sweep</title>" in text
    assert data_of(text)["title"] == "A <b>tiny</b> shop</script>"
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|url\(|@import|fetch\(""", text)
    assert text == play(sweep(shop(), VARY))


def test_a_kpi_that_is_asked_for_is_there_and_an_unknown_one_is_refused(made):
    assert "parcels_per_order" in [kpi["key"] for kpi in data_of(play(made, ["parcels_per_order"]))["kpis"]]
    with pytest.raises(UserError, match="no KPI 'fill_rat'"):
        play(made, ["fill_rat"])


def test_sweep_writes_the_page_where_asked_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SHOP + PLAIN)

    def shell(*more):
        words = ["sweep", "tiny.yaml", "--vary", f"{S}=2,5", "--replications", "2", "--quiet", *more]
        return CliRunner().invoke(backorder, words, catch_exceptions=False)

    told = shell("--set", "clock.horizon=50 d", "--html", "pages/mine.html")
    assert told.stdout.endswith("Interactive page: pages/mine.html\n")
    data = data_of((tmp_path / "pages/mine.html").read_text())
    assert data["command"] == "backorder run tiny.yaml --set 'clock.horizon=50 d'"
    assert json.loads(shell("--html", "--json").stdout)["design"] == "grid"
    assert (tmp_path / "tiny-play.html").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot make the folder"):
        shell("--html", "file/mine.html")
