"""What must not change when a world is told in another way: the same seed, two tellings, one history."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import describe
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import digest, named, without
from tests.properties.models.worlds import LOOK, Plain, Words, worlds

SEED, REPLICATION = 5, 2


def play(words: Words | str, policy: str = "first", replication: int = REPLICATION) -> Any:
    scenario = load_text(words) if isinstance(words, str) else words.scenario()
    run = simulate(scenario, policy, SEED, replication)
    run.audit()
    return run


def copied(words: Words) -> tuple[Plain, Plain]:
    """Two copies of the document, free to be changed."""
    return copy.deepcopy(words.document), copy.deepcopy(words.document)


def orders_changed(orders: str, columns: tuple[str, ...], change: Any) -> str:
    """The order book with some of its columns changed, empty cells left alone."""
    if not orders:
        return ""
    head, *lines = [line.split(",") for line in orders.splitlines()]
    for line in lines:
        for k, name in enumerate(head):
            if name.startswith(columns) and line[k] != "":
                line[k] = change(line[k])
    return "\n".join(map(",".join, [head, *lines])) + "\n"


SHOP = """
name: shop
clock: {horizon: 60 d, warm_up: 5 d}
items:
  mug: {price: 12, unit_cost: 5}
customers:
  web:
    arrivals: {kind: poisson, rate: 3 / d}
    basket: {kind: single, item: mug, quantity: QUANTITY}
warehouse: {stock: {mug: STOCK}}
suppliers:
  pottery: {items: [mug], lead_time: LEAD}
policies:
  first: {replenishment: REPLENISHMENT, acceptance: {kind: ACCEPTANCE}}
