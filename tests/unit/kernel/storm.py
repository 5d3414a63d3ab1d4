"""Random worlds of what the kernel plays, in which much falls on one instant; and the comparison of both lanes."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from simulator.kernel.border import library
from simulator.kernel.eligible import reasons
from simulator.kernel.outside import KernelClock
from simulator.kernel.play import KernelPlay
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.orderbook import OrderBook
from simulator.randomness.streams import Streams
from simulator.record.digest import digest
from simulator.record.ledger import COLUMNS
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario
from simulator.world.simulate import build, simulate

DAYS = 40


class Storm:
    """One random world; whole days and constants make ties likely."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)
        self.items = [f"i{k}" for k in range(self.luck.randint(1, 4))]
        self.suppliers = [f"s{k}" for k in range(self.luck.randint(1, 3))]
        self.segments = [f"c{k}" for k in range(self.luck.randint(1, 3))]
        self.two_sites = self.chance(0.2)
        self.impatient = self.chance(0.2)

    def chance(self, share: float) -> bool:
        return self.luck.random() < share

    def days(self, most: int) -> dict:
        return {"kind": "constant", "value": self.luck.randint(0, most)}

    def law(self, most: int) -> dict:
        mean = self.luck.randint(1, most)
        return self.luck.choice(
            [
                self.days(most),
                {"kind": "gamma", "mean": mean, "cv": 0.5},
                {"kind": "exponential", "mean": mean},
                {"kind": "discrete", "values": [0, 1, most], "weights": [1, 1, 1]},
            ]
        )

    def item(self) -> dict:
        found: dict = {"price": self.luck.randint(3, 9), "unit_cost": 2, "demand": 1}
        if self.chance(0.1):
            found |= {"release": self.luck.randint(1, 20), "reserve": self.luck.choice(["at_order", "at_ship"])}
        elif self.chance(0.1):
            begin = self.luck.randint(0, 20)
            found["season"] = {"from": begin, "to": begin + self.luck.randint(5, 20), "opens": begin // 2}
        elif self.chance(0.1):
            found["made"] = "to_order"
        return found

    def segment(self) -> dict:
        pick = self.luck.choice
        lines = {"kind": "discrete", "values": [1, 2, 4], "weights": [3, 2, 1]}
        weighted = {
            "kind": "weighted",
            "items": dict.fromkeys(self.items, 1),
            "lines": lines,
            "quantity": {"kind": "geometric", "mean": self.luck.randint(1, 4)},
        }
        bundle = {
            "kind": "bundle",
            "items": {item: {"kind": "poisson", "mean": self.luck.randint(1, 6)} for item in self.items},
        }
        found = {
            "arrivals": pick(
                [
                    {"kind": "every", "interval": pick([0.25, 0.5, 1])},
                    {"kind": "poisson", "rate": self.luck.randint(1, 8)},
                ]
            ),
            "basket": pick([weighted, bundle]),
            "priority": self.luck.randint(1, 3),
        }
        if self.chance(0.8):
            found["patience"] = self.law(12)
        if self.impatient and self.chance(0.7):
            found["impatience"] = {"no_date": pick([0, 0.5, 1.4, 2])}
        if self.chance(0.4):
            found["one_parcel"] = pick([0.3, 1.0])
        if self.chance(0.5):
            found["need_by"] = self.law(9)
        if self.two_sites:
            found["site"] = pick(["north", "south"])
        return found

    def supplier(self, name: str) -> dict:
        found = {
            "items": self.items,
            "lead_time": self.law(9),
            "crossing": self.luck.choice(["allowed", "fifo"]),
            "minimum": self.luck.randint(0, 8),
            "yield": self.luck.choice([1, 1, 0.7, {"kind": "uniform", "low": 0.4, "high": 1}]),
            "order_delay": self.luck.choice([0, 0, 1]),
        }
        if self.chance(0.2):
            found["lane"] = {"customs": {"inspected": 0.3, "delay": self.law(3)}}
        if self.chance(0.2):
            found["closures"] = [{"from": 10, "to": self.luck.randint(11, 20)}]
        return found | self.lively(name) if self.chance(0.15) else found

    def lively(self, name: str) -> dict:
        """What only Python plays of a supplier."""
        luck = self.luck
        found: dict = {}
        if self.chance(0.4):
            found["lane"] = {"departures": {"every": luck.choice([1, 3]), "units": luck.choice([None, 15])}}
        if self.chance(0.4):
            found["capacity"] = {"rate": luck.randint(2, 12), "lines": luck.randint(1, 2), "setup": self.days(1)}
            if self.chance(0.3):
                found["capacity"] |= {"breakdown": {"every": 8, "repair": 1}}
        if self.chance(0.4):
            found["stock"] = {item: luck.randint(0, 30) for item in self.items}
            found["replenishment"] = {"kind": luck.choice(["R_S", "R_s_S"]), "R": 1, "s": 10, "S": 30}
            if found["replenishment"]["kind"] == "R_S":
                del found["replenishment"]["s"]
            found["suppliers"] = {f"behind-{name}": {"items": self.items, "lead_time": self.law(5)}}
        if self.chance(0.4):
            found["under_way"] = [
                {
                    "item": self.items[0],
                    "units": luck.randint(1, 9),
                    luck.choice(["due", "reaches"]): luck.randint(0, 9),
                }
            ]
        return found

    def event(self, number: int) -> dict:
        pick, luck = self.luck.choice, self.luck
        when = pick(
            [
                {"at": luck.randint(0, DAYS - 10), "lasts": luck.randint(1, 9)},
                {"every": {"kind": "constant", "value": luck.randint(3, 9)}, "lasts": self.days(4)},
            ]
        )
        whom = pick([{"supplier": pick(self.suppliers)}, {"warehouse": True}, {"carrier": "van"}])
        what = pick(
            [
                {"kind": pick(["closure", "outage", "knock_out"]), **whom},
                {"kind": pick(["closure", "outage"]), **whom},
                {"kind": "supplier_delay", "supplier": pick(self.suppliers), "extra": self.law(9)},
                {"kind": "demand_spike", "customers": "c0", "factor": pick([0.3, 2])},
                {"kind": "promotion", "customers": "c0", "items": [self.items[0]], "uplift": 0.8},
                {"kind": "path_closed", "supplier": pick(self.suppliers)},
                {"kind": "customs", "supplier": pick(self.suppliers), "inspected": 0.5, "delay": self.law(4)},
                {"kind": "forecast_bias", "items": [self.items[0]], "factor": 0.5},
            ]
        )
        return {**what, **when, "name": f"e{number}"}

    def replenishment(self) -> dict:
        s, more, period = self.luck.randint(0, 25), self.luck.randint(1, 25), self.luck.choice([1, 2, 0.5])
        found = self.luck.choice(
            [
                {"kind": "base_stock", "S": s},
                {"kind": "s_S", "s": s, "S": s + more},
                {"kind": "s_Q", "s": s, "Q": more},
                {"kind": "R_S", "R": period, "S": s, "first": self.luck.choice([0, period])},
                {"kind": "R_s_S", "R": period, "s": s, "S": s + more},
                {"kind": "level", "R": period, "Q": more, "S": s + more},
                {"kind": "forecast", "R": period, "sees": self.luck.choice(["demand", "orders", "sales"])},
                {"kind": "forecast_s_S", "R": 2 * period, "cover": 5, "noise": 0.2},
                {"kind": "anchor_adjust", "R": period, "goal": s, "alpha": 0.5, "beta": 0.3, "theta": 0.4},
                {"kind": "none"},
            ]
        )
        if len(self.suppliers) > 1 and self.chance(0.05):
            regular, fast = self.suppliers[:2]
            dual = {"R": period, "regular": regular, "fast": fast, "S_fast": s}
            return self.luck.choice(
                [{"kind": "dual_index", "S": s + more, **dual}, {"kind": "base_surge", "Q": more, **dual}]
            )
        if found["kind"] != "none":
            found["cancel_purchase"] = self.chance(0.3)
            if self.chance(0.4):
                shares = {name: 1 / len(self.suppliers) for name in self.suppliers}
                found["supplier"] = self.luck.choice([self.luck.choice(self.suppliers), shares])
        return found

    def fulfilment(self) -> dict:
        found = self.luck.choice(
            [
                {"kind": "as_available"},
                {"kind": "as_available"},
                {"kind": "line_complete"},
                {"kind": "order_complete"},
                {"kind": "hold_until", "days": self.luck.randint(1, 6)},
                {"kind": "minimum_split", "share": 0.5, "of": self.luck.choice(["order", "line"])},
                {"kind": "minimum_allocated", "share": 0.6},
                {"kind": "maximum_shipments", "parcels": self.luck.randint(1, 3)},
                {"kind": "ship_once"},
                {"kind": "critical_item", "items": [self.items[0]]},
            ]
        )
        return found | {"must_arrive": self.chance(0.2)}

    def policy(self, seasonal: bool) -> dict:
        pick, luck = self.luck.choice, self.luck
        allocation = pick(
            [
                {"kind": "fifo"},
                {"kind": "lifo"},
                {"kind": "priority"},
                {"kind": "margin"},
                {"kind": "critical_level", "units": luck.randint(1, 9), "top": 1},
            ]
        )
        promise = pick([{"kind": "none"}, {"kind": "fixed", "within": 3}])
        return {
            "replenishment": {item: self.replenishment() for item in self.items},
            "acceptance": pick(
                [{"kind": "always"}, {"kind": "never"}, {"kind": "limit", "units": luck.randint(1, 20)}]
            ),
            "promise": {"kind": "none"} if self.impatient else promise,
            "payment": self.payment(),
            "allocation": {"kind": "fifo"} if seasonal else allocation,
            "fulfilment": self.fulfilment(),
            "window": pick([{"kind": "none"}, {"kind": "cancel_after", "days": luck.randint(1, 12)}]),
        }

    def payment(self) -> dict:
        if self.chance(0.7):
            return {"kind": "at_order"}
        card = {"reauth_days": self.luck.randint(0, 6), "fails": self.luck.choice([0.3, 1])}
        return {"kind": self.luck.choice(["at_shipment", "deposit"]), **card}

    def stock(self) -> dict:
        picking = self.luck.choice(
            [
                {},
                {},
                {"picking": {"time": self.law(2), "workers": self.luck.randint(1, 3)}},
                {"picking": {"time": 0.25}},
            ]
        )
        return {"stock": {item: self.at_start() for item in self.items}, **picking}

    def at_start(self) -> int:
        return -self.luck.randint(1, 20) if self.chance(0.1) else self.luck.randint(0, 30)

    def words(self) -> dict:
        items = {item: self.item() for item in self.items}
        sites = {"north": self.stock(), "south": self.stock()} if self.two_sites else None
        return {
            "name": "storm",
            "clock": {"horizon": DAYS},
            "items": items,
            "customers": {name: self.segment() for name in self.segments},
            **({"warehouses": sites} if sites else {"warehouse": self.stock()}),
            "suppliers": {name: self.supplier(name) for name in self.suppliers},
            "carriers": {"van": {"transit": self.law(3), "cost": {"parcel": 5, "unit": 0.4}}},
            "costs": {"holding": "25 % / y", "order": 45, "backorder": 0.2, "lost_sale": 1, "refund": 3},
            "events": [self.event(k) for k in range(self.luck.randint(0, 4))],
            "policies": {"p": self.policy(any("season" in item for item in items.values()))},
        }

    def scenario(self) -> Scenario:
        found = Scenario.model_validate(self.words())
        if self.chance(0.25):
            return with_record(found, self.items, self.luck)
        return found


def with_record(scenario: Scenario, items: list[str], luck: random.Random) -> Scenario:
    """The first segment's orders come from a record, with cancellations, transits and wishes."""
    dice = np.random.default_rng(luck.randint(0, 10**6))
    n = luck.randint(1, 200)
    times = np.sort(dice.integers(0, 2 * DAYS, n) / 2)
    counts = dice.integers(1, len(items) + 1, n)
    lines = int(counts.sum())
    book = OrderBook(
        times,
        counts,
        np.concatenate([dice.permutation(len(items))[:count] for count in counts]),
        dice.integers(1, 6, lines),
    )
    book.patience = dice.integers(0, 15, n) * 1.0
    book.transits = dice.integers(0, 4, (n, luck.randint(1, 3))) * 1.0
    book.one_parcel = dice.random(n) < 0.2
    book.priority = dice.integers(1, 4, n)
    book.cancel_at = np.where(dice.random(lines) < 0.3, np.repeat(times, counts) + dice.integers(0, 9, lines), np.nan)
    book.cancel_quantity = np.maximum(book.quantities - dice.integers(0, 2, lines), 1)
    recorded = scenario.customers["c0"].model_copy(update={"arrivals": Trace.of(book, tuple(items)), "basket": None})
    return scenario.model_copy(update={"customers": {**scenario.customers, "c0": recorded}})


def compiled(scenario: Scenario, policy: str, seed: int, replication: int = 0, path: Path | None = None) -> Run:
    """One replication in the kernel, or in that of another file."""
    kernel = library() if path is None else library(path)
    assert kernel is not None
    return KernelPlay(build(scenario, policy, Streams(seed, replication), KernelClock())).run(
        kernel, policy, seed, replication
    )


def difference(a: Run, b: Run) -> str:
    """The first table in which two runs differ; '' where they are equal to the last bit."""
    if digest(a) == digest(b) and a.final == b.final and a.promised == b.promised:
        return ""
    for name in COLUMNS:
        for column, values in getattr(a, name).items():
            if not np.array_equal(values, getattr(b, name)[column], equal_nan=True):
                return f"{name}.{column}: {values[:5]} ... and {getattr(b, name)[column][:5]} ..."
    return "levels, dates or the order book"


def compared(seed: int, path: Path | None = None) -> str:
    """Both lanes in the world of a seed; what differs."""
    scenario = Storm(seed).scenario()
    assert not reasons(scenario, "p"), reasons(scenario, "p")
    mine = compiled(scenario, "p", seed, seed % 3, path)
    mine.audit()
    return difference(simulate(scenario, "p", seed, seed % 3), mine)
