"""The what-if page's answers: the numbers of `backorder run`, quick, narrow, and deaf to what it must not do."""

import json
import re
import shlex
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from simulator.cli.main import backorder
from simulator.lab.server.answers import Refused
from simulator.lab.server.listen import Listening
from simulator.lab.what_if import jobs, saving, studies
from simulator.lab.what_if.controls import controls
from simulator.lab.what_if.server import PACKAGE, what_if
from simulator.lab.what_if.sides import Side
from simulator.lab.what_if.sources import FILE, MOST_TEXTS, OpenScenarios, ScenarioSource
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.scenario.loader import load
from tests.pace import is_within, within

ROOT = Path(__file__).resolve().parents[4]
FLASH = "flash-sale"
S = "policies.lean.replenishment.s"
LEAD = "suppliers.pottery.lead_time.mean"
EVIL = '<img src=x onerror="alert(1)">'
TINY = """
name: tiny
title: "{title}"
clock: {{horizon: 60 d, warm_up: 5 d}}
items: {{mug: {{price: 10, unit_cost: 4}}}}
customers:
  web:
    arrivals: {{kind: poisson, rate: 3 / d}}
    basket: {{kind: single, item: mug}}
suppliers: {{pottery: {{items: [mug], lead_time: 5 d}}}}
policies:
  lean: {{replenishment: {{kind: base_stock, S: 14}}}}
  none-kept: {{extends: lean, acceptance: {{kind: never}}}}
"""


def flash(**more):
    return {"id": FLASH, "b": {"policy": "lean", "edits": {S: "22 d", LEAD: "12 d"}}, "replications": 3, **more}


@pytest.fixture(scope="module")
def source():
    return OpenScenarios().source(FLASH)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY.format(title="Tiny"))
    return ScenarioSource(FILE, Path("tiny.yaml"))


def last(messages):
    return list(messages)[-1]


def test_the_numbers_are_those_of_run_and_the_command_repeats_them(source, monkeypatch, tmp_path):
    trouble = [
        {"kind": "late", "day": 100},
        {"kind": "demand", "day": 200, "target": "web"},
        {"kind": "count", "day": 50},
    ]
    side = {"policy": "lean", "edits": {S: "22 d"}, "trouble": [*trouble, {"kind": "carrier", "day": 300}]}
    told = last(jobs.play({}, source, flash(b=side)))
    monkeypatch.chdir(ROOT)
    words = shlex.split(told["command"])
    assert words[:2] == ["backorder", "run"]
    ran = CliRunner().invoke(backorder, [*words[1:], "--json", "--all", "--out", str(tmp_path)], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)["policies"]["lean"]
    for kpi in MAIN_KPIS:
        mine = told["kpis"][kpi]["sides"]["B"]
        assert (mine["mean"], mine["half_width"]) == (found[kpi]["mean"], found[kpi]["half_width"]), kpi


def test_the_first_number_of_a_slider_move_takes_less_than_400_ms_of_cpu(source):
    state = {}
    list(jobs.play(state, source, flash(a={"policy": "lean"}, b={"policy": "lean"})))
    took = []
    for lead in ("15 d", "16 d"):
        began = time.process_time()
        first = next(jobs.play(state, source, flash(b={"policy": "lean", "edits": {LEAD: lead}}, replications=20)))
        took.append(time.process_time() - began)
        assert (first["n"], first["done"]) == (1, False)
        assert first["kpis"]["fill_rate"]["sides"]["B"]["half_width"] is None
    assert is_within(min(took), 0.4)


def test_intervals_come_with_every_replication_and_a_difference_is_paired(source):
    state = {}
    messages = list(jobs.play(state, source, flash(a={"policy": "lean"}, replications=4)))
    assert [m["n"] for m in messages if not m["done"]][:4] == [1, 2, 3, 4]
    told = messages[-1]["kpis"]["fill_rate"]
    q = jobs.asked(state, source, flash(a={"policy": "lean"}, replications=4))
    values = {name: jobs._measurements(state, q, getattr(q, name)).column("fill_rate", 4) for name in ("a", "b")}
    mean = sum(b - a for a, b in zip(values["a"], values["b"], strict=True)) / 4
    assert told["difference"]["mean"] == pytest.approx(mean, rel=1e-12)
    assert told["difference"]["verdict"] == "better"


