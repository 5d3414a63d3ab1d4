"""Replays: a team's moves so far, played from the start with the exact engine; the last positions are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import RLock

from simulator.game.game import Game, Move, Position, Settings
from simulator.kernel.lanes import simulate

MOST_KEPT = 400
"""Positions that are kept: those of every team in the last rounds."""


_PLAYING = RLock()
"""One game at a time: threads would only take the processor from each other, and the engine expects one."""


class Replays:
    """The positions of one room."""

    def __init__(self, game: Game, settings: Settings) -> None:
        self.game, self.settings = game, settings
        self._kept: dict[str, Position] = {}

    def position(self, moves: Sequence[Move], finished: bool = False) -> Position:
        """Where these moves lead; only what has changed is played again."""
        key = json.dumps([finished, moves], sort_keys=True)
        if key in self._kept:
            return self._kept[key]
        with _PLAYING:
            if key in self._kept:
                return self._kept[key]
            scenario = self.game.scenario(self.settings, moves, finished)
            run = simulate(scenario, "team", self.settings.seed)
            found = self.game.read(self.settings, moves, run)
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
            return found