"""


def shop(
    replenishment: str,
    stock: int,
    quantity: str = "1",
    lead: str = "{kind: gamma, mean: 4 d, cv: 0.8}",
    accept: str = "always",
) -> str:
    found = SHOP.replace("REPLENISHMENT", replenishment).replace("STOCK", str(stock)).replace("LEAD", lead)
    return found.replace("QUANTITY", quantity).replace("ACCEPTANCE", accept)


# -------------------------------------------------------------------------------------------- M1, M2: scales
def slower(law: Any, k: int) -> Any:
    """A law of durations, times k."""
    if not isinstance(law, dict):
        return law * k
    if law["kind"] in ("poisson", "geometric", "negative_binomial"):
        return law["mean"] * k
    found = dict(law)
    for name in ("value", "mean", "low", "mode", "high", "sd", "by"):
        if name in law and not (law["kind"] == "normal" and name == "low"):
            found[name] = law[name] * k
    if "values" in law:
        found["values"] = [value * k for value in law["values"]]
    if "parts" in law:
        found["parts"] = [{"share": part["share"], "of": slower(part["of"], k)} for part in law["parts"]]
    if "of" in law:
        found["of"] = slower(law["of"], k)
    return found


def slow_world(d: Plain, k: int) -> Plain:
    """The same world on a clock that goes k times slower: durations times k, rates divided by k."""
    for key in ("horizon", "warm_up"):
        d["clock"][key] *= k
    d["clock"].pop("start", None)
    for item in d["items"].values():
        if "demand" in item:
            item["demand"] = float(item["demand"].split()[0]) / k
    for spec in d["customers"].values():
        pattern = spec["arrivals"]
        if pattern["kind"] == "profile":
            spec["arrivals"] = pattern = {"kind": "poisson", "rate": f"{pattern['rate']} / d"}
        for key in ("interval", "first"):
            if key in pattern:
                pattern[key] *= k
        if "rate" in pattern:
            pattern["rate"] = float(pattern["rate"].split()[0]) / k
        if "gap" in pattern:
            pattern["gap"] = slower(pattern["gap"], k)
        for key in ("patience", "need_by"):
            if key in spec:
                spec[key] = slower(spec[key], k)
        if "back_after" in spec.get("inflate", {}):
            spec["inflate"]["back_after"] *= k
    for spec in d["suppliers"].values():
        spec["lead_time"] = slower(spec["lead_time"], k)
        for span in spec.get("closures", []):
            span["from"] *= k
            span["to"] *= k
    for spec in d["carriers"].values():
        spec["transit"] = slower(spec["transit"], k)
    if "picking" in d["warehouse"]:
        d["warehouse"]["picking"]["time"] = slower(d["warehouse"]["picking"]["time"], k)
    for event in d["events"]:
        for key in ("at", "until", "lasts", "every", "extra"):
            if key in event:
                event[key] = slower(event[key], k)
        recorded = any(d["customers"][name]["arrivals"]["kind"] == "trace" for name in event.get("customers", []))
        if recorded:
            event["factor"] = 1  # what is usual on a record is counted by the day
    for policy in d["policies"].values():
        for decision in policy["replenishment"].values():
            for key in ("R", "first"):
                if key in decision:
                    decision[key] *= k
            for key in ("s", "S", "Q"):
                if isinstance(decision.get(key), str):
                    decision[key] = f"{float(decision[key].split()[0]) * k!r} d"
        for decision in (policy["window"], policy["fulfilment"]):
            if "days" in decision:
                decision["days"] *= k
        if policy["allocation"].get("run") == "nightly":  # a night is a night
            policy["allocation"] = {"kind": "priority"}
    return d


@LOOK
@given(worlds())
def test_m1_a_world_four_times_slower_has_the_same_facts_four_times_later(words):
    one, four = copied(words)
    times = ("ts", "cancel_time", "patience", "transit")
    slow = Words(slow_world(four, 4), orders_changed(words.orders, times, lambda cell: repr(float(cell) * 4)))
    fast = play(Words(slow_world(one, 1), words.orders))
    assert named(fast, time=4.0) == named(play(slow))


def large_world(d: Plain, k: int) -> Plain:
    """The same world with k units where one was; quantities are given whole numbers, nothing is rounded."""
    for item in d["items"].values():
        item.pop("demand", None)
    law = {"kind": "discrete", "values": [k, 2 * k, 5 * k], "weights": [3, 2, 1]}
    for spec in d["customers"].values():
        basket = spec.get("basket", {})
        if basket.get("kind") == "bundle":
            basket["items"] = dict.fromkeys(basket["items"], law)
        elif basket:
            basket["quantity"] = law
        spec.pop("inflate", None)  # rounded to whole units
    d["warehouse"]["stock"] = {name: units * k for name, units in d["warehouse"]["stock"].items()}
    for spec in d["suppliers"].values():
        spec["minimum"] *= k
        spec.pop("yield", None)
    for policy in d["policies"].values():
        for decision in policy["replenishment"].values():
            for key in ("s", "S", "Q"):
                if key in decision:
                    decision[key] = (7 if isinstance(decision[key], str) else decision[key]) * k
        accepts = policy["acceptance"]
        for rule in accepts.values() if "default" in accepts else [accepts]:
            if "units" in rule:
                rule["units"] *= k
        if "units" in policy["allocation"]:
            policy["allocation"]["units"] *= k
        if policy["allocation"]["kind"] in ("proportional", "linear", "uniform"):  # whole units do not divide alike
            policy["allocation"] = {"kind": "fifo"}
        if policy["fulfilment"].get("kind") in ("minimum_split", "minimum_allocated"):
            policy["fulfilment"] = {"kind": "line_complete"}
    return d


@LOOK
@given(worlds())
def test_m2_a_world_with_all_sizes_and_levels_three_times_as_large_has_the_same_facts(words):
    one, three = copied(words)
    orders = orders_changed(words.orders, ("qty", "cancel_quantity"), lambda cell: str(int(cell) * 3))
    small, large = play(Words(large_world(one, 1), words.orders)), play(Words(large_world(three, 3), orders))
    assert named(small, units=3) == named(large)


# ------------------------------------------------------------------------------------------ M3, M4: the others
def renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


@LOOK
@given(worlds(), st.randoms(use_true_random=False))
def test_m3_renamed_objects_that_keep_their_streams_keep_every_fact(words, dice):
    d, _ = copied(words)
    names = {}
    for family in ("items", "customers", "suppliers", "carriers"):
        for k, name in enumerate(d[family]):
            d[family][name]["stream"] = name
            names[name] = f"{dice.choice('azÄ')} {family} {k}"
    orders = orders_changed(words.orders, ("item",), lambda cell: names[cell])
    streams = {
        family: [spec["stream"] for spec in d[family].values()]
        for family in ("items", "customers", "suppliers", "carriers")
    }
    d = renamed(d, names)
    for family, given_names in streams.items():
        for spec, stream in zip(d[family].values(), given_names, strict=True):
            spec["stream"] = stream
    assert digest(play(words)) == digest(play(Words(d, orders)))


def with_stranger(d: Plain, name: str, rate: float) -> Plain:
    """Another product with customers and a supplier of its own; everybody else is left alone."""
    d["items"][name] = {"price": 3, "unit_cost": 1}
    d["customers"][f"{name} lovers"] = {
        "arrivals": {"kind": "poisson", "rate": rate},
        "basket": {"kind": "single", "item": name, "quantity": {"kind": "geometric", "mean": 2}},
        "patience": {"kind": "exponential", "mean": 2},
    }
    d["suppliers"][f"{name} maker"] = {"items": [name], "lead_time": {"kind": "exponential", "mean": 3}}
    d["warehouse"]["stock"][name] = 4
    for policy in d["policies"].values():
        policy["replenishment"][name] = {"kind": "s_Q", "s": 5, "Q": 10}
    return d


@LOOK
@given(worlds(), st.sampled_from(["aaa", "zzz"]), st.sampled_from([0.5, 5.0]))
def test_m4_a_new_product_with_its_own_customers_and_supplier_changes_nothing_for_the_others(words, name, rate):
    d, more = copied(words)
    for document in (d, more):
        document["warehouse"].get("picking", {}).pop("workers", None)  # pickers would be shared
        document["events"] = [event for event in document["events"] if "warehouse" not in event] + document["events"][
            :0
        ]
    old = set(d["customers"])
    assume(old)
    before, after = play(Words(d, words.orders)), play(Words(with_stranger(more, name, rate), words.orders))
    assert named(before, segments=old) == named(after, segments=old)


BUSY = """
name: busy
clock: {horizon: 20 d}
items: {mug: {price: 12, unit_cost: 5}, plate: {price: 9, unit_cost: 4}}
customers:
  web:
    arrivals: {kind: poisson, rate: 40 / d}
    basket: {kind: bundle, items: {mug: {kind: normal, mean: 2, sd: 2}, plate: MIXED}}
    patience: {kind: mixture, parts: [{share: 30 %, of: {kind: exponential, mean: 1 d}}, {share: 70 %, of: 4 d}]}
    need_by: {kind: shifted, by: 1 d, of: {kind: sequence, values: [1 d, 2 d, 5 d]}}
