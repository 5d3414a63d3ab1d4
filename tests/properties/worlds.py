"""Small random scenarios over the whole vocabulary, as a user would write them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from hypothesis import strategies as st

from simulator.scenario.loader import load_text
from simulator.scenario.schema import Scenario

ITEMS = ("mug", "plate", "vase ü")
Plain = dict[str, Any]
_FOLDER = tempfile.TemporaryDirectory(prefix="worlds-")


class Words(NamedTuple):
    """A scenario file and the order book that lies beside it ('' where there is none)."""

    document: Plain
    orders: str = ""

    def scenario(self) -> Scenario:
        folder = Path(_FOLDER.name)
        if self.orders:
            (folder / "orders.csv").write_text(self.orders, encoding="utf-8")
        return load_text(yaml.safe_dump(self.document, sort_keys=False, allow_unicode=True), folder=folder)


def number(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers with two decimals: ties between times are as likely as they are in real data."""
    return st.integers(round(low * 100), round(high * 100)).map(lambda k: k / 100)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


# ------------------------------------------------------------------------------------------------------ laws
def laws(most: float, least: float = 0.0) -> st.SearchStrategy[Any]:
    """A law of every kind, never negative, mean at most about `most`; `least` > 0 keeps the mean away from 0."""
    low = max(least, 0.05)
    mean = number(low, max(most, low))
    values = st.lists(number(least, max(most, low)), min_size=1, max_size=4)

    def of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
        return st.fixed_dictionaries({"kind": st.just(kind), **fields})

    def ordered(kind: str, *names: str) -> st.SearchStrategy[Plain]:
        edges = st.lists(number(least, max(most, low)), min_size=len(names), max_size=len(names)).map(sorted)
        return edges.filter(lambda v: v[0] < v[-1]).map(lambda v: {"kind": kind, **dict(zip(names, v, strict=True))})

    simple = st.one_of(
        number(least, max(most, low)),
        number(least, max(most, low)).map(lambda x: f"{x} d"),
        of("exponential", mean=mean),
        of("gamma", mean=mean, cv=number(0.2, 1.5)),
        of("lognormal", mean=mean, cv=number(0.2, 1.5)),
        of("weibull", mean=mean, shape=number(0.7, 3)),
        ordered("uniform", "low", "high"),
        ordered("triangular", "low", "mode", "high"),
        of("normal", mean=mean, sd=number(0.1, 2)),
        of("poisson", mean=mean),
        of("geometric", mean=number(1, 1 + most)),
        mean.map(lambda m: {"kind": "negative_binomial", "mean": m, "variance": 2 * m}),
        values.map(lambda v: {"kind": "empirical", "values": [*v, low]}),
        values.map(lambda v: {"kind": "sequence", "values": [*v, low]}),
        values.map(lambda v: {"kind": "discrete", "values": [*v, low], "weights": [*range(len(v)), 1]}),
    )
    mixture = st.tuples(simple, simple).map(
        lambda p: {"kind": "mixture", "parts": [{"share": "25 %", "of": p[0]}, {"share": 0.75, "of": p[1]}]}
    )
    shifted = st.tuples(number(0, most), simple).map(lambda p: {"kind": "shifted", "by": p[0], "of": p[1]})
    return simple | mixture | shifted


def quantities() -> st.SearchStrategy[Any]:
    def plain(law: Any) -> bool:
        return "d" not in str(law) or isinstance(law, dict)

    return st.integers(0, 4) | laws(4.0).filter(lambda law: not isinstance(law, str))


