"""The beer game (Sterman 1989): four stages in a row, one order a week each, and customers who change their mind once.

The world is `scenarios/textbook/beer-game.yaml`: 12 cases in stock, two weeks of mail and two of transport between the
stages, three weeks to brew, 0.5 a case and week for stock and 1 for backlog. All stages order 4 cases in the first four
weeks, which are played already when the game begins. In 32 rounds (36 weeks) a team of `base_stock` bots costs 204
in total, and one of `people` (anchor and adjust with the parameters of Sterman's players) 2,694.

What to look for: customers go from 4 to 8 cases once, in week 5, and never again; orders upstream swing far more (the
bullwhip), and later. Teams whose costs explode order against their backlog without counting what they have ordered
already: what is on order at the peak is worth asking about. Nobody is to blame for it but the structure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from statistics import pvariance
from typing import Any, ClassVar

import numpy as np
import yaml

from simulator.game.bots import RoleView, bought
from simulator.game.game import Field, Game, Move, Position, Role, Seen, Settings, Values
from simulator.game.texts import said
from simulator.kernel.lanes import simulate
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.record.run import Run
from simulator.scenario.loader import load_text
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.examples import example_file

WEEK = 7.0
OPENING = 4
"""Weeks that are played when the game begins, and the cases that all stages order in each of them."""
ROLES = ("retailer", "wholesaler", "distributor", "brewery")
HOLDING, BACKLOG = 0.5, 1.0
"""Cost of a case and week."""
MAIL = 2
GOALS = {"retailer": 28, "wholesaler": 28, "distributor": 28, "brewery": 20}
"""Targets of the benchmark (Edali & Yasarcan 2014): the demand of the weeks from order to receipt, less one week's."""


BOTS: dict[str, dict[str, Any]] = {
    "base_stock": {"kind": "anchor_adjust"},
    "people": {"kind": "anchor_adjust", "goal": 17, "alpha": 0.26, "beta": 0.34, "theta": 0.36},
    "pass_on": {"kind": "anchor_adjust", "goal": 0, "alpha": 0, "theta": 1},
    "nothing": {"kind": "anchor_adjust", "goal": 0, "expected": 0, "beta": 0, "alpha": 0},
}
"""Each bot as a replenishment decision; `base_stock` has the goals of its roles."""


@cache
def _decision(name: str, role: str) -> Replenishment:
    return Replenishment.parse(_bot(name, role))


def _bot(name: str, role: str) -> dict[str, Any]:
    return {"R": "1 w", "first": "0 d", "goal": GOALS[role], "expected": 4, **BOTS[name]}


