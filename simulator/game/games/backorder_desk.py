"""The Backorder desk: four roles sell one lamp through twelve weeks of season, film stars and strikes.

The buyer decides how much to buy from whom, the storefront how many backorders to take, the promiser which date to
quote, the warehouse whom to serve and whether to split. Lamps cost 30 from overseas (about 18 days) and 46 from
nearby (about 5); they sell at 60. A customer whose lamp comes after the quoted day pays less, and nothing if it is
more than two weeks late. A far date sends shoppers away, a broken one makes them call, cancel and remember. The score
is cash, plus half the cost of what is left, plus a sum for trust.

What to look for: the buyer needs three weeks of foresight, the nearby workshop buys time and not margin; a backorder
that is covered by a purchase on its way is a sale, one that is not is a broken promise three weeks later; the honest
date is the one that the pipeline can keep; the roles fail together when they do not talk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import yaml

from simulator.game.game import Field, Game, Move, Position, Role, Seen, Settings, Values
from simulator.game.games import desk_bots, desk_words
from simulator.game.games.desk_facts import (
    FIRST_TRUST,
    WEEK,
    Experiences,
    causes,
    experiences,
    goods,
    money,
    promised,
    review_counts,
    trust,
)
from simulator.game.games.desk_pipeline import pipeline
from simulator.game.games.desk_trouble import SEASON, SEASON_FACTOR, SEASON_WEEKS, trouble
from simulator.game.texts import said
from simulator.record.run import Run
from simulator.scenario.loader import load_text
from simulator.scenario.schema.schema import Scenario

LEFT = 12.0
"""What a lamp that is left is worth at the end."""
TRUST = 80.0
"""What a point of trust is worth at the end."""
FADES = {"shoppers": 14, "fitters": 7}
"""Days after the quoted one at which a lamp is paid no more."""
WITHOUT_DATE = 10
"""Days up to which the full price is paid where no date was quoted."""
SERVE = {"oldest": "fifo", "fitters": "priority", "date": "earliest_promise", "newest": "lifo"}
SHIP: dict[str, dict[str, Any]] = {
    "split": {"kind": "as_available"},
    "wait": {"kind": "hold_until", "days": "8 d"},
    "whole": {"kind": "order_complete"},
}
NEUTRAL: Move = {
    "buyer": {"overseas": 0, "nearby": 0, "expedite": "no"},
    "storefront": {"limit": 40},
    "promiser": {"shoppers": 10, "fitters": 10},
    "warehouse": {"serve": "oldest", "ship": "split"},
}


class BackorderDesk(Game):
    """See the module."""

    name = "backorder-desk"
    title = "desk.title"
    roles: ClassVar = (
        Role(
            "buyer",
            "desk.buyer",
            (
                Field("overseas", "desk.overseas", unit="desk.lamps", high=90, default=60),
                Field("nearby", "desk.nearby", unit="desk.lamps", high=40, default=0),
                Field("expedite", "desk.expedite", "choice", default="no", choices=("no", "yes")),
            ),
        ),
        Role("storefront", "desk.storefront", (Field("limit", "desk.limit", unit="desk.lamps", high=300, default=40),)),
        Role(
            "promiser",
            "desk.promiser",
            (
                Field("shoppers", "desk.days_shoppers", unit="desk.days", high=45, default=10),
                Field("fitters", "desk.days_fitters", unit="desk.days", high=45, default=10),
            ),
        ),
        Role(
            "warehouse",
            "desk.warehouse",
            (
                Field("serve", "desk.serve", "choice", default="oldest", choices=tuple(SERVE)),
                Field("ship", "desk.ship", "choice", default="split", choices=tuple(SHIP)),
            ),
        ),
    )
    rounds = 12
    most_rounds = 26
    timer = 90.0
    bots = ("planner", "people", "nothing", "far", "refuse", "hoard")
    shown = ("team",)

    # ------------------------------------------------------------------------------------------------- the world
    def scenario(self, settings: Settings, moves: Sequence[Move], finished: bool = False) -> Scenario:
        weeks = settings.rounds if finished else len(moves)
        changes = {"policies.team": _policy(moves), "clock.horizon": max(weeks * WEEK, 0.01)}
        return _world(settings.seed, settings.rounds).edit(changes)

    def text(self, settings: Settings, moves: Sequence[Move], title: str) -> str:
        words = {**_words(), "title": title, "clock": {"horizon": f"{max(len(moves), 1)} w"}}
        words["events"] = trouble(settings.seed, settings.rounds).events
        words["policies"] = {"team": _policy(moves)}
        words["experiment"] = {"replications": 1, "seed": settings.seed}
        return yaml.safe_dump(words, sort_keys=False, allow_unicode=True)

    def read(self, settings: Settings, moves: Sequence[Move], run: Run) -> Position:
        weeks = len(moves)
        found = experiences(run, promised(run, moves))
        levels, cash, flows = trust(found, weeks), money(run, weeks), goods(run, weeks)
        reviews = review_counts(run, weeks)
        series: dict[str, list[Any]] = {name: _whole(values) for name, values in flows.items()}
        series |= {name: _whole(values) for name, values in cash.items()}
        total = np.cumsum(np.sum(list(cash.values()), axis=0)) if weeks else np.zeros(0)
        series |= {"cash": _whole(total), "trust": [round(float(level), 1) for level in levels]}
        for kind in ("kept", "broken"):
            series[kind] = _by_week(found, kind, weeks)
        left = series["on_hand"][-1] if weeks else _world(settings.seed, settings.rounds).warehouse.stock["lamp"]
        now_trust = series["trust"][-1] if weeks else FIRST_TRUST
        now_cash = series["cash"][-1] if weeks else 0
        score = {
            "cash": now_cash,
            "trust": now_trust,
            "left": left,
            "score": round(now_cash + LEFT * left + TRUST * now_trust),
            "backlog": series["backlog"][-1] if weeks else 0,
        }
        score["rank"] = score["score"]
        series["score"] = [
            round(c + LEFT * o + TRUST * t)
            for c, o, t in zip(series["cash"], series["on_hand"], series["trust"], strict=True)
        ]
        roles = _roles(settings, moves, run, series, score)
        if weeks:
            before = series["trust"][-2] if weeks > 1 else round(FIRST_TRUST, 1)
            why = desk_words.why(causes(found, weeks)[-1], before, now_trust)
            for seen in roles.values():
                seen["why"] = why
                seen["messages"] += desk_words.customers(series, reviews)
        return Position(roles, score, series)

    # -------------------------------------------------------------------------------------------------- deciding
    def bot(self, name: str, role: str, seen: Seen, policy: Any = None) -> Values:
        return desk_bots.decide(name, role, seen, policy)

    def takes_policy(self, role: str) -> bool:
        return role == "buyer"

    def fixed(self, name: str) -> Move | None:
        return desk_bots.TRIVIAL.get(name)

    def idle(self, role: str, seen: Seen) -> Values:
        before = seen["before"]
        if role == "buyer" and before:
            return {**before, "expedite": "no"}
        return dict(before or {field.name: field.default for field in self.role(role).fields})

    # -------------------------------------------------------------------------------------------------- debrief
    def theory(self, settings: Settings) -> dict[str, Any]:
        # Newsvendor for a lamp from overseas: a missing one costs the margin, or the dearer one from nearby.
        under, over = 46.0 - 30.0, 30.0 - LEFT + 0.12 * 18
        ratio = round(under / (under + over), 2)
        return {
            "critical_ratio": ratio,
            "usual_week": 70,
            "season_week": round(70 * SEASON_FACTOR),
            "notes": [
                said(
                    "desk.theory.newsvendor",
                    under=round(under),
                    over=round(over),
                    ratio=round(under / (under + over), 2),
                ),
                said("desk.theory.pipeline", weeks=3, units=70 * 3),
                said("desk.theory.season", week=SEASON, order_by=SEASON - 3, weeks=SEASON_WEEKS),
                said("desk.theory.trust", value=round(TRUST)),
            ],
        }

    def moments(self, settings: Settings, moves: Sequence[Move], position: Position) -> list[dict[str, Any]]:
        return desk_words.moments(moves, position)

    def questions(self) -> list[str]:
        return [f"desk.question.{k}" for k in (1, 2, 3)]


# ---------------------------------------------------------------------------------------------------------- the parts
@cache
def _words() -> dict[str, Any]:
    text = files("simulator.game").joinpath("worlds", "backorder-desk.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def _world(seed: int, rounds: int) -> Scenario:
    words = {**_words(), "events": trouble(seed, rounds).events, "policies": {"team": _policy([])}}
    words["clock"] = {"horizon": f"{rounds} w"}
    return load_text(yaml.safe_dump(words, sort_keys=False))


def _policy(moves: Sequence[Move]) -> dict[str, Any]:
    """The team's decisions as those of a policy, round by round."""
    rounds = list(moves) or [NEUTRAL]

    def played(decisions: list[dict[str, Any]]) -> dict[str, Any]:
        return {"kind": "played", "R": "7 d", "decisions": decisions}

    def units(supplier: str) -> list[int]:
        return [move["buyer"][supplier] for move in rounds]

    dates, terms = (
        {segment: played([rule(segment, move["promiser"][segment]) for move in rounds]) for segment in FADES}
        for rule in (_date, _terms)
    )
    hurry = {"kind": "expedite", "age": "1 d", "every": "1 d", "saves": "2 d"}
    return {
        "replenishment": {
            "kind": "played",
            "R": "7 d",
            "first": "0 d",
            "units": {supplier: units(supplier) for supplier in ("overseas", "nearby")},
        },
        "acceptance": played([{"kind": "limit", "units": move["storefront"]["limit"]} for move in rounds]),
        "promise": {"default": dates["shoppers"], "segments": {"fitters": dates["fitters"]}},
        "payment": {"default": terms["shoppers"], "segments": {"fitters": terms["fitters"]}},
        "procurement": played([hurry if move["buyer"]["expedite"] == "yes" else {"kind": "wait"} for move in rounds]),
        "allocation": played([{"kind": SERVE[move["warehouse"]["serve"]]} for move in rounds]),
        "fulfilment": played([SHIP[move["warehouse"]["ship"]] for move in rounds]),
        "communication": {"kind": "on_request"},
    }


