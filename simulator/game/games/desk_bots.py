"""The bots of the Backorder desk: a planner, people, and the trivial ones that must not win."""

from __future__ import annotations

from math import ceil
from typing import Any

from simulator.game.bots import RoleView, bought
from simulator.game.game import Seen, Values

TRIVIAL: dict[str, dict[str, Values]] = {
    "nothing": {
        "buyer": {"overseas": 0, "nearby": 0, "expedite": "no"},
        "storefront": {"limit": 300},
        "promiser": {"shoppers": 0, "fitters": 0},
        "warehouse": {"serve": "oldest", "ship": "split"},
    },
    "far": {
        "buyer": {"overseas": 70, "nearby": 0, "expedite": "no"},
        "storefront": {"limit": 300},
        "promiser": {"shoppers": 40, "fitters": 40},
        "warehouse": {"serve": "oldest", "ship": "split"},
    },
    "refuse": {
        "buyer": {"overseas": 70, "nearby": 0, "expedite": "no"},
        "storefront": {"limit": 0},
        "promiser": {"shoppers": 10, "fitters": 10},
        "warehouse": {"serve": "oldest", "ship": "split"},
    },
    "hoard": {
        "buyer": {"overseas": 90, "nearby": 40, "expedite": "no"},
        "storefront": {"limit": 300},
        "promiser": {"shoppers": 10, "fitters": 10},
        "warehouse": {"serve": "oldest", "ship": "split"},
    },
}
"""Bots that decide the same in every round, by role."""
USUAL = 70
"""Lamps that are asked for in a usual week."""


def decide(name: str, role: str, seen: Seen, policy: Any = None) -> Values:
    """What a bot decides."""
    if name in TRIVIAL:
        return dict(TRIVIAL[name][role])
    if role == "buyer" and policy is not None:
        return {"overseas": bought(policy, _views(seen)), "nearby": 0, "expedite": "no"}
    return dict((_people if name == "people" else _planner)(role, seen))


def _views(seen: Seen) -> list[RoleView]:
    """What a replenishment decision sees, week by week; before this one only what is needed to remember demand."""
    history, now = seen["history"], seen["now"]
    net = now["on_hand"] - now["backlog"]
    return [RoleView(7.0 * k, net, now["on_order"], asked, k, 18.0) for k, asked in enumerate([0, *history["demand"]])]


def _due(seen: Seen, days: float) -> int:
    """Units on order that usually arrive within so many days."""
    return sum(one["units"] for one in seen["pipeline"] if one["days"] <= days)


def _week(seen: Seen, ahead: int = 0) -> float:
    """Demand of a week to come, as a planner expects it who reads the news."""
    from_season = range(5, 9)
    asked, weeks = seen["history"]["demand"], seen["history"]["week"]
    plain = [units / (1.5 if week in from_season else 1.0) for units, week in zip(asked, weeks, strict=True)][-4:]
    base = (2 * USUAL + sum(plain)) / (2 + len(plain))
    week = seen["now"]["week"] + ahead
    told = week in from_season and seen["now"]["week"] >= 3
    return float(base * (1.5 if told else 1.0))


def _planner(role: str, seen: Seen) -> Values:
    """Covers what is expected until the next container can be here, and promises what the pipeline can keep."""
    now = seen["now"]
    net = now["on_hand"] - now["backlog"]
    if role == "buyer":
        # An order from overseas today is here in about 18 days: it must last until the one of next week is.
        ahead = sum(_week(seen, k) for k in range(4)) * 0.95
        overseas = ahead + 20 - net - now["on_order"]
        if now["week"] > 9:
            overseas = 0
        near = 0.6 * (_week(seen) + _week(seen, 1)) - net - _due(seen, 12)
        if now["week"] > 11:
            near = 0
        return {"overseas": max(round(overseas), 0), "nearby": max(round(near), 0), "expedite": "no"}
    if role == "storefront":
        return {"limit": min(max(round(0.9 * _due(seen, 21)), 15), 150)}
    if role == "promiser":
        owed = now["backlog"] + 0.3 * _week(seen)
        for days in range(4, 26):
            if now["on_hand"] + _due(seen, days) >= owed:
                return {"shoppers": min(days + 5, 25), "fitters": min(days + 5, 25)}
        return {"shoppers": 21, "fitters": 21}
    return {"serve": "date", "ship": "whole"}


def _people(role: str, seen: Seen) -> Values:
    """Reacts to what hurts: forgets part of what is on its way, takes all orders, quotes a week."""
    now, asked = seen["now"], seen["history"]["demand"]
    expected = USUAL if not asked else 0.36 * asked[-1] + 0.64 * (asked[-2] if len(asked) > 1 else USUAL)
    if role == "buyer":
        goal = 150 - (now["on_hand"] - now["backlog"]) - 0.34 * now["on_order"]
        panic = now["backlog"] > 25
        return {
            "overseas": max(round(expected + 0.26 * goal), 0),
            "nearby": ceil(0.5 * now["backlog"]) if panic else 0,
            "expedite": "yes" if panic else "no",
        }
    if role == "storefront":
        return {"limit": 300 if now["backlog"] < 60 else 60}
    if role == "promiser":
        return {"shoppers": 7, "fitters": 7}
    return {"serve": "oldest", "ship": "split"}
