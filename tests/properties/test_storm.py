"""The storm: random worlds of every kind keep every law, and are the same world in whatever words it is told.

A failure names the number of its world; `python -m tests.properties.models.storm NUMBER` prints it as a scenario file.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel

from simulator.foundation.plugin import FAMILIES, Plugin
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined, describe
from simulator.randomness import estimate
from simulator.scenario.schema.schema import Scenario
from simulator.world import supplier_states
from simulator.world.delivery import parcels
from simulator.world.simulate import simulate
from simulator.world.waiting import waiting_orders
from tests.properties.models.books import Books
from tests.properties.models.calm import FIRST, calmed
from tests.properties.models.facts import digest, named, rows
from tests.properties.models.laws import are_numbers, compare_totals
from tests.properties.models.scaled import dearer, slower
from tests.properties.models.storm import storm
from tests.properties.models.tellings import objects, renamed, shuffled, with_idlers
from tests.properties.models.worlds import Plain, Words
from tests.properties.test_dates import delivered_in_full, first_promises, last_parcels
from tests.properties.test_metamorphic import orders_changed

WORLDS, SAMPLE = 300, 12
SEED, REPLICATION = 11, 3


def play(scenario: Scenario, policy: str) -> Any:
    """An audited run, its own books and those of its suppliers balanced."""
    run = simulate(scenario, policy, SEED, REPLICATION)
    run.audit()
    return run


# ------------------------------------------------------------------------------------------------------- laws
def goods_are_conserved(run: Any, window: float) -> None:
    """Each shelf ends with what came less what went, here and at suppliers; orders ship what they got."""
    assert not Books(run).problems(window)
    for supplier in run.suppliers.values():
        assert not Books(supplier).problems()


def dates_lie_ahead(run: Any) -> None:
    """No date that is worked out lies in the past when it is given."""
    by_rule = run.promised is not None and run.promised.waiting
    known = set()
    for fact in () if by_rule else rows(run, "promises"):
        date = fact["order"], fact["date"]
        assert fact["date"] >= fact["time"] or date in known  # a message may come late with it
        known.add(date)


def receipts_keep_their_order(run: Any, scenario: Scenario) -> None:
    """Under `crossing: fifo` nothing arrives before what left its supplier earlier, unless it was hurried."""
    hurried = {fact["purchase"] for fact in rows(run, "hurried")}
    days: dict[float, list[float]] = {}
    for fact in rows(run, "receipts"):
        days.setdefault(fact["purchase"], []).append(fact["time"])
    last: dict[tuple[float, float], float] = {}
    for fact in rows(run, "shipped"):
        name = run.world.suppliers[int(fact["supplier"])].name
        came = days.get(fact["purchase"])
        if scenario.suppliers[name].crossing == "fifo" and fact["purchase"] not in hurried and came:
            way = fact["supplier"], fact["item"]
            assert came[0] >= last.get(way, 0.0), f"purchase {fact['purchase']:g} overtakes"
            last[way] = came.pop(0)


def check_laws(scenario: Scenario) -> None:
    """What holds in each run, under every policy."""
    for name, policy in scenario.policies.items():
        run = play(scenario, name)
        goods_are_conserved(run, policy.window["default"].length)
        dates_lie_ahead(run)
        receipts_keep_their_order(run, scenario)
        reported = evaluate(run)
        are_numbers(reported)
        compare_totals(scenario, name, reported)


# ------------------------------------------------------------------------------------------------------ tellings
def kpis(scenario: Scenario, policy: str) -> tuple[str, dict[str, Any]]:
    """The fingerprint of a run, and its KPIs with a value."""
    run = play(scenario, policy)
    found = {key: value for key, value in evaluate(run).items() if not isinstance(value, Undefined)}
    return " ".join(map(digest, (run, *run.suppliers.values()))), found


def check_names(words: Words, policy: str, usual: tuple[str, dict[str, Any]]) -> None:
    """Other names change no number."""
    told, names = renamed(words, random.Random(1))
    mark, found = kpis(told.scenario(), f"as {policy}")
    assert mark == usual[0]
    for key, value in usual[1].items():
        head, _, part = key.rstrip("]").partition("[")
        assert found[f"{head}[{names.get(part, part)}]" if part else key] == value, key


def check_order(words: Words, policy: str, usual: tuple[str, dict[str, Any]]) -> None:
    """The order of keys, and of policies, changes no number."""
    told = words._replace(document=shuffled(words.document, random.Random(2)))
    mark, found = kpis(told.scenario(), policy)
    assert mark == usual[0]
    assert found == usual[1]


def check_money(words: Words, policy: str, usual: tuple[str, dict[str, Any]]) -> None:
    """If all money is doubled, so is every amount of money, and nothing else changes."""
    told = words._replace(document=dearer(2.0).scenario(words.document))
    mark, found = kpis(told.scenario(), policy)
    assert mark == usual[0] or any(fact for fact in rows(play(words.scenario(), policy), "hurried"))
    assert found.keys() == usual[1].keys()
    for key, value in usual[1].items():
        times = 2 if describe(key).unit == "currency" else 1
        assert found[key] == pytest.approx(times * value, rel=1e-12, abs=2e-9), key  # balances are kept to 1e-9


def check_idlers(words: Words, policy: str, usual: tuple[str, dict[str, Any]]) -> None:
    """What nobody uses changes no number but those that are means over items."""
    for name in ("aaa", "zzz"):
        _, found = kpis(with_idlers(words, name).scenario(), policy)
        for key, value in usual[1].items():
            if key not in OVER_ITEMS:
                assert found[key] == pytest.approx(value, rel=1e-12), key


OVER_ITEMS = ("ready_rate", "backorder_episodes", "records_wrong")
"""Means over all items: one that nobody orders counts, too."""


def check_time(words: Words, policy: str) -> None:
    """A world four times slower has the same facts four times later."""
    timeless = words._replace(document=without_calendar(words.document))
    orders = orders_changed(words.orders, DATED_COLUMNS, lambda cell: repr(float(cell) * 4))
    plan = orders_changed(words.files.get("plan.csv", ""), ("ts",), lambda cell: repr(float(cell) * 4))
    foreseen = orders_changed(words.files.get("forecast.csv", ""), ("day",), lambda cell: repr(float(cell) * 4))
    files = {**words.files, "plan.csv": plan, "forecast.csv": foreseen}
    slow = Words(slower(4.0).scenario(timeless.document), orders, files)
    fast = timeless._replace(document=slower(1.0).scenario(timeless.document))
    with constants_times(4.0):
        told = named(play(slow.scenario(), policy))
    usual = named(play(fast.scenario(), policy), time=4.0)
    assert told.keys() == usual.keys()
    for table, facts in usual.items():
        assert told[table] == facts, table


@contextmanager
def constants_times(factor: float) -> Iterator[None]:
    """The durations that no key sets are as many times longer, too."""
    with pytest.MonkeyPatch.context() as patch:
        constants = (
            (estimate, "OVERDUE"),
            (parcels, "RETRY"),
            (waiting_orders, "SOON"),
            (supplier_states, "TOLERANCE"),
        )
        for module, name in constants:
            patch.setattr(module, name, factor * getattr(module, name))
        yield


DATED_COLUMNS = ("ts", "cancel_time", "patience", "transit")


def without_calendar(document: Plain) -> Plain:
    """The world without words that mean fixed days, each with the reason."""
    d = copy.deepcopy(document)
    d["clock"].pop("start", None)
    for spec in d["customers"].values():
        arrivals = spec["arrivals"]
        if arrivals["kind"] == "profile":  # weekdays and hours
            spec["arrivals"] = {"kind": "poisson", "rate": arrivals["rate"]}
        for key in ("preset", "contact", "loyalty", "otherwise"):  # days in figures of evidence; orders in a year
            spec.pop(key, None)
        if spec.get("join", {}).get("kind") == "logit":  # the chance at 7 and at 28 days
            spec["join"] = {"kind": "share", "share": 0.5}
        if arrivals["kind"] == "trace":  # what is usual on a record is counted by the day
            spec.pop("scarcity", None)
    recorded = {name for name, spec in d["customers"].items() if spec["arrivals"]["kind"] == "trace"}
    d["events"] = [event for event in d["events"] if not recorded & {*event.get("customers", ())}]
    d["events"] = [event for event in d["events"] if event["kind"] != "record_error"]  # found after a day
    for name, spec in d["items"].items():
        if recorded and "markdown" in spec.get("season", {}):
            del d["items"][name]["season"]["markdown"]
    d.pop("reviews", None)
    for spec in d["customers"].values():
        spec.get("returns", {}).pop("exchange", None)  # looked for day by day
    for spec in d["carriers"].values():
        spec.pop("lost", None)  # what is lost is asked for again day by day
    for _, spec in objects(d, "suppliers"):
        spec.get("capacity", {}).pop("hours", None)
    for place in [d.get("warehouse", {}), *d.get("warehouses", {}).values()]:
        place.pop("records", None)  # lost and misplaced day by day
    for policy in d["policies"].values():
        policy.pop("preset", None)
        if policy.get("window", {}).get("kind") == "ftc":  # 30 days, by law
            policy["window"] = {"kind": "none"}
        if policy.get("allocation", {}).get("run") == "nightly":
            policy["allocation"] = {"kind": "priority"}
        if policy.get("promise", {}).get("repromise") == "on_change":  # looks at most twice a day
            policy["promise"] = {**policy["promise"], "repromise": "on_infeasible"}
        if "follow_up" in policy.get("communication", {}).get("also", ()):  # a week after the delivery
            policy["communication"] = {**policy["communication"], "also": ["order", "shipped", "held"]}
    return d


# ---------------------------------------------------------------------------------------------------------- dates
def check_dates(words: Words) -> int:
    """Without chance and without a named cause every first promise is kept; returns how many were compared."""
    run = play(calmed(words).scenario(), FIRST)
    delivered, complete = last_parcels(run), delivered_in_full(run)
    found = {order: date for order, (_, date) in first_promises(run).items() if order in complete}
    late = {order: (date, delivered[order]) for order, date in found.items() if delivered[order] > date + 1e-9}
    assert not late, "late against the first date"
    return len(found)


def check_checkout(words: Words) -> bool:
    """The first order that waits is taken up to the very day that is promised to it, and refused a minute below."""
    calm = calmed(words)
    d = calm.document
    for spec in d["customers"].values():
        spec.pop("join", None)
    run = play(calm.scenario(), FIRST)
    waits = {int(order) for order in run.backordered.own["order"]}
    first = min(waits, default=-1)
    when, date = first_promises(run).get(first, (0.0, 0.0))
    wanted = run.demand.wanted
    if wanted is not None and first >= 0 and wanted[first] > when:
        when = float(wanted[first])  # a customer who wants the goods later minds only the days after that
    if date - when <= 1 / 1440 or first in run.refused["order"]:  # it cannot be ordered for another reason
        return False
    for slack, taken in ((1e-6, True), (-1 / 1440, False)):
        d["policies"][FIRST]["acceptance"] = {"kind": "eta_limit", "days": date - when + slack}
        assert (first not in play(calm.scenario(), FIRST).refused["order"]) is taken
    return True


# --------------------------------------------------------------------------------------------------------- worlds
def check(number: int) -> None:
    """All laws in one world."""
    words = storm(number)
    scenario = words.scenario()
    check_laws(scenario)
    policy = next(iter(scenario.policies))
    usual = kpis(scenario, policy)
    for telling in (check_names, check_order, check_money, check_idlers):
        telling(words, policy, usual)
    check_time(words, policy)
    check_dates(words)
    check_checkout(words)


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_world_of_the_storm_keeps_every_law(number):
    check(number)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(SAMPLE, WORLDS))
def test_three_hundred_worlds_of_the_storm_keep_every_law(number):
    check(number)


# ------------------------------------------------------------------------------------------------------- coverage
def kinds_in(value: Any) -> Iterator[type[Plugin]]:
    """The kinds that a scenario, or a part of it, is made of."""
    if isinstance(value, Plugin):
        yield type(value)
    if isinstance(value, BaseModel):
        value = dict(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from kinds_in(inner)


def test_every_kind_of_every_family_is_in_the_storm():
    missing = {member: f"{name} {kind}" for name, family in FAMILIES.items() for kind, member in family.kinds.items()}
    for number in range(WORLDS):
        words = storm(number)
        found = set(kinds_in(words.scenario()))
        # a policy that is read has unrolled what is played round by round
        for policy in words.document["policies"].values():
            rounds = [
                name for name, decision in policy.items() if name in FAMILIES and decision.get("kind") == "played"
            ]
            found |= {FAMILIES[name].kinds["played"] for name in rounds}
        missing = {member: name for member, name in missing.items() if member not in found}
        if not missing:
            break
    assert not sorted(missing.values())
