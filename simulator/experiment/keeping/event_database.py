"""The OCEL 2.0 log of a replication as an SQLite database: the objects and events of the JSON file, as tables.

The tables are those of the standard (Berti et al. 2024, https://www.ocel-standard.org): one for all events and one for
all objects, one for each of their types with its attributes, and the relations between them.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from simulator.experiment.keeping.event_files import event_types, events, object_types, objects
from simulator.experiment.keeping.event_log import DATE, FLAG, NUMBER, TEXT, EventLog, event_log
from simulator.experiment.storage.files import PART, make_subfolder, os_errors_reported, put_whole
from simulator.experiment.storage.kept_files import EVENTS_SQLITE, kept_file
from simulator.record.run import Run

AT_ONCE = 4096
"""Rows that are written at once."""
COLUMNS = {TEXT: "TEXT", NUMBER: "INTEGER", "float": "REAL", FLAG: "BOOLEAN", DATE: "TIMESTAMP"}
"""Type of a column by type of attribute."""
VALUES: dict[str, Callable[[str], Any]] = {NUMBER: int, "float": float, FLAG: "true".__eq__}
"""Value of an attribute by its type and text; others stay texts."""
TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type);
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type);
CREATE TABLE event_object (
  ocel_event_id TEXT REFERENCES event, ocel_object_id TEXT REFERENCES object, ocel_qualifier TEXT,
  PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)
);
CREATE TABLE object_object (
  ocel_source_id TEXT REFERENCES object, ocel_target_id TEXT REFERENCES object, ocel_qualifier TEXT,
  PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)
);
"""
Rows = dict[str, list[tuple[Any, ...]]]
"""Rows that are to be written, by statement."""


def keep_event_database(run: Run, folder: Path) -> None:
    """Write the OCEL 2.0 log of a replication as an SQLite database."""
    path = kept_file(folder, EVENTS_SQLITE, run.policy, run.replication)
    make_subfolder(path.parent)
    part = path.with_name(f".{path.name}{PART}")
    with os_errors_reported(path, "write"):
        part.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as database:
                _write(database, event_log(run))
        except sqlite3.OperationalError as error:
            part.unlink(missing_ok=True)
            number = errno.ENOSPC if "full" in str(error) else errno.EIO
            raise OSError(number, str(error), str(path)) from None
    put_whole(part, path)


def mapped(name: str) -> str:
    """The name of a type in the names of its table: 'place order' is in the table event_PlaceOrder."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", name))


def _write(database: sqlite3.Connection, log: EventLog) -> None:
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + TABLES)
    _write_all(database, "object", object_types(log), objects(log), "object_object", ("ocel_changed_field TEXT",))
    _write_all(database, "event", event_types(log), events(log), "event_object", ())
    database.execute("COMMIT")


def _write_all(
    database: sqlite3.Connection,
    what: str,
    types: Mapping[str, Mapping[str, str]],
    found: Iterable[Mapping[str, Any]],
    relations: str,
    more: tuple[str, ...],
) -> None:
    """Write all events or all objects, with their types, attributes and relations."""
    for name, attributes in types.items():
        database.execute(f"INSERT INTO {what}_map_type VALUES (?, ?)", (name, mapped(name)))
        columns = [f'"{key}" {COLUMNS[kind]}' for key, kind in attributes.items()]
        head = [f"ocel_id TEXT PRIMARY KEY REFERENCES {what}", "ocel_time TIMESTAMP", *more]
        database.execute(f'CREATE TABLE "{what}_{mapped(name)}" ({", ".join([*head, *columns])})')
    rows: Rows = {}
    for number, each in enumerate(found, 1):
        for table, row in _rows(what, each, types[each["type"]], relations, len(more)):
            rows.setdefault(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(row))})', []).append(row)
        if number % AT_ONCE == 0:
            _flush(database, rows)
    _flush(database, rows)


def _rows(
    what: str, each: Mapping[str, Any], attributes: Mapping[str, str], relations: str, empty: int
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The rows of one event or object, each with its table."""
    name, kind = each["id"], each["type"]
    said = {attribute["name"]: attribute["value"] for attribute in each["attributes"]}
    times = [attribute["time"] for attribute in each["attributes"] if "time" in attribute]
    time = each.get("time") or next(iter(times), None)
    values = [None if (text := said.get(key)) is None else VALUES.get(t, str)(text) for key, t in attributes.items()]
    yield what, (name, kind)
    yield f"{what}_{mapped(kind)}", (name, time, *[None] * empty, *values)
    for link in each["relationships"]:
        yield relations, (name, link["objectId"], link["qualifier"])


def _flush(database: sqlite3.Connection, rows: Rows) -> None:
    for statement, found in rows.items():
        database.executemany(statement, found)
    rows.clear()