def test_no_difference_is_said_where_none_was_found(source):
    told = last(jobs.play({}, source, flash(a={"policy": "lean"}, b={"policy": "lean", "edits": {S: "18.05 d"}})))
    verdicts = {found["difference"]["verdict"] for found in told["kpis"].values() if found.get("difference")}
    assert "unclear" in verdicts or "same" in verdicts
    same = last(jobs.play({}, source, flash(a={"policy": "lean"}, b={"policy": "lean"})))
    assert same["kpis"]["fill_rate"]["difference"]["verdict"] == "same"


def test_waits_are_not_judged_where_one_side_takes_no_backorders(source):
    told = last(jobs.play({}, source, flash(a={"policy": "lean"}, b={"policy": "blocked"})))
    assert told["kpis"]["wait_mean"]["difference"]["verdict"] == "no backorders"
    assert told["kpis"]["fill_rate"]["difference"]["verdict"] in ("better", "worse", "unclear")


@pytest.mark.parametrize(("kind", "name"), [("segment", "web"), ("item", "mug")])
def test_a_click_narrows_numbers_and_charts(source, kind, name):
    state = {}
    whole = last(jobs.play(state, source, flash()))
    told = last(jobs.play(state, source, flash(part={"kind": kind, "name": name})))
    assert told["kpis"]["wait_mean"]["key"] == f"wait_mean_by_{kind}[{name}]"
    assert max(told["levels"]["B"]["backlog"]) <= max(whole["levels"]["B"]["backlog"])
    assert told["levels"]["B"]["backlog"] != whole["levels"]["B"]["backlog"]
    ran = load(ROOT / "scenarios/flash-sale.yaml").edit({S: "22 d", LEAD: "12 d"})
    run = jobs.simulate(ran, "lean", ran.experiment.seed, 0)
    assert told["worst"]["B"][0]["name"] in ("mug", "plate")
    if kind == "item":
        assert max(told["levels"]["B"]["backlog"]) == max(run.level("backlog", name).values)


def test_the_backlogs_of_all_segments_add_up_to_the_whole(source):
    from simulator.lab.what_if.measuring import Part
    from simulator.lab.what_if.pictures import _backlog_of

    scenario = load(ROOT / "scenarios/flash-sale.yaml")
    run = jobs.simulate(scenario, "lean", 7, 0)
    whole = run.level("backlog")
    paths = [_backlog_of(run, name) for name in scenario.customers]
    days = whole.times + 1e-9
    assert sum(path.before(days) for path in paths).tolist() == whole.before(days).tolist()
    assert Part().key("fill_rate") == "fill_rate"


# ----------------------------------------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    "side",
    [
        None,
        {"policy": "nobody"},
        {"policy": "lean", "edits": {"items": {}}},
        {"policy": "lean", "edits": {"catalogue.file": "/etc/passwd"}},
        {"policy": "lean", "edits": {S: "../../etc/passwd"}},
        {"policy": "lean", "edits": {S: {"kind": "trace", "file": "x.csv"}}},
        {"policy": "lean", "edits": {S: "18 %"}},
        {"policy": "lean", "edits": {S: True}},
        {"policy": "lean", "trouble": [{"kind": "late", "day": -1}]},
        {"policy": "lean", "trouble": [{"kind": "late", "day": 1, "target": "nobody"}]},
        {"policy": "lean", "trouble": [{"kind": "fire", "day": 1}]},
        {"policy": "lean", "trouble": [{"kind": "late", "day": 1}] * 99},
    ],
)
def test_only_numbers_of_controls_can_be_changed(source, side):
    with pytest.raises(Refused):
        next(jobs.play({}, source, flash(b=side)))


@pytest.mark.parametrize(
    "more", [{"replications": 101}, {"replications": 2.5}, {"seed": -1}, {"part": {"kind": "item"}}]
)
def test_a_question_has_limits(source, more):
    with pytest.raises(Refused):
        next(jobs.play({}, source, flash(**more)))


def test_a_scenario_that_is_too_large_is_not_opened(tmp_path):
    large = TINY.format(title="Large").replace("60 d, warm_up", "9999 d, warm_up").replace("3 / d", "900 / d")
    with pytest.raises(Refused, match="the lab plays at most"):
        ScenarioSource("text", text=large).load()


