"""The OCEL 2.0 log as a database: what the JSON file says, in the tables of the standard."""

import json
import sqlite3
from contextlib import closing

import pytest

import simulator
from simulator.experiment.keeping.event_database import keep_event_database, mapped
from simulator.experiment.keeping.event_files import keep_events
from simulator.foundation.errors import UserError

READ = {"integer": int, "float": float, "boolean": "true".__eq__}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A run, the JSON file as plain data, and the database in memory."""
    folder = tmp_path_factory.mktemp("kept")
    scenario = simulator.load("monday-morning", ["clock.horizon=30 d"])
    run = simulator.simulate(scenario, "in_turn", 3)
    keep_events(run, folder)
    keep_event_database(run, folder)
    (text,) = folder.glob("events/*.ocel.json")
    (file,) = folder.glob("events-sqlite/*.ocel.sqlite")
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        yield json.loads(text.read_text(encoding="utf-8")), database


@pytest.mark.parametrize("what", ["event", "object"])
def test_every_event_and_object_is_there_with_its_attributes(both, what):
    log, database = both
    types = {t["name"]: {a["name"]: a["type"] for a in t["attributes"]} for t in log[f"{what}Types"]}
    assert dict(map(tuple, database.execute(f"SELECT * FROM {what}_map_type"))) == {
        name: mapped(name) for name in types
    }
    found = dict(map(tuple, database.execute(f"SELECT * FROM {what}")))
    assert found == {each["id"]: each["type"] for each in log[f"{what}s"]}
    tables = {t: {r["ocel_id"]: r for r in database.execute(f'SELECT * FROM "{what}_{mapped(t)}"')} for t in types}
    assert sum(map(len, tables.values())) == len(found)
    for each in log[f"{what}s"]:
        row, kinds = tables[each["type"]][each["id"]], types[each["type"]]
        said = {a["name"]: READ.get(kinds[a["name"]], str)(a["value"]) for a in each["attributes"]}
        assert {key: row[key] for key in kinds if row[key] is not None} == said
        assert row["ocel_time"] == each.get("time") or row["ocel_time"] in [a["time"] for a in each["attributes"]]


def test_relations_are_those_of_the_json_file_and_lead_to_objects_that_exist(both):
    log, database = both
    for what, table in (("events", "event_object"), ("objects", "object_object")):
        links = {(each["id"], r["objectId"], r["qualifier"]) for each in log[what] for r in each["relationships"]}
        assert set(map(tuple, database.execute(f"SELECT * FROM {table}"))) == links
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_run_keeps_it_and_writes_it_again_if_it_is_gone(tmp_path):
    scenario = simulator.load("steady-shop", ["clock.horizon=20 d", "clock.warm_up=0 d"])

    def again():
        made = simulator.run(scenario, 1, ["lean"], out=tmp_path, keep="events-sqlite")
        (file,) = made.folder.glob("events-sqlite/*.ocel.sqlite")
        return file

    content = again().read_bytes()
    again().unlink()
    assert again().read_bytes() == content


def test_a_place_that_cannot_be_written_is_an_error_in_words(tmp_path):
    run = simulator.simulate(simulator.load("textbook/base-stock", ["clock.horizon=60 d"]), "base", 1)
    (tmp_path / "events-sqlite").write_text("a file is in the way")
    with pytest.raises(UserError, match="events-sqlite"):
        keep_event_database(run, tmp_path)
