"""What a room shows: the clock to all, and to a player what the role may see."""

from __future__ import annotations

from typing import Any

from simulator.game.table import GameTable


def clock_of(table: GameTable, now: float | None = None) -> dict[str, Any]:
    """What is the same for everybody, and cheap to ask for: game, title, round, rounds, phase, timer, and `left`
    (seconds of this round; None without a timer or without `now`)."""
    state = table.state
    left = state.left if state.phase == "paused" and state.timer else None
    if state.deadline is not None and now is not None:
        left = max(state.deadline - now, 0.0)
    return {
        "game": table.game.name,
        "title": table.game.title,
        "round": state.round,
        "rounds": table.settings.rounds,
        "phase": state.phase,
        "left": left,
        "timer": state.timer,
    }


def view_of(table: GameTable, seat: str, now: float | None = None) -> dict[str, Any]:
    """What the player of a seat may see.

    Returns:
        what `clock_of` says; team, role, name; fields (of the decision); decided (its values, or None); now (name ->
        number), history (name -> one value a period), messages (what happened and why); mates (role -> name and
        whether it has decided); score (of the team).
    """
    team, _, role = seat.rpartition("/")
    rules, state, position = table.game.role(role), table.state, table.position(team)
    decided = state.waiting.get(seat)
    return {
        **clock_of(table, now),
        "team": team,
        "role": role,
        "name": state.seats[seat].name if seat in state.seats else "",
        "fields": [field.described() for field in rules.fields],
        "decided": None if decided is None else decided.values,
        "score": position.score,
        "mates": {one.name: mate_of(table, f"{team}/{one.name}") for one in table.game.roles},
        **position.roles[role],
    }


def mate_of(table: GameTable, seat: str) -> dict[str, Any]:
    """Who plays a seat: name ('' for nobody), bot ('' for a player), decided."""
    taken = table.state.seats.get(seat)
    bot = "own" if seat in table.state.own else table.bots[seat.rpartition("/")[2]]
    return {
        "name": taken.name if taken else "",
        "bot": "" if taken else bot,
        "decided": taken is None or seat in table.state.waiting,
    }
