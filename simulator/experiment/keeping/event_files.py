"""Event logs of a replication: OCEL 2.0 as JSON, and XES with a case for each order; written piece by piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.experiment.keeping.event_log import (
    CUSTOMER,
    DATE,
    FLAG,
    FRACTION,
    ITEM,
    LINE,
    NUMBER,
    ORDER,
    PARCEL,
    PURCHASE,
    SUPPLIER,
    TEXT,
    EventLog,
    EventTable,
    counted,
    event_log,
    made_before,
    type_of_units,
)
from simulator.experiment.keeping.related import line_id
from simulator.experiment.storage.files import make_subfolder, write_whole
from simulator.experiment.storage.kept_files import ENDINGS, EVENTS, kept_file
from simulator.foundation.errors import visible
from simulator.record.run import Run

AT_ONCE = 4096
"""Events whose times are written out together."""
OBJECT_TYPES: dict[str, dict[str, str]] = {
    ORDER: {"number": TEXT, "segment": TEXT},
    LINE: {"units": NUMBER, "price": "float"},
    PARCEL: {"units": NUMBER},
    PURCHASE: {"units": NUMBER, "number": TEXT},
    ITEM: {"price": "float", "unit cost": "float"},
    CUSTOMER: {"segment": TEXT},
    SUPPLIER: {},
}
"""Attributes of objects by type."""
TAGS = {TEXT: "string", NUMBER: "int", FLAG: "boolean", DATE: "date", FRACTION: "float"}
"""Elements of XES by type of attribute."""
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
"""Characters that an XML attribute cannot hold as they are."""


def keep_events(run: Run, folder: Path) -> None:
    """Write the logs of a replication: the XES file, then the OCEL file, which stands for both."""
    log = event_log(run)
    writers: dict[str, Callable[[EventLog], Iterator[str]]] = {"xes": xes, "ocel.json": ocel}
    for ending in ENDINGS[EVENTS]:
        path = kept_file(folder, EVENTS, run.policy, run.replication, ending=ending)
        make_subfolder(path.parent)
        write_whole({path: (text.encode("utf-8", "backslashreplace") for text in writers[ending](log))})


def _in_order(log: EventLog) -> Iterator[tuple[EventTable, int, str]]:
    """Table, row and time of every event, in order of time."""
    kinds, rows = log.sequence
    for first in range(0, kinds.size, AT_ONCE):
        chunk = list(zip(kinds[first : first + AT_ONCE].tolist(), rows[first : first + AT_ONCE].tolist(), strict=True))
        stamps = log.stamps(np.array([log.tables[kind].times[row] for kind, row in chunk]))
        for (kind, row), stamp in zip(chunk, stamps, strict=True):
            yield log.tables[kind], row, stamp


def _attributes(table: EventTable, row: int) -> Iterator[tuple[str, str, Any]]:
    for attribute in table.attributes:
        value = attribute.value(row)
        if value is not None:
            yield attribute.name, attribute.type, value


# ------------------------------------------------------------------ OCEL 2.0
def ocel(log: EventLog) -> Iterator[str]:
    """The log as OCEL 2.0 in JSON (Berti et al. 2024, https://www.ocel-standard.org), one object or event to a line."""
    yield '{"objectTypes": ' + _json(_types(object_types(log))) + ',\n"eventTypes": ' + _json(_types(event_types(log)))
    yield ',\n"objects": [\n'
    yield from _joined(objects(log))
    yield '\n],\n"events": [\n'
    yield from _joined(events(log))
    yield "\n]}\n"


def event_types(log: EventLog) -> dict[str, dict[str, str]]:
    """Attributes of events by type."""
    types: dict[str, dict[str, str]] = {}
    for table in log.tables:
        types.setdefault(table.name, {}).update({a.name: a.type for a in table.attributes})
    return types


def events(log: EventLog) -> Iterator[dict[str, Any]]:
    """Every event with its attributes and the objects that it is about, in order of time."""
    for number, found in enumerate(_in_order(log)):
        yield _event(log, number, *found)


def object_types(log: EventLog) -> dict[str, dict[str, str]]:
    """Attributes of objects by type; units are no whole numbers where items have a granularity."""
    how = type_of_units(log.run.world)
    return {kind: {k: how if k == "units" else v for k, v in own.items()} for kind, own in OBJECT_TYPES.items()}


def _types(found: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": key, "type": kind} for key, kind in attributes.items()]}
        for name, attributes in found.items()
    ]


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _text(value: Any) -> str:
    """A value as a text, as both formats write it; OCEL has the types of its attributes apart."""
    return str(value).lower() if isinstance(value, bool) else visible(str(value), "\t\n")


def _joined(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    before = ""
    for each in found:
        yield before + _json(each)
        before = ",\n"


def _event(log: EventLog, number: int, table: EventTable, row: int, stamp: str) -> dict[str, Any]:
    order = int(table.orders[row])
    related: list[tuple[str, str]] = []
    if (order >= 0) or table.about.get(LINE):
        related.append((ORDER, f"order:{order}"))
    if order >= 0:
        related.append((CUSTOMER, log.customer(order)))
    for kind, ids in table.about.items():
        related += [(kind, name) for name in ids(row)]
    return {
        "id": f"event:{number}",
        "type": table.name,
        "time": stamp,
        "attributes": [{"name": name, "value": _text(value)} for name, _, value in _attributes(table, row)],
        "relationships": [{"objectId": name, "qualifier": kind} for kind, name in related],
    }


def objects(log: EventLog) -> Iterator[dict[str, Any]]:
    """Every object with its attributes, which hold from the beginning of time, and the objects that it belongs to."""
    run, world, demand = log.run, log.run.world, log.run.demand
    origin, grain = f"{log.start.isoformat()}Z", world.grain

    def made(kind: str, name: str, values: dict[str, Any], *related: tuple[str, str]) -> dict[str, Any]:
        attributes = [{"name": key, "time": origin, "value": _text(value)} for key, value in values.items()]
        links = [{"objectId": other, "qualifier": how} for other, how in related]
        return {"id": name, "type": kind, "attributes": attributes, "relationships": links}

    for item in {item.name: item for item in world.items}.values():
        yield made(ITEM, f"item:{item.name}", {"price": item.price / grain, "unit cost": item.unit_cost / grain})
    for supplier in dict.fromkeys(supplier.name for supplier in world.suppliers):
        yield made(SUPPLIER, f"supplier:{supplier}", {})
    here = np.flatnonzero(run.came).tolist()
    customers: dict[str, str] = {}
    for order in here:
        customers.setdefault(log.customer(order), world.segments[int(demand.segments[order])].name)
    for name, segment in customers.items():
        yield made(CUSTOMER, name, {"segment": segment})
    before = sorted({int(order) for order in run.backordered["order"] if order < 0}, reverse=True)
    for order in before:  # a backlog that the scenario starts with
        yield made(ORDER, f"order:{order}", {"number": str(order)})
        rows = run.backordered.where(run.backordered["order"] == order)
        for line, what, units in zip(rows["line"], rows["item"], rows["units"], strict=True):
            related = (f"order:{order}", "part of"), (log.item(what), "of")
            yield made(LINE, line_id(order, line), {"units": counted(world, units)}, *related)
    for order in here:
        segment = world.segments[int(demand.segments[order])].name
        values: dict[str, Any] = {"number": log.names[order], "segment": segment}
        yield made(ORDER, f"order:{order}", values, (log.customer(order), "placed by"))
        first = int(run.line_starts[order])
        for line in range(int(demand.counts[order])):
            place = first + line
            own = np.nan if demand.prices is None else float(demand.prices[place])
            price = world.items[int(demand.items[place])].price if np.isnan(own) else own
            related = (f"order:{order}", "part of"), (log.item(demand.items[place]), "of")
            yield made(
                LINE,
                line_id(order, line),
                {"units": counted(world, demand.quantities[place]), "price": price / grain},
                *related,
            )
    for table, prefix in ((run.parcels, ""), (run.lost, "lost/")):
        for row, (order, units) in enumerate(
            zip(table.numbers("order").tolist(), table["units"].tolist(), strict=True)
        ):
            yield made(PARCEL, f"parcel:{prefix}{row}", {"units": counted(world, units)}, (f"order:{order}", "of"))
    bought = run.purchases
    columns = (bought[name].tolist() for name in ("time", "item", "supplier", "units"))
    for row, (time, what, who, units) in enumerate(zip(*columns, strict=True)):
        known = run.opening.purchases.get(row)
        terms: dict[str, Any] = {
            "units": counted(world, units),
            **({"number": known.name} if known and known.name else {}),
        }
        how = "under way at the start, of" if made_before(time) else "of"
        yield made(PURCHASE, f"purchase:{row}", terms, (log.item(what), how), (log.supplier(who), "from"))


# ----------------------------------------------------------------------- XES
def xes(log: EventLog) -> Iterator[str]:
    """The log as XES (IEEE 1849-2016): one trace for each order, with the events about it in order of time."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">\n'
        '<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>\n'
        '<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>\n'
        '<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>\n'
        '<global scope="trace"><string key="concept:name" value=""/></global>\n'
        '<global scope="event"><string key="concept:name" value=""/>'
        '<date key="time:timestamp" value="1970-01-01T00:00:00Z"/>'
        '<string key="lifecycle:transition" value="complete"/></global>\n'
        '<classifier name="Activity" keys="concept:name"/>\n'
    )
    run = log.run
    yield _element("string", "concept:name", f"{run.policy}, replication {run.replication}") + "\n"
    orders, kinds, rows = log.sequence_by_order
    heads = np.flatnonzero(np.diff(orders, prepend=np.iinfo(np.int64).min))
    ends = np.append(heads[1:], orders.size)
    for first, last in zip(heads.tolist(), ends.tolist(), strict=True):
        yield "".join(_trace(log, int(orders[first]), kinds[first:last].tolist(), rows[first:last].tolist()))
    yield "</log>\n"


def _trace(log: EventLog, order: int, kinds: list[int], rows: list[int]) -> Iterator[str]:
    run = log.run
    yield "<trace>"
    yield _element("string", "concept:name", log.names[order] if order >= 0 else str(order))
    yield _element("int", "number", order)
    if order >= 0:
        yield _element("string", "segment", run.world.segments[int(run.demand.segments[order])].name)
        if customer := log.customers[order]:
            yield _element("string", "customer", customer)
    yield "\n"
    stamps = log.stamps(np.array([log.tables[kind].times[row] for kind, row in zip(kinds, rows, strict=True)]))
    for kind, row, stamp in zip(kinds, rows, stamps, strict=True):
        table = log.tables[kind]
        yield "<event>" + _element("string", "concept:name", table.name) + _element("date", "time:timestamp", stamp)
        yield _element("string", "lifecycle:transition", "complete")
        for about in (ITEM, LINE, PARCEL):
            if names := table.about[about](row) if about in table.about else ():
                yield _element("string", about, ", ".join(name.partition(":")[2] for name in names))
        for name, how, value in _attributes(table, row):
            yield _element(TAGS[how], name, value)
        yield "</event>\n"
    yield "</trace>\n"


def quoted(text: str) -> str:
    """Text as the value of an XML attribute; the same as `xml.sax.saxutils.quoteattr`, which imports a web client."""
    found = text.translate(ESCAPED)
    if '"' not in found:
        return f'"{found}"'
    return f"'{found}'" if "'" not in found else '"' + found.replace('"', "&quot;") + '"'


@lru_cache(maxsize=8192, typed=True)
def _element(tag: str, key: str, value: Any) -> str:
    """An attribute; most of them occur many times."""
    text = _text(value).translate({0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"})
    return f"<{tag} key={quoted(key)} value={quoted(text)}/>"
