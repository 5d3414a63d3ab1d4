"""The trouble that all desks of a room share: drawn from the room's seed, told to the players as it happens."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from simulator.game.texts import said
from simulator.randomness.streams import Streams

SEASON, SEASON_WEEKS = 5, 4
"""Week (from 1) in which the season begins, and how long it lasts."""
SEASON_FACTOR = 1.5


class ToldStop(NamedTuple):
    """Days on which nothing leaves a supplier, or leaves late."""

    begins: int
    ends: int
    """The day after the last one."""
    told: int
    """Week (from 1) in which it is told."""
    extra: int = 0
    """Days that it adds; 0: everything waits for the end."""


class SharedTrouble(NamedTuple):
    """Events of the scenario, and the news about them."""

    events: list[dict[str, Any]]
    news: dict[int, list[dict[str, Any]]]
    """By week (from 1): messages that everybody reads when it begins."""
    strike: ToldStop
    """At the port overseas."""
    shut: ToldStop
    """The holiday of the workshop nearby."""


@lru_cache(maxsize=64)
def trouble(seed: int, rounds: int) -> SharedTrouble:
    """What happens in this many weeks.

    The season is known two weeks ahead. A film star (weeks 3 to 5), a strike at the port and a week in which the nearby
    workshop is closed come when the seed says.
    """
    draw = Streams(seed).keyed("game", "backorder-desk", "trouble")
    star, strike, shut = int(draw.integers(3, 6)), int(draw.integers(24, 46)), int(draw.integers(50, 71))
    big = float(draw.choice([3.0, 3.5, 4.0]))
    extra = int(draw.integers(8, 13))
    # A spike is cut into weeks: no event spans the end of a round, so what has happened does not depend on the rest.
    events: list[dict[str, Any]] = [
        _crowd(f"season {k + 1}", ["shoppers", "fitters"], SEASON + k, SEASON_FACTOR) for k in range(SEASON_WEEKS)
    ]
    events += [_crowd("film star", "shoppers", star, big), _crowd("her fans", "shoppers", star + 1, (1 + big) / 2)]
    events += [
        {"kind": "supplier_delay", "name": "strike", "supplier": "overseas", "at": f"{strike} d", "lasts": "14 d"}
        | {"extra": f"{extra} d"},
        {"kind": "outage", "name": "holiday", "supplier": "nearby", "at": f"{shut} d", "lasts": "7 d"},
    ]
    strike_told, shut_told = strike // 7 + 2, shut // 7 + 1
    news: dict[int, list[dict[str, Any]]] = {}
    for week, text, values in (
        (1, "desk.news.begin", {}),
        (SEASON - 2, "desk.news.season_soon", {"weeks": 2, "percent": round(100 * SEASON_FACTOR - 100)}),
        (SEASON, "desk.news.season", {"weeks": SEASON_WEEKS}),
        (SEASON + SEASON_WEEKS, "desk.news.season_over", {}),
        (star + 1, "desk.news.star", {}),
        (strike_told, "desk.news.strike", {"days": extra}),
        (shut_told, "desk.news.shut", {"first": _day_of_week(shut), "days": 7}),
    ):
        news.setdefault(week, []).append(said(text, **values))
    within = [event for event in events if float(event["at"][:-2]) < rounds * 7]
    stops = ToldStop(strike, strike + 14, strike_told, extra), ToldStop(shut, shut + 7, shut_told)
    return SharedTrouble(within, news, *stops)


def _day_of_week(day: int) -> int:
    """The day of its week, from 1."""
    return day % 7 + 1


def _crowd(name: str, customers: str | list[str], week: int, factor: float) -> dict[str, Any]:
    """A spike that lasts one week (from 1)."""
    when = {"at": f"{(week - 1) * 7} d", "lasts": "7 d"}
    return {"kind": "demand_spike", "name": name, "customers": customers, **when, "factor": factor}
