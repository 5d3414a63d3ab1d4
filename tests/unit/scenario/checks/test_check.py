from __future__ import annotations

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.checks.check import CHECKS
from simulator.scenario.loader import load_text
from simulator.scenario.templates import template

SHOP = template("shop")


def said(*changes: tuple[str, str]) -> list[str]:
    """All that is said of the shop after the changes, warnings among it."""
    text = SHOP
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    try:
        return [str(problem) for problem in load_text(text, file="f.yaml").warnings]
    except UserError as error:
        return [str(problem) for problem in error.problems]


def test_every_check_says_what_it_checks():
    for checks in CHECKS.values():
        assert checks
        assert all(check.__doc__ for check in checks)


def test_levels_are_compared_in_units():
    assert said(("s: 14 d, S: 21 d", "s: 1100, S: 21 d")) == [
        (
            "f.yaml:49:35: policies.lean.replenishment.s: "
            "for 'mug', s is 1100 units, above S, which is 1050; must be at most S"
        )
    ]
    assert "for 'plate', s is 700 units, above S, which is 630" in said(("s: 14 d, S: 21 d", "s: 700, S: 21 d"))[0]
    assert said(("s: 14 d, S: 21 d", "s: 600, S: 21 d")) == []


def test_sense_is_looked_for_only_in_what_is_consistent():
    assert len(said(("warm_up: 60 d", "warm_up: 300 d"))) == 1
    both = said(("warm_up: 60 d", "warm_up: 300 d"), ("{mug: 900", "{mgu: 900"))
    assert len(both) == 1
    assert "no item 'mgu'" in both[0]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "stock: {mug: 900",
            "stock: {mug: 1e13",
            "warehouse.stock.mug: 1e+13 units is out of range; must be at most 1e+12",
        ),
        ("s: 14 d, S: 21 d", "s: 1e13, S: 1e14", "policies.lean.replenishment.s: 1e+13 is out of range"),
        (
            "lines: {kind: geometric, mean: 1.4}",
            "lines: 1e7",
            "1e+07 units on a line is out of range; must be at most 1e+06",
        ),
        ("rate: 40 / d", "rate: 400000 / d", "an event storm: about 1.5e+08 orders"),
        ("factor: 3}", "factor: 1e9}", "an event storm"),
        ("horizon: 365 d", "horizon: 1e10 d", "clock.horizon: 1e+10 d is out of range; must be at most 1e+09 d here"),
        (
            "    minimum: 50",
            "    unit_cost: {plat: 3}",
            "'pottery' does not sell 'plat' (did you mean 'plate'?); it sells",
        ),
        ("[mug, plate]", "[mug, plate, mug]", "suppliers.pottery.items.2: 'mug' is given twice"),
    ],
)
def test_what_no_machine_gets_through_is_refused(old, new, line):
    found = said((old, new))
    assert any(line in text for text in found), found


def test_an_event_that_happens_all_the_time_is_refused():
    event = "at: 2025-05-05, lasts: 10 d"
    found = said((event, "every: 1e-3, lasts: 0"), ("horizon: 365 d", "horizon: 2000 d"))
    assert any("events.0.every: happens about 2e+06 times" in line for line in found)


def test_random_spikes_are_counted_with_the_orders():
    found = said(("at: 2025-05-05, lasts: 10 d, factor: 3", "every: 10 d, lasts: 10 d, factor: 1e6"))
    assert any("an event storm: about 7.3e+09 orders" in line for line in found)


def test_reviews_are_counted_over_all_items():
    many = "".join(f"  i{k}: {{price: 1, unit_cost: 1, demand: 1 / d}}\n" for k in range(400))
    names = ", ".join(f"i{k}" for k in range(400))
    found = said(
        ("items:\n", f"items:\n{many}"),
        ("[mug, plate]", f"[mug, plate, {names}]"),
        ("kind: s_S, s: 14 d", "kind: R_s_S, R: 0.001, s: 14 d"),
    )
    assert any("replenishment.R: about 1.5e+08 reviews" in line for line in found)


def test_a_supplier_that_does_not_sell_an_item_cannot_be_asked_for_it():
    second = "  importer: {items: [mug], lead_time: 2 d}\n"
    asked = ("S: 21 d}", "S: 21 d, supplier: {pottery: 50 %, importer: 50 %}}")
    assert "'importer' does not sell plate" in said(("carriers:", f"{second}carriers:"), asked)[0]
    both = second.replace("[mug]", "[mug, plate]")
    assert said(("carriers:", f"{both}carriers:"), asked) == []


def test_closures_of_two_suppliers_may_have_one_name():
    closure = "{from: 2025-08-04, to: 2025-08-18, name: summer holiday}"
    second = f"  other: {{items: [mug], lead_time: 2 d, closures: [{closure}]}}\n"
    found = said(("carriers:", f"{second}carriers:"))
    assert len(found) == 1
    assert "warning: suppliers.other: no policy buys here" in found[0]
    scenario = load_text(SHOP.replace("carriers:", f"{second}carriers:", 1))
    names = [event.name for event in scenario.all_events()]
    assert len(set(names)) == len(names)


def test_a_closure_and_an_outage_may_overlap():
    outage = "  - {kind: outage, supplier: pottery, at: 2025-08-10, lasts: 3 d}\n"
    assert said(("costs:", f"{outage}costs:")) == []
    assert "inside another one" in said(("costs:", f"{outage}{outage}costs:"))[0]


def test_recurring_and_drawn_stops_are_no_overlap():
    drawn = "  - {kind: outage, supplier: pottery, at: 5 d, lasts: {kind: exponential, mean: 300 d}}\n"
    often = "  - {kind: outage, supplier: pottery, every: 5 d, lasts: 5 d}\n"
    later = "  - {kind: outage, supplier: pottery, at: 50 d, lasts: 5 d}\n"
    assert said(("costs:", f"{drawn}{often}{later}costs:")) == []


def test_without_customers_nothing_is_sold():
    start, end = SHOP.index("customers:\n"), SHOP.index("warehouse:\n")
    text = SHOP[:start] + SHOP[end:]
    event = next(line for line in text.splitlines() if "demand_spike" in line)
    warnings = [
        str(p) for p in load_text(text.replace(event, "").replace("events:", "events: [] #"), file="f").warnings
    ]
    assert any("there are no customers" in line for line in warnings)