# ------------------------------------------------------------------------------------------------------ parts
@st.composite
def arrivals(draw: st.DrawFn, horizon: float, dated: bool) -> Plain:
    least = max(horizon / 60, 0.01)
    kinds = ["poisson", "renewal", "every", *(["profile"] if dated else [])]
    kind = draw(st.sampled_from(kinds))
    rate = draw(number(0, 1)) / least
    if kind == "poisson":
        return {"kind": kind, "rate": f"{rate} / d"}
    if kind == "profile":
        hours = draw(maybe(st.lists(st.integers(0, 3), min_size=24, max_size=24).filter(any)))
        return {
            "kind": kind,
            "rate": rate,
            "weekday": draw(st.dictionaries(st.sampled_from(["mon", "sat", "sun"]), number(0, 2))),
            "month": draw(st.dictionaries(st.sampled_from(["jan", "feb"]), number(0, 2))),
            **({"hour": hours} if hours else {}),
        }
    if kind == "renewal":
        return {"kind": kind, "gap": draw(laws(3 * least, least))}
    first = draw(maybe(number(0, horizon)))
    return {"kind": kind, "interval": draw(number(least + 0.01, 4 * least + 1)), **({} if first is None else {"first": first})}


@st.composite
def baskets(draw: st.DrawFn, items: list[str]) -> Plain:
    kind = draw(st.sampled_from(["single", "weighted", "bundle"]))
    chosen = draw(st.lists(st.sampled_from(items), min_size=1, max_size=len(items), unique=True))
    if kind == "single":
        return {"kind": kind, "item": chosen[0], "quantity": draw(quantities())}
    if kind == "bundle":
        return {"kind": kind, "items": {name: draw(quantities()) for name in chosen}}
    weights = {name: draw(st.integers(0, 5)) for name in chosen}
    weights[chosen[0]] += 1
    return {"kind": kind, "items": weights, "lines": draw(quantities()), "quantity": draw(quantities())}


@st.composite
def order_book(draw: st.DrawFn, items: list[str], horizon: float) -> tuple[Plain, str]:
    """Recorded orders with everything a record may settle, cancellations among it."""
    columns = ["ts", "order", "item", "qty"]
    extra = draw(st.sets(st.sampled_from(["priority", "patience", "one_parcel", "transit", "cancel_time"])))
    spec: Plain = {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "order", "item": "item", "quantity": "qty"}
    for name in sorted(extra):
        if name == "transit":
            spec[name] = ["transit1", "transit2"]
            columns += spec[name]
        else:
            spec[name] = name
            columns.append(name)
    if "cancel_time" in extra and draw(st.booleans()):
        spec["cancel_quantity"] = "cancel_quantity"
        columns.append("cancel_quantity")
    time = st.integers(0, int(horizon * 4)).map(lambda k: k / 4)
    cells = {
        "ts": time,
        "order": st.integers(1, 20),
        "item": st.sampled_from(items),
        "qty": st.integers(1, 6),
        "priority": st.integers(1, 3),
        "patience": st.integers(0, 8).map(lambda k: k / 4),
        "one_parcel": st.integers(0, 1),
        "transit1": number(0, 3),
        "transit2": number(0, 3),
        "cancel_time": st.just("") | time,
        "cancel_quantity": st.just("") | st.integers(1, 8),
    }
    row = st.tuples(*(cells[name] for name in columns))
    lines = draw(st.lists(row, min_size=1, max_size=30))
    return spec, "\n".join(",".join(map(str, line)) for line in [tuple(columns), *lines]) + "\n"


