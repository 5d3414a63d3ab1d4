"""What the Backorder desk tells its players after a week, and its class after the game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.game.game import Move, Position
from simulator.game.games.desk_facts import FITTER, MEMORY, WORTH, TrustCause
from simulator.game.texts import said


def told(role: str, last: dict[str, Any], moves: Sequence[Move], now: dict[str, Any]) -> list[dict[str, Any]]:
    """What the last week taught this role: what happened, and why."""
    if not moves:
        return []
    move = moves[-1]
    spent = -(last["goods"] + last["hurry"])
    other = -(last["parcels"] + last["holding"] + last["calls"] + last["vouchers"])
    found = [said("desk.week", sales=last["sales"], goods=spent, other=other, late=-last["late"], trust=last["trust"])]
    if role == "buyer":
        found.append(
            said("desk.told.buyer", demand=last["demand"], received=last["received"], on_order=now["on_order"])
        )
        if last["hurry"]:
            found.append(said("desk.told.hurry", money=-last["hurry"]))
        if now["on_hand"] > 3 * max(last["demand"], 1):
            found.append(
                said("desk.told.plenty", n=now["on_hand"], weeks=round(now["on_hand"] / max(last["demand"], 1)))
            )
    if role == "storefront":
        if last["refused"]:
            found.append(said("desk.told.refused", n=last["refused"], limit=move["storefront"]["limit"]))
        if now["backlog"] > now["on_order"]:
            found.append(said("desk.told.uncovered", n=now["backlog"], on_order=now["on_order"]))
        elif now["backlog"]:
            found.append(said("desk.told.covered", n=now["backlog"], on_order=now["on_order"]))
    if role == "promiser":
        if last["kept"] + last["broken"]:
            found.append(said("desk.told.dates", kept=last["kept"], broken=last["broken"]))
        if last["walked"]:
            days, fitters = move["promiser"]["shoppers"], move["promiser"]["fitters"]
            text = "desk.told.walked" if days and fitters else "desk.told.no_date"
            found.append(said(text, n=last["walked"], days=days, fitters=fitters))
        if last["late"]:
            found.append(said("desk.told.late", money=-last["late"], overdue=now["overdue"]))
    if role == "warehouse":
        found.append(said("desk.told.parcels", parcels=last["sent"], n=last["shipped"], money=-last["parcels"]))
        if now["overdue"]:
            found.append(said("desk.told.overdue", n=now["overdue"]))
    return found


def customers(series: dict[str, list[Any]], reviews: tuple[int, int]) -> list[dict[str, Any]]:
    """What everybody is told of the customers of the last week: those who gave up, and those who never came.

    Args:
        series: of the team.
        reviews: bad ones and all of the last four weeks.
    """
    found = []
    if gave_up := series["gave_up"][-1]:
        found.append(said("desk.told.gave_up", n=gave_up, money=-series["vouchers"][-1]))
    if deterred := series["deterred"][-1]:
        found.append(said("desk.told.deterred", n=deterred, bad=reviews[0], reviews=reviews[1]))
    return found


def why(causes: Sequence[TrustCause], before: float, after: float) -> dict[str, Any]:
    """Why trust moved last week: a title, a row for each cause, the one that took most away first, and the rule."""
    rows = [
        {**said(f"desk.cause.{one.kind}"), "shoppers": one.shoppers, "fitters": one.fitters, "points": one.points}
        for one in sorted(causes, key=lambda one: one.points)
    ]
    worth = {kind: round(100 * share) for kind, share in WORTH.items()}
    rule = said("desk.cause.rule", memory=round(100 * MEMORY), fitter=round(FITTER), **worth)
    return {"title": said("desk.cause.title", before=before, after=after), "rows": rows, "rule": rule}


def moments(moves: Sequence[Move], position: Position) -> list[dict[str, Any]]:
    """The weeks that cost a team most, the worst first; `worth` weighs them in currency."""
    series, found = position.series, []
    for week in range(len(moves)):
        lost = series["refused"][week] + series["walked"][week]
        for text, units, worth in (
            ("desk.moment.refused", series["refused"][week], 30 * series["refused"][week]),
            ("desk.moment.walked", series["walked"][week], 30 * series["walked"][week]),
            ("desk.moment.broken", series["broken"][week], 60 * series["broken"][week]),
            ("desk.moment.gave_up", series["gave_up"][week], 45 * series["gave_up"][week]),
            ("desk.moment.late", -series["late"][week], -series["late"][week]),
            ("desk.moment.stock", series["on_hand"][week], 6 * max(series["on_hand"][week] - 150, 0)),
        ):
            if worth > 300:
                move = moves[week]
                values = {
                    "n": units,
                    "lost": lost,
                    "days": move["promiser"]["shoppers"],
                    "fitters": move["promiser"]["fitters"],
                    "limit": move["storefront"]["limit"],
                    "bought": move["buyer"]["overseas"] + move["buyer"]["nearby"],
                }
                found.append((worth, {**said(text, **values), "round": week + 1}))
    found.sort(key=lambda pair: -pair[0])
    return [moment for _, moment in found[:6]] or [{**said("desk.moment.calm"), "round": 1}]