class BeerGame(Game):
    """See the module."""

    name = "beer-game"
    title = "beer.title"
    roles: ClassVar = tuple(
        Role(name, f"beer.{name}", (Field("order", "beer.order", unit="beer.cases", high=200, default=4),))
        for name in ROLES
    )
    rounds = 20
    most_rounds = 100
    timer = 45.0
    bots = ("base_stock", "people", "pass_on", "nothing")
    asks_bots = False
    shown = ("own", "demand", "chain")

    # ------------------------------------------------------------------------------------------------- the world
    def scenario(self, settings: Settings, moves: Sequence[Move], finished: bool = False) -> Scenario:
        weeks = OPENING + len(moves) + (0 if finished else 0.5)
        return _world().edit({"clock.horizon": weeks * WEEK, "policies.team.replenishment": _played(moves)})

    def text(self, settings: Settings, moves: Sequence[Move], title: str) -> str:
        words = dict(_words())
        words["title"] = title
        words["clock"] = {"horizon": f"{OPENING + len(moves)} w"}
        words["policies"] = {"team": {"replenishment": _played(moves)}}
        words["experiment"] = {"replications": 1, "seed": settings.seed}
        return yaml.safe_dump(words, sort_keys=False, allow_unicode=True)

    def read(self, settings: Settings, moves: Sequence[Move], run: Run) -> Position:
        decides = run.world.horizon % WEEK > 0  # in the middle of a week: its orders are not made yet
        weeks = OPENING + len(moves) + decides
        at = np.arange(weeks) * WEEK + WEEK / 4
        sites: dict[str, Any] = {"retailer": run, **run.suppliers}
        roles: dict[str, Seen] = {}
        for k, role in enumerate(ROLES):
            roles[role] = _seen(sites[role], sites.get(ROLES[k + 1]) if k < 3 else None, at)
            if decides:
                roles[role]["history"]["ordered"][-1] = None
        demand = roles["retailer"]["history"]["order_in"]
        series = {"demand": demand}
        for role, seen in roles.items():
            history = seen["history"]
            series |= {f"{name}.{role}": history[name] for name in ("ordered", "on_hand", "backlog", "cost")}
            seen["now"]["bullwhip"] = _bullwhip(history["ordered"], demand)
            seen["messages"] = _messages(seen, demand if settings.shown != "own" else None)
        series["cost"] = [sum(costs) for costs in zip(*(series[f"cost.{role}"] for role in ROLES), strict=True)]
        series["backlog"] = [sum(units) for units in zip(*(series[f"backlog.{role}"] for role in ROLES), strict=True)]
        if settings.shown == "demand":
            for seen in roles.values():
                seen["history"]["demand"] = demand
        if settings.shown == "chain":
            chain = {role: seen["now"] for role, seen in roles.items()}
            for seen in roles.values():
                seen["history"]["demand"] = demand
                seen["chain"] = {role: {k: v for k, v in now.items() if k != "chain"} for role, now in chain.items()}
        cost = sum(series["cost"])
        score = {
            "rank": -cost,
            "cost": cost,
            "bullwhip": _bullwhip(series["ordered.brewery"], demand),
            "backlog": series["backlog"][-1] if weeks else 0,
            **{f"cost.{role}": sum(series[f"cost.{role}"]) for role in ROLES},
        }
        return Position(roles, score, series)

    # -------------------------------------------------------------------------------------------------- deciding
    def bot(self, name: str, role: str, seen: Seen, policy: Any = None) -> Values:
        history = seen["history"]
        views = [
            RoleView(k * WEEK, on_hand - backlog, on_order, asked, k, 3 * WEEK if role == "brewery" else 4 * WEEK)
            for k, (on_hand, backlog, on_order, asked) in enumerate(
                zip(*(history[name] for name in ("on_hand", "backlog", "on_order", "order_in")), strict=True)
            )
        ]
        return {"order": bought(_decision(name, role) if policy is None else policy, views)}

    def bot_team(self, settings: Settings, name: str, rounds: int, finished: bool) -> Position:
        opening = {"opening": 4, "opening_reviews": OPENING}
        decisions = {role: {**_bot(name, role), **opening} for role in ROLES}
        changes = {"policies.team.replenishment": _by_stage(decisions)}
        weeks = OPENING + rounds + (0 if finished else 0.5)
        run = simulate(_world().edit({"clock.horizon": weeks * WEEK, **changes}), "team", settings.seed)
        return self.read(settings, [{}] * rounds, run)

    def idle(self, role: str, seen: Seen) -> Values:
        return {"order": min(seen["history"]["order_in"][-1], 200)}

    # -------------------------------------------------------------------------------------------------- debrief
    def theory(self, settings: Settings) -> dict[str, Any]:
        weeks = {role: 3 if role == "brewery" else 4 for role in ROLES}
        return {
            "base_stock": {role: 8 * weeks[role] for role in ROLES},
            "lead_weeks": weeks,
            "critical_ratio": BACKLOG / (BACKLOG + HOLDING),
            "cost.base_stock": 204,
            "cost.people": 2694,
            "notes": [
                said("beer.theory.base_stock", retailer=32, brewery=24),
                said("beer.theory.newsvendor", ratio=round(BACKLOG / (BACKLOG + HOLDING), 2)),
                said("beer.theory.bullwhip"),
                said("beer.theory.benchmark", best=204, people="2,694"),
            ],
        }

    def moments(self, settings: Settings, moves: Sequence[Move], position: Position) -> list[dict[str, Any]]:
        found: list[tuple[float, dict[str, Any]]] = []
        for role in ROLES:
            history = position.roles[role]["history"]
            orders = [units for units in history["ordered"][OPENING:] if units is not None]
            if not orders:
                continue
            peak = max(orders)
            if peak > 12:
                at = orders.index(peak)
                have = history["on_order"][OPENING + at]
                values = {
                    "role": said(f"beer.{role}"),
                    "units": peak,
                    "on_order": have,
                    "backlog": history["backlog"][OPENING + at],
                }
                found.append((peak + have, {**said("beer.moment.peak", **values), "round": at + 1}))
            worst = max(history["backlog"])
            if worst > 8:
                at = history["backlog"].index(worst)
                values = {"role": said(f"beer.{role}"), "units": worst}
                found.append((2 * worst, {**said("beer.moment.backlog", **values), "round": at - OPENING + 1}))
            most = max(history["on_hand"])
            if most > 20:
                at = history["on_hand"].index(most)
                values = {"role": said(f"beer.{role}"), "units": most}
                found.append((most, {**said("beer.moment.stock", **values), "round": at - OPENING + 1}))
        found.sort(key=lambda pair: -pair[0])
        return [moment for _, moment in found[:6]] or [{**said("beer.moment.calm"), "round": 1}]

    def questions(self) -> list[str]:
        return [f"beer.question.{k}" for k in (1, 2, 3)]