def test_a_dropped_text_reads_no_file():
    text = "extends: flash-sale.yaml\nname: mine\n"
    with pytest.raises(Exception, match="flash-sale"):
        OpenScenarios().dropped(text).load()


def test_texts_are_forgotten_when_there_are_many():
    shelf = OpenScenarios()
    names = [shelf.dropped(TINY.format(title=k)).id for k in range(MOST_TEXTS + 1)]
    assert shelf.source(names[-1]).id == names[-1]
    with pytest.raises(Refused):
        shelf.source(names[0])


def test_paths_are_no_identifiers():
    for name in ("../README.md", str(ROOT / "scenarios/flash-sale.yaml"), "flash-sale.yaml", None, 1, {"a": 1}):
        with pytest.raises(Refused):
            OpenScenarios().source(name)


# ------------------------------------------------------------------------------------------------------------- controls
def test_controls_have_unit_range_default_and_grade_of_the_schema():
    found = controls(load(ROOT / "scenarios/flash-sale.yaml"))
    lead = found[LEAD]
    assert (lead.value, lead.unit, lead.low, lead.high, lead.step) == (14.0, "d", 0.0, 50.0, 0.5)
    assert lead.written(12.5) == "12.5 d"
    assert found["customers.cafes.one_parcel"].high == 100
    assert found["policies.capped.acceptance.units"].whole
    assert found[S].main
    assert "experiment.seed" not in found
    window = controls(load(ROOT / "scenarios/money/trust.yaml"))
    assert any(control.grade for control in [*window.values(), *found.values()])


@pytest.mark.parametrize("name", ["flash-sale", "strategies/hurry", "strategies/window", "causes/single-source"])
def test_writing_the_value_of_a_control_changes_nothing(name):
    scenario = load(ROOT / "scenarios" / f"{name}.yaml")
    edits = {path: control.written(control.value) for path, control in controls(scenario).items()}
    assert scenario.edit(edits) == scenario


# ----------------------------------------------------------------------------------------------------- longer questions
def test_the_tornado_turns_each_control_by_a_fifth(source):
    bars = list(studies.tornado({}, source, flash(b={"policy": "lean"}, kpi="fill_rate", paths=[S, LEAD])))
    assert [[end["value"] for end in bar["ends"]] for bar in bars] == [["14.4 d", "21.6 d"], ["11.2 d", "16.8 d"]]
    assert bars[0]["ends"][0]["mean"] < 0 < bars[0]["ends"][1]["mean"]


def quick(**more):
    return {"b": {"policy": "lean"}, "replications": 2, "paths": ["policies.lean.replenishment.S"], **more}


def test_the_best_values_keep_the_bound_and_are_a_side_that_can_be_played(tiny):
    asked = quick(goal="on_hand_mean", bound={"kpi": "fill_rate", "limit": 0.5}, trials=8)
    *some, found = list(studies.best({}, tiny, asked))
    assert [m["done"] for m in some] == [8]
    assert found["means"]["fill_rate"] >= 0.5
    assert found["chosen"] != {}
    told = last(jobs.play({}, tiny, {"b": {"policy": "lean", "edits": found["chosen"]}, "replications": 2}))
    before = last(jobs.play({}, tiny, {"b": {"policy": "lean"}, "replications": 2}))
    fill = [m["kpis"]["fill_rate"]["sides"]["B"]["mean"] for m in (told, before)]
    assert fill[0] > 0.45 > fill[1]  # the bound is kept in replications that the search has not seen


def test_a_search_tries_round_numbers_only():
    found = controls(load(FLASH))
    side = Side("lean", {}, ())
    assert studies._range(found[LEAD], side) == "7..28 d by 0.5"
    assert studies._range(found[S], side) == "9..36 d by 0.5"
    assert studies._range(found[S], Side("lean", {S: "4 d"}, ())) == "2..8 d by 0.1"


def test_leaving_a_search_ends_it(tiny):
    search = studies.best({}, tiny, quick(goal="operating_cost", trials=200))
    assert next(search)["done"] == 8
    threads = threading.active_count()
    search.close()
    assert threading.active_count() == threads - 1


