"""The order book: s and S for ten items of a real wholesaler, one decision a month, with customers who really came.

Two planners have five items each: one has goods of the whole year (and one of the summer), the other goods of the
winter. What sold last month is a poor guide: the baskets end in summer, the angels begin in August, and a heart that
sold 300 a month sells 2,700 in October. The score is what was earned: goods that left at their price, less goods that
arrived at cost, stock at 40 % a year and 15 a purchase, plus 40 % of the cost of what is left.

What to look for: s must cover the demand of a lead time (25 days) and its swings, S - s a sensible lot (EOQ); levels
must move *before* the season and come down before its end. The teams that chase last month arrive a month late, twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import yaml

from simulator.game.errors import GameError
from simulator.game.game import Field, Game, Move, Position, Role, Seen, Settings, Values
from simulator.game.texts import said
from simulator.policies.replenishment.replenishment import BaseStock, ReorderUpTo
from simulator.record.run import Run
from simulator.scenario.loader import load_text
from simulator.scenario.schema.schema import Scenario

MONTH = 30.0
WORLDS = Path(__file__).resolve().parent.parent / "worlds"
ITEMS = {
    "planner_a": ("doormat", "ribbon-reel", "memo-board", "paper-cups", "picnic-basket"),
    "planner_b": ("hot-water-bottle", "angel", "gingham-heart", "red-ribbons", "chalkboard"),
}
EVERY = tuple(item for items in ITEMS.values() for item in items)
LEAD = 25.0
HOLDING, ORDER, LEFT = 0.40 / 365, 15.0, 0.4
"""Share of the unit cost a day, currency a purchase, share of the cost that is left at the end."""
TOP = 5000
START = {"s": 100, "S": 300}


class OrderBookGame(Game):
    """See the module."""

    name = "order-book"
    title = "book.title"
    roles: ClassVar = tuple(
        Role(
            role,
            f"book.{role}",
            tuple(
                Field(f"{item}.{level}", f"book.{item}.{level}", unit="book.units", high=TOP, default=START[level])
                for item in items
                for level in ("s", "S")
            ),
        )
        for role, items in ITEMS.items()
    )
    rounds = 12
    most_rounds = 12
    timer = 180.0
    bots = ("last_month", "three_months", "nothing", "much")
    shown = ("team",)

    # ------------------------------------------------------------------------------------------------- the world
    def scenario(self, settings: Settings, moves: Sequence[Move], finished: bool = False) -> Scenario:
        months = settings.rounds if finished else len(moves)
        return _world().edit({"policies.team": _policy(moves), "clock.horizon": max(months * MONTH, 0.01)})

    def text(self, settings: Settings, moves: Sequence[Move], title: str) -> str:
        words = {**_words(), "title": title, "policies": {"team": _policy(moves)}}
        words["clock"] = {"start": "2010-12-01", "horizon": f"{max(len(moves), 1) * MONTH:g} d"}
        words["experiment"] = {"replications": 1, "seed": settings.seed}
        return yaml.safe_dump(words, sort_keys=False, allow_unicode=True)

    def read(self, settings: Settings, moves: Sequence[Move], run: Run) -> Position:
        months = len(moves)
        items = {item: _by_month(run, item, months) for item in EVERY}
        prices = {facts.name: (facts.price, facts.unit_cost) for facts in run.world.items}
        earned = np.zeros(months)
        for item, found in items.items():
            price, cost = prices[item]
            earned += price * found["sold"] - cost * found["received"] - ORDER * found["purchases"]
            earned -= HOLDING * cost * found["held"]
        left = sum(prices[item][1] * found["on_hand"][-1] for item, found in items.items()) if months else 0.0
        total = float(earned.sum())
        asked = np.sum([found["demand"] for found in items.values()], axis=0) if months else np.zeros(0)
        at_once = np.sum([found["at_once"] for found in items.values()], axis=0) if months else np.zeros(0)
        fill = float(at_once.sum() / asked.sum()) if months and asked.sum() else 1.0
        score = {"earned": round(total), "left": round(left), "score": round(total + LEFT * left)}
        score |= {"fill": round(fill, 3), "rank": score["score"]}
        series: dict[str, list[Any]] = {
            "earned": np.cumsum(earned).round().astype(int).tolist(),
            "fill": [round(float(a / b), 3) if b else 1.0 for a, b in zip(at_once, asked, strict=True)],
        }
        for item, found in items.items():
            series |= {f"{name}.{item}": found[name].astype(int).tolist() for name in ("demand", "on_hand", "backlog")}
        roles = {role: _seen(role, settings, moves, items, series, score) for role in ITEMS}
        return Position(roles, score, series)

    # -------------------------------------------------------------------------------------------------- deciding
    def bot(self, name: str, role: str, seen: Seen, policy: Any = None) -> Values:
        if (always := self.fixed(name)) is not None:
            return always[role]
        found: Values = {}
        for item in ITEMS[role]:
            s, top = _levels(name, [float(units) for units in seen["history"][f"demand.{item}"]])
            if policy is not None:
                levels = policy.levels()
                s, top = levels.get("s", levels["S"] - 1), levels["S"]
            found |= {f"{item}.s": min(round(s), TOP), f"{item}.S": min(round(max(top, s)), TOP)}
        return found

    def check_policy(self, role: str, policy: Any) -> None:
        if not isinstance(policy, ReorderUpTo | BaseStock):
            raise GameError("policy_levels", kind=getattr(policy, "kind", ""))

    def fixed(self, name: str) -> Move | None:
        if name not in ("nothing", "much"):
            return None
        s, top = (0, 0) if name == "nothing" else (800, 1600)
        return {
            role: {f"{item}.{level}": units for item in items for level, units in (("s", s), ("S", top))}
            for role, items in ITEMS.items()
        }

    def idle(self, role: str, seen: Seen) -> Values:
        return dict(seen["before"] or {field.name: field.default for field in self.role(role).fields})

    # -------------------------------------------------------------------------------------------------- debrief
    def theory(self, settings: Settings) -> dict[str, Any]:
        lot = {item: round(float(np.sqrt(2 * ORDER * units / (HOLDING * cost)))) for item, units, cost in _usual()}
        return {
            "lead_days": LEAD,
            "eoq": lot,
            "notes": [
                said("book.theory.s", days=round(LEAD)),
                said("book.theory.lot", item=said("book.doormat"), units=lot["doormat"]),
                said("book.theory.season"),
            ],
        }

    def moments(self, settings: Settings, moves: Sequence[Move], position: Position) -> list[dict[str, Any]]:
        found = []
        for item in EVERY:
            owed, stock = position.series[f"backlog.{item}"], position.series[f"on_hand.{item}"]
            demand = position.series[f"demand.{item}"]
            for month in range(len(moves)):
                if owed[month] > 0.5 * max(demand[month], 40):
                    values = {"item": said(f"book.{item}"), "units": owed[month], "demand": demand[month]}
                    found.append((owed[month], {**said("book.moment.owed", **values), "round": month + 1}))
                if stock[month] > 4 * max(demand[month], 60):
                    values = {"item": said(f"book.{item}"), "units": stock[month], "demand": demand[month]}
                    found.append((stock[month] / 2, {**said("book.moment.stock", **values), "round": month + 1}))
        found.sort(key=lambda pair: -pair[0])
        return [moment for _, moment in found[:6]] or [{**said("book.moment.calm"), "round": 1}]

    def questions(self) -> list[str]:
        return [f"book.question.{k}" for k in (1, 2, 3)]


# ---------------------------------------------------------------------------------------------------------- the parts
@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORLDS / "order-book.yaml").read_text(encoding="utf-8"))
    found["clock"]["start"] = str(found["clock"]["start"])
    return found


@cache
def _world() -> Scenario:
    return load_text(yaml.safe_dump({**_words(), "policies": {"team": _policy([])}}, sort_keys=False))


def _usual() -> list[tuple[str, float, float]]:
    """Units a day over the year, and the unit cost, of every item."""
    days = {"doormat": 5.5, "ribbon-reel": 7.1, "memo-board": 8.0, "paper-cups": 19.6, "picnic-basket": 5.4}
    days |= {"hot-water-bottle": 8.2, "angel": 7.1, "gingham-heart": 18.4, "red-ribbons": 8.1, "chalkboard": 4.7}
    return [(item, days[item], float(_words()["items"][item]["unit_cost"])) for item in EVERY]


def _policy(moves: Sequence[Move]) -> dict[str, Any]:
    def levels(role: str, item: str) -> list[dict[str, Any]]:
        found = [(move[role][f"{item}.s"], move[role][f"{item}.S"]) for move in moves] or [(0, 0)]
        return [{"kind": "s_S", "s": s, "S": max(s, S)} for s, S in found]

    def played(role: str, item: str) -> dict[str, Any]:
        return {"kind": "played", "R": "30 d", "decisions": levels(role, item)}

    return {"replenishment": {item: played(role, item) for role, items in ITEMS.items() for item in items}}


def _by_month(run: Run, item: str, months: int) -> dict[str, Any]:
    """Units of an item by month; `held` in unit-days."""
    number = next(k for k, facts in enumerate(run.world.items) if facts.name == item)
    mine = run.demand.items == number

    def count(times: Any, units: Any = None) -> Any:
        month = (np.asarray(times) / MONTH + 1e-9).astype(int)
        inside = (month >= 0) & (month < months)
        weights = None if units is None else np.asarray(units, dtype=float)[inside]
        return np.bincount(month[inside], weights=weights, minlength=months).astype(float)

    def of(facts: Any) -> Any:
        return facts.where(facts["item"] == number)

    at_once = count(run.line_times[mine], run.at_once[mine])
    fills, receipts, bought = of(run.fills), of(run.receipts), of(run.purchases)
    ends = np.minimum(np.arange(1, months + 1) * MONTH, run.world.horizon)
    stock = run.level("on_hand", item)
    starts = np.concatenate(([0.0], ends[:-1])) if months else ends
    return {
        "demand": count(run.line_times[mine], run.demand.quantities[mine]),
        "at_once": at_once,
        "sold": at_once + count(fills["time"], fills["units"]),
        "received": count(receipts["time"], receipts["units"]),
        "purchases": count(bought["time"]),
        "held": np.array([stock.mean(a, b) * (b - a) for a, b in zip(starts, ends, strict=True)]),
        "on_hand": stock.before(ends),
        "backlog": run.level("backlog", item).before(ends),
    }


def _seen(role: str, settings: Settings, moves: Sequence[Move], items: dict[str, Any], series: Any, score: Any) -> Seen:
    months = len(moves)
    history: dict[str, list[Any]] = {"month": list(range(1, months + 1)), **series}
    now: dict[str, Any] = {**score, "month": min(months + 1, settings.rounds)}
    messages = []
    for item in ITEMS[role]:
        found, name = items[item], said(f"book.{item}")
        for level in ("s", "S"):
            history[f"{item}.{level}"] = [move[role][f"{item}.{level}"] for move in moves]
        if not months:
            now[f"on_hand.{item}"] = int(_words()["warehouse"]["stock"][item])
            continue
        for key in ("demand", "on_hand", "backlog"):
            now[f"{key}.{item}"] = int(found[key][-1])
        if found["backlog"][-1]:
            owed, asked = int(found["backlog"][-1]), int(found["demand"][-1])
            messages.append(said("book.told.owed", item=name, units=owed, demand=asked))
        elif found["on_hand"][-1] > 3 * max(found["demand"][-1], 40):
            messages.append(said("book.told.much", item=name, units=int(found["on_hand"][-1])))
    return {
        "now": now,
        "history": history,
        "messages": messages or [said("book.told.calm")] if months else [said("book.told.begin")],
        "before": dict(moves[-1][role]) if moves else None,
    }


def _levels(name: str, demand: list[float]) -> tuple[float, float]:
    """The levels of a bot, from what sold in the months so far."""
    seen = demand[-1:] if name == "last_month" else demand[-3:]
    month = sum(seen) / len(seen) if seen else 150.0
    return month * (LEAD / MONTH) * 1.5 + 10, month * (LEAD / MONTH) * 1.5 + 10 + month