# ---------------------------------------------------------------------------------------------------------- the parts
@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(example_file("textbook/beer-game").read_text(encoding="utf-8"))
    return found


@cache
def _world() -> Scenario:
    words = {**_words(), "policies": {"team": {"replenishment": _played([])}}}
    return load_text(yaml.safe_dump(words, sort_keys=False))


def _played(moves: Sequence[Mapping[str, Values]]) -> dict[str, Any]:
    """The replenishment of the scenario: the opening weeks, then the team's orders."""

    def orders(role: str) -> dict[str, Any]:
        units = [4] * OPENING + [move[role]["order"] for move in moves]
        return {"kind": "played", "R": "1 w", "first": "0 d", "units": units}

    return _by_stage({role: orders(role) for role in ROLES})


def _by_stage(decisions: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The key `replenishment` of a policy: the retailer is the warehouse of the scenario."""
    return {"default": decisions[ROLES[0]], **{role: {"beer": decisions[role]} for role in ROLES[1:]}}


def _seen(site: Any, supplier: Any, at: Any) -> Seen:
    """What a stage sees of itself, week by week; `ordered` is None for the week that is being decided."""
    weeks = len(at)
    on_hand, backlog = (site.level(name).before(at).astype(int).tolist() for name in ("on_hand", "backlog"))
    order_in = _by_week(site.demand.times, site.demand.quantities, weeks)
    received = _by_week(site.receipts["time"], site.receipts["units"], weeks)
    own = site.purchases["time"] >= 0
    ordered: list[Any] = _by_week(site.purchases["time"][own], site.purchases["units"][own], weeks)
    # On order before the week's own order is made: those of the opening, and what came in since.
    before = int(site.purchases["units"][~own].sum())
    on_order, shipped = [], []
    for week in range(weeks):
        before -= received[week]
        on_order.append(before)
        before += ordered[week]
        owed = backlog[week - 1] if week else 0
        shipped.append(order_in[week] + owed - backlog[week])
    cost = [HOLDING * stock + BACKLOG * owed for stock, owed in zip(on_hand, backlog, strict=True)]
    history = {
        "week": list(range(1, weeks + 1)),
        "order_in": order_in,
        "received": received,
        "shipped": shipped,
        "on_hand": on_hand,
        "backlog": backlog,
        "on_order": on_order,
        "ordered": ordered,
        "cost": cost,
    }
    now = {name: history[name][-1] for name in history if name not in ("ordered", "week")}
    now |= {"week": weeks, "total_cost": sum(cost)}
    if supplier is not None:
        days = supplier.parcels["delivered"]
        now["arriving"] = [
            int(supplier.parcels["units"][np.abs(days - (weeks + ahead) * WEEK) < 1].sum()) for ahead in (0, 1)
        ]
    else:  # the kettle delivers what was ordered three weeks before
        ends = np.array(site.purchases["time"][own]) + 3 * WEEK
        made = site.purchases["units"][own]
        now["arriving"] = [int(made[np.abs(ends - (weeks + ahead) * WEEK) < 1].sum()) for ahead in (0, 1)]
    return {"now": now, "history": history}


def _by_week(times: Any, units: Any, weeks: int) -> list[int]:
    week = np.floor(np.asarray(times) / WEEK + 1e-9).astype(int)
    inside = (week >= 0) & (week < weeks)
    found: list[int] = (
        np.bincount(week[inside], weights=np.asarray(units, dtype=float)[inside], minlength=weeks).astype(int).tolist()
    )
    return found


def _bullwhip(orders: Sequence[int | None], demand: Sequence[int]) -> float | None:
    """Variance of a stage's orders over that of the customers' demand; None while demand has not changed."""
    spread = pvariance(demand) if demand else 0.0
    return round(pvariance([units for units in orders if units is not None]) / spread, 2) if spread else None


def _messages(seen: Seen, demand: Sequence[int] | None) -> list[dict[str, Any]]:
    """Why the last week went as it did, in one or two sentences."""
    now, history = seen["now"], seen["history"]
    found = [said("beer.week", order_in=now["order_in"], shipped=now["shipped"], received=now["received"])]
    if now["backlog"]:
        found.append(said("beer.owes", units=now["backlog"], on_order=now["on_order"]))
    elif now["on_hand"] > 2 * max(now["order_in"], 4):
        found.append(said("beer.plenty", units=now["on_hand"], weeks=round(now["on_hand"] / max(now["order_in"], 1))))
    if demand and len(history["order_in"]) > 1:
        found.append(said("beer.customers", units=demand[-1]))
    return found