def test_the_report_is_that_of_the_scenario_as_it_is_shown(tiny):
    side = {"policy": "lean", "edits": {"policies.lean.replenishment.S": 9}}
    (page,) = studies.report({}, tiny, {"b": side, "replications": 2})
    assert page.startswith("<!DOCTYPE html>")
    assert "Tiny" in page
    (book,) = studies.workbook({}, tiny, {"b": side, "replications": 2})
    assert book.startswith(b"PK")


def test_a_number_is_explained_with_the_textbook_value_where_there_is_one(source):
    asked = {"b": {"policy": "base"}, "kpi": "fill_rate", "replications": 2}
    book = next(jobs.explain({}, OpenScenarios().source("textbook/base-stock"), asked))
    assert book["textbook"]["value"] == pytest.approx(0.864464, abs=1e-6)
    assert book["number"]["sides"]["B"]["mean"] == pytest.approx(0.864, abs=0.01)
    assert book["denominator"] == {"en": "units demanded", "es": "unidades demandadas"}
    assert book["textbook"]["formula"]["es"].startswith("P(D < y), D de Poisson con media λL; λ = ")
    lots = next(
        jobs.explain({}, OpenScenarios().source("textbook/reorder-point"), {**asked, "b": {"policy": "r9_Q20"}})
    )
    assert lots["textbook"]["value"] == pytest.approx(0.910341, abs=1e-6)
    assert next(jobs.explain({}, source, flash(kpi="fill_rate")))["textbook"] is None


def test_an_edit_moves_the_textbook_value_and_impatience_removes_it(tmp_path):
    asked = {"kpi": "fill_rate", "replications": 2}
    shelf = OpenScenarios()
    text = TINY.format(title="Book").replace("  web:\n", "  web:\n    patience: 5 d\n")
    side = {"policy": "lean", "edits": {"policies.lean.replenishment.S": 20}}
    plain = next(jobs.explain({}, shelf.dropped(TINY.format(title="Book")), {**asked, "b": side}))
    assert plain["textbook"]["value"] == pytest.approx(0.875, abs=0.001)
    assert next(jobs.explain({}, shelf.dropped(text), {**asked, "b": side}))["textbook"] is None


def test_an_order_has_a_story_under_both_sides(source):
    told = next(jobs.order({}, source, flash(a={"policy": "lean"}, order="100")))
    assert set(told["stories"]) == {"A", "B"}
    assert told["stories"]["A"][0]["text"] == told["stories"]["B"][0]["text"]  # the same customer
    with pytest.raises(Exception, match="no order"):
        next(jobs.order({}, source, flash(order="nobody")))


def test_the_queue_shows_the_same_customers_in_both_lanes(source):
    told = next(jobs.film({}, source, flash(a={"policy": "lean"}, **{"from": 100, "days": 5})))
    orders = [{(t[0], t[8]) for t in lane["tokens"] if t[0] > 100} for lane in told["lanes"]]
    assert orders[0] == orders[1]
    assert (told["from"], told["to"]) == (100, 105)


# ------------------------------------------------------------------------------------------------------------- saving
def test_a_saved_file_extends_the_opened_one_repeats_the_numbers_and_is_never_overwritten(tiny, tmp_path):
    side = {"policy": "lean", "edits": {"policies.lean.replenishment.S": 9}, "trouble": [{"kind": "late", "day": 20}]}
    asked = {"b": side, "name": "mine"}
    made = next(saving.save({}, tiny, asked))
    assert made["file"] == "mine.yaml"
    assert "extends: tiny.yaml" in (tmp_path / "mine.yaml").read_text()
    told = last(jobs.play({}, tiny, {"b": side, "replications": 2}))
    again = last(jobs.play({}, ScenarioSource(FILE, Path("mine.yaml")), {"b": {"policy": "lean"}, "replications": 2}))
    assert again["kpis"] == told["kpis"]
    before = (tmp_path / "mine.yaml").read_text()
    with pytest.raises(Refused, match="already exists"):
        next(saving.save({}, tiny, asked))
    assert (tmp_path / "mine.yaml").read_text() == before