@st.composite
def events(draw: st.DrawFn, d: Plain, horizon: float, dated: bool, taken: set[tuple[str, str]]) -> Plain:
    kinds = ["closure", "outage"]
    kinds += ["supplier_delay"] if d["suppliers"] else []
    kinds += ["demand_spike"] if d["customers"] else []
    kind = draw(st.sampled_from(kinds))
    event: Plain = {"kind": kind}
    if kind == "demand_spike":
        event["customers"] = draw(st.lists(st.sampled_from(list(d["customers"])), min_size=1, unique=True))
        event["factor"] = draw(st.sampled_from([0, 0.4, 1, 1.5, 3]))
        event["decay"] = draw(st.sampled_from(["none", "linear", "exponential"]))
        if draw(st.booleans()):
            event["items"] = draw(st.sampled_from(list(d["items"])))
    elif kind == "supplier_delay":
        event["supplier"] = draw(st.sampled_from(list(d["suppliers"])))
        event["extra"] = draw(laws(5.0))
        event["factor"] = draw(st.sampled_from([0, 0.5, 1, 2]))
    else:
        targets = [("warehouse", "")]
        targets += [("supplier", name) for name in d["suppliers"]] + [("carrier", name) for name in d["carriers"]]
        for target, name in draw(st.lists(st.sampled_from(targets), min_size=1, max_size=2, unique_by=lambda t: t[0])):
            event[target] = name or True
    every = draw(st.booleans())
    struck = {(kind, f"{t}:{event[t]}") for t in ("warehouse", "supplier", "carrier") if t in event}
    if kind in ("closure", "outage") and (taken & struck or draw(st.booleans())):
        every = True  # a scheduled stop inside another one of its kind is refused
    if every:
        event["every"] = draw(laws(horizon / 2, max(horizon / 20, 0.01)))
        event["lasts"] = draw(laws(horizon / 4))
        event["chance"] = draw(st.sampled_from([0.5, 1]))
    else:
        taken |= struck
        event["at"] = draw(number(0, horizon * 1.1))
        form = draw(st.sampled_from(["lasts", "until", "for ever"]))
        if form == "lasts":
            event["lasts"] = draw(laws(horizon / 3))
        elif form == "until":
            event["until"] = event["at"] + draw(number(0, horizon))
    return event


@st.composite
def policies(draw: st.DrawFn, d: Plain) -> Plain:
    sellers = {name: [s for s, spec in d["suppliers"].items() if name in spec["items"]] for name in d["items"]}

    def level(name: str, low: int, high: int) -> Any:
        if "demand" in d["items"][name] and draw(st.booleans()):
            return f"{draw(number(0.5, 8))} d"
        return draw(st.integers(low, high))

    def replenishment(name: str) -> Plain:
        if not sellers[name]:
            return {"kind": "none"}
        kind = draw(st.sampled_from(["base_stock", "s_Q", "s_S", "R_S", "R_s_S", "none"]))
        found: Plain = {"kind": kind}
        if kind == "base_stock":
            found["S"] = level(name, -2, 12)
        elif kind == "s_Q":
            found |= {"s": level(name, -2, 10), "Q": level(name, 1, 12)}
        elif kind in ("s_S", "R_s_S"):
            s = draw(st.integers(-2, 10))
            found |= {"s": s, "S": s + draw(st.integers(0, 10))}
        elif kind == "R_S":
            found["S"] = level(name, -2, 20)
        if kind.startswith("R_"):
            found["R"] = draw(number(0.3, 7))
            if draw(st.booleans()):
                found["first"] = draw(number(0, 5))
        if kind != "none":
            form = draw(st.sampled_from(["first", "named", "shares"]))
            if form == "named":
                found["supplier"] = draw(st.sampled_from(sellers[name]))
            elif form == "shares":
                found["supplier"] = {sellers[name][0]: 1} if len(sellers[name]) == 1 else {sellers[name][0]: "30 %", sellers[name][1]: 0.7}
        return found

    acceptance = st.one_of(
        st.just({"kind": "never"}),
        st.just({"kind": "always"}),
        st.integers(0, 6).map(lambda n: {"kind": "limit", "units": n}),
    )
    allocation = st.one_of(
        st.sampled_from([{"kind": "fifo"}, {"kind": "lifo"}, {"kind": "priority"}]),
        st.tuples(st.integers(0, 5), st.integers(1, 2)).map(lambda p: {"kind": "critical_level", "units": p[0], "top": p[1]}),
    )
    fulfilment = st.sampled_from(["as_available", "line_complete", "order_complete"])
    window = st.just({"kind": "none"}) | number(0.25, 8).map(lambda x: {"kind": "cancel_after", "days": x})
    return {
        "replenishment": {name: replenishment(name) for name in d["items"]},
        "acceptance": draw(acceptance | st.fixed_dictionaries({"default": acceptance, "mug": acceptance})),
        "allocation": draw(allocation),
        "fulfilment": {"kind": draw(fulfilment)},
        "window": draw(window),
    }


