"""The games that there are."""

from __future__ import annotations

import simulator.game.games  # noqa: F401 - registers them
from simulator.game.errors import GameError
from simulator.game.game import GAMES, Game


def games() -> dict[str, Game]:
    """Every game by its name.

    >>> "beer-game" in games()
    True
    """
    return dict(sorted(GAMES.items()))


def game_of(name: str) -> Game:
    """The game of this name.

    Raises:
        GameError: there is no game of this name.
    """
    found = games()
    if name not in found:
        raise GameError("game", game=str(name)[:40], games=", ".join(found))
    return found[name]