@pytest.mark.parametrize("name", ["../mine", "a/b", "", ".hidden", "x" * 99, "c:d", None])
def test_a_file_name_has_no_folder(tiny, tmp_path, name):
    with pytest.raises(Refused):
        next(saving.save({}, tiny, {"b": {"policy": "lean"}, "name": name}))
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


def test_an_example_is_saved_whole_in_the_working_directory(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    next(saving.save({}, source, flash(name="mine")))
    assert load(tmp_path / "mine.yaml").edit({"name": FLASH}) == load(ROOT / "scenarios/flash-sale.yaml").edit(
        {S: "22 d", LEAD: "12 d"}
    )


# ------------------------------------------------------------------------------------------------------------- server
@pytest.fixture(scope="module")
def client():
    place = Listening(None, 8765, ("127.0.0.1",))
    with TestClient(what_if(None, place), base_url="http://127.0.0.1:8765") as found:
        yield found


def sent(answer):
    return [json.loads(line[6:]) for line in answer.text.split("\n\n") if line]


def test_the_page_and_its_files_are_small_and_name_nothing_elsewhere(client):
    files = [client.get(path) for path in ("/", "/lab.js", "/lab.css")]
    assert [f.status_code for f in files] == [200, 200, 200]
    assert sum(len(f.content) for f in files) < 150_000
    for file in files:
        text = file.text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|<script>|style=|onclick=", text)


def test_nothing_moves_by_itself(client):
    """What moves is drawn by the script, which asks for less motion first."""
    assert not re.search(r"animation|transition|@keyframes", client.get("/lab.css").text)
    assert "prefers-reduced-motion" in client.get("/lab.js").text


def test_a_play_is_streamed_and_another_request_is_answered_meanwhile(client):
    told = sent(client.post("/api/play", json=flash(page="one")))
    assert [m["n"] for m in told[:3]] == [1, 2, 3]
    assert told[-1]["done"]
    assert client.get("/api/start").json()["first"] is None


def test_a_newer_request_of_the_page_ends_the_older_one_and_others_are_answered_meanwhile(client):
    with ThreadPoolExecutor() as threads:
        old = threads.submit(client.post, "/api/play", json={**flash(page="two"), "replications": 100})
        time.sleep(0.2)
        with within(1, time.monotonic):
            assert client.get("/api/start").status_code == 200
        assert not old.done()
        new = client.post("/api/play", json={**flash(page="two"), "replications": 2})
        told = sent(old.result(20))
    assert sent(new)[-1]["done"]
    assert told[-1] == {"error": "A newer request has replaced this one."}
    assert not any(message.get("done") for message in told)


def test_names_and_texts_reach_the_page_as_data_only(client):
    opened = client.post("/api/open", json={"text": TINY.format(title=EVIL.replace('"', '\\"'))})
    assert opened.headers["content-type"] == "application/json"
    assert opened.json()["title"] == EVIL
    script = (ROOT / "simulator/lab/what_if").glob("*.js")
    for file in script:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", file.read_text())
    assert PACKAGE


def test_errors_of_a_scenario_are_told_with_their_place(client):
    answer = client.post("/api/open", json={"text": "name: x\nclock: {horizon: never}\n"})
    assert answer.status_code == 422
    assert "the dropped file:2" in answer.json()["error"]


def test_errors_of_a_change_name_the_key(client):
    side = {"policy": "lean", "edits": {S: "40 d"}}
    (told,) = sent(client.post("/api/play", json=flash(b=side)))
    assert told["error"].startswith("policies.lean.replenishment")
    assert "edit " not in told["error"]


def test_tracking_page_and_report_are_served_with_their_own_scripts_allowed(client):
    made = client.post("/api/tracking", json=flash(order="100")).json()["page"]
    page = client.get(made)
    assert "sha256-" in page.headers["content-security-policy"]
    assert client.get("/page/guess").status_code == 404


def test_a_shared_page_writes_no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shared = what_if(None, Listening(None, 8765, ("127.0.0.1",)), token="key", writable=False)
    found = TestClient(shared, base_url="http://127.0.0.1:8765")
    assert found.post("/api/save", json=flash(name="mine")).status_code == 403
    found.get("/?token=key")
    assert found.post("/api/save", json=flash(name="mine")).status_code == 403
    assert list(tmp_path.iterdir()) == []
