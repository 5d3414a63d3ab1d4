"""The teacher's board, and the debrief: every team beside the bots and the theory, and the table of decisions."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from simulator.game.table import GameTable
from simulator.game.views import mate_of

COLUMNS = ("round", "team", "role", "by", "name", "field", "value")


def board_of(table: GameTable) -> dict[str, Any]:
    """Progress, ranking and numbers of every team.

    Returns:
        teams: for each team its name, rank (from 1), score (name -> number), series (name -> one value a period) and
        seats (role -> name, bot, decided).
    """
    positions = {team: table.position(team) for team in table.teams}
    ranks = ranking({team: position.score["rank"] for team, position in positions.items()})
    return {
        "teams": [
            {
                "name": team,
                "rank": ranks[team],
                "score": position.score,
                "series": position.series,
                "seats": {role.name: mate_of(table, f"{team}/{role.name}") for role in table.game.roles},
            }
            for team, position in positions.items()
        ],
        "all_decided": table.all_decided,
    }


def ranking(values: dict[str, float]) -> dict[str, int]:
    """Ranks from 1, the highest value first; equal values have equal ranks."""
    return {name: 1 + sum(other > value for other in values.values()) for name, value in values.items()}


def debrief_of(table: GameTable) -> dict[str, Any]:
    """Every team beside bots and theory.

    Returns:
        teams: for each its name, rank, score, series, players (role -> name), moments (messages with `round`, the most
        important first); bots: the same for teams of bots that played the same world (name, score, series); theory:
        known values (`notes` are messages); questions: keys of texts.
    """
    game, settings = table.game, table.settings
    board = board_of(table)
    for team in board["teams"]:
        position, moves = table.position(team["name"]), table.moves(team["name"])
        team["moments"] = game.moments(settings, moves, position)
        team["players"] = {role: seat["name"] or seat["bot"] for role, seat in team.pop("seats").items()}
        team["roles"] = {role: seen["history"] for role, seen in position.roles.items()}
    bots = [
        {"name": name, "score": position.score, "series": position.series}
        for name in game.bots
        if name != "own"
        for position in [table.bot_team(name)]
    ]
    return {"teams": board["teams"], "bots": bots, "theory": game.theory(settings), "questions": game.questions()}


def csv_of(table: GameTable) -> str:
    """Every decision of the finished rounds, one row a field."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number, done in enumerate(table.state.closed, 1):
        for seat, decision in sorted(done.items()):
            team, _, role = seat.rpartition("/")
            for field, value in decision.values.items():
                rows.writerow(_plain((number, team, role, decision.by, decision.name, field, value)))
    return out.getvalue()


def _plain(row: Sequence[Any]) -> list[Any]:
    """Texts that a spreadsheet would take for a formula get an apostrophe before them."""
    return [f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell for cell in row]
