"""M1 as a scenario of this project: its pre-sampled orders replayed as a recorded order book."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.orderbook import OrderBook
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario
from tests.benchmarks.reference.m1_data import Data

POLICY = "reorder"


def names(data: Data) -> list[str]:
    """One name an item, in the order of its number."""
    return [f"sku{k:03d}" for k in range(data.skus)]


def words(data: Data, leads: list[dict]) -> dict:
    """The scenario but for its customers."""
    skus = names(data)
    return {
        "name": "m1",
        "clock": {"horizon": float(data.days)},
        "items": {sku: {"price": 1, "unit_cost": 1} for sku in skus},
        "warehouse": {"stock": dict(zip(skus, data.S.tolist(), strict=True))},
        "suppliers": {
            f"from-{sku}": {"items": [sku], "lead_time": {"kind": "sequence", **lead}}
            for sku, lead in zip(skus, leads, strict=True)
        },
        "carriers": {"parcel": {"transit": 2}},
        "policies": {
            POLICY: {
                "replenishment": {
                    sku: {"kind": "s_S", "s": s, "S": S}
                    for sku, s, S in zip(skus, data.s.tolist(), data.S.tolist(), strict=True)
                },
                "fulfilment": {"kind": "line_complete"},
            }
        },
    }


def in_memory(data: Data) -> Scenario:
    """The scenario with its order book handed over without files."""
    book = OrderBook(
        np.cumsum(data.gap),
        np.diff(data.ptr),
        data.sku,
        data.qty,
        patience=data.patience,
        transits=data.transit,
        one_parcel=~data.partial,
    )
    trace = Trace.of(book, tuple(names(data)))
    raw = words(data, [{"values": row} for row in data.lead.tolist()])
    return Scenario.model_validate({**raw, "customers": {"shoppers": {"arrivals": trace}}})


def on_disk(data: Data, folder: Path) -> Path:
    """The scenario as files that a user could have written; returns the YAML file's path."""
    import yaml

    transits = [f"transit{p}" for p in range(4)]
    with (folder / "orders.csv").open("w", newline="") as out:
        write = csv.writer(out).writerow
        write(["time", "order", "sku", "qty", "patience", "together", *transits])
        for k, time in enumerate(np.cumsum(data.gap).tolist()):
            rest = [repr(float(data.patience[k])), int(not data.partial[k]), *map(repr, data.transit[k].tolist())]
            for line in range(data.ptr[k], data.ptr[k + 1]):
                write([repr(time), k, names(data)[data.sku[line]], data.qty[line], *rest])
    with (folder / "leads.csv").open("w", newline="") as out:
        write = csv.writer(out).writerow
        write(names(data))
        for row in data.lead.T.tolist():
            write(map(repr, row))
    raw = words(data, [{"file": "leads.csv", "column": sku} for sku in names(data)])
    arrivals = {"kind": "trace", "file": "orders.csv", "time": "time", "order": "order", "item": "sku"}
    arrivals |= {"quantity": "qty", "patience": "patience", "one_parcel": "together", "transit": transits}
    path = folder / "m1.yaml"
    path.write_text(yaml.safe_dump({**raw, "customers": {"shoppers": {"arrivals": arrivals}}}))
    return path


def record(run: Run) -> dict[str, np.ndarray]:
    """The run in the columns of the reference's record."""
    orders = run.orders()
    return {
        "placed": orders["placed"],
        "first_shipped": orders["first_shipped"],
        "delivered": orders["delivered"],
        "cancelled": orders["cancelled"],
        "immediate": orders["units_at_once"],
        "parcels": orders["parcels"],
    }
