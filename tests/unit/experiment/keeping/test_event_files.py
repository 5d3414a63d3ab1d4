"""Event logs for process mining: OCEL 2.0 by the rules of its schema, and XES."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import jsonschema
import numpy as np
import pytest

import simulator
from simulator.experiment.keeping.event_files import keep_events, quoted
from simulator.experiment.keeping.related import lines_of_parcels, purchases_of_fills
from simulator.model.nouns import Cause
from simulator.record.sources import sources

SCENARIOS = Path(__file__).parents[4] / "scenarios"
TEXT = {"type": "string"}
STAMP = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$"}


def listed(required, **properties):
    return {"type": "array", "items": {"type": "object", "required": required, "properties": properties}}


TYPES = listed(["name", "attributes"], name=TEXT, attributes=listed(["name", "type"], name=TEXT, type=TEXT))
LINKS = listed(["objectId", "qualifier"], objectId=TEXT, qualifier=TEXT)
RULES = {
    "type": "object",
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "properties": {
        "objectTypes": TYPES,
        "eventTypes": TYPES,
        "objects": listed(
            ["id", "type"],
            id=TEXT,
            type=TEXT,
            relationships=LINKS,
            attributes=listed(["name", "value", "time"], name=TEXT, value=TEXT, time=STAMP),
        ),
        "events": listed(
            ["id", "type", "time"],
            id=TEXT,
            type=TEXT,
            time=STAMP,
            relationships=LINKS,
            attributes=listed(["name", "value"], name=TEXT, value=TEXT),
        ),
    },
}
"""What the JSON Schema of OCEL 2.0 asks for."""
READ = {"string": str, "integer": int, "float": float, "boolean": {"true": True, "false": False}.__getitem__}
READ["time"] = lambda text: dt.datetime.fromisoformat(text)


def kept(run, folder):
    keep_events(run, folder)
    (path,) = folder.glob("events/*.ocel.json")
    (other,) = folder.glob("events/*.xes")
    return json.loads(path.read_text()), ElementTree.parse(other).getroot()


def sound(log):
    """Checks the rules of the standard that its schema cannot state."""
    jsonschema.validate(log, RULES)
    kinds = {t["name"]: {a["name"]: a["type"] for a in t["attributes"]} for t in log["objectTypes"] + log["eventTypes"]}
    assert len(kinds) == len(log["objectTypes"]) + len(log["eventTypes"])
    ids = [o["id"] for o in log["objects"]]
    assert len(set(ids)) == len(ids)
    assert len({e["id"] for e in log["events"]}) == len(log["events"])
    known = set(ids)
    for each in log["objects"] + log["events"]:
        for attribute in each["attributes"]:
            READ[kinds[each["type"]][attribute["name"]]](attribute["value"])
        links = [(link["objectId"], link["qualifier"]) for link in each["relationships"]]
        assert {name for name, _ in links} <= known, each
        assert len(set(links)) == len(links)
    times = [e["time"] for e in log["events"]]
    assert times == sorted(times)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    scenario = simulator.load(SCENARIOS / "steady-shop.yaml")
    run = simulator.simulate(scenario.edit({"clock.horizon": "90 d", "clock.warm_up": "5 d"}), "lean", 7)
    return run, *kept(run, tmp_path_factory.mktemp("kept"))


@pytest.mark.parametrize(
    ("name", "policy", "days"),
    [
        ("steady-shop", "safe", 60),
        ("strategies/two-regions", "help_out", 130),
        ("strategies/returns", "lean", 60),
        ("strategies/notify", "on_change", 60),
        ("strategies/checkout", "open", 60),
        ("monday-morning", "in_turn", 30),
        ("strategies/kits", "together", 60),
        ("textbook/two-echelon", "base", 60),
    ],
)
def test_logs_obey_the_standard_whatever_happens_in_the_run(name, policy, days, tmp_path):
    scenario = simulator.load(SCENARIOS / f"{name}.yaml").edit({"clock.horizon": f"{days} d", "clock.warm_up": 0})
    run = simulator.simulate(scenario, policy, 3)
    log, xes = kept(run, tmp_path)
    sound(log)
    assert xes.tag == "{http://www.xes-standard.org/}log"
    assert {e["type"] for e in log["events"]} >= {"place order", "fill from stock"}


def test_the_log_has_every_order_line_parcel_and_purchase(shop):
    run, log, _ = shop
    objects, events = Counter(o["type"] for o in log["objects"]), Counter(e["type"] for e in log["events"])
    assert objects["order"] == events["place order"] == run.came.sum()
    assert objects["line"] == len(run.demand.items)
    assert objects["parcel"] == run.parcels.size + run.lost.size
    assert objects["purchase"] == events["buy"] == run.purchases.size
    assert objects["item"] == 4
    assert objects["customer"] == 1
    assert events["fill backorder"] == run.fills.size
    assert events["deliver parcel"] == (run.parcels["delivered"] < run.world.horizon).sum()


def test_an_event_says_when_what_and_about_which_objects(shop):
    run, log, _ = shop
    (first, *_) = [event for event in log["events"] if event["type"] == "cancel"]
    gone = run.cancelled
    order, line = int(gone["order"][0]), int(gone["line"][0])
    day = dt.datetime.fromisoformat(first["time"]) - dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
    assert day.total_seconds() / 86400 == pytest.approx(gone["time"][0], abs=1e-9)
    values = {a["name"]: a["value"] for a in first["attributes"]}
    cause = Cause(int(gone["cause"][0])).text
    assert values == {"units": f"{gone['units'][0]:g}", "cause": cause, "held": "false"}
    links = {(link["qualifier"], link["objectId"]) for link in first["relationships"]}
    item = run.world.items[int(gone["item"][0])].name
    wanted = {("order", f"order:{order}"), ("line", f"line:{order}/{line}"), ("item", f"item:{item}")}
    assert links == wanted | {("customer", "customer:households")}


def test_backorders_are_linked_to_the_purchases_that_filled_them_and_parcels_to_their_lines(shop):
    run, log, _ = shop
    purchases, found = run.receipts.numbers("purchase"), purchases_of_fills(run)
    for row in range(run.fills.size):
        assert found.get(row, []) == [int(purchases[receipt]) for receipt, _ in sources(run, row)]
    assert found
    inside = lines_of_parcels(run)
    split = np.flatnonzero(np.bincount(run.parcels.numbers("order")) > 1)
    assert split.size
    for order in split[:20].tolist():
        rows = np.flatnonzero(run.parcels["order"] == order).tolist()
        assert all(inside(row) for row in rows)
        assert {line for row in rows for line in inside(row)} <= {f"line:{order}/{k}" for k in range(50)}
    (event, *_) = [e for e in log["events"] if e["type"] == "fill backorder" and "purchase:" in json.dumps(e)]
    assert {link["qualifier"] for link in event["relationships"]} >= {"purchase", "line", "order", "item", "customer"}


def test_the_xes_log_has_a_trace_for_each_order_in_order_of_time(shop):
    run, log, xes = shop
    space = "{http://www.xes-standard.org/}"
    traces = xes.findall(f"{space}trace")
    assert len(traces) == run.came.sum()
    events = 0
    for number, trace in enumerate(traces):
        values = {child.get("key"): child.get("value") for child in trace if child.tag != f"{space}event"}
        assert values == {"concept:name": str(number), "number": str(number), "segment": "households"}
        found = [{child.get("key"): child.get("value") for child in event} for event in trace.iter(f"{space}event")]
        assert found[0]["concept:name"] == "place order"
        assert [e["time:timestamp"] for e in found] == sorted(e["time:timestamp"] for e in found)
        events += len(found)
    assert events == sum(any(link["qualifier"] == "order" for link in e["relationships"]) for e in log["events"])


def test_names_are_escaped_and_a_scenario_without_dates_starts_in_1970(tmp_path):
    scenario = simulator.load(SCENARIOS / "textbook" / "base-stock.yaml").edit(
        {"clock.horizon": "20 d", "clock.warm_up": 0, "warehouse.stock": {"widget": 0}}
    )
    run = simulator.simulate(scenario, "base", 1)
    hostile = 'a<b>&"\u202e\n'
    world = run.world
    items = (world.items[0].__class__(hostile, 1.0, 1.0),)
    run.world = world.__class__(**{**vars(world), "items": items})
    log, xes = kept(run, tmp_path)
    sound(log)
    assert log["events"][0]["time"].startswith("1970-01-")
    assert f"item:{hostile}" in {o["id"] for o in log["objects"]}
    assert 'a<b>&"\\u202e\n' in {e.get("value") for e in xes.iter() if e.get("key") == "item"}


@pytest.mark.parametrize(
    "text", ["", "a<b>&c", "line\nnext\ttab\rback", 'say "so"', "it's", """both "and" 'so'""", "é→"]
)
def test_attributes_are_quoted_as_the_standard_library_does(text):
    assert quoted(text) == quoteattr(text)
