"""Small random scenarios over the whole vocabulary, as a user would write them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from simulator.scenario.loader import load_text
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import dump

LOOK = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
ITEMS = ("mug", "plate", "vase ü")
Plain = dict[str, Any]
Thing = TypeVar("Thing")
_FOLDER = tempfile.TemporaryDirectory(prefix="worlds-")
_whole = lru_cache(None)(st.integers)


class Words(NamedTuple):
    """A scenario file and what lies beside it: the order book ('' where there is none), and other files by name."""

    document: Plain
    orders: str = ""
    files: Mapping[str, str] = {}

    def scenario(self) -> Scenario:
        folder = Path(_FOLDER.name)
        for name, text in {**self.files, "orders.csv": self.orders}.items():
            if text:
                (folder / name).write_text(text, encoding="utf-8")
        return load_text(dump(self.document), folder=folder)


class Author:
    """Writes a scenario; every choice is a whole number that Hypothesis draws (and makes smaller)."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.dated = self.chance()
        self.horizon = self.number(0.5, 30)
        self.orders = ""
        self.stops: set[tuple[str, str]] = set()
        """(kind, target) of the scheduled stops: one inside another of its kind is refused."""

    # ------------------------------------------------------------------------------------------------- dice
    def whole(self, low: int, high: int) -> int:
        return self.draw(_whole(low, high))

    def chance(self) -> bool:
        return self.whole(0, 1) == 1

    def number(self, low: float, high: float) -> float:
        """Two decimals: ties between times are as likely as they are in real data."""
        return self.whole(round(low * 100), round(high * 100)) / 100

    def one(self, things: Sequence[Thing]) -> Thing:
        return things[self.whole(0, len(things) - 1)]

    def some(self, things: Sequence[Thing], least: int = 1) -> list[Thing]:
        found = [thing for thing in things if self.chance()]
        return found or list(things[:least])

    # ------------------------------------------------------------------------------------------------- laws
    def law(self, most: float, least: float = 0.0, depth: int = 0) -> Any:
        """A law of any kind, never negative, mean at most about `most`; `least` > 0 keeps the mean away from 0."""
        low = max(least, 0.05)
        high = max(most, low)
        kind = self.one(
            (
                "plain",
                "text",
                "exponential",
                "gamma",
                "lognormal",
                "weibull",
                "uniform",
                "triangular",
                "normal",
                "poisson",
                "geometric",
                "negative_binomial",
                "empirical",
                "sequence",
                "discrete",
                *(("mixture", "shifted") if depth < 2 else ()),
            )
        )
        if kind == "plain":
            return self.number(least, high)
        if kind == "text":
            return {"kind": "constant", "value": self.number(least, high)}
        if kind in ("uniform", "triangular"):
            a, b, c = sorted(self.number(least, high) for _ in range(3))
            c = round(max(c, a + 0.01), 2)
            return {"kind": kind, "low": a, "high": c} | ({"mode": b} if kind == "triangular" else {})
        if kind in ("empirical", "sequence", "discrete"):
            values = [self.number(least, high) for _ in range(self.whole(0, 3))] + [low]
            weights = {"weights": [*range(len(values) - 1), 1]} if kind == "discrete" and self.chance() else {}
            return {"kind": kind, "values": values} | weights
        if kind == "mixture":
            a, b = self.law(most, least, depth + 1), self.law(most, least, depth + 1)
            return {"kind": kind, "parts": [{"share": "25 %", "of": a}, {"share": 0.75, "of": b}]}
        if kind == "shifted":
            return {"kind": kind, "by": self.number(0, most), "of": self.law(most, least, depth + 1)}
        mean = self.number(low, high)
        more = {
            "gamma": {"cv": self.number(0.2, 1.5)},
            "lognormal": {"cv": self.number(0.2, 1.5)},
            "weibull": {"shape": self.number(0.7, 3)},
            "normal": {"sd": self.number(0.1, 2)},
            "negative_binomial": {"variance": round(mean * 2, 2)},
            "geometric": {"mean": 1 + mean},
        }
        return {"kind": kind, "mean": mean} | more.get(kind, {})

    def units(self) -> Any:
        return self.whole(0, 4) if self.chance() else self.law(4.0)

    # ----------------------------------------------------------------------------------------------- demand
    def arrivals(self) -> Plain:
        least = max(round(self.horizon / 60, 2), 0.01)
        kind = self.one(["poisson", "renewal", "every", *(["profile"] if self.dated else [])])
        rate = self.number(0, 1) / least
        if kind == "poisson":
            return {"kind": kind, "rate": f"{rate} / d"}
        if kind == "renewal":
            return {"kind": kind, "gap": self.law(3 * least, least)}
        if kind == "every":
            first = {"first": self.number(0, self.horizon)} if self.chance() else {}
            return {"kind": kind, "interval": self.number(least + 0.01, 4 * least + 1)} | first
        hours = {"hour": [self.whole(0, 2) for _ in range(23)] + [1]} if self.chance() else {}
        weekday = {day: self.number(0, 2) for day in self.some(["mon", "wed", "sun"])}
        return {"kind": kind, "rate": rate, "weekday": weekday, "month": {"feb": self.number(0, 2)}} | hours

    def basket(self, items: list[str]) -> Plain:
        kind = self.one(["single", "weighted", "bundle"])
        chosen = self.some(items)
        if kind == "single":
            return {"kind": kind, "item": chosen[0], "quantity": self.units()}
        if kind == "bundle":
            return {"kind": kind, "items": {name: self.units() for name in chosen}}
        weights = {name: self.whole(0, 5) for name in chosen}
        weights[chosen[0]] += 1
        return {"kind": kind, "items": weights, "lines": self.units(), "quantity": self.units()}

    def order_book(self, items: list[str]) -> Plain:
        """Recorded orders with everything a record may settle, cancellations among it."""
        spec: Plain = {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "order"}
        spec |= {"item": "item", "quantity": "qty"}
        extra = [name for name in ("priority", "patience", "one_parcel", "cancel_time") if self.chance()]
        spec |= {name: name for name in extra}
        columns = ["ts", "order", "item", "qty", *extra]
        if self.chance():
            spec["transit"] = ["transit1", "transit2"]
            columns += spec["transit"]
        if "cancel_time" in extra and self.chance():
            spec["cancel_quantity"] = "cancel_quantity"
            columns.append("cancel_quantity")
        quarters = int(self.horizon * 4)

        def cell(column: str) -> object:
            if column == "item":
                return self.one(items)
            if column.startswith("cancel") and self.chance():
                return ""
            if column in ("ts", "cancel_time"):
                return self.whole(0, quarters) / 4
            least, most = {"order": (1, 20), "priority": (1, 3), "one_parcel": (0, 1)}.get(column, (1, 6))
            return self.whole(least, most) if column != "patience" else self.whole(0, 8) / 4

        lines = [[cell(column) for column in columns] for _ in range(self.whole(1, 30))]
        self.orders = "\n".join(",".join(map(str, line)) for line in [columns, *lines]) + "\n"
        return spec

    def customers(self, d: Plain, items: list[str]) -> Plain:
        spec: Plain = {}
        if not self.orders and self.chance():
            spec["arrivals"] = self.order_book(items)
        else:
            spec = {"arrivals": self.arrivals(), "basket": self.basket(items)}
        for key in ("patience", "need_by"):
            if self.chance():
                spec[key] = self.law(6.0)
        spec["priority"] = self.whole(1, 3)
        if self.chance():
            spec["inflate"] = {"factor": self.one([1, 1.3, 2]), "back_after": self.number(0, 4)}
        spec["one_parcel"] = self.one([0, "40 %", 1])
        if d["carriers"] and self.chance():
            spec["carrier"] = self.one(list(d["carriers"]))
        return spec

    # ----------------------------------------------------------------------------------------------- supply
    def number_of_suppliers(self) -> int:
        return self.whole(0, 2)

    def supplier(self, name: str, items: list[str]) -> Plain:
        spec: Plain = {"items": list(items), "lead_time": self.law(6.0)}
        spec |= {"crossing": self.one(["allowed", "fifo"]), "minimum": self.one([0, 0, 7])}
        if self.chance():
            spec["yield"] = self.one([0.5, "90 %", {"kind": "uniform", "low": 0.6, "high": 1.2}, 0])
            spec["overdelivers"] = True
        if self.chance():
            start = self.number(0, self.horizon)
            spec["closures"] = [{"from": start, "to": round(start + self.number(0, 5), 2)}]
            self.stops.add(("closure", f"supplier:{name}"))
        return spec

    def event(self, d: Plain) -> Plain:
        kinds = ["closure", "outage"]
        kinds += ["supplier_delay"] if d["suppliers"] else []
        kinds += ["demand_spike"] * 2 if d["customers"] else []
        kind = self.one(kinds)
        event: Plain = {"kind": kind}
        if kind == "demand_spike":
            event["customers"] = self.some(list(d["customers"]))
            event |= {"factor": self.one([0, 0.4, 1, 1.5, 3]), "decay": self.one(["none", "linear", "exponential"])}
            event |= {"items": self.one(list(d["items"]))} if self.chance() else {}
        elif kind == "supplier_delay":
            event["supplier"] = self.one(list(d["suppliers"]))
            event |= {"extra": self.law(5.0), "factor": self.one([0, 0.5, 1, 2])}
        else:
            targets = {"warehouse": [True], "supplier": list(d["suppliers"]), "carrier": list(d["carriers"])}
            for target in self.some([target for target, names in targets.items() if names]):
                event[target] = self.one(targets[target])
        struck = {(kind, f"{t}:{event[t]}") for t in ("warehouse", "supplier", "carrier") if t in event}
        if self.chance() or (kind in ("closure", "outage") and self.stops & struck):
            event["every"] = self.law(self.horizon / 2, max(round(self.horizon / 20, 2), 0.02))
            event["lasts"] = self.law(self.horizon / 4)
            event["chance"] = self.one([0.5, 1])
            return event
        self.stops |= struck
        event["at"] = self.number(0, self.horizon * 1.1)
        form = self.one(["lasts", "until", "for ever"])
        if form == "lasts":
            event["lasts"] = self.law(self.horizon / 3)
        elif form == "until":
            event["until"] = round(event["at"] + self.number(0, self.horizon), 2)
        return event

    # ---------------------------------------------------------------------------------------------- policies
    def replenishment(self, d: Plain, name: str) -> Plain:
        sellers = [supplier for supplier, spec in d["suppliers"].items() if name in spec["items"]]
        kind = self.one(["base_stock", "s_Q", "s_S", "R_S", "R_s_S", "none"]) if sellers else "none"

        def level(low: int, high: int) -> Any:
            if "demand" in d["items"][name] and self.chance():
                return f"{self.number(0.5, 8)} d"
            return self.whole(low, high)

        found: Plain = {"kind": kind}
        if kind == "none":
            return found
        if kind == "s_Q":
            found |= {"s": level(-2, 10), "Q": level(1, 12)}
        elif kind in ("s_S", "R_s_S"):
            s = self.whole(-2, 10)
            found |= {"s": s, "S": s + self.whole(0, 10)}
        else:
            found["S"] = level(-2, 15)
        if kind.startswith("R_"):
            found["R"] = self.number(0.3, 7)
            found |= {"first": self.number(0, 5)} if self.chance() else {}
        found |= {"cancel_purchase": True} if self.chance() else {}
        form = self.one(["first", "named", "shares"])
        if form == "named":
            found["supplier"] = self.one(sellers)
        elif form == "shares":
            found["supplier"] = dict(zip(sellers, ["30 %", 0.7] if len(sellers) == 2 else [1], strict=True))
        return found

    def acceptance(self) -> Plain:
        kind = self.one(["never", "always", "always", "limit"])
        return {"kind": kind} | ({"units": self.whole(0, 6)} if kind == "limit" else {})

    def allocation(self, d: Plain) -> Plain:
        kinds = (
            "fifo",
            "lifo",
            "priority",
            "critical_level",
            "margin",
            "proportional",
            "linear",
            "uniform",
            "earliest_promise",
        )
        allocation: Plain = {"kind": self.one((*kinds, "backorder_processing"))}
        if allocation["kind"] == "critical_level":
            allocation |= {"units": self.whole(0, 5), "top": self.whole(1, 2)}
        if allocation["kind"] == "backorder_processing":
            strategies = ("win", "gain", "improve", "redistribute", "fill", "lose", "skip")
            sorts = ("fifo", "lifo", "priority", "margin", "largest", "smallest")

            def segments() -> list[Plain]:
                names = {"items": list(d["items"]), "customers": list(d["customers"])}
                chosen = [{key: self.some(n) for key, n in names.items() if n and self.chance()} for _ in range(2)]
                return [f | {"strategy": self.one(strategies), "sort": self.one(sorts)} for f in chosen]

            allocation |= {"segments": segments(), "others": self.one(strategies)}
            allocation |= {"against": self.one(["on_hand", "expected"]), "protect": self.one(["none", "confirmed"])}
            if self.chance():
                allocation |= {"run": "nightly", "at_hour": self.number(0, 23)}
                allocation |= {"new_orders": self.one(["wait", "confirm"])}
            allocation["on_exception"] = self.one(["continue", "stop", "fallback"])
            if allocation["on_exception"] == "fallback":
                allocation["fallback"] = segments()
        return allocation

    def fulfilment(self, d: Plain) -> Plain:
        found: Plain = {"kind": self.one(["as_available", "as_available", "line_complete", "order_complete", "more"])}
        if found["kind"] == "more":
            found = self.one(
                (
                    {"kind": "hold_until", "days": self.number(0.1, 5)},
                    {"kind": "minimum_split", "share": self.number(0.1, 1), "of": self.one(["order", "line"])},
                    {"kind": "minimum_allocated", "share": self.number(0.1, 1)},
                    {"kind": "maximum_shipments", "parcels": self.whole(1, 3)},
                    {"kind": "ship_once"},
                    {"kind": "critical_item", "items": self.some(list(d["items"]))},
                )
            )
        return found | ({"must_arrive": True} if self.chance() else {})

    def policy(self, d: Plain) -> Plain:
        return {
            "replenishment": {name: self.replenishment(d, name) for name in d["items"]},
            "acceptance": self.acceptance()
            if self.chance()
            else {"default": self.acceptance(), "mug": self.acceptance()},
            "allocation": self.allocation(d),
            "promise": {"kind": "fixed", "within": self.number(0, 9)} if self.chance() else {"kind": "none"},
            "fulfilment": self.fulfilment(d),
            "window": {"kind": "cancel_after", "days": self.number(0.25, 8)} if self.chance() else {"kind": "none"},
        }

    # ----------------------------------------------------------------------------------------- the whole world
    def world(self) -> Plain:
        items = list(ITEMS[: self.whole(1, 3)])
        d: Plain = {"name": "random world", "clock": {"horizon": self.horizon}, "items": {}}
        if self.dated:
            d["clock"]["start"] = self.one(["2025-01-06", "2024-02-28T13:37"])
        d["clock"]["warm_up"] = self.one([0, round(self.horizon / 3, 2), round(self.horizon * 0.9, 2)])
        for name in items:
            d["items"][name] = {"price": self.number(0, 50), "unit_cost": self.number(0, 30)}
            d["items"][name] |= {"demand": f"{self.number(0.1, 3)} / d"} if self.chance() else {}
        d["carriers"] = {
            name: {"transit": self.law(4.0), "cost": {"parcel": self.number(0, 5), "unit": self.number(0, 1)}}
            for name in ("van", "bike")[: self.whole(0, 2)]
        }
        names = ("web", "shop", "Händler")[: self.whole(0, 3)]
        d["customers"] = {name: self.customers(d, items) for name in names}
        d["suppliers"] = {}
        for name in ("pottery", "importer")[: self.number_of_suppliers()]:
            d["suppliers"][name] = self.supplier(name, items if name == "pottery" else self.some(items))
        d["warehouse"] = {"stock": {name: self.whole(-6, 20) for name in items}}
        if self.chance():
            workers = {"workers": self.whole(1, 3)} if self.chance() else {}
            d["warehouse"]["picking"] = {"time": self.law(0.3)} | workers
        d["events"] = [self.event(d) for _ in range(self.whole(0, 3))]
        d["costs"] = {"holding": self.one(["25 % / y", "1 / d", 0.5]), "order": self.number(0, 50)}
        d["costs"]["backorder"] = self.one([0, "2 / d"])
        d["policies"] = {"first": self.policy(d), "second": self.policy(d)}
        return d


@st.composite
def worlds(draw: st.DrawFn) -> Words:
    """A scenario that validates, with two policies."""
    author = Author(draw)
    return Words(author.world(), author.orders)