# ---------------------------------------------------------------------------------------------- the whole world
@st.composite
def worlds(draw: st.DrawFn) -> Words:
    """A scenario that validates, with two policies."""
    dated = draw(st.booleans())
    horizon = draw(number(0.5, 30))
    items = list(ITEMS[: draw(st.integers(1, 3))])
    d: Plain = {"name": "random world", "clock": {"horizon": horizon}, "items": {}, "customers": {}, "suppliers": {}}
    if dated:
        d["clock"]["start"] = draw(st.sampled_from(["2025-01-06", "2024-02-28T13:37"]))
    d["clock"]["warm_up"] = draw(st.sampled_from([0, round(horizon / 3, 2), round(horizon * 0.9, 2)]))
    for name in items:
        demand = draw(maybe(number(0.1, 3)))
        d["items"][name] = {"price": draw(number(0, 50)), "unit_cost": draw(number(0, 30))}
        d["items"][name] |= {} if demand is None else {"demand": f"{demand} / d"}
    d["carriers"] = {
        name: {"transit": draw(laws(4.0)), "cost": {"parcel": draw(number(0, 5)), "unit": draw(number(0, 1))}}
        for name in ("van", "bike")[: draw(st.integers(0, 2))]
    }
    orders = ""
    for name in ("web", "shop", "Händler")[: draw(st.integers(0, 3))]:
        spec: Plain = {}
        if not orders and draw(st.booleans()):
            spec["arrivals"], orders = draw(order_book(items, horizon))
        else:
            spec["arrivals"] = draw(arrivals(horizon, dated))
            spec["basket"] = draw(baskets(items))
        for key, law in (("patience", laws(6.0)), ("need_by", laws(6.0))):
            value = draw(maybe(law))
            spec |= {} if value is None else {key: value}
        spec["priority"] = draw(st.integers(1, 3))
        spec["one_parcel"] = draw(st.sampled_from([0, "40 %", 1]))
        if d["carriers"] and draw(st.booleans()):
            spec["carrier"] = draw(st.sampled_from(list(d["carriers"])))
        d["customers"][name] = spec
    taken: set[tuple[str, str]] = set()
    for name in ("pottery", "importer")[: draw(st.integers(0, 2))]:
        sold = items if name == "pottery" else draw(st.lists(st.sampled_from(items), min_size=1, unique=True))
        spec = {"items": list(sold), "lead_time": draw(laws(6.0)), "crossing": draw(st.sampled_from(["allowed", "fifo"]))}
        spec["minimum"] = draw(st.sampled_from([0, 0, 7]))
        if draw(st.booleans()):
            spec["yield"] = draw(st.sampled_from([0.5, "90 %", {"kind": "uniform", "low": 0.6, "high": 1.2}, 0]))
        if draw(st.booleans()):
            start = draw(number(0, horizon))
            spec["closures"] = [{"from": start, "to": start + draw(number(0, 5))}]
            taken.add(("closure", f"supplier:{name}"))
        d["suppliers"][name] = spec
    d["warehouse"] = {"stock": {name: draw(st.integers(-6, 20)) for name in items}}
    if draw(st.booleans()):
        d["warehouse"]["picking"] = {"time": draw(laws(0.3))}
        workers = draw(maybe(st.integers(1, 3)))
        d["warehouse"]["picking"] |= {} if workers is None else {"workers": workers}
    d["events"] = [draw(events(d, horizon, dated, taken)) for _ in range(draw(st.integers(0, 3)))]
    d["costs"] = {
        "holding": draw(st.sampled_from(["25 % / y", "1 / d", 0.5])),
        "order": draw(number(0, 50)),
        "backorder": draw(st.sampled_from([0, "2 / d"])),
    }
    d["policies"] = {"first": draw(policies(d)), "second": draw(policies(d))}
    return Words(d, orders)
