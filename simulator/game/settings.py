"""What a teacher chooses for a room, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.game.catalogue import game_of
from simulator.game.errors import GameError

MOST_TEAMS = 40
LONGEST_NAME = 30
LONGEST_ROUND = 86_400.0
"""Seconds."""


def chosen(
    game: str,
    teams: int | Sequence[str],
    rounds: int | None,
    seed: int,
    bots: Mapping[str, str] | None,
    shown: str | None = None,
    timer: float | None = None,
) -> dict[str, Any]:
    """The content of `room.json`; see `Room.create`.

    Raises:
        GameError: a choice is not one of the game's.
    """
    rules = game_of(game)
    if isinstance(teams, int):
        teams = [f"{k}" for k in range(1, min(teams, MOST_TEAMS + 1) + 1)]
    names = [named(name) for name in teams]
    if not 1 <= len(names) <= MOST_TEAMS or len(set(names)) < len(names) or any("/" in name for name in names):
        raise GameError("teams", most=MOST_TEAMS)
    count = rules.rounds if rounds is None else rounds
    if isinstance(count, bool) or not 1 <= count <= rules.most_rounds:
        raise GameError("rounds", most=rules.most_rounds)
    played = {role.name: rules.bots[0] for role in rules.roles}
    for role, bot in (bots or {}).items():
        if bot not in rules.bots:
            raise GameError("bot", bot=str(bot)[:40], bots=", ".join(rules.bots))
        played[rules.role(role).name] = bot
    if shown is not None and shown not in rules.shown:
        raise GameError("shown", shown=str(shown)[:40], known=", ".join(rules.shown))
    return {
        "game": game,
        "teams": names,
        "rounds": count,
        "seed": int(seed),
        "bots": played,
        "shown": shown or rules.shown[0],
        "timer": min(max(rules.timer if timer is None else float(timer), 0.0), LONGEST_ROUND),
    }


def named(name: Any) -> str:
    """A player's or team's name, spaces tidied.

    Raises:
        GameError: it is empty, too long, or has characters that cannot be seen.
    """
    found = " ".join(name.split()) if isinstance(name, str) else ""
    if not 1 <= len(found) <= LONGEST_NAME or not found.isprintable():
        raise GameError("name", most=LONGEST_NAME)
    return found
