"""The textbook value of a KPI, where the world of a scenario is one that a closed form describes."""

from __future__ import annotations

from typing import Any, NamedTuple

from simulator.experiment.textbook.case import mean_lead
from simulator.lab.what_if.controls import resolved
from simulator.policies.decisions import DEFAULT
from simulator.scenario.schema.schema import Scenario
from simulator.theory import base_stock as theory

ANYWHERE = {"name", "title", "description", "sources", "currency", "clock", "experiment", "expect", "costs", "extends"}
"""Keys that leave levels and waits as they are."""
ALLOWED = {
    "": ANYWHERE | {"items", "customers", "suppliers", "policies", "warehouse"},
    "items": {"price", "unit_cost", "demand"},
    "customers": {"arrivals", "basket"},
    "suppliers": {"items", "lead_time", "unit_cost"},
    "policies": {"replenishment", "extends"},
    "warehouse": {"stock"},
}
"""The keys of a world with a closed form: Poisson demand for single units of one item, patient customers, one
supplier."""


class TextbookValue(NamedTuple):
    """A value from theory with its formula and source."""

    value: float
    formula: str
    source: str


FORMULAS = {
    "fill_rate": "P(D < y), D Poisson with mean λL",
    "backlog_mean": "E[(D − y)⁺], D Poisson with mean λL",
    "on_hand_mean": "y − λL + E[(D − y)⁺]",
    "wait_mean": "E[(D − y)⁺] / λ (Little's law)",
}
"""With y the inventory position after a purchase: S, or r+1 … r+Q with equal chances."""


def textbook_value(scenario: Scenario, policy: str, kpi: str) -> TextbookValue | None:
    """The value of a KPI under Poisson demand with base stock or a reorder point; None in any other world.

    The world is one of these only if its file has no key beyond those that the closed form knows. The closed form is
    that of the steady state: short runs and runs without warm-up differ from it.
    """
    plain = resolved(scenario)
    if kpi not in FORMULAS or not _permits(plain, policy):
        return None
    (segment,) = scenario.customers.values()
    (supplier,) = scenario.suppliers.values()
    rate, lead = segment.arrivals.per_day(scenario.clock.horizon), mean_lead(supplier)
    rule = scenario.policies[policy].replenishment[DEFAULT]
    levels = rule.levels()
    if not all(isinstance(value, int) for value in levels.values()) or not rate > 0 or not lead > 0:
        return None
    kind, constant = str(getattr(rule, "kind", "")), _is_constant(plain)
    if kind == "base_stock" or (kind == "s_S" and levels["s"] == levels["S"] - 1):
        values, source = theory.base_stock(rate, lead, levels["S"]), "Hadley & Whitin 1963, 4-7; Palm 1938"
    elif kind == "s_Q" and constant:
        values, source = theory.reorder_point(rate, lead, levels["s"], levels["Q"]), "Hadley & Whitin 1963, 4-8"
    else:
        return None
    return TextbookValue(values[kpi], f"{FORMULAS[kpi]}; λ = {rate:g} / d, L = {lead:g} d", source)


def _permits(plain: dict[str, Any], policy: str) -> bool:
    """Whether the file has only keys that the closed form knows."""
    if not set(plain) <= ALLOWED[""]:
        return False
    for section in ("items", "customers", "suppliers"):
        entries = plain.get(section) or {}
        if len(entries) != 1 or not all(set(entry or {}) <= ALLOWED[section] for entry in entries.values()):
            return False
    if not set(plain.get("warehouse") or {}) <= ALLOWED["warehouse"]:
        return False
    if not set(plain["policies"][policy]) <= ALLOWED["policies"]:
        return False
    (segment,) = plain["customers"].values()
    return (segment.get("arrivals") or {}).get("kind") == "poisson" and _single(segment.get("basket"))


def _single(basket: Any) -> bool:
    return isinstance(basket, dict) and basket.get("kind") == "single" and basket.get("quantity", 1) == 1


def _is_constant(plain: dict[str, Any]) -> bool:
    (supplier,) = plain["suppliers"].values()
    lead = supplier.get("lead_time")
    return not isinstance(lead, dict) or lead.get("kind") == "constant"