warehouse: {picking: {time: {kind: normal, mean: 1 h, sd: 1 h}}, stock: {mug: 30}}
suppliers: {pottery: {items: [mug, plate], lead_time: {kind: normal, mean: 2 d, sd: 2 d}}}
carriers: {van: {transit: {kind: shifted, by: 1 d, of: {kind: normal, mean: 1, sd: 1}}}}
policies: {first: {replenishment: {mug: {kind: base_stock, S: 60}, plate: {kind: R_S, R: 1 d, S: 90}}}}
events: []
"""


def test_m4_holds_for_laws_that_throw_numbers_away_however_many_orders_are_drawn_at_a_time():
    mixed = {
        "kind": "mixture",
        "parts": [{"share": 0.5, "of": {"kind": "poisson", "mean": 2}}, {"share": 0.5, "of": 1}],
    }
    d = yaml.safe_load(BUSY.replace("MIXED", str(mixed)))
    before = play(Words(copy.deepcopy(d)))
    after = play(Words(with_stranger(d, "aaa", 900.0)))
    assert named(before, segments={"web"}) == named(after, segments={"web"})


# --------------------------------------------------------------------------------- M7, M12, M13, M15: policies
@pytest.mark.parametrize("quantity", ["1", "{kind: geometric, mean: 2}"])
@pytest.mark.parametrize("replication", range(5))
def test_m7_with_one_unit_more_of_base_stock_the_backlog_is_never_higher(quantity, replication):
    paths = []
    for S in (12, 13):
        run = play(shop(f"{{kind: base_stock, S: {S}}}", S, quantity), replication=replication)
        paths.append(run.level("backlog"))
    times = np.union1d(paths[0].times, paths[1].times)
    low, high = (path.values[np.searchsorted(path.times, times, side="right") - 1] for path in paths)
    assert (high <= low).all()
    assert (high < low).any()


@pytest.mark.parametrize("quantity", ["1", "{kind: geometric, mean: 2}"])
def test_m12_s_q_with_a_quantity_of_one_is_base_stock_at_s_plus_one(quantity):
    one = play(shop("{kind: s_Q, s: 9, Q: 1}", 10, quantity))
    assert digest(one) == digest(play(shop("{kind: base_stock, S: 10}", 10, quantity)))


def test_m13_with_unit_demand_s_S_is_s_q_with_the_difference_as_quantity():
    one = play(shop("{kind: s_S, s: 6, S: 15}", 15))
    assert digest(one) == digest(play(shop("{kind: s_Q, s: 6, Q: 9}", 15)))


def test_m14_a_replication_is_the_same_alone_and_after_others():
    text = shop("{kind: s_S, s: 6, S: 15}", 15, "{kind: geometric, mean: 2}")
    scenario = load_text(text)
    many = [digest(simulate(scenario, "first", SEED, k)) for k in range(5)]
    assert len(set(many)) == 5
    assert digest(simulate(load_text(text), "first", SEED, 3)) == many[3]
    assert [digest(simulate(scenario, "first", SEED, k)) for k in reversed(range(5))] == many[::-1]


@pytest.mark.parametrize("replication", range(5))
def test_m15_at_the_same_level_lost_sales_fill_at_least_what_backorders_fill(replication):
    rates = [
        evaluate(play(shop("{kind: base_stock, S: 10}", 10, "1", "4 d", accept), replication=replication))["fill_rate"]
        for accept in ("always", "never")
    ]
    assert rates[0] < rates[1]


def test_m6_the_order_of_service_changes_no_total():
    text = shop("{kind: base_stock, S: 10}", 10) + "  second: {extends: first, allocation: {kind: lifo}}\n"
    fifo, lifo = play(text), play(text, "second")
    assert digest(fifo) != digest(lifo)
    assert fifo.final == lifo.final
    for level in ("backlog", "on_hand", "on_order"):
        assert all(np.array_equal(*pair) for pair in zip(fifo.level(level), lifo.level(level), strict=True))


# ------------------------------------------------------------------------------------- M8, M9: what is nothing
@LOOK
@given(worlds())
def test_m8_patience_far_beyond_the_horizon_is_none(words):
    d, patient = copied(words)
    for name in d["customers"]:
        d["customers"][name].pop("patience", None)
        patient["customers"][name]["patience"] = {
            "kind": "shifted",
            "by": 1e9,
            "of": {"kind": "exponential", "mean": 3},
        }
    assert digest(play(Words(d, words.orders))) == digest(play(Words(patient, words.orders)))


@LOOK
@given(worlds(), st.integers(0, 100))
def test_m9_happenings_of_no_length_and_spikes_of_no_strength_are_none(words, at):
    d, more = copied(words)
    at = d["clock"]["horizon"] * at / 100
    for document in (d, more):
        for spec in document["suppliers"].values():
            spec.pop("closures", None)
        document["events"] = [e for e in document["events"] if e["kind"] in ("demand_spike", "supplier_delay")]
    for name in d["suppliers"]:
        more["suppliers"][name]["closures"] = [{"from": at, "to": at}]
        more["events"].append({"kind": "supplier_delay", "supplier": name, "at": at, "lasts": 0, "extra": 9})
        more["events"].append({"kind": "supplier_delay", "supplier": name, "at": at, "lasts": 9, "extra": 0})
        more["events"].append({"kind": "outage", "supplier": name, "every": 0.5, "lasts": 0})
    for name in d["carriers"]:
        more["events"].append({"kind": "outage", "carrier": name, "at": at, "lasts": "0 h"})
    for name in d["customers"]:
        more["events"].append({"kind": "demand_spike", "customers": name, "at": at, "until": at, "factor": 7})
        more["events"].append({"kind": "demand_spike", "customers": name, "at": at, "lasts": 5, "factor": 1})
        more["events"].append(
            {"kind": "demand_spike", "customers": name, "at": at, "lasts": 5, "factor": 0, "chance": 0}
        )
    more["events"].append({"kind": "closure", "warehouse": True, "at": at, "lasts": 0})
    assert digest(play(Words(d, words.orders))) == digest(play(Words(more, words.orders)))


# ---------------------------------------------------------------------------------------------- M11: money only
@LOOK
@given(worlds())
def test_m11_other_costs_change_no_fact_and_no_kpi_but_money(words):
    d, dear = copied(words)
    dear["costs"] = {"holding": "50 % / y", "order": 77, "backorder": 3}
    for spec in dear["carriers"].values():
        spec["cost"] = {"parcel": 8, "unit": 2}
    for spec in dear["suppliers"].values():
        spec["unit_cost"] = dict.fromkeys(spec["items"], 9)
    one, other = play(Words(d, words.orders)), play(Words(dear, words.orders))
    assert digest(one) == digest(other)
    before, after = evaluate(one), evaluate(other)
    changed = {name for name in before if before[name] != after[name]}
    assert {describe(name).group for name in changed} <= {"money", "trust"}
    assert not changed & {"revenue", "refunds"}


# ------------------------------------------------------------------------------------ M16, M17, M19: other words
def test_m16_a_million_pickers_are_any_number_of_pickers():
    text = shop("{kind: s_S, s: 6, S: 15}", 15).replace("warehouse: {", "warehouse: {picking: {time: 3 h, WORKERS}, ")
    any_number = play(text.replace(", WORKERS", ""))
    assert digest(any_number) == digest(play(text.replace("WORKERS", "workers: 1000000")))
    assert digest(any_number) != digest(play(text.replace("WORKERS", "workers: 1")))


def test_m17_baskets_of_many_lines_with_one_line_are_single_lines():
    quantity = "{kind: geometric, mean: 2}"
    text = shop("{kind: s_S, s: 6, S: 15}", 15, quantity)
    single = f"{{kind: single, item: mug, quantity: {quantity}}}"
    assert single in text
    for lines in ("1", "3"):
        weighted = f"{{kind: weighted, items: {{mug: 2}}, lines: {lines}, quantity: {quantity}}}"
        assert digest(play(text)) == digest(play(text.replace(single, weighted)))


def test_m17_orders_of_one_line_are_the_same_whether_they_ship_by_line_or_complete():
    text = shop("{kind: s_S, s: 6, S: 15}", 15, "{kind: geometric, mean: 2}")
    text += "  lines: {extends: first, fulfilment: {kind: line_complete}}\n"
    text += "  orders: {extends: first, fulfilment: {kind: order_complete}}\n"
    assert digest(play(text, "lines")) == digest(play(text, "orders"))


def test_m19_hours_days_and_weeks_are_one_time():
    text = """
        name: units
        clock: {horizon: 70 d, warm_up: 7 d}
        items: {mug: {price: 12, unit_cost: 5, demand: 48 / d}}
        customers:
          web:
            arrivals: {kind: poisson, rate: 48 / d}
            basket: {kind: single, item: mug}
            patience: {kind: exponential, mean: 0.5 d}
        warehouse: {stock: {mug: 100}}
        suppliers: {pottery: {items: [mug], lead_time: {kind: uniform, low: 1 d, high: 3 d}}}
        carriers: {van: {transit: {kind: gamma, mean: 2 d, cv: 0.5}}}
        events: [{kind: outage, supplier: pottery, at: 14 d, lasts: 0.25 d}]
        costs: {holding: 24 / d, backorder: 2 / d}
        policies: {first: {replenishment: {kind: R_S, R: 1 d, S: 4 d}, window: {kind: cancel_after, days: 2 d}}}
    """
    told = {
        "70 d": "10 w",
        "7 d": "1 w",
        "48 / d": "2 / h",
        "0.5 d": "12 h",
        "1 d": "24 h",
        "3 d": "72 h",
        "2 d": "2880 min",
    }
    told |= {"14 d": "2 w", "0.25 d": "21600 s", "24 / d": "1 / h", "2 / d": "14 / w", "4 d": "96 h"}
    other = text
    for days in sorted(told, key=len, reverse=True):
        other = re.sub(rf"(?<![<\d.]){re.escape(days)}(?!>)", f"<{days}>", other)
    for days, words in told.items():
        other = other.replace(f"<{days}>", words)
    assert "<" not in other
    assert " d" not in other.replace(" demand", "").replace(" days", "")
    one, two = play(text), play(other)
    assert digest(one) == digest(two)
    assert evaluate(one) == evaluate(two)


def shuffled(value: Any, dice: random.Random, key: str = "") -> Any:
    """Mappings in another order, where their order means nothing (the first supplier and carrier mean something)."""
    if isinstance(value, dict):
        names = list(value)
        if key not in ("suppliers", "carriers", "supplier"):
            dice.shuffle(names)
        return {name: shuffled(value[name], dice, name) for name in names}
    return [shuffled(inner, dice) for inner in value] if isinstance(value, list) else value


def shared(value: Any, seen: dict[str, Any]) -> Any:
    """Equal parts become one object, which YAML writes as an anchor and its aliases."""
    if isinstance(value, dict):
        value = {key: shared(inner, seen) for key, inner in value.items()}
    elif isinstance(value, list):
        value = [shared(inner, seen) for inner in value]
    else:
        return value
    return seen.setdefault(repr(value), value)


@LOOK
@given(worlds(), st.randoms(use_true_random=False))
def test_m22_the_order_of_keys_comments_and_anchors_mean_nothing(words, dice):
    d = shared(shuffled(words.document, dice), {})
    text = yaml.safe_dump(d, sort_keys=False, allow_unicode=True, default_flow_style=dice.choice([None, False, True]))
    commented = "\n".join(f"{line}   # {dice.random()}\n\n  # more" for line in text.splitlines())
    if dice.choice([True, False]) and not text.startswith("{"):
        text = commented
    words.scenario()  # writes the order book
    folder = words.scenario()._origin.folder
    told_otherwise = simulate(load_text(text, folder), "first", SEED, REPLICATION)
    assert digest(play(words)) == digest(told_otherwise)


def test_the_relations_would_notice_a_difference():
    text = shop("{kind: s_S, s: 6, S: 15}", 15)
    one, other = play(text), play(text, replication=REPLICATION + 1)
    assert digest(one) != digest(other)
    assert named(one) != named(other)
    assert without(named(one), "demand") != without(named(other), "demand")