def _date(_: str, days: int) -> dict[str, Any]:
    return {"kind": "fixed", "within": f"{days} d"} if days else {"kind": "none"}


def _terms(segment: str, days: int) -> dict[str, Any]:
    full = days or WITHOUT_DATE
    late = {"quoted": f"{full} d", "nothing": f"{full + FADES[segment]} d"}
    refund = {"days": 0, "working": False}
    return {"kind": "deposit", "share": "10 %", "fails": "0 %", "late_price": late, "refund": refund}


def _whole(values: Any) -> list[int]:
    return [round(float(value)) for value in values]


def _by_week(found: Experiences, kind: str, weeks: int) -> list[int]:
    week = np.floor(found.day[found.kind == kind] / WEEK + 1e-9).astype(int)
    counted: list[int] = np.bincount(week, minlength=weeks)[:weeks].tolist()
    return counted


def _roles(
    settings: Settings, moves: Sequence[Move], run: Run, series: dict[str, list[Any]], score: dict[str, Any]
) -> dict[str, Seen]:
    """What the roles see: all the same numbers, and messages of their own."""
    weeks = len(moves)
    shared = trouble(settings.seed, settings.rounds)
    coming = pipeline(run, shared, weeks)
    last = {name: values[-1] for name, values in series.items() if values}
    now: dict[str, Any] = {
        **last,
        "week": min(weeks + 1, settings.rounds),
        "on_hand": score["left"],
        "cash": score["cash"],
        "trust": score["trust"],
        "score": score["score"],
        "backlog": score["backlog"],
        "on_order": sum(one["units"] for one in coming),
        "overdue": _overdue(run, moves, weeks * WEEK),
    }
    history = {"week": list(range(1, weeks + 1)), **series}
    for role, fields in NEUTRAL.items():
        for field in fields:
            history[field] = [move[role][field] for move in moves]
    news = shared.news.get(weeks + 1, []) if weeks < settings.rounds else []
    return {
        role: {
            "now": now,
            "history": history,
            "pipeline": coming,
            "news": news,
            "messages": [*news, *desk_words.told(role, last, moves, now)],
            "before": dict(moves[-1][role]) if moves else None,
        }
        for role in NEUTRAL
    }


def _overdue(run: Run, moves: Sequence[Move], now: float) -> int:
    """Units that wait although the quoted day has passed."""
    return int(run.still_open[promised(run, moves)[run.line_orders] < now].sum())
